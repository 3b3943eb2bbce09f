//! Which attempts are traced, and what becomes of them.

use std::{fmt, sync::Arc, time::SystemTime};

use activity::{About, Info, Observation, Trace, TracedParts, Tracer};
use opentelemetry::trace::{SpanKind, TraceContextExt as _};
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator, Sampler, SamplingDecision, ShouldSample as _};

use crate::{
    Sampling, Spans,
    caller::Caller,
    span::{self, Finished},
};

/// Traces the attempts of a tenant.
pub struct AttemptTracer {
    sampler: Sampler,
    spans: Arc<Spans>,
    tenant: Arc<str>,
}

impl AttemptTracer {
    /// One whose spans go to `spans`.
    pub fn new(sampling: Sampling, spans: Arc<Spans>, tenant: &str) -> Self {
        let sampler = Sampler::TraceIdRatioBased(sampling.ratio);
        let sampler = if sampling.follows_caller { Sampler::ParentBased(Box::new(sampler)) } else { sampler };
        Self { sampler, spans, tenant: tenant.into() }
    }
}

impl Tracer for AttemptTracer {
    fn begin(&self, info: &Info) -> Option<Arc<Trace>> {
        let (ids, caller) = (RandomIdGenerator::default(), Caller::of(&info.headers));
        let trace_id = caller.as_ref().map_or_else(|| ids.new_trace_id(), |caller| caller.span.trace_id());
        let context = caller.as_ref().map(Caller::context);
        let name = span::name(info);
        let sampled = self.sampler.should_sample(context.as_ref(), trace_id, &name, &SpanKind::Server, &[], &[]);
        let is_sampled = sampled.decision == SamplingDecision::RecordAndSample;
        if !is_sampled && caller.is_none() {
            return None;
        }
        let number = |bytes: [u8; 8]| u64::from_be_bytes(bytes);
        let parent = context.as_ref().map(|context| number(context.span().span_context().span_id().to_bytes()));
        Some(Arc::new(Trace {
            trace_id: u128::from_be_bytes(trace_id.to_bytes()),
            span_id: number(ids.new_span_id().to_bytes()),
            parent,
            is_sampled,
            state: sampled.trace_state.header(),
            baggage: caller.map(|caller| caller.baggage).unwrap_or_default(),
            began: SystemTime::now(),
        }))
    }

    fn end(&self, about: About<'_>, finished: &Observation<'_>, parts: TracedParts) {
        let Observation::Finished { reported, killed, stopped, usage } = finished else { return };
        let left_out = parts.left_out();
        let finished = Finished { reported, killed: *killed, stopped: *stopped, usage, parts };
        let spans = span::spans(about, &self.tenant, finished);
        self.spans.put(&self.tenant, spans, left_out);
    }
}

impl fmt::Debug for AttemptTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptTracer").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
