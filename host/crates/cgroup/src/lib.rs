//! Control groups (cgroup v2) for the child processes of a worker: each has its share of the processors and its limit on
//! memory, and the kernel ends it as a whole when it goes beyond that.
//!
//! A worker may do this where its own cgroup is delegated to it: by systemd with `Delegate=yes`, or by a container whose
//! cgroup is writable. No process may be in a cgroup that has others with controllers, so the worker moves to a leaf beside
//! those of its children.
//!
//! All of it is reading and writing files; what the processes are for is none of its business.
//!
//! # Layout
//! - [`Delegated`]: the cgroup that this process was given, from taking it to giving it back. `place`: where it is.
//! - [`Share`], [`Portion`]: what processes of one kind get; [`Group`]: the cgroup of one of them. `name`: what it is called.
//! - [`Error`]: what is missing, and what to do about it.

mod delegated;

mod place;

mod group;

mod name;

mod error;

pub use delegated::Delegated;
pub use error::Error;
pub use group::{Group, Portion, Share};
