//! Activities that are written in Python: unmodified code, as it would run on Temporal's own worker.
//!
//! # Layout
//! - [`examples`]: the code examples of Temporal's activity documentation.
//!   [`asking`]: the one that asks Temporal.
//! - [`ways`]: ways in which activities are written.
//! - [`alone`]: one thread, one stack, and no disk.
//! - [`differential`]: the same modules on Temporal's own worker.
//! - [`guest_examples`]: the examples of this repository.
//! - [`layout`]: a project with many kinds of layout and dependencies.
//! - [`builder`]: what the builder finds in small projects.
//! - [`building`]: projects that can't become components.
//!   [`checking`]: what is said of projects before they are built.
//!   [`debugging`]: activities that fail, told in detail.
//! - [`pages`]: what an attempt writes to of the memory that is shared.
//!   [`image`]: how the builder arranges it.
//! - [`http`]: requests with Python's own libraries and popular ones.

mod examples;

mod asking;

mod ways;

mod alone;

mod differential;

mod guest_examples;

mod layout;

mod native;

mod builder;

pub(crate) mod building;

mod checking;

mod debugging;

mod pages;

mod image;

mod http;
