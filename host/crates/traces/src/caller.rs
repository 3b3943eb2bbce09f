//! What a caller says of its own place in a trace: a header that Temporal's tracing interceptors write, and that anybody
//! else can. What makes no sense is as if it were not there.

use std::collections::BTreeMap;

use activity::{Payload, TRACER_DATA};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{SpanContext, TraceContextExt as _, TraceState},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use serde_json::Value;

/// The most bytes of the header that are read: what the interceptors write has some hundred.
const LARGEST: usize = 16 << 10;

/// The longest `tracestate` that is passed on: what W3C wants at least.
const LONGEST_STATE: usize = 512;

/// The longest `baggage` that is passed on: what W3C wants at most.
const LONGEST_BAGGAGE: usize = 8 << 10;

/// What a caller passes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caller {
    /// Its span.
    pub(crate) span: SpanContext,
    /// What it hands to whomever it calls.
    pub(crate) baggage: String,
}

impl Caller {
    /// That which the headers of a task tell of, if they do.
    pub(crate) fn of(headers: &[(String, Payload)]) -> Option<Self> {
        let (_, payload) = headers.iter().find(|(name, _)| name == TRACER_DATA)?;
        let is_json = payload.metadata("encoding").is_some_and(|encoding| encoding == b"json/plain".as_slice());
        if !is_json || LARGEST < payload.data.len() {
            return None;
        }
        let carrier = Carrier(serde_json::from_slice(&payload.data).ok()?);
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
        let span = context.span().span_context().clone();
        let baggage = carrier.get("baggage").filter(|text| text.len() <= LONGEST_BAGGAGE).unwrap_or_default();
        span.is_valid().then(|| Self { span: bounded(span), baggage: baggage.to_owned() })
    }

    /// As OpenTelemetry's samplers want it.
    pub(crate) fn context(&self) -> Context {
        Context::new().with_remote_span_context(self.span.clone())
    }
}

fn bounded(span: SpanContext) -> SpanContext {
    if span.trace_state().header().len() <= LONGEST_STATE {
        return span;
    }
    SpanContext::new(span.trace_id(), span.span_id(), span.trace_flags(), true, TraceState::default())
}

/// A map of texts, as the interceptors write it; other values in it are nothing to us.
struct Carrier(BTreeMap<String, Value>);

impl Extractor for Carrier {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn read(json: impl Into<Vec<u8>>) -> Option<Caller> {
        Caller::of(&[("other".to_owned(), Payload::null()), (TRACER_DATA.to_owned(), Payload::json(json.into()))])
    }

    #[test]
    fn what_interceptors_write_is_read() {
        let carrier = format!(r#"{{"traceparent":"{PARENT}","tracestate":"a=1,b=2","baggage":"user=ada","more":[1]}}"#);
        let caller = read(carrier).unwrap();
        assert_eq!(caller.span.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(caller.span.span_id().to_string(), "b7ad6b7169203331");
        assert!(caller.span.is_sampled() && caller.span.is_remote());
        assert_eq!((caller.span.trace_state().header(), caller.baggage), ("a=1,b=2".to_owned(), "user=ada".to_owned()));
    }

    #[test]
    fn a_header_that_makes_no_sense_is_none() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let cases = [
            String::new(),
            "null".to_owned(),
            "7".to_owned(),
            format!("{PARENT:?}"),
            "[]".to_owned(),
            "{}".to_owned(),
            "{\"traceparent\":".to_owned(),
            "{\"traceparent\":7}".to_owned(),
            format!("{{\"traceparent\":[\"{PARENT}\"]}}"),
            format!("{{\"Traceparent\":\"{PARENT}\"}}"),
            "{\"traceparent\":\"00-0-0-0\"}".to_owned(),
            "{\"traceparent\":\"00-00000000000000000000000000000000-b7ad6b7169203331-01\"}".to_owned(),
            "{\"traceparent\":\"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}".to_owned(),
            "{\"traceparent\":\"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\"}".to_owned(),
            format!("{{\"traceparent\":\"{}\"}}", "é".repeat(55)),
            format!("{{\"x\":{},\"traceparent\":\"{PARENT}\"}}", "[".repeat(200)),
            format!("{{\"x\":\"{}\",\"traceparent\":\"{PARENT}\"}}", "y".repeat(LARGEST)),
            deep,
        ];
        for case in cases {
            assert_eq!(read(case.clone()), None, "{}", case.chars().take(80).collect::<String>());
        }
        assert_eq!(read([0xff, 0xfe, 0x00]), None);
        let encrypted = Payload::encoded("binary/encrypted", format!("{{\"traceparent\":\"{PARENT}\"}}").into());
        assert_eq!(Caller::of(&[(TRACER_DATA.to_owned(), encrypted)]), None);
        assert_eq!(Caller::of(&[]), None);
    }

    #[test]
    fn what_is_too_long_to_be_passed_on_is_left() {
        let state =
            format!("a={}", "x".repeat(250)) + &format!(",b={}", "x".repeat(250)) + &format!(",c={}", "x".repeat(250));
        let carrier = serde_json::json!({"traceparent": PARENT, "tracestate": state, "baggage": "x".repeat(9_000)});
        let caller = read(carrier.to_string()).unwrap();
        assert_eq!((caller.span.trace_state().header(), caller.baggage), Default::default());
        let odd = serde_json::json!({"traceparent": PARENT, "tracestate": "=,=,é", "baggage": 7});
        let caller = read(odd.to_string()).unwrap();
        assert_eq!((caller.span.trace_state().header(), caller.baggage), Default::default());
    }
}
