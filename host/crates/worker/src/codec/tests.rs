//! What is coded, and how it fails: with a codec that turns payloads around.

use activity::{ApplicationFailure, CodecFuture, FailureKind, Report, TimeoutFailure, TimeoutType};

use super::*;

/// Reverses data; decodes no `!`.
#[derive(Debug)]
struct Reverse;

impl PayloadCodec for Reverse {
    fn encode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(async { Ok(payloads.into_iter().map(reversed).collect()) })
    }

    fn decode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        let is_broken = payloads.iter().any(|payload| payload.data.as_ref() == b"!");
        Box::pin(
            async move { if is_broken { Err(broken()) } else { Ok(payloads.into_iter().map(reversed).collect()) } },
        )
    }
}

/// Does nothing.
#[derive(Debug)]
struct Broken;

impl PayloadCodec for Broken {
    fn encode(&self, _: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(async { Err(broken()) })
    }

    fn decode(&self, _: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn broken() -> CodecError {
    CodecError::Server { reason: "it is asleep".to_owned() }
}

fn reversed(payload: Payload) -> Payload {
    Payload { data: payload.data.iter().rev().copied().collect(), ..payload }
}

fn reversing(encode_failure_attributes: bool) -> PayloadCoding {
    PayloadCoding::new(Some(Arc::new(Reverse)), encode_failure_attributes)
}

/// A chain with payloads at every level.
fn chain() -> Failure {
    let timeout = FailureKind::Timeout(TimeoutFailure {
        timeout_type: TimeoutType::Heartbeat,
        last_heartbeat_details: vec![Payload::json("12")],
    });
    let cancelled = FailureKind::Cancelled(vec![Payload::json("34"), Payload::json("56")]);
    let fields = ApplicationFailure { details: vec![Payload::json("78")], ..Default::default() };
    let attributes = Some(Payload::json(r#"{"message":"hidden"}"#));
    let timeout = Failure { encoded_attributes: attributes, ..Failure::new("Encoded failure", timeout) };
    let cancelled = Failure { cause: Some(Box::new(timeout)), ..Failure::new("c", cancelled) };
    Failure {
        cause: Some(Box::new(cancelled)),
        stack_trace: "at a\nat b".to_owned(),
        ..Failure::new("m", FailureKind::Application(fields))
    }
}

fn payloads(mut failure: Failure) -> Vec<String> {
    let (payloads, _) = failure::take_payloads(&mut failure);
    payloads.iter().map(|payload| String::from_utf8_lossy(&payload.data).into_owned()).collect()
}

#[tokio::test]
async fn every_payload_of_a_failure_is_coded() {
    let encoded = reversing(false).encode_failure(chain()).await.unwrap();
    assert_eq!((encoded.message.as_str(), encoded.stack_trace.as_str()), ("m", "at a\nat b"));
    assert_eq!(payloads(encoded.clone()), ["87", "43", "65", r#"}"neddih":"egassem"{"#, "21"]);
    let decoded = reversing(false).decode_failure(encoded).await.unwrap();
    assert_eq!(payloads(decoded.clone()), payloads(chain()));
    let last = decoded.cause.and_then(|cause| cause.cause).unwrap();
    assert_eq!(last.message, "hidden", "a reader finds the message in its place");
}

#[tokio::test]
async fn messages_and_stacks_become_payloads_on_request() {
    let encoded = PayloadCoding::new(None, true).encode_failure(chain()).await.unwrap();
    let messages = std::iter::successors(Some(&encoded), |failure| failure.cause.as_deref());
    assert!(messages.clone().all(|failure| failure.message == "Encoded failure" && failure.stack_trace.is_empty()));
    let attributes = messages.map(|failure| failure.encoded_attributes.clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(attributes[0], Payload::json(r#"{"message":"m","stack_trace":"at a\nat b"}"#));
    assert_eq!(attributes[2], Payload::json(r#"{"message":"hidden"}"#), "what the guest encoded stays");
    let encoded = reversing(true).encode_failure(chain()).await.unwrap();
    let decoded = reversing(true).decode_failure(encoded).await.unwrap();
    assert_eq!((decoded.message.as_str(), decoded.stack_trace.as_str()), ("m", "at a\nat b"));
}

#[tokio::test]
async fn a_report_is_coded_whatever_it_is() {
    let coding = reversing(false);
    let completed = coding.encode_report(Report::Completed(Payload::json("12"))).await;
    assert_eq!(completed, Ok(Report::Completed(Payload::json("21"))));
    let cancelled = coding.encode_report(Report::Cancelled(vec![Payload::json("12")])).await;
    assert_eq!(cancelled, Ok(Report::Cancelled(vec![Payload::json("21")])));
    assert_eq!(coding.encode_report(Report::WillCompleteAsync).await, Ok(Report::WillCompleteAsync));
}

#[tokio::test]
async fn what_can_not_be_encoded_is_reported_without_it() {
    let coding = PayloadCoding::new(Some(Arc::new(Broken)), false);
    let result = coding.encode_report(Report::Completed(Payload::json("1"))).await.unwrap_err();
    assert_eq!(result.message, "Failed encoding the result: failed to use the codec server: it is asleep");
    assert_eq!(result.as_application().unwrap().failure_type, "PayloadCodecError");
    let failure = coding.encode_report(Report::Failed(Box::new(chain()))).await.unwrap_err();
    assert_eq!(failure.message, "Failed building exception result: failed to use the codec server: it is asleep");
    assert!(failure.cause.is_none() && payloads(*failure).is_empty());
    let bare = Report::Failed(Box::new(Failure::application("T", "no payloads")));
    assert_eq!(coding.encode_report(bare.clone()).await, Ok(bare), "nothing to encode");
    let cancelled = coding.encode_report(Report::Cancelled(vec![Payload::json("1")])).await;
    assert_eq!(cancelled, Ok(Report::Cancelled(Vec::new())), "a cancellation counts without its details");
    // With the text to be encoded, too, not even that is told.
    let coding = PayloadCoding::new(Some(Arc::new(Broken)), true);
    let result = coding.encode_report(Report::Completed(Payload::json("1"))).await.unwrap_err();
    assert!(result.message.starts_with("Failed building exception result: "), "{}", result.message);
}

#[tokio::test]
async fn a_codec_that_loses_payloads_is_not_trusted() {
    let coding = PayloadCoding::new(Some(Arc::new(Broken)), false);
    let error = coding.decode(vec![Payload::json("1")]).await.unwrap_err();
    assert_eq!(error.to_string(), "code payloads: the codec returned another number of them");
}

#[tokio::test]
async fn references_to_external_storage_are_refused() {
    let reference = |metadata: &[(&str, &str)], data: &str| Payload {
        metadata: metadata.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec().into())).collect(),
        data: data.as_bytes().to_vec().into(),
    };
    let message = [("encoding", "json/protobuf"), ("messageType", "temporal.api.sdk.v1.ExternalStorageReference")];
    let new = reference(&message, r#"{"driverName":"aws.s3driver","claimData":{"bucket":"b"}}"#);
    let old = reference(&[("encoding", "json/external-storage-reference")], r#"{"driver_name":"mine"}"#);
    let encrypted =
        reference(&[("encoding", "binary/encrypted"), ("__temporal_external_storage_reference", "true")], "…");
    for (payload, driver) in [(new, " (driver \"aws.s3driver\")"), (old, " (driver \"mine\")"), (encrypted, "")] {
        let error = PayloadCoding::default().decode(vec![Payload::null(), payload]).await;
        assert_eq!(error, Err(CodecError::ExternalReference { number: 2, driver: driver.to_owned() }));
    }
    let other = reference(&[("encoding", "json/protobuf"), ("messageType", "Other")], "{}");
    assert_eq!(PayloadCoding::default().decode(vec![other.clone()]).await, Ok(vec![other]));
}
