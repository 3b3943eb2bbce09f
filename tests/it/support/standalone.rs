//! Activities that a client calls, without a workflow.

use std::{error::Error as _, time::Duration};

use temporalio_client::{
    Connection,
    tonic::{Code, IntoRequest as _, Response, Status},
};
use temporalio_common::protos::temporal::api::{
    activity::v1::{ActivityExecutionInfo, activity_execution_outcome::Value},
    common::v1::ActivityType,
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{
        DescribeActivityExecutionRequest, PollActivityExecutionRequest, RequestCancelActivityExecutionRequest,
        StartActivityExecutionRequest, TerminateActivityExecutionRequest,
    },
};

use super::{
    GUARD,
    call::{Call, NAMESPACE, proto_duration, scheduled, unique},
    outcome::Outcome,
};

/// A standalone activity that was started.
#[derive(Debug)]
pub(crate) struct Standalone {
    pub(super) id: String,
    pub(super) run_id: String,
    pub(super) connection: Connection,
}

impl Standalone {
    pub(super) async fn start(call: Call) -> Self {
        let request = scheduled!(
            call,
            StartActivityExecutionRequest { namespace: NAMESPACE.to_owned(), request_id: unique("request") }
        );
        // The same request is the same activity, however often it is made.
        let answer = answered(async || {
            call.connection.workflow_service().start_activity_execution(request.clone().into_request()).await
        });
        let run_id = answer.await.run_id;
        Self { id: call.activity_id, run_id, connection: call.connection }
    }

    /// Waits for its end, however long that takes.
    pub(crate) async fn outcome(&self) -> Outcome {
        loop {
            let request = PollActivityExecutionRequest {
                namespace: NAMESPACE.to_owned(),
                activity_id: self.id.clone(),
                run_id: self.run_id.clone(),
            };
            let answer = answered(async || {
                self.connection.workflow_service().poll_activity_execution(request.clone().into_request()).await
            });
            let Some(outcome) = answer.await.outcome else { continue };
            return match outcome.value.unwrap() {
                Value::Result(result) => Outcome::Completed(result.payloads.into_iter().next().unwrap()),
                Value::Failure(failure) => Outcome::failed(Some(failure), outcome.retry_state),
            };
        }
    }

    pub(super) async fn cancel(&self) {
        let request = RequestCancelActivityExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            activity_id: self.id.clone(),
            run_id: self.run_id.clone(),
            request_id: unique("request"),
            ..RequestCancelActivityExecutionRequest::default()
        };
        self.connection.workflow_service().request_cancel_activity_execution(request.into_request()).await.unwrap();
    }

    /// Ends it at once, without asking its worker.
    pub(crate) async fn terminate(&self) {
        let request = TerminateActivityExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            activity_id: self.id.clone(),
            run_id: self.run_id.clone(),
            request_id: unique("request"),
            reason: "enough".to_owned(),
            ..TerminateActivityExecutionRequest::default()
        };
        self.connection.workflow_service().terminate_activity_execution(request.into_request()).await.unwrap();
    }

    /// How it stands.
    pub(crate) async fn describe(&self) -> ActivityExecutionInfo {
        let request = DescribeActivityExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            activity_id: self.id.clone(),
            run_id: self.run_id.clone(),
            include_heartbeat_details: true,
            include_last_failure: true,
            ..DescribeActivityExecutionRequest::default()
        };
        let answer = self.connection.workflow_service().describe_activity_execution(request.into_request()).await;
        answer.unwrap().into_inner().info.unwrap()
    }
}

/// The answer to a request, which is made again while a server that was killed is away.
async fn answered<T>(request: impl AsyncFn() -> Result<Response<T>, Status>) -> T {
    let mut away = Duration::ZERO;
    loop {
        match request().await {
            Err(status) if is_away(&status) && away < GUARD => {
                tokio::time::sleep(AWAY).await;
                away += AWAY;
            }
            answer => return answer.unwrap().into_inner(),
        }
    }
}

/// Whether a server was killed meanwhile, or has only just begun.
fn is_away(status: &Status) -> bool {
    status.source().is_some() || status.code() == Code::Unavailable
}

/// Between two requests to a server that is away.
const AWAY: Duration = Duration::from_millis(100);

/// What the server tells of an activity, as text for people.
pub(crate) async fn described(connection: &Connection, id: &str) -> String {
    let request = DescribeActivityExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        activity_id: id.to_owned(),
        include_last_failure: true,
        ..DescribeActivityExecutionRequest::default()
    };
    match connection.workflow_service().describe_activity_execution(request.into_request()).await {
        Ok(answer) => format!("the server tells of it: {:#?}", answer.into_inner().info),
        Err(status) => format!("the server tells nothing of it as a client's activity: {status}"),
    }
}
