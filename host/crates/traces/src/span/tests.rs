//! Spans of attempts, as they are sent.

use std::time::Duration;

use activity::{ApplicationFailure, Failure, FailureCategory, FailureKind, Reported, TracedParts, TracedRequest};
use expect_test::expect;

use super::*;
use crate::tests::{at, finished};

/// A span on some lines.
fn shown(span: &SpanData) -> String {
    let milliseconds =
        |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis();
    let (began, ended) = (milliseconds(span.start_time), milliseconds(span.end_time));
    let attributes = |all: &[KeyValue]| {
        let each = |pair: &KeyValue| format!("  {}={}\n", pair.key, pair.value);
        all.iter().map(each).collect::<String>()
    };
    let events: String =
        span.events.iter().map(|event| format!("  event {}\n{}", event.name, attributes(&event.attributes))).collect();
    let is_child = span.parent_span_id == SpanId::from(0xb);
    let parent = if is_child { "the attempt".to_owned() } else { span.parent_span_id.to_string() };
    let (kind, status) = (&span.span_kind, &span.status);
    let head = format!("{} {kind:?} {began}-{ended} below {parent} {status:?}\n", span.name);
    head + &attributes(&span.attributes) + &events
}

#[test]
fn an_attempt_and_its_parts_are_spans() {
    let spans = finished(|about, finished| spans(about, "acme", finished));
    assert!(
        spans.iter().all(|span| span.span_context.trace_id() == TraceId::from(0xa) && span.span_context.is_sampled())
    );
    assert!(spans[0].parent_span_is_remote && !spans[1].parent_span_is_remote);
    let shown: String = spans.iter().map(shown).collect();
    expect![[r#"
        RunActivity:ship Server 0-100 below 000000000000000c Error { description: "OutOfStock: none left" }
          temporalActivityID=7
          temporalWorkflowID=order-7
          temporalRunID=run
          isolet.attempt=2
          isolet.namespace=default
          isolet.task_queue=orders
          isolet.tenant=acme
          isolet.component=orders
          isolet.digest=0123
          isolet.outcome=failed
          isolet.limit=memory
          isolet.cpu_ms=4
          isolet.peak_memory_bytes=0
          isolet.host_calls=0
          isolet.spans_left_out=3
          error.type=OutOfStock
          event exception
          exception.type=OutOfStock
          exception.message=none left
          exception.stacktrace=at main
        StartSandbox Internal 10-12 below the attempt Unset
        SignalWorkflow:pay Client 10-15 below the attempt Error { description: "" }
          temporalWorkflowID=order-7
          rpc.grpc.status_code=5
          error.type=5
        GET Client 20-27 below the attempt Error { description: "" }
          http.request.method=GET
          server.address=::1
          server.port=8443
          url.full=https://[::1]:8443/v1
          http.response.status_code=503
          error.type=503
    "#]]
    .assert_eq(&shown);
}

#[test]
fn only_what_went_wrong_is_an_error() {
    let status = |reported: &Reported<'_>| {
        let span = finished(|about, finished| spans(about, "acme", Finished { reported, ..finished }).remove(0));
        format!("{:?}", span.status)
    };
    let benign = ApplicationFailure { category: FailureCategory::Benign, ..ApplicationFailure::default() };
    let benign = Failure::new("as usual", FailureKind::Application(benign));
    let unreported = Reported::Unreported { refusal: None };
    for reported in [Reported::Completed, Reported::Cancelled, Reported::WillCompleteAsync, Reported::Failed(&benign)] {
        assert_eq!(status(&reported), "Unset", "{reported:?}");
    }
    for (reported, expected) in [(Reported::TimedOut, "timed-out"), (unreported, "unreported")] {
        assert_eq!(status(&reported), format!("Error {{ description: {expected:?} }}"));
    }
}

#[test]
fn an_attempt_that_never_began_is_one_span() {
    let parts = TracedParts::default();
    let spans = finished(|about, finished| spans(about, "acme", Finished { parts, ..finished }));
    assert_eq!(spans.len(), 1);
    assert!(at(0) < spans[0].end_time);
}

#[test]
fn a_method_that_nobody_knows_names_no_span() {
    let spans = finished(|about, mut finished| {
        let request = &mut finished.parts.requests.requests[0];
        *request = TracedRequest { method: "BREW".to_owned(), ..request.clone() };
        spans(about, "acme", finished)
    });
    let span = spans.last().unwrap();
    assert_eq!(span.name, "HTTP");
    assert!(shown(span).contains("http.request.method=_OTHER") && shown(span).contains("_original=BREW"));
}
