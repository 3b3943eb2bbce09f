//! Which attempts are traced.

use activity::{Payload, TRACER_DATA};

use super::*;

fn tracer(ratio: f64, follows_caller: bool) -> AttemptTracer {
    AttemptTracer::new(Sampling { ratio, follows_caller }, Arc::default(), "acme")
}

/// An attempt whose caller says this.
fn called(flags: &str) -> Info {
    let carrier = format!(r#"{{"traceparent":"00-0000000000000000000000000000000a-000000000000000b-{flags}"}}"#);
    Info { headers: vec![(TRACER_DATA.to_owned(), Payload::json(carrier))], ..Info::default() }
}

#[test]
fn a_caller_s_choice_is_followed() {
    for (flags, is_sampled) in [("00", false), ("01", true)] {
        let trace = tracer(if is_sampled { 0.0 } else { 1.0 }, true).begin(&called(flags)).unwrap();
        assert_eq!((trace.trace_id, trace.parent, trace.is_sampled), (0xa, Some(0xb), is_sampled));
        assert!(![0, 0xb].contains(&trace.span_id));
    }
}

#[test]
fn without_a_caller_the_ratio_holds() {
    assert_eq!(tracer(0.0, true).begin(&Info::default()), None);
    let [one, other] = [(); 2].map(|()| tracer(1.0, true).begin(&Info::default()).unwrap());
    assert!(one.is_sampled && one.parent.is_none() && one.trace_id != other.trace_id && one.span_id != other.span_id);
    let some = (0..1_000).filter(|_| tracer(0.5, true).begin(&Info::default()).is_some()).count();
    assert!((300..700).contains(&some), "{some}");
}

#[test]
fn a_caller_may_count_for_nothing() {
    assert!(!tracer(0.0, false).begin(&called("01")).unwrap().is_sampled);
    assert!(tracer(1.0, false).begin(&called("00")).unwrap().is_sampled);
}

#[test]
fn a_header_that_makes_no_sense_begins_a_trace() {
    let trace = tracer(1.0, true).begin(&called("zz")).unwrap();
    assert_eq!(trace.parent, None);
}
