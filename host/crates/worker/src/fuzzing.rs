//! What the fuzz targets call: ways in to what is no part of the crate's interface. Built for them and for tests alone.
//!
//! Each function takes whatever it is given, and panics when something that must hold does not.

use std::collections::HashMap;

use activity::{ClientGrant, Failure, Payload, Report};
use bytes::Bytes;
use prost::Message as _;
use temporalio_common::protos::{
    coresdk::activity_task::{Cancel, Start},
    temporal::api::{common::v1 as common, failure::v1 as proto},
};

use crate::{
    client::{self, failures},
    codec, from_proto, to_proto,
};

/// A guest's request of a method of Temporal's, encoded: if it is sent at all, all that it names is granted, and nothing
/// in it is the guest's that is the host's to say. Returns whether it was sent.
pub fn client_request(grant: &ClientGrant, method: &str, request: &[u8]) -> bool {
    client::fuzzing::request(grant, method, request)
}

/// A guest's failure, on its way to a server that takes `limit` bytes, and back from there.
pub fn failure(failure: Failure, limit: usize) {
    // Names and what stands around them.
    assert!(16 << 10 <= limit, "no server takes so little");
    let whole = to_proto::whole_failure(failure.clone());
    if whole.encoded_len() <= limit {
        let known = failures::failure(whole.clone());
        assert_eq!(to_proto::whole_failure(known), whole, "a failure that comes back is the same");
    }
    let sent = to_proto::fitted_failure(failure, None, limit);
    assert!(sent.encoded_len() <= limit, "{} bytes where {limit} are taken", sent.encoded_len());
    assert_eq!(proto::Failure::decode(sent.encode_to_vec().as_slice()).as_ref(), Ok(&sent), "the server can read it");
}

/// A guest's payloads, on their way to the server and back from there.
pub fn payloads(payloads: Vec<Payload>, limit: usize) {
    for payload in &payloads {
        let sent = to_proto::payload(payload.clone());
        let back = from_proto::payload(sent.clone());
        // Of entries of one name the last counts, as in a map.
        let entries: HashMap<_, _> = payload.metadata.iter().cloned().collect();
        assert_eq!(back.metadata.iter().cloned().collect::<HashMap<_, _>>(), entries);
        assert_eq!((&back.data, back.metadata.len()), (&payload.data, entries.len()));
        if let Ok(report) = to_proto::admit(Report::Completed(payload.clone()), limit) {
            assert_eq!(report, Report::Completed(payload.clone()));
            assert!(sent.encoded_len() <= limit, "what is reported is what the server takes");
        }
    }
    if let Ok(Report::Cancelled(admitted)) = to_proto::admit(Report::Cancelled(payloads.clone()), limit) {
        let sent = common::Payloads { payloads: to_proto::payloads(admitted.clone()) };
        assert!(sent.encoded_len() <= limit, "what is reported is what the server takes");
        assert!(admitted == payloads || admitted.is_empty());
    }
}

/// What the server sends, as encoded messages: a task, its cancellation, a failure.
pub fn from_server(bytes: &[u8]) {
    if let Ok(start) = Start::decode(bytes) {
        let leased = from_proto::leased(Bytes::from_static(b"token"), start, "namespace", "queue");
        assert_eq!(leased.info.task_queue, "queue");
    }
    if let Ok(cancel) = Cancel::decode(bytes) {
        from_proto::cancellation_details(cancel);
    }
    if let Ok(failure) = proto::Failure::decode(bytes) {
        let known = codec::bounded(failures::failure(failure));
        let sent = to_proto::whole_failure(known.clone());
        assert_eq!(failures::failure(sent).message, known.message);
    }
}

#[cfg(test)]
mod tests {
    use activity::{ApplicationFailure, FailureKind};

    use super::*;

    #[test]
    fn failures_arrive_whatever_they_are() {
        let large = |size: usize| Payload::json(vec![b'1'; size]);
        let fields = ApplicationFailure { details: vec![large(100_000)], ..Default::default() };
        let mut chain = Failure::new("m".repeat(40_000), FailureKind::Application(fields));
        chain.encoded_attributes = Some(large(50_000));
        let above = Failure { cause: Some(Box::new(chain.clone())), ..chain.clone() };
        for limit in [16 << 10, 60_000, 120_000, 500_000] {
            failure(chain.clone(), limit);
            failure(above.clone(), limit);
            payloads(vec![large(limit), large(10), large(limit - 100)], limit);
        }
    }
}
