//! Takes from a process what it does not need, for good, before it looks at what it can't trust.
//!
//! A process that a worker starts for untrusted work calls [`Confinement::enter`] first. From then on whatever runs in
//! it, and be it native code of an attacker, has memory, its own descriptors and the directories that it was granted,
//! and ends with the worker. Nothing of this needs root or user namespaces, so it works in an ordinary container.
//!
//! What the system can't do is an error. Nothing is left out unless the caller says so: [`Walls`].
//!
//! # Layout
//! - [`Confinement`]: what a process keeps, and how it takes the rest from itself; [`Directory`], [`Limits`],
//!   [`Calls`], [`Walls`].
//! - `files`: Landlock; `calls`: seccomp; `process`: what it is to others; `descriptors`: what it was started with.
//! - [`command()`]: how the parent starts such a process; [`described`], [`Deaths`]: what its end is told as, and how soon
//!   it is started again; [`hear()`]: what it complains of meanwhile.
//! - [`Error`]: what the system refused, and what to do about it.

mod confinement;

mod calls;

mod descriptors;

mod files;

mod process;

mod command;

mod complaints;

mod death;

mod error;

pub use command::command;
pub use complaints::hear;
pub use confinement::{Calls, Confinement, Directory, Limits, Walls, check, close_inherited};
pub use death::{Deaths, described};
pub use error::Error;
