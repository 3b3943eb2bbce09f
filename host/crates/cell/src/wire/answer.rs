//! What Temporal answers a guest in a cell.

use std::time::SystemTime;

use activity::{
    ActivityDescription, CancellationDetails, ClientAnswer, ClientError, ClientResponse, ExecutionResult,
    ExecutionStatus, RpcStatus, WorkflowDescription,
};
use bytes::Bytes;

use super::{
    Broken,
    values::{Crosses, Payload, Time, numbered},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Answer {
    /// Which call.
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(oneof = "body::Answer", tags = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14")]
    answer: Option<body::Answer>,
}

pub(crate) mod body {
    use bytes::Bytes;

    use super::{Description, Status};
    use crate::wire::{failure::Failure, values::Payloads};

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Answer {
        #[prost(bytes = "bytes", tag = "2")]
        Rpc(Bytes),
        #[prost(bool, tag = "3")]
        Done(bool),
        #[prost(string, tag = "4")]
        Started(String),
        #[prost(message, tag = "5")]
        Values(Payloads),
        #[prost(message, tag = "6")]
        WorkflowDescription(Description),
        #[prost(message, tag = "7")]
        ActivityDescription(Description),
        #[prost(message, tag = "8")]
        Completed(Payloads),
        #[prost(message, tag = "9")]
        Failed(Failure),
        #[prost(uint32, tag = "10")]
        Heartbeat(u32),
        #[prost(string, tag = "11")]
        NotGranted(String),
        #[prost(string, tag = "12")]
        Invalid(String),
        #[prost(bool, tag = "13")]
        LeaseLost(bool),
        #[prost(message, tag = "14")]
        Status(Status),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Status {
    #[prost(uint32, tag = "1")]
    code: u32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(bytes = "bytes", tag = "3")]
    details: Bytes,
}

/// Of a workflow or an activity, which have most in common.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Description {
    #[prost(string, tag = "1")]
    run_id: String,
    /// The workflow's or the activity's.
    #[prost(string, tag = "2")]
    type_name: String,
    #[prost(string, tag = "3")]
    task_queue: String,
    #[prost(uint32, tag = "4")]
    status: u32,
    /// The length of the history, or the attempt.
    #[prost(uint64, tag = "5")]
    count: u64,
    /// When it started or was scheduled.
    #[prost(message, optional, tag = "6")]
    begun: Option<Time>,
    #[prost(message, optional, tag = "7")]
    closed: Option<Time>,
    #[prost(message, repeated, tag = "8")]
    heartbeat_details: Vec<Payload>,
}

numbered!(
    ExecutionStatus,
    "status",
    [
        ExecutionStatus::Unspecified,
        ExecutionStatus::Running,
        ExecutionStatus::Completed,
        ExecutionStatus::Failed,
        ExecutionStatus::Cancelled,
        ExecutionStatus::Terminated,
        ExecutionStatus::ContinuedAsNew,
        ExecutionStatus::TimedOut,
        ExecutionStatus::Paused,
    ]
);

impl Answer {
    /// An answer as it is sent.
    pub(crate) fn new(id: u64, answer: ClientAnswer) -> Self {
        let answer = match answer {
            Ok(response) => response.send(),
            Err(ClientError::NotGranted(text)) => body::Answer::NotGranted(text),
            Err(ClientError::Invalid(text)) => body::Answer::Invalid(text),
            Err(ClientError::LeaseLost) => body::Answer::LeaseLost(true),
            Err(ClientError::Status(RpcStatus { code, message, details })) => {
                body::Answer::Status(Status { code, message, details })
            }
        };
        Self { id, answer: Some(answer) }
    }

    /// The answer as it arrives, and to which call.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn receive(self) -> Result<(u64, ClientAnswer), Broken> {
        let answer = match self.answer.ok_or(Broken("answer"))? {
            body::Answer::NotGranted(text) => Err(ClientError::NotGranted(text)),
            body::Answer::Invalid(text) => Err(ClientError::Invalid(text)),
            body::Answer::LeaseLost(_) => Err(ClientError::LeaseLost),
            body::Answer::Status(Status { code, message, details }) => {
                Err(ClientError::Status(RpcStatus { code, message, details }))
            }
            response => Ok(ClientResponse::receive(response)?),
        };
        Ok((self.id, answer))
    }
}

impl Crosses for ClientResponse {
    type Message = body::Answer;

    fn send(self) -> body::Answer {
        match self {
            Self::Rpc(bytes) => body::Answer::Rpc(bytes),
            Self::Done => body::Answer::Done(true),
            Self::Started(run_id) => body::Answer::Started(run_id),
            Self::Values(values) => body::Answer::Values(values.send()),
            Self::WorkflowDescription(description) => body::Answer::WorkflowDescription(description.send()),
            Self::ActivityDescription(description) => body::Answer::ActivityDescription(description.send()),
            Self::Ended(ExecutionResult::Completed(values)) => body::Answer::Completed(values.send()),
            Self::Ended(ExecutionResult::Failed(failure)) => body::Answer::Failed(failure.send()),
            Self::Heartbeat(details) => body::Answer::Heartbeat(details.send()),
        }
    }

    fn receive(message: body::Answer) -> Result<Self, Broken> {
        Ok(match message {
            body::Answer::Rpc(bytes) => Self::Rpc(bytes),
            body::Answer::Done(_) => Self::Done,
            body::Answer::Started(run_id) => Self::Started(run_id),
            body::Answer::Values(values) => Self::Values(Crosses::receive(values)?),
            body::Answer::WorkflowDescription(of) => Self::WorkflowDescription(Crosses::receive(of)?),
            body::Answer::ActivityDescription(of) => Self::ActivityDescription(Crosses::receive(of)?),
            body::Answer::Completed(values) => Self::Ended(ExecutionResult::Completed(Crosses::receive(values)?)),
            body::Answer::Failed(failure) => {
                Self::Ended(ExecutionResult::Failed(Box::new(activity::Failure::receive(failure)?)))
            }
            body::Answer::Heartbeat(details) => Self::Heartbeat(CancellationDetails::receive(details)?),
            body::Answer::NotGranted(_)
            | body::Answer::Invalid(_)
            | body::Answer::LeaseLost(_)
            | body::Answer::Status(_) => return Err(Broken("answer")),
        })
    }
}

impl Crosses for WorkflowDescription {
    type Message = Description;

    fn send(self) -> Description {
        Description {
            run_id: self.run_id,
            type_name: self.workflow_type,
            task_queue: self.task_queue,
            status: self.status.send(),
            count: self.history_length,
            begun: self.start_time.map(SystemTime::send),
            closed: self.close_time.map(SystemTime::send),
            heartbeat_details: Vec::new(),
        }
    }

    fn receive(message: Description) -> Result<Self, Broken> {
        Ok(Self {
            run_id: message.run_id,
            workflow_type: message.type_name,
            task_queue: message.task_queue,
            status: ExecutionStatus::receive(message.status)?,
            history_length: message.count,
            start_time: SystemTime::optional(message.begun)?,
            close_time: SystemTime::optional(message.closed)?,
        })
    }
}

impl Crosses for ActivityDescription {
    type Message = Description;

    fn send(self) -> Description {
        Description {
            run_id: self.run_id,
            type_name: self.activity_type,
            task_queue: self.task_queue,
            status: self.status.send(),
            count: self.attempt.into(),
            begun: self.scheduled_time.map(SystemTime::send),
            closed: self.close_time.map(SystemTime::send),
            heartbeat_details: activity::Payload::send_all(self.heartbeat_details),
        }
    }

    fn receive(message: Description) -> Result<Self, Broken> {
        Ok(Self {
            run_id: message.run_id,
            activity_type: message.type_name,
            task_queue: message.task_queue,
            status: ExecutionStatus::receive(message.status)?,
            attempt: u32::try_from(message.count).map_err(|_| Broken("attempt"))?,
            heartbeat_details: activity::Payload::receive_all(message.heartbeat_details)?,
            scheduled_time: SystemTime::optional(message.begun)?,
            close_time: SystemTime::optional(message.closed)?,
        })
    }
}
