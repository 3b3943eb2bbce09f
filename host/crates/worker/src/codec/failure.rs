//! The payloads of a failure and its causes, and the texts that can become payloads.

use activity::{Failure, FailureKind, Payload};
use serde::{Deserialize, Serialize};

/// What stands for a message that is encoded.
const ENCODED: &str = "Encoded failure";

/// Message and stack trace as a payload, as Temporal's own failure converters write them.
#[derive(Serialize)]
struct Attributes<'a> {
    message: &'a str,
    stack_trace: &'a str,
}

/// The same, from any converter.
#[derive(Deserialize)]
struct ReadAttributes {
    message: Option<String>,
    stack_trace: Option<String>,
}

/// Moves message and stack trace of the whole chain into payloads, unless the guest did so itself.
pub(super) fn encode_attributes(failure: &mut Failure) {
    let mut next = Some(failure);
    while let Some(failure) = next {
        if failure.encoded_attributes.is_none() {
            let attributes = Attributes { message: &failure.message, stack_trace: &failure.stack_trace };
            // Two texts always serialise.
            let attributes = serde_json::to_vec(&attributes).unwrap_or_default();
            failure.encoded_attributes = Some(Payload::json(attributes));
            failure.message = ENCODED.to_owned();
            failure.stack_trace.clear();
        }
        next = failure.cause.as_deref_mut();
    }
}

/// Puts encoded messages and stack traces of the whole chain where they belong. What is no such payload stays.
pub(super) fn decode_attributes(failure: &mut Failure) {
    let mut next = Some(failure);
    while let Some(failure) = next {
        let attributes = failure.encoded_attributes.as_ref();
        let attributes = attributes.and_then(|payload| serde_json::from_slice::<ReadAttributes>(&payload.data).ok());
        if let Some(ReadAttributes { message, stack_trace }) = attributes {
            failure.message = message.unwrap_or_else(|| std::mem::take(&mut failure.message));
            failure.stack_trace = stack_trace.unwrap_or_else(|| std::mem::take(&mut failure.stack_trace));
        }
        next = failure.cause.as_deref_mut();
    }
}

/// Takes the payloads out of a failure and its causes; they belong to the places, in this order.
pub(super) fn take_payloads(failure: &mut Failure) -> (Vec<Payload>, Vec<&mut Payload>) {
    let mut places = Vec::new();
    let mut next = Some(failure);
    while let Some(failure) = next {
        places.extend(&mut failure.encoded_attributes);
        places.extend(details(&mut failure.kind));
        next = failure.cause.as_deref_mut();
    }
    (places.iter_mut().map(|place| std::mem::take(*place)).collect(), places)
}

/// Puts payloads into places of as many.
pub(super) fn put_payloads(places: Vec<&mut Payload>, payloads: Vec<Payload>) {
    places.into_iter().zip(payloads).for_each(|(place, payload)| *place = payload);
}

/// The payloads of one failure's kind.
pub(super) fn details(kind: &mut FailureKind) -> &mut [Payload] {
    match kind {
        FailureKind::Application(fields) => &mut fields.details,
        FailureKind::Cancelled(details) => details,
        FailureKind::Timeout(fields) => &mut fields.last_heartbeat_details,
        FailureKind::Terminated
        | FailureKind::Server { .. }
        | FailureKind::Activity { .. }
        | FailureKind::ChildWorkflow { .. }
        | FailureKind::Other(_) => &mut [],
    }
}
