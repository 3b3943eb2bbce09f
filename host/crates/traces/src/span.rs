//! An attempt and its parts as spans, by OpenTelemetry's conventions and with the names that Temporal's tracing
//! interceptors use.
//!
//! All attributes are the host's own, but for texts that are shown as values: what a guest is called, asks and fails with.

mod attempt;

mod part;

use std::{str::FromStr as _, time::SystemTime};

use activity::{About, Info, KillReason, Part, Reported, SandboxFailureKind, Trace, TracedParts, Usage};
use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// What an attempt has come to.
pub(crate) struct Finished<'a> {
    pub(crate) reported: &'a Reported<'a>,
    pub(crate) killed: Option<KillReason>,
    pub(crate) stopped: Option<SandboxFailureKind>,
    pub(crate) usage: &'a Usage,
    pub(crate) parts: TracedParts,
}

/// The span of an attempt, and those of its parts. None of an attempt that is in no trace.
pub(crate) fn spans(about: About<'_>, tenant: &str, finished: Finished<'_>) -> Vec<SpanData> {
    let Some(trace) = about.info.trace.as_deref() else { return Vec::new() };
    let ended = finished.parts.ended.unwrap_or_else(SystemTime::now);
    let of_attempt = attempt::span(about, trace, tenant, &finished, ended);
    let parts = part::spans(trace, finished, ended);
    std::iter::once(of_attempt).chain(parts).collect()
}

/// What the span of an attempt is called.
pub(crate) fn name(info: &Info) -> String {
    format!("RunActivity:{}", activity::shown::cut(&info.activity_type, activity::LONGEST_PART_NAME))
}

/// What a span is made from.
struct Made {
    name: String,
    kind: SpanKind,
    began: SystemTime,
    ended: SystemTime,
    attributes: Vec<KeyValue>,
    events: SpanEvents,
    status: Status,
}

impl Made {
    /// That of a part of the attempt.
    fn of_part(self, trace: &Trace, part: Part) -> SpanData {
        self.span(trace, trace.span_id_of(part), Some(trace.span_id), false)
    }

    /// That of the attempt itself.
    fn of_attempt(self, trace: &Trace) -> SpanData {
        self.span(trace, trace.span_id, trace.parent, trace.parent.is_some())
    }

    fn span(self, trace: &Trace, id: u64, parent: Option<u64>, parent_span_is_remote: bool) -> SpanData {
        let Self { name, kind, began, ended, attributes, events, status } = self;
        let state = TraceState::from_str(&trace.state).unwrap_or_default();
        let (trace_id, id) = (TraceId::from(trace.trace_id), SpanId::from(id));
        SpanData {
            span_context: SpanContext::new(trace_id, id, TraceFlags::SAMPLED, false, state),
            parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from),
            parent_span_is_remote,
            span_kind: kind,
            name: name.into(),
            start_time: began,
            // A clock may be set back meanwhile.
            end_time: ended.max(began),
            attributes,
            dropped_attributes_count: 0,
            events,
            links: SpanLinks::default(),
            status,
            instrumentation_scope: InstrumentationScope::builder("isolet").build(),
        }
    }
}

#[cfg(test)]
mod tests;
