//! What the worker and a cell say to each other: messages of a version, each after its length.
//!
//! Both ends are one program, so a version is never met by another; it is checked all the same. What a cell says is read
//! as that of an enemy: bounded before it is held, and what makes no sense ends the cell.

mod answer;
mod awaited;
mod client;
mod command;
mod event;
mod failure;
mod frames;
mod messages;
mod policy;
mod starts;
mod task;
mod trace;
mod values;

pub(crate) use self::{
    awaited::Awaited,
    event::Event,
    frames::{Reader, Writer, framed, pair},
    messages::{
        Begin, Begun, FromCell, Lines, Load, Loaded, Outside, Place, Start, Tell, ToCell, Told, from_cell, to_cell,
    },
    policy::Policy,
    task::Task,
    values::Crosses,
};

/// The version of the messages.
pub(crate) const VERSION: u32 = 4;

/// A message that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message without a sensible {0}")]
pub(crate) struct Broken(pub(crate) &'static str);

#[cfg(test)]
mod tests;
