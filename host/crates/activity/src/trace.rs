//! Where an attempt stands in a trace, what of it has spans of its own, and the port to what decides whether it is traced.
//!
//! Ids of spans within an attempt follow from that of the attempt: whoever runs a guest, in this process or in another
//! one, names its spans by numbers alone, and so none that is another attempt's.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{About, HttpScheme, Info, Observation, shown};

/// The header in which Temporal's tracing interceptors put the context of a call, as JSON.
pub const TRACER_DATA: &str = "_tracer-data";

/// Of the spans within one attempt, so many are told; more are counted.
pub const MOST_PARTS: usize = 128;

/// The longest text of a span that a guest chose, in bytes.
pub const LONGEST_PART_NAME: usize = 256;

/// Decides which attempts are traced, and takes their spans. Called on I/O threads, so it must not block.
pub trait Tracer: Send + Sync + 'static {
    /// Where the attempt that begins now stands in a trace, by what its caller said of that. Nothing if it is in none.
    fn begin(&self, info: &Info) -> Option<Arc<Trace>>;

    /// The attempt has come to this, an [`Observation::Finished`]. Called for each that is sampled.
    fn end(&self, about: About<'_>, finished: &Observation<'_>, parts: TracedParts);
}

/// Where an attempt stands in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The trace.
    pub trace_id: u128,
    /// The attempt's own span.
    pub span_id: u64,
    /// The caller's span, if it has any.
    pub parent: Option<u64>,
    /// Whether its spans are exported. If not, its ids still lead to those of its caller.
    pub is_sampled: bool,
    /// What tracing systems of callers pass on, as W3C's `tracestate`.
    pub state: String,
    /// What callers pass on to whomever they call, as W3C's `baggage`.
    pub baggage: String,
    /// When it began.
    pub began: SystemTime,
}

/// A part of an attempt that has a span of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its sandbox, until the guest's code begins to run.
    Start,
    /// Its call of Temporal's client with this number.
    Call(u32),
    /// Its HTTP request with this number.
    Request(u32),
}

/// What of a traced attempt has spans of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TracedParts {
    /// When its sandbox began to be built, if it was.
    pub started: Option<SystemTime>,
    /// When its guest had ended, if there was one.
    pub ended: Option<SystemTime>,
    /// Its calls of Temporal's client.
    pub calls: Vec<TracedCall>,
    /// Its HTTP requests.
    pub requests: TracedRequests,
    /// How many more calls there were.
    pub calls_left_out: u64,
}

/// HTTP requests of a traced attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TracedRequests {
    /// The first of them.
    pub requests: Vec<TracedRequest>,
    /// How many more there were.
    pub left_out: u64,
}

/// A call of Temporal's client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedCall {
    /// Which of the attempt's calls it is.
    pub number: u32,
    /// What it asks, in the words of Temporal's tracing interceptors.
    pub name: String,
    /// The workflow that it is about, if it names one.
    pub workflow_id: Option<String>,
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// What became of it.
    pub outcome: CallOutcome,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It was answered.
    Answered,
    /// It was not granted, not valid, or came too late.
    Refused(&'static str),
    /// The server answered with this code of gRPC, or could not be reached.
    Status(u32),
    /// The attempt ended before.
    Abandoned,
}

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedRequest {
    /// Which of the attempt's requests it is.
    pub number: u32,
    /// Its method.
    pub method: String,
    /// How its server is spoken to.
    pub scheme: HttpScheme,
    /// Its server, as URLs have it.
    pub server: String,
    /// Its server's port.
    pub port: u16,
    /// Its path; what is behind that may be secret.
    pub path: String,
    /// When it began.
    pub began: SystemTime,
    /// Until its response began, or it failed.
    pub took: Duration,
    /// What became of it.
    pub outcome: RequestOutcome,
}

/// What became of an HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// The server answered with this status.
    Answered(u16),
    /// It failed on its way, by the name of an error of `wasi:http`; beyond a limit it is `refused`.
    Failed(String),
    /// The attempt ended, or the guest gave it up, before.
    Abandoned,
}

impl Trace {
    /// The id of a part's span.
    pub fn span_id_of(&self, part: Part) -> u64 {
        let number = match part {
            Part::Start => 1,
            Part::Call(number) => (1 << 32) | u64::from(number),
            Part::Request(number) => (2 << 32) | u64::from(number),
        };
        // Distinct for distinct numbers, and as scattered as the attempt's own is: the last steps of SplitMix64.
        let mut id = self.span_id.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        id = (id ^ (id >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        // An id of zero would be none.
        (id ^ (id >> 31)).max(1)
    }

    /// What tells a server, by W3C's header `traceparent`, that this span calls it.
    pub fn parent_of_called(&self, span_id: u64) -> String {
        format!("00-{:032x}-{span_id:016x}-{:02x}", self.trace_id, u8::from(self.is_sampled))
    }
}

impl TracedParts {
    /// Takes a call that has ended.
    pub fn add(&mut self, call: TracedCall) {
        match self.calls.len() < MOST_PARTS {
            true => self.calls.push(call),
            false => self.calls_left_out = self.calls_left_out.saturating_add(1),
        }
    }

    /// How many parts were not told.
    pub fn left_out(&self) -> u64 {
        self.calls_left_out.saturating_add(self.requests.left_out)
    }
}

impl TracedCall {
    /// A call that begins now and is named like this until more is known of it.
    pub fn new(number: u32, name: &str) -> Self {
        let (name, began) = (shown::cut(name, LONGEST_PART_NAME).into_owned(), SystemTime::now());
        Self { number, name, workflow_id: None, began, took: Duration::ZERO, outcome: CallOutcome::Abandoned }
    }

    /// It has ended now.
    pub fn ended(self, outcome: CallOutcome) -> Self {
        Self { took: self.began.elapsed().unwrap_or_default(), outcome, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn trace() -> Trace {
        Trace {
            trace_id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
            span_id: 0xb7ad_6b71_6920_3331,
            parent: None,
            is_sampled: true,
            state: String::new(),
            baggage: String::new(),
            began: SystemTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn each_part_has_an_id_of_its_own() {
        let trace = trace();
        let numbers = 0..10_000;
        let parts = numbers.flat_map(|number| [Part::Call(number), Part::Request(number)]).chain([Part::Start]);
        let ids: BTreeSet<u64> = parts.map(|part| trace.span_id_of(part)).chain([trace.span_id]).collect();
        assert_eq!(ids.len(), 20_002);
        assert_ne!(trace.span_id_of(Part::Start), Trace { span_id: 1, ..trace.clone() }.span_id_of(Part::Start));
    }

    #[test]
    fn a_server_is_told_as_w3c_wants_it() {
        let expected = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(trace().parent_of_called(trace().span_id), expected);
        let told = Trace { is_sampled: false, trace_id: 1, ..trace() }.parent_of_called(2);
        assert_eq!(told, "00-00000000000000000000000000000001-0000000000000002-00");
    }

    #[test]
    fn more_calls_than_are_told_are_counted() {
        let mut parts = TracedParts::default();
        for number in 0..200 {
            parts.add(TracedCall::new(number, &"x".repeat(1_000)).ended(CallOutcome::Answered));
        }
        assert_eq!((parts.calls.len(), parts.left_out()), (MOST_PARTS, 72));
        assert!(parts.calls[0].name.len() <= LONGEST_PART_NAME + "…".len());
    }
}
