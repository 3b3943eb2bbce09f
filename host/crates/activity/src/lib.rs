//! What an activity attempt is: the vocabulary that every layer speaks, and the ports between them.
//!
//! Nothing here does I/O, knows WebAssembly or knows Temporal's protocol. Types cross the port between the worker and
//! the executor by value, so that either side can move into another process.
//!
//! # Layout
//! - [`Payload`], [`Failure`]: encoded values and failures, as Temporal stores them.
//! - [`Info`], [`Task`]: what an attempt is given.
//! - [`CancellationDetails`], [`Command`]: what it is told while it runs.
//! - [`LogRecord`], [`Measurement`], [`Event`]: what it says meanwhile.
//! - [`ClientCall`], [`ClientAnswer`], [`ClientGrant`]: what it may ask Temporal.
//! - [`Outcome`], [`SandboxFailure`], [`Usage`], [`Ending`]: how it ends; [`Report`]: what is reported for that.
//! - [`Definition`], [`Directory`]: which component runs which activity; [`ComponentHandle`]: what keeps it loaded.
//! - [`Block`], [`Blocks`]: what must not run.
//! - [`Policy`]: what a component may use ([`Limits`]), reach ([`Grants`]), and how it is stopped ([`Stopping`]); [`Origin`]: where its HTTP
//!   requests may go.
//! - [`Excess`]: what an attempt comes to without an end or a failure: limits of its tenant, and what only counts.
//! - [`Trace`], [`Tracer`]: where an attempt stands in a trace; [`TracedParts`]: what of it has spans of its own.
//! - [`deadline`]: instants that may be far away, or never come.
//! - [`Rate`]: how much of something there may be in a second.
//! - [`shown`]: how text of guests and callers is shown.
//! - [`Executor`], [`Attempt`], [`AttemptPort`]: the port on which attempts run.
//! - [`Observer`]: the port on which a worker tells what it does; [`Meter`]: the one on which it measures;
//!   [`LineFormat`]: the one to what writes lines of guests down.

mod block;
mod cancellation;
mod client;
mod codec;
mod component;
pub mod deadline;
mod definition;
mod excess;
mod executor;
mod failure;
mod http;
mod info;
mod limits;
mod log;
mod metric;
mod observer;
mod outcome;
mod payload;
mod rate;
mod report;
mod sandbox_failure;
mod secret;
pub mod shown;
mod task;
mod trace;
mod watcher;

pub use block::{Block, Blocks, LEAST_DIGEST_DIGITS};
pub use cancellation::CancellationDetails;
pub use client::{
    ActivityDescription, ActivityIds, ActivityReference, ActivityStart, CLIENT_SERVICE, ClientAnswer, ClientCall,
    ClientError, ClientGrant, ClientRequest, ClientResponse, ExecutionResult, ExecutionStatus, GrantCheck,
    IdConflictPolicy, IdReusePolicy, Pattern, RpcStatus, WorkflowDescription, WorkflowReference, WorkflowStart,
};
pub use codec::{CodecError, CodecFuture, PayloadCodec};
pub use component::{ComponentHandle, ComponentId, LoadId};
pub use definition::{ActivityName, Definition, Directory, OnCancel, Stopping};
pub use excess::{Beyond, Excess, ExcessCounts, Excesses};
pub use executor::{
    Attempt, AttemptPort, Command, Event, EventSender, Executor, KillReason, Remote, attempt, remote_attempt,
    watched_attempt,
};
pub use failure::{ApplicationFailure, Failure, FailureCategory, FailureKind, TimeoutFailure, TimeoutType};
pub use http::{AmbiguousPath, HttpGrant, HttpHost, HttpScheme, LOCALHOST, Origin, OriginHost, PathPrefix, Reach};
pub use info::{Info, Priority, RetryPolicy, WorkflowExecution};
pub use limits::{
    DirectoryGrant, GUEST_STACK, Grants, HttpLimits, INSTANCE_DATA, IdentityGrant, LARGEST_IMAGE, Limits, MetricsGrant,
    Policy, SharedLimits,
};
pub use log::{Level, LineFormat, LogRecord};
pub use metric::{
    Aggregation, AttributeValue, Attributes, Instrument, InstrumentKind, MeasuredValue, Measurement, Meter, NameTaken,
    Series, exported_name,
};
pub use observer::{About, Observation, Observer, Reported};
pub use outcome::{End, Ending, HttpUsage, Outcome, Traffic, Usage};
pub use payload::{ELEMENT_COST, Payload};
pub use rate::Rate;
pub use report::Report;
pub use sandbox_failure::{SandboxFailure, SandboxFailureKind};
pub use secret::{HeldSecret, Secret};
pub use task::Task;
pub use trace::{
    CallOutcome, LONGEST_PART_NAME, MOST_PARTS, Part, RequestOutcome, TRACER_DATA, Trace, TracedCall, TracedParts,
    TracedRequest, TracedRequests, Tracer,
};
