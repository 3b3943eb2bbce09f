//! A file of answers in place of Temporal.
//!
//! A JSON object whose keys are methods, as [`method`] names them, or `*` for all others. A value is an answer, or a list of
//! answers that are given one after the other, the last one again and again.

use std::{collections::BTreeMap, path::Path};

use activity::{
    ActivityDescription, CancellationDetails, ClientAnswer, ClientError, ClientRequest, ClientResponse,
    ExecutionResult, ExecutionStatus, Failure, WorkflowDescription,
};
use anyhow::{Context as _, anyhow};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use testing::payload;

use crate::{
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// The most bytes of a file with answers, which somebody wrote by hand or recorded.
const LARGEST: u64 = 64 << 20;

/// gRPC's code for a server that can't be reached.
const UNAVAILABLE: u32 = 14;

/// What answers the calls of one attempt.
#[derive(Debug)]
pub(super) struct Stub {
    answers: BTreeMap<String, Vec<Answer>>,
}

/// The answer to a call. What it does not say is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", default)]
struct Answer {
    /// The run that was started or is described.
    run_id: Option<String>,
    /// What a query returned.
    values: Option<Vec<Value>>,
    /// With what a workflow, an update or an activity ended.
    result: Option<Value>,
    /// With what failure it ended instead.
    failure: Option<StubFailure>,
    /// How it stands.
    status: Option<Status>,
    /// Why an activity that is heartbeaten for should stop.
    cancel_requested: bool,
    /// The response message of a raw call, encoded in Protobuf and that in base64.
    base64: Option<String>,
    /// What is answered instead.
    error: Option<StubError>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StubFailure {
    #[serde(rename = "type", default)]
    failure_type: String,
    message: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StubError {
    /// gRPC's code.
    code: u32,
    #[serde(default)]
    message: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Running,
    Completed,
    Failed,
    Cancelled,
    Terminated,
    ContinuedAsNew,
    TimedOut,
    Paused,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Answer>),
    One(Box<Answer>),
}

impl Stub {
    /// Reads the answers in a file; without one, there is no server.
    ///
    /// # Errors
    /// When it can't be read, or is not what it should be.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Problem> {
        let Some(path) = path else { return Ok(Self { answers: BTreeMap::new() }) };
        let text = files::read_text(path, LARGEST).with_context(|| format!("failed to read {}", path.display()));
        let answers: BTreeMap<String, OneOrMany> = serde_json::from_str(&text.or_exit(Exit::Usage)?)
            .with_context(|| format!("{} does not hold answers of a client", path.display()))
            .or_exit(Exit::Usage)
            .or_cure("write it like {\"start-workflow\": {\"run_id\": \"1\"}, \"*\": {\"error\": {\"code\": 5}}}")?;
        if let Some(unknown) = answers.keys().find(|key| !is_method(key)) {
            let error = anyhow!("{} has answers to {unknown:?}, which is no method", path.display());
            return Err(Problem::new(Exit::Usage, error).cure(format!("there is {}, and *", METHODS.join(", "))));
        }
        let in_turn = |answers| match answers {
            OneOrMany::One(answer) => vec![*answer],
            OneOrMany::Many(answers) => answers,
        };
        Ok(Self { answers: answers.into_iter().map(|(key, answers)| (key, in_turn(answers))).collect() })
    }

    /// The answer to a request.
    pub(super) fn answer(&mut self, request: &ClientRequest) -> ClientAnswer {
        let method = method(request);
        let key = if self.answers.contains_key(&method) { method.as_str() } else { "*" };
        let no_server = self.answers.is_empty();
        let answer = match self.answers.get_mut(key) {
            Some(answers) if 1 < answers.len() => answers.remove(0),
            Some(answers) => answers.first().cloned().unwrap_or_default(),
            None if no_server => {
                let text = "there is no Temporal server: `isolet run` runs an attempt without one";
                return Err(ClientError::status(UNAVAILABLE, text));
            }
            None => return Err(ClientError::status(UNAVAILABLE, format!("the client stub has no answer to {method}"))),
        };
        answer.to(request)
    }
}

impl Answer {
    fn to(self, request: &ClientRequest) -> ClientAnswer {
        if let Some(error) = self.error {
            return Err(ClientError::status(error.code, error.message));
        }
        Ok(match request {
            ClientRequest::Rpc { .. } => {
                let bytes = STANDARD.decode(self.base64.unwrap_or_default());
                let bytes =
                    bytes.map_err(|error| ClientError::Invalid(format!("the client stub's base64: {error}")))?;
                ClientResponse::Rpc(bytes.into())
            }
            ClientRequest::StartWorkflow(_) | ClientRequest::StartActivity(_) => {
                ClientResponse::Started(self.run_id.unwrap_or_default())
            }
            ClientRequest::QueryWorkflow { .. } => {
                ClientResponse::Values(self.values.unwrap_or_default().into_iter().map(payload).collect())
            }
            ClientRequest::UpdateWorkflow { .. } | ClientRequest::WaitWorkflow(_) | ClientRequest::WaitActivity(_) => {
                ClientResponse::Ended(self.ended())
            }
            ClientRequest::DescribeWorkflow(workflow) => ClientResponse::WorkflowDescription(WorkflowDescription {
                run_id: self.run_id.or_else(|| workflow.run_id.clone()).unwrap_or_default(),
                status: self.status.map(ExecutionStatus::from).unwrap_or_default(),
                ..WorkflowDescription::default()
            }),
            ClientRequest::DescribeActivity(activity) => ClientResponse::ActivityDescription(ActivityDescription {
                run_id: self.run_id.unwrap_or_else(|| activity.run_id.clone()),
                status: self.status.map(ExecutionStatus::from).unwrap_or_default(),
                ..ActivityDescription::default()
            }),
            ClientRequest::HeartbeatActivity { .. } => ClientResponse::Heartbeat(CancellationDetails::from_flags([(
                self.cancel_requested,
                CancellationDetails::CANCEL_REQUESTED,
            )])),
            _ => ClientResponse::Done,
        })
    }

    fn ended(self) -> ExecutionResult {
        match self.failure {
            Some(failure) => {
                ExecutionResult::Failed(Box::new(Failure::application(failure.failure_type, failure.message)))
            }
            None => ExecutionResult::Completed(self.result.into_iter().map(payload).collect()),
        }
    }
}

impl From<Status> for ExecutionStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Running => Self::Running,
            Status::Completed => Self::Completed,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
            Status::Terminated => Self::Terminated,
            Status::ContinuedAsNew => Self::ContinuedAsNew,
            Status::TimedOut => Self::TimedOut,
            Status::Paused => Self::Paused,
        }
    }
}

