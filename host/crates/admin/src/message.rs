//! What is asked and answered. Both ends may be of other versions: what is unknown is passed over, and what is missing has a
//! default.

use serde::{Deserialize, Serialize};

use crate::{NewRelease, Refusal, ReleaseOf, Released, Status};

/// What is asked of a worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// How it is.
    Status,
    /// That something must not run.
    Block(Block),
    /// That it may again.
    Unblock(Block),
    /// That another version of a component runs a share of its attempts.
    SetRelease(NewRelease),
    /// That it runs all of them.
    Promote(ReleaseOf),
    /// That it runs none.
    RollBack(ReleaseOf),
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// How it is.
    Status(Box<Status>),
    /// What a block, or the end of one, has changed.
    Changed(Changed),
    /// What became of a release.
    Released(Box<Released>),
    /// It does not do it.
    Refused(Refusal),
}

/// Something that is blocked: all that has each of the properties that are named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Block {
    /// The type of the activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// The digest of the component, or how it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Why.
    pub reason: String,
    /// Since when, as RFC 3339 writes it; the worker says so.
    pub since: String,
    /// Whether what runs gets no grace.
    pub at_once: bool,
}

/// What a block, or the end of one, has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Changed {
    /// Whether anything is otherwise than before.
    pub changed: bool,
    /// Attempts that are being stopped.
    pub attempts: u64,
    /// Whether the worker serves anything that it is about.
    pub is_served: bool,
}
