//! How a running worker is asked and told from the outside: HTTP/1.1 on a Unix socket that belongs to the worker's user.
//!
//! Whoever may connect may stop what runs, so only that user and root may. A client that is slow, rude or gone costs the
//! worker a connection of a few, and not for long.
//!
//! # Layout
//! - [`Socket`]: the socket in its folder, which one worker has.
//! - [`serve`]: the worker's end, which passes on what is [`Asked`].
//! - [`ask`]: the other end.
//! - [`Request`], [`Reply`], [`Status`], [`Block`], [`Release`]: what crosses it, as JSON.

mod client;

mod message;

mod refusal;

mod release;

mod server;

mod socket;

mod status;

pub use client::{AskError, ask};
pub use message::{Block, Changed, Reply, Request};
pub use refusal::Refusal;
pub use release::{NewRelease, Release, ReleaseOf, ReleaseVersion, Released};
pub use server::{Asked, serve};
pub use socket::{Socket, SocketError};
pub use status::{
    Attempt, Cell, Component, Engine, Limited, Memory, Queue, Refused, STATUS_VERSION, Status, Tenant, Worker,
};
