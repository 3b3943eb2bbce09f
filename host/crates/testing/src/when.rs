//! At which point something happens to an attempt.

use std::{fmt, time::Duration};

use activity::Event;

use crate::Transcript;

/// When something happens to an attempt.
#[derive(Debug)]
pub struct When(pub(crate) Trigger);

/// What a [`When`] waits for.
pub(crate) enum Trigger {
    /// Time, from the start.
    After(Duration),
    /// Something that the attempt has said.
    Once(Box<dyn FnMut(&Transcript) -> bool + Send>),
}

impl When {
    /// Before the guest runs.
    pub fn started() -> Self {
        Self::once(|_| true)
    }

    /// So long after the attempt's start.
    pub fn after(time: Duration) -> Self {
        Self(Trigger::After(time))
    }

    /// Once it has recorded so many heartbeats.
    pub fn heartbeats(count: usize) -> Self {
        Self::once(move |said| count <= said.heartbeat_count())
    }

    /// Once it has logged a line whose message contains `text`, also by writing it to standard output or error.
    pub fn logged(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::once(
            move |said| matches!(said.events().last(), Some(Event::Logged(record)) if record.message.contains(&text)),
        )
    }

    /// Once `condition` holds on what the attempt has said so far. It is asked at the start and after each event, on the
    /// guest's own thread before the guest goes on.
    pub fn once(condition: impl FnMut(&Transcript) -> bool + Send + 'static) -> Self {
        Self(Trigger::Once(Box::new(condition)))
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(time) => f.debug_tuple("After").field(time).finish(),
            Self::Once(_) => f.debug_tuple("Once").finish_non_exhaustive(),
        }
    }
}
