//! Payloads and failures of guests: whatever they are, they arrive at the server within what it takes, come back as they
//! were, and are shown line by line.

#![no_main]

use activity::{Failure, Outcome, shown};
use arbitrary::Arbitrary;
use capabilities::{
    bindings::{exports::isolet::activity::handler, isolet::activity::types},
    outcome_from_guest,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    /// Kibibytes that the server takes, less the fewest.
    limit: u8,
    chain: Vec<Link>,
    payloads: Vec<Value>,
}

#[derive(Arbitrary, Debug)]
struct Link {
    message: Text,
    stack_trace: Text,
    kind: Kind,
    encoded: Option<Value>,
}

/// A text, as often as it says: no input is as long as what guests say.
#[derive(Arbitrary, Debug)]
struct Text {
    text: String,
    times: u8,
}

#[derive(Arbitrary, Debug)]
struct Value {
    metadata: Vec<(String, Vec<u8>)>,
    data: Vec<u8>,
    times: u8,
}

#[derive(Arbitrary, Debug)]
enum Kind {
    Application { name: Text, non_retryable: bool, details: Vec<Value>, delay: Option<(u64, u32)>, benign: bool },
    Cancelled(Vec<Value>),
    Timeout(u8, Vec<Value>),
    Terminated,
    Server(bool),
    Activity(Text, String, String),
    ChildWorkflow(Text, String, String, String),
    Other(Text),
}

/// The fewest bytes that any server takes.
const FEWEST: usize = 16 << 10;

fuzz_target!(|case: Case| {
    let limit = FEWEST + usize::from(case.limit) * 1024;
    let payloads = case.payloads.iter().map(value).collect();
    if let (Outcome::Cancelled(payloads), _) = outcome_from_guest(handler::Outcome::Cancelled(payloads)) {
        worker::fuzzing::payloads(payloads, limit);
    }
    let chain = case.chain.iter().map(link).collect();
    let (Outcome::Failed(failure), size) = outcome_from_guest(handler::Outcome::Failed(chain)) else {
        panic!("a failure is one")
    };
    assert!(texts(&failure) <= size, "what it says counts");
    worker::fuzzing::failure(failure.clone(), limit);
    for text in [isolet::fuzzing::failure_for_people(&failure), logging::fuzzing::failure_for_people(&failure)] {
        let harmful = text.chars().find(|each| !['\t', '\n'].contains(each) && shown::is_harmful(*each));
        assert_eq!(harmful, None, "{text:?}");
    }
    let line = logging::fuzzing::failure_for_programs(&failure);
    assert!(!line.contains('\n') && serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line:?}");
});

/// Bytes of what a failure and its causes say.
fn texts(failure: &Failure) -> usize {
    let chain = std::iter::successors(Some(failure), |failure| failure.cause.as_deref());
    chain.map(|failure| failure.message.len() + failure.stack_trace.len()).sum()
}

fn text(text: &Text) -> String {
    text.text.repeat(usize::from(text.times) * 16 + 1)
}

fn value(value: &Value) -> types::Payload {
    types::Payload { metadata: value.metadata.clone(), data: value.data.repeat(usize::from(value.times) * 16 + 1) }
}

fn values(all: &[Value]) -> Vec<types::Payload> {
    all.iter().map(value).collect()
}

fn link(link: &Link) -> types::Failure {
    types::Failure {
        message: text(&link.message),
        stack_trace: text(&link.stack_trace),
        kind: kind(&link.kind),
        encoded_attributes: link.encoded.as_ref().map(value),
    }
}

fn kind(kind: &Kind) -> types::FailureKind {
    match kind {
        Kind::Application { name, non_retryable, details, delay, benign } => {
            let delay = delay.map(|(seconds, nanoseconds)| types::Duration { seconds, nanoseconds });
            types::FailureKind::Application(types::ApplicationFailure {
                type_: text(name),
                non_retryable: *non_retryable,
                details: values(details),
                next_retry_delay: delay,
                category: match benign {
                    true => types::FailureCategory::Benign,
                    false => types::FailureCategory::Unspecified,
                },
            })
        }
        Kind::Cancelled(details) => types::FailureKind::Cancelled(values(details)),
        Kind::Timeout(which, details) => types::FailureKind::Timeout(types::TimeoutFailure {
            timeout_type: match which % 5 {
                0 => types::TimeoutType::Unspecified,
                1 => types::TimeoutType::StartToClose,
                2 => types::TimeoutType::ScheduleToStart,
                3 => types::TimeoutType::ScheduleToClose,
                _ => types::TimeoutType::Heartbeat,
            },
            last_heartbeat_details: values(details),
        }),
        Kind::Terminated => types::FailureKind::Terminated,
        Kind::Server(non_retryable) => types::FailureKind::Server(*non_retryable),
        Kind::Activity(activity_type, activity_id, identity) => {
            types::FailureKind::Activity(types::ActivityFailure {
                activity_type: text(activity_type),
                activity_id: activity_id.clone(),
                identity: identity.clone(),
            })
        }
        Kind::ChildWorkflow(workflow_id, run_id, workflow_type, namespace) => {
            types::FailureKind::ChildWorkflow(types::ChildWorkflowFailure {
                namespace: namespace.clone(),
                workflow_id: text(workflow_id),
                run_id: run_id.clone(),
                workflow_type: workflow_type.clone(),
            })
        }
        Kind::Other(name) => types::FailureKind::Other(text(name)),
    }
}
