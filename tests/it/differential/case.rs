//! Calls, and how they are told.

use std::fmt;

use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::Known;
use crate::support::{call::Call, payload};

/// A call that is made on both workers.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) activity: &'static str,
    pub(crate) then: Then,
    /// In which way what is seen of it differs.
    pub(crate) known: Option<&'static Known>,
    input: Vec<Payload>,
    attempts: i32,
    start_to_close: &'static str,
    /// Whether the official worker never ends it.
    pub(crate) theirs_hangs: bool,
    heartbeat: Option<&'static str>,
}

/// How long one that the official worker never ends is waited for there.
const HANGING: &str = "2s";

/// What happens once the activity has logged that it is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It does not wait.
    Nothing,
    /// Its cancellation is requested.
    Cancel,
    /// It is completed by somebody else.
    Complete,
}

/// A call with these arguments, a JSON array.
pub(crate) fn call(activity: &'static str, arguments: Value) -> Case {
    let input = arguments.as_array().into_iter().flatten().map(payload::json).collect();
    Case {
        activity,
        then: Then::Nothing,
        known: None,
        input,
        attempts: 1,
        start_to_close: "30s",
        theirs_hangs: false,
        heartbeat: None,
    }
}

impl Case {
    /// With one more argument, encoded already.
    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.input.push(payload);
        self
    }

    /// With at most so many attempts.
    pub(crate) fn attempts(mut self, attempts: i32) -> Self {
        self.attempts = attempts;
        self
    }

    /// With so much time for each attempt.
    pub(crate) fn start_to_close(mut self, timeout: &'static str) -> Self {
        self.start_to_close = timeout;
        self
    }

    /// With little time on the official worker, which never ends it. Ours has what it needs on a busy machine.
    pub(crate) fn theirs_hangs(mut self) -> Self {
        self.theirs_hangs = true;
        self
    }

    /// With at most so much time between heartbeats.
    pub(crate) fn heartbeat(mut self, timeout: &'static str) -> Self {
        self.heartbeat = Some(timeout);
        self
    }

    /// With this done once it waits.
    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    /// With a difference that is known.
    pub(crate) fn knowing(mut self, known: &'static Known) -> Self {
        self.known = Some(known);
        self
    }

    /// The call as it is made, on our worker or on theirs.
    pub(crate) fn of(&self, call: Call, is_ours: bool) -> Call {
        let hangs = self.theirs_hangs && !is_ours;
        let call = call.attempts(self.attempts).start_to_close(if hangs { HANGING } else { self.start_to_close });
        let call = self.input.iter().cloned().fold(call, Call::payload);
        self.heartbeat.into_iter().fold(call, Call::heartbeat)
    }
}

/// Calls without arguments.
pub(crate) fn plain<const N: usize>(activities: [&'static str; N]) -> impl Iterator<Item = Case> {
    activities.into_iter().map(|activity| call(activity, json!([])))
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = self.input.iter().map(payload::shown).collect();
        write!(f, "{} [{}]", self.activity, arguments.join(", "))
    }
}
