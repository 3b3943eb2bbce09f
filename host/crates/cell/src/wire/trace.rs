//! Where an attempt stands in a trace, on its way to a cell, and its HTTP requests, on their way back.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use activity::{HttpScheme, LONGEST_PART_NAME, MOST_PARTS, RequestOutcome, TracedRequest, TracedRequests, shown::cut};

use super::{
    Broken,
    values::{Crosses, Span, Time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Trace {
    /// The more and the less significant half of its id.
    #[prost(fixed64, repeated, tag = "1")]
    trace_id: Vec<u64>,
    #[prost(fixed64, tag = "2")]
    span_id: u64,
    #[prost(fixed64, optional, tag = "3")]
    parent: Option<u64>,
    #[prost(bool, tag = "4")]
    is_sampled: bool,
    #[prost(string, tag = "5")]
    state: String,
    #[prost(message, optional, tag = "6")]
    began: Option<Time>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Requests {
    #[prost(message, repeated, tag = "1")]
    requests: Vec<Request>,
    #[prost(uint64, tag = "2")]
    left_out: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Request {
    #[prost(uint32, tag = "1")]
    number: u32,
    #[prost(string, tag = "2")]
    method: String,
    #[prost(bool, tag = "3")]
    is_https: bool,
    #[prost(string, tag = "4")]
    server: String,
    #[prost(uint32, tag = "5")]
    port: u32,
    #[prost(string, tag = "6")]
    path: String,
    #[prost(message, optional, tag = "7")]
    began: Option<Time>,
    #[prost(message, optional, tag = "8")]
    took: Option<Span>,
    /// Of its response, if there was any.
    #[prost(uint32, optional, tag = "9")]
    status: Option<u32>,
    /// Why there was none, if it failed.
    #[prost(string, optional, tag = "10")]
    error: Option<String>,
}

impl Crosses for Arc<activity::Trace> {
    type Message = Trace;

    fn send(self) -> Trace {
        let activity::Trace { trace_id, span_id, parent, is_sampled, ref state, began, .. } = *self;
        let [high, low] = [trace_id >> 64, trace_id & u128::from(u64::MAX)];
        let half = |half: u128| u64::try_from(half).unwrap_or_default();
        // What it passes on to whom it calls by Temporal stays with the worker, which calls for it.
        let (trace_id, began) = (vec![half(high), half(low)], Some(began.send()));
        Trace { trace_id, span_id, parent, is_sampled, state: state.clone(), began }
    }

    fn receive(message: Trace) -> Result<Self, Broken> {
        let Trace { trace_id, span_id, parent, is_sampled, state, began } = message;
        let [high, low] = trace_id.try_into().map_err(|_| Broken("trace"))?;
        Ok(Arc::new(activity::Trace {
            trace_id: (u128::from(high) << 64) | u128::from(low),
            span_id,
            parent,
            is_sampled,
            state,
            baggage: String::new(),
            began: SystemTime::required(began, "time")?,
        }))
    }
}

impl Crosses for TracedRequests {
    type Message = Requests;

    fn send(self) -> Requests {
        let Self { requests, left_out } = self;
        Requests { requests: TracedRequest::send_all(requests), left_out }
    }

    fn receive(message: Requests) -> Result<Self, Broken> {
        let Requests { mut requests, left_out } = message;
        // A cell that is not what it was must not be able to say more.
        requests.truncate(MOST_PARTS);
        Ok(Self { requests: Crosses::receive_all(requests)?, left_out })
    }
}

impl Crosses for TracedRequest {
    type Message = Request;

    fn send(self) -> Request {
        let Self { number, method, scheme, server, port, path, began, took, outcome } = self;
        let (status, error) = match outcome {
            RequestOutcome::Answered(status) => (Some(u32::from(status)), None),
            RequestOutcome::Failed(error) => (None, Some(error)),
            RequestOutcome::Abandoned => (None, None),
        };
        Request {
            number,
            method,
            is_https: scheme == HttpScheme::Https,
            server,
            port: u32::from(port),
            path,
            began: Some(began.send()),
            took: Some(took.send()),
            status,
            error,
        }
    }

    fn receive(message: Request) -> Result<Self, Broken> {
        let Request { number, method, is_https, server, port, path, began, took, status, error } = message;
        let bounded = |text: String| cut(&text, LONGEST_PART_NAME).into_owned();
        let small = |number: u32| u16::try_from(number).map_err(|_| Broken("request"));
        let outcome = match (status, error) {
            (Some(status), _) => RequestOutcome::Answered(small(status)?),
            (None, Some(error)) => RequestOutcome::Failed(bounded(error)),
            (None, None) => RequestOutcome::Abandoned,
        };
        Ok(Self {
            number,
            method: bounded(method),
            scheme: if is_https { HttpScheme::Https } else { HttpScheme::Http },
            server: bounded(server),
            port: small(port)?,
            path: bounded(path),
            began: SystemTime::required(began, "time")?,
            took: Duration::required(took, "time")?,
            outcome,
        })
    }
}
