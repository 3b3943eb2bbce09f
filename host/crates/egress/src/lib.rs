//! Connections to servers that a component is granted, for those who speak with them: names are looked up, addresses
//! checked, and a connected stream is handed out. What is said on it is none of this crate's business.
//!
//! It happens in the process that asks, or for a cell, which has no network, in a process of its own without guests and
//! without credentials. The check is the same code in both; in the latter it is of what the worker said that the cell may,
//! not of what the cell says.
//!
//! # Layout
//! - [`Connect`], [`Destination`], [`ConnectError`]: the port.
//! - [`Direct`], [`Names`], [`Proxy`]: it in this process. `address`: which addresses are public; `race`: several at once.
//! - [`Remote`]: it through a line to the other process.
//! - [`Egress`], [`Line`]: the worker's end, which starts that process and opens lines to it.
//! - [`run`]: what that process does.
//! - `wire`: the messages; `packets`: how they and descriptors cross a socket.

mod connect;

mod direct;

mod remote;

mod process;

mod inside;

mod wire;

mod packets;

pub use connect::{Connect, ConnectError, Destination};
pub use direct::{Direct, Names, Proxy};
pub use inside::run;
pub use process::{Egress, EgressSettings, Error, Line};
pub use remote::Remote;
pub use wire::WireOrigin;
