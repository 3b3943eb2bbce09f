//! The host side of the contract: what an activity may ask its host for while it runs.
//!
//! Each interface of `wit/` has one file here, and all have one shape: `XxxCtx` is its state for one attempt, and the
//! generated `Host` trait is implemented on that. Nothing here starts a guest, knows Temporal or decides when an attempt
//! ends: what a guest says leaves through the [`Outlet`], what it is told comes in through the [`Signals`].
//!
//! # Layout
//! - [`Policy`], [`Capabilities`], [`CapabilitiesView`], [`add_to_linker`]: the whole, as the engine uses it.
//! - [`Outlet`], [`Signals`]: the way out of and into an attempt. What a guest says is sized (`size`), cut and paced on
//!   its way out, once and here.
//! - `leave`: until when anything may leave it.
//! - `info`, `heartbeat`, `cancellation`, `log`, `metrics`, `client`, `http`, `wasi`: one interface each.
//! - [`Tenants`], [`Tenant`]: what the attempts of one tenant share, whatever they do.
//! - [`Networks`], [`Network`]: what sends the HTTP requests of components, and of the attempts of one.
//! - [`FileThreads`]: what works on the files of a component.
//! - [`Fault`]: a host call that ends the attempt, by whose limit.
//! - [`interface`]: which imports can be satisfied, and what is missing for the rest.
//! - [`bindings`]: the one place where the contract's WIT becomes Rust; `convert` maps its types to the host's.

mod state;

mod leave;
mod open_files;
mod outlet;
mod random;
mod signals;
mod size;
mod tenant;
mod told;

mod cancellation;
mod client;
mod heartbeat;
mod http;
mod info;
mod log;
mod metrics;
mod wasi;

mod fault;
pub mod interface;

pub mod bindings;
mod convert;

pub use convert::{activity_names, outcome_from_guest, payloads_to_guest};
pub use fault::Fault;
pub use http::{Network, Networks, Outbound, Roots};
pub use open_files::raise_limit as raise_limit_of_open_files;
pub use outlet::Outlet;
pub use signals::Signals;
pub use state::{Capabilities, CapabilitiesView, Context, DirectoryUnavailable, Policy, add_to_linker};
pub use tenant::{Tenant, Tenants};
pub use told::Told;
pub use wasi::FileThreads;
