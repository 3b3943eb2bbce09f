//! The engine in a confined child process, a cell: one for a tenant, or for tenants that are put together.
//!
//! A cell is the second wall. Whoever escapes from WebAssembly in it, or crashes it, finds the guests of that tenant and
//! no credentials, no network and no files but granted directories; and the worker goes on, with the cells of others.
//!
//! Here are both ends. The worker's is an [`Executor`](activity::Executor) whose attempts run elsewhere; the other is a
//! program that confines itself, runs an engine, and ends with the worker. Between them are messages on a socket.
//!
//! # Layout
//! - [`Cell`], [`CellSettings`], [`Outside`]: the worker's end. `process`: one process of it, from start to end; `attempt`: one attempt of
//!   that.
//! - [`run`]: the cell's end. `inside`: what it does there.
//! - `wire`: the messages.
//! - [`Error`]: why a component is not loaded there.

mod cell;

mod process;

mod attempt;

mod inside;

mod wire;

mod error;

pub use cell::{Cell, CellProcess, CellSettings, CellStats, Loaded, Outside, Start};
pub use egress::EgressSettings;
pub use error::Error;
pub use inside::run;