/// The methods of the typed client.
const METHODS: [&str; 17] = [
    "start-workflow",
    "signal-workflow",
    "query-workflow",
    "update-workflow",
    "cancel-workflow",
    "terminate-workflow",
    "describe-workflow",
    "wait-workflow",
    "start-activity",
    "wait-activity",
    "describe-activity",
    "cancel-activity",
    "terminate-activity",
    "complete-activity",
    "fail-activity",
    "report-activity-cancelled",
    "heartbeat-activity",
];

/// What a request is called: its name in the contract, or for a raw call that of the method, as in
/// `rpc:StartWorkflowExecution`.
pub(super) fn method(request: &ClientRequest) -> String {
    let name = match request {
        ClientRequest::Rpc { method, .. } => return format!("rpc:{method}"),
        ClientRequest::StartWorkflow(_) => "start-workflow",
        ClientRequest::SignalWorkflow { .. } => "signal-workflow",
        ClientRequest::QueryWorkflow { .. } => "query-workflow",
        ClientRequest::UpdateWorkflow { .. } => "update-workflow",
        ClientRequest::CancelWorkflow { .. } => "cancel-workflow",
        ClientRequest::TerminateWorkflow { .. } => "terminate-workflow",
        ClientRequest::DescribeWorkflow(_) => "describe-workflow",
        ClientRequest::WaitWorkflow(_) => "wait-workflow",
        ClientRequest::StartActivity(_) => "start-activity",
        ClientRequest::WaitActivity(_) => "wait-activity",
        ClientRequest::DescribeActivity(_) => "describe-activity",
        ClientRequest::CancelActivity { .. } => "cancel-activity",
        ClientRequest::TerminateActivity { .. } => "terminate-activity",
        ClientRequest::CompleteActivity { .. } => "complete-activity",
        ClientRequest::FailActivity { .. } => "fail-activity",
        ClientRequest::ReportActivityCancelled { .. } => "report-activity-cancelled",
        ClientRequest::HeartbeatActivity { .. } => "heartbeat-activity",
    };
    name.to_owned()
}

fn is_method(key: &str) -> bool {
    key == "*" || key.starts_with("rpc:") || METHODS.contains(&key)
}

#[cfg(test)]
mod tests;
