//! What an attempt in a cell tells.

use std::{sync::Arc, time::Duration};

use activity::{
    AttributeValue, End, Ending, Excesses, HttpUsage, Instrument, InstrumentKind, MeasuredValue, Outcome,
    SandboxFailure, SandboxFailureKind, TracedRequests, Traffic, Usage,
};

use super::{
    Broken, client,
    trace::Requests,
    values::{Crosses, Span, numbered},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Event {
    #[prost(oneof = "body::Event", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub(crate) event: Option<body::Event>,
}

pub(crate) mod body {
    use super::{Ended, Measurements};
    use crate::wire::{client::Call, failure::Failure, values::Payloads};

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Event {
        #[prost(string, tag = "1")]
        Written(String),
        #[prost(uint64, tag = "2")]
        LogLinesDropped(u64),
        #[prost(message, tag = "3")]
        Measured(Measurements),
        #[prost(message, tag = "4")]
        Heartbeat(Payloads),
        #[prost(message, tag = "5")]
        HeartbeatFailed(Failure),
        #[prost(message, boxed, tag = "6")]
        Called(Box<Call>),
        #[prost(message, boxed, tag = "7")]
        Ended(Box<Ended>),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Measurements {
    #[prost(message, repeated, tag = "1")]
    measurements: Vec<Measurement>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Measurement {
    #[prost(uint32, tag = "1")]
    kind: u32,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    description: String,
    #[prost(string, tag = "4")]
    unit: String,
    #[prost(oneof = "value::Measured", tags = "5, 6, 7")]
    value: Option<value::Measured>,
    #[prost(message, repeated, tag = "8")]
    attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(oneof = "value::Attribute", tags = "2, 3, 4, 5")]
    value: Option<value::Attribute>,
}

pub(crate) mod value {
    use crate::wire::values::Span;

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Measured {
        #[prost(uint64, tag = "5")]
        Integer(u64),
        #[prost(double, tag = "6")]
        Float(f64),
        #[prost(message, tag = "7")]
        Duration(Span),
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Attribute {
        #[prost(string, tag = "2")]
        Text(String),
        #[prost(int64, tag = "3")]
        Integer(i64),
        #[prost(double, tag = "4")]
        Float(f64),
        #[prost(bool, tag = "5")]
        Boolean(bool),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Ended {
    #[prost(oneof = "end::End", tags = "1, 2, 3, 4, 5, 6, 7")]
    end: Option<end::End>,
    #[prost(message, optional, tag = "8")]
    wall: Option<Span>,
    #[prost(message, optional, tag = "9")]
    cpu: Option<Span>,
    #[prost(message, optional, tag = "10")]
    sandbox_start: Option<Span>,
    #[prost(uint64, tag = "11")]
    peak_memory: u64,
    #[prost(message, optional, tag = "12")]
    kill_delay: Option<Span>,
    /// Answered, failed, refused and abandoned HTTP requests.
    #[prost(uint64, repeated, tag = "13")]
    http: Vec<u64>,
    /// Host calls, bytes in and bytes out.
    #[prost(uint64, repeated, tag = "14")]
    traffic: Vec<u64>,
    #[prost(uint64, tag = "15")]
    peak_scratch: u64,
    /// In the order of `Excess::ALL`.
    #[prost(uint32, repeated, tag = "16")]
    excesses: Vec<u32>,
    /// Of an attempt that is traced.
    #[prost(message, optional, tag = "17")]
    requests: Option<Requests>,
}

pub(crate) mod end {
    use super::Stopped;
    use crate::wire::{
        failure::Failure,
        values::{Payload, Payloads},
    };

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum End {
        #[prost(message, tag = "1")]
        Completed(Payload),
        /// Without a result.
        #[prost(bool, tag = "2")]
        CompletedEmpty(bool),
        #[prost(message, tag = "3")]
        Failed(Failure),
        #[prost(message, tag = "4")]
        Cancelled(Payloads),
        #[prost(bool, tag = "5")]
        WillCompleteAsync(bool),
        #[prost(message, tag = "6")]
        Stopped(Stopped),
        #[prost(uint32, tag = "7")]
        Killed(u32),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Stopped {
    #[prost(uint32, tag = "1")]
    kind: u32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(string, tag = "3")]
    stack_trace: String,
    #[prost(bool, tag = "4")]
    retryable: bool,
}

numbered!(
    InstrumentKind,
    "instrument",
    [
        InstrumentKind::Counter,
        InstrumentKind::Histogram,
        InstrumentKind::HistogramFloat,
        InstrumentKind::HistogramDuration,
        InstrumentKind::Gauge,
        InstrumentKind::GaugeFloat,
    ]
);

impl Crosses for SandboxFailureKind {
    type Message = u32;

    fn send(self) -> u32 {
        Self::ALL.iter().position(|each| *each == self).and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX)
    }

    fn receive(number: u32) -> Result<Self, Broken> {
        usize::try_from(number).ok().and_then(|at| Self::ALL.get(at).copied()).ok_or(Broken("kind of failure"))
    }
}

impl Event {
    /// An event as it is sent; nothing for what only those are told who watch an attempt, which nobody does from afar.
    pub(crate) fn new(event: activity::Event) -> Option<Self> {
        let event = match event {
            activity::Event::Logged(_) => return None,
            activity::Event::Written(line) => body::Event::Written(line.into_string()),
            activity::Event::LogLinesDropped(count) => body::Event::LogLinesDropped(count),
            activity::Event::Measured(all) => {
                body::Event::Measured(Measurements { measurements: activity::Measurement::send_all(all) })
            }
            activity::Event::Heartbeat(details) => body::Event::Heartbeat(details.send()),
            activity::Event::HeartbeatFailed(reason) => body::Event::HeartbeatFailed(reason.send()),
            activity::Event::Called(call) => body::Event::Called(Box::new(client::Call::new(*call))),
            activity::Event::Ended(ending) => body::Event::Ended(Box::new(ending.send())),
        };
        Some(Self { event: Some(event) })
    }

    /// The event as it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn receive(self) -> Result<activity::Event, Broken> {
        Ok(match self.event.ok_or(Broken("event"))? {
            body::Event::Written(line) => activity::Event::Written(line.into_boxed_str()),
            body::Event::LogLinesDropped(count) => activity::Event::LogLinesDropped(count),
            body::Event::Measured(all) => {
                activity::Event::Measured(activity::Measurement::receive_all(all.measurements)?)
            }
            body::Event::Heartbeat(details) => activity::Event::Heartbeat(Vec::receive(details)?),
            body::Event::HeartbeatFailed(reason) => {
                activity::Event::HeartbeatFailed(activity::Failure::receive(reason)?)
            }
            body::Event::Called(call) => activity::Event::Called(Box::new(call.receive()?)),
            body::Event::Ended(ended) => activity::Event::Ended(Box::new(Ending::receive(*ended)?)),
        })
    }
}

impl Crosses for activity::Measurement {
    type Message = Measurement;

    fn send(self) -> Measurement {
        let Self { instrument, value, attributes } = self;
        let Instrument { kind, name, description, unit } = Arc::unwrap_or_clone(instrument);
        let value = match value {
            MeasuredValue::Integer(number) => value::Measured::Integer(number),
            MeasuredValue::Float(number) => value::Measured::Float(number),
            MeasuredValue::Duration(duration) => value::Measured::Duration(duration.send()),
        };
        let attributes = Crosses::send_all(attributes);
        Measurement { kind: kind.send(), name, description, unit, value: Some(value), attributes }
    }

    fn receive(message: Measurement) -> Result<Self, Broken> {
        let Measurement { kind, name, description, unit, value, attributes } = message;
        let value = match value.ok_or(Broken("value"))? {
            value::Measured::Integer(number) => MeasuredValue::Integer(number),
            value::Measured::Float(number) => MeasuredValue::Float(number),
            value::Measured::Duration(span) => MeasuredValue::Duration(Duration::receive(span)?),
        };
        let instrument = Instrument { kind: InstrumentKind::receive(kind)?, name, description, unit };
        Ok(Self { instrument: Arc::new(instrument), value, attributes: Crosses::receive_all(attributes)? })
    }
}

impl Crosses for (String, AttributeValue) {
    type Message = Attribute;

    fn send(self) -> Attribute {
        let value = match self.1 {
            AttributeValue::Text(text) => value::Attribute::Text(text),
            AttributeValue::Integer(number) => value::Attribute::Integer(number),
            AttributeValue::Float(number) => value::Attribute::Float(number),
            AttributeValue::Boolean(truth) => value::Attribute::Boolean(truth),
        };
        Attribute { name: self.0, value: Some(value) }
    }

    fn receive(Attribute { name, value }: Attribute) -> Result<Self, Broken> {
        let value = match value.ok_or(Broken("attribute"))? {
            value::Attribute::Text(text) => AttributeValue::Text(text),
            value::Attribute::Integer(number) => AttributeValue::Integer(number),
            value::Attribute::Float(number) => AttributeValue::Float(number),
            value::Attribute::Boolean(truth) => AttributeValue::Boolean(truth),
        };
        Ok((name, value))
    }
}

impl Crosses for Ending {
    type Message = Ended;

    fn send(self) -> Ended {
        let Usage { wall, cpu, sandbox_start, peak_memory, peak_scratch, kill_delay, http, traffic, excesses } =
            self.usage;
        Ended {
            end: Some(self.end.send()),
            wall: Some(wall.send()),
            cpu: Some(cpu.send()),
            sandbox_start: Some(sandbox_start.send()),
            peak_memory,
            peak_scratch,
            kill_delay: kill_delay.map(Duration::send),
            http: vec![http.answered, http.failed, http.refused, http.abandoned],
            traffic: vec![traffic.host_calls, traffic.bytes_in, traffic.bytes_out],
            excesses: excesses.0.to_vec(),
            requests: (self.requests != TracedRequests::default()).then(|| self.requests.send()),
        }
    }

    fn receive(message: Ended) -> Result<Self, Broken> {
        let [answered, failed, refused, abandoned] = message.http.try_into().map_err(|_| Broken("usage"))?;
        let [host_calls, bytes_in, bytes_out] = message.traffic.try_into().map_err(|_| Broken("usage"))?;
        let usage = Usage {
            wall: Duration::required(message.wall, "time")?,
            cpu: Duration::required(message.cpu, "time")?,
            sandbox_start: Duration::required(message.sandbox_start, "time")?,
            peak_memory: message.peak_memory,
            peak_scratch: message.peak_scratch,
            kill_delay: Duration::optional(message.kill_delay)?,
            http: HttpUsage { answered, failed, refused, abandoned },
            traffic: Traffic { host_calls, bytes_in, bytes_out },
            excesses: Excesses(message.excesses.try_into().map_err(|_| Broken("usage"))?),
        };
        let requests = Crosses::optional(message.requests)?.unwrap_or_default();
        Ok(Self { end: End::required(message.end, "end")?, usage, requests })
    }
}

impl Crosses for End {
    type Message = end::End;

    fn send(self) -> end::End {
        match self {
            Self::Returned(Outcome::Completed(Some(result))) => end::End::Completed(result.send()),
            Self::Returned(Outcome::Completed(None)) => end::End::CompletedEmpty(true),
            Self::Returned(Outcome::Failed(failure)) => end::End::Failed(failure.send()),
            Self::Returned(Outcome::Cancelled(details)) => end::End::Cancelled(details.send()),
            Self::Returned(Outcome::WillCompleteAsync) => end::End::WillCompleteAsync(true),
            Self::Stopped(SandboxFailure { kind, message, stack_trace, retryable }) => {
                end::End::Stopped(Stopped { kind: kind.send(), message, stack_trace, retryable })
            }
            Self::Killed(reason) => end::End::Killed(reason.send()),
        }
    }

    fn receive(message: end::End) -> Result<Self, Broken> {
        Ok(match message {
            end::End::Completed(result) => Self::Returned(Outcome::Completed(Some(Crosses::receive(result)?))),
            end::End::CompletedEmpty(_) => Self::Returned(Outcome::Completed(None)),
            end::End::Failed(failure) => Self::Returned(Outcome::Failed(Crosses::receive(failure)?)),
            end::End::Cancelled(details) => Self::Returned(Outcome::Cancelled(Crosses::receive(details)?)),
            end::End::WillCompleteAsync(_) => Self::Returned(Outcome::WillCompleteAsync),
            end::End::Stopped(Stopped { kind, message, stack_trace, retryable }) => {
                let kind = SandboxFailureKind::receive(kind)?;
                Self::Stopped(SandboxFailure { kind, message, stack_trace, retryable })
            }
            end::End::Killed(reason) => Self::Killed(Crosses::receive(reason)?),
        })
    }
}
