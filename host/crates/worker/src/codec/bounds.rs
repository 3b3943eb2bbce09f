//! Failures cut to what the server takes.
//!
//! The server replaces a failure that is too large by an error of its own that says nothing, and takes most fields as
//! they are: what makes no sense in them could be lost or do harm later.

use std::time::Duration;

use activity::{Failure, FailureKind};

/// The longest message or stack trace of one failure, in bytes: both together are half of the 2 MiB that the server takes
/// as a failure. A chain that has more loses its causes.
const MAX_TEXT: usize = 512 << 10;

/// The longest type, id or other name, in bytes: what the server takes as one elsewhere.
const MAX_NAME: usize = 1_000;

/// The failures of one chain that are reported.
const MAX_CHAIN: usize = 32;

/// The longest wait before the next attempt: the server counts in nanoseconds, and the years until 2262 are few.
const MAX_DELAY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// What is said where a text was cut.
const CUT: &str = "… (cut)";

/// `failure` and its causes, cut.
pub(crate) fn bounded(mut failure: Failure) -> Failure {
    let mut next = Some(&mut failure);
    let mut left = MAX_CHAIN;
    while let Some(failure) = next {
        left -= 1;
        cut(&mut failure.message, MAX_TEXT);
        cut(&mut failure.stack_trace, MAX_TEXT);
        bound_kind(&mut failure.kind);
        if left == 0 {
            failure.cause = None;
        }
        next = failure.cause.as_deref_mut();
    }
    failure
}

fn bound_kind(kind: &mut FailureKind) {
    match kind {
        FailureKind::Application(fields) => {
            cut(&mut fields.failure_type, MAX_NAME);
            // No wait is no wish, as in Temporal's SDKs.
            let delay = fields.next_retry_delay.filter(|delay| !delay.is_zero());
            fields.next_retry_delay = delay.map(|delay| delay.min(MAX_DELAY));
        }
        FailureKind::Activity { activity_type, activity_id, identity } => {
            [activity_type, activity_id, identity].into_iter().for_each(|name| cut(name, MAX_NAME));
        }
        FailureKind::ChildWorkflow { workflow } => {
            let names =
                [&mut workflow.namespace, &mut workflow.workflow_id, &mut workflow.run_id, &mut workflow.workflow_type];
            names.into_iter().for_each(|name| cut(name, MAX_NAME));
        }
        FailureKind::Other(name) => cut(name, MAX_NAME),
        FailureKind::Cancelled(_) | FailureKind::Timeout(_) | FailureKind::Terminated | FailureKind::Server { .. } => {}
    }
}

/// Cuts a text to `most` bytes, the note of it included.
pub(crate) fn cut(text: &mut String, most: usize) {
    if most < text.len() {
        text.truncate(text.floor_char_boundary(most.saturating_sub(CUT.len())));
        text.push_str(CUT);
    }
}

#[cfg(test)]
mod tests {
    use activity::ApplicationFailure;

    use super::*;

    #[test]
    fn a_text_beyond_the_limit_is_cut_between_characters() {
        let failure = bounded(Failure::application("é".repeat(MAX_NAME), "é".repeat(MAX_TEXT)));
        assert!(failure.message.len() <= MAX_TEXT && failure.message.ends_with(CUT));
        let failure_type = &failure.as_application().unwrap().failure_type;
        assert!(failure_type.len() <= MAX_NAME && failure_type.ends_with(CUT));
        let exact = bounded(Failure::application("T", "x".repeat(MAX_TEXT)));
        assert_eq!(exact.message.len(), MAX_TEXT);
    }

    #[test]
    fn a_chain_beyond_the_limit_is_cut() {
        let mut chain = Failure::application("T", "m");
        for _ in 0..100 {
            chain = Failure { cause: Some(Box::new(chain)), ..Failure::application("T", "m") };
        }
        let chain = bounded(chain);
        let length = std::iter::successors(Some(&chain), |failure| failure.cause.as_deref()).count();
        assert_eq!(length, MAX_CHAIN);
    }

    #[test]
    fn a_wait_is_one_that_the_server_can_count() {
        let bounded_delay = |delay| {
            let fields = ApplicationFailure { next_retry_delay: Some(delay), ..Default::default() };
            let failure = bounded(Failure::new("m", FailureKind::Application(fields)));
            failure.as_application().unwrap().next_retry_delay
        };
        assert_eq!(bounded_delay(Duration::from_secs(7)), Some(Duration::from_secs(7)));
        assert_eq!(bounded_delay(Duration::MAX), Some(MAX_DELAY));
        assert_eq!(bounded_delay(Duration::ZERO), None);
    }
}
