//! One guest on its way from start to end.
//!
//! - `guest`: the guest, and the ways to stop it; its end is told exactly once.
//! - `driver`: the task that runs it.

mod guest;

mod driver;

pub(crate) use self::{
    driver::{drive, spawn},
    guest::{Interruption, Run, Start},
};

#[cfg(test)]
mod tests;
