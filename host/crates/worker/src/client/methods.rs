//! The methods that can be granted: what each request is about, and how it is sent.
//!
//! A method that is not here is refused, whatever the grant says: those that act on a namespace, a cluster, workers or
//! many workflows at once, and those of workers.

use std::time::Duration;

use activity::ClientError;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use prost::Message;
use temporalio_client::{
    Connection as CoreConnection,
    grpc::WorkflowService as _,
    tonic::{Request, Status},
};
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    self as proto, execute_multi_operation_request::operation::Operation,
};

use super::{
    Granted, Wire,
    check::Check,
    coding::{Carrier, Coded, Coder, WithPayloads as _, WithoutPayloads as _},
};

/// Bytes from which on a message is decoded elsewhere: a smaller one takes less time than to hand it over.
const MUCH: usize = 64 << 10;

/// A request of a method that can be granted.
pub(crate) trait Method: Message + Default + Clone + Send + Sync + 'static {
    /// The method's name.
    const NAME: &'static str;

    /// What it is answered with.
    type Response: Message + Default;

    /// Checks what the request names, and fills in what the host decides.
    ///
    /// # Errors
    /// When the grant does not cover it, or it lacks what it must say.
    fn admit(&mut self, check: &Check<'_>) -> Result<(), ClientError>;

    /// Checks it as a part of another request: its own method must be granted, too.
    ///
    /// # Errors
    /// As for [`Method::admit`].
    fn admit_part(&mut self, check: &Check<'_>) -> Result<(), ClientError> {
        check.method(Self::NAME)?;
        self.admit(check)
    }

    /// Codes the payloads of the request.
    fn code<'m>(&'m mut self, coder: &'m mut Coder<'_>) -> BoxFuture<'m, Coded>;

    /// Codes the payloads of its response.
    fn code_response<'m>(response: &'m mut Self::Response, coder: &'m mut Coder<'_>) -> BoxFuture<'m, Coded>;

    /// Sends it, with the retries of core.
    fn send(connection: CoreConnection, request: Request<Self>) -> BoxFuture<'static, Result<Self::Response, Status>>;
}

/// Declares the methods: the name, core's function, the messages, and what is checked and filled in.
macro_rules! methods {
    ($($name:ident, $function:ident, $request:ident, $response:ident, |$this:ident, $check:ident| $admit:block)*) => {
        $(
            impl Method for proto::$request {
                const NAME: &'static str = stringify!($name);

                type Response = proto::$response;

                fn admit(&mut self, $check: &Check<'_>) -> Result<(), ClientError> {
                    let $this = self;
                    $admit
                    Ok(())
                }

                fn code<'m>(&'m mut self, coder: &'m mut Coder<'_>) -> BoxFuture<'m, Coded> {
                    Carrier(self).code(coder)
                }

                fn code_response<'m>(
                    response: &'m mut Self::Response,
                    coder: &'m mut Coder<'_>,
                ) -> BoxFuture<'m, Coded> {
                    Carrier(response).code(coder)
                }

                fn send(
                    mut connection: CoreConnection,
                    request: Request<Self>,
                ) -> BoxFuture<'static, Result<Self::Response, Status>> {
                    Box::pin(async move { Ok(connection.$function(request).await?.into_inner()) })
                }
            }
        )*

        /// Answers an encoded request of the method called `name`.
        pub(super) async fn raw<W: Wire>(
            granted: &Granted<'_, W>,
            name: &str,
            request: Bytes,
            timeout: Option<Duration>,
        ) -> Result<Bytes, ClientError> {
            match name {
                $(<proto::$request>::NAME => encoded::<proto::$request, W>(granted, request, timeout).await,)*
                _ => {
                    let text = format!("the method \"{}\" can't be granted", activity::shown::name(name));
                    Err(ClientError::NotGranted(text))
                }
            }
        }

        /// The methods of Temporal's workflow service that a [`ClientGrant`](activity::ClientGrant) can cover.
        pub const CLIENT_METHODS: &[&str] = &[$(stringify!($name)),*];
    };
}

/// Of a task that is reported by its token: which worker ran it. It was not the guest's.
macro_rules! no_worker {
    ($request:ident) => {{
        $request.deployment_options = None;
        #[expect(deprecated, reason = "the server still takes them")]
        {
            $request.worker_version = None;
            $request.deployment = None;
        }
    }};
}

async fn encoded<M: Method, W: Wire>(
    granted: &Granted<'_, W>,
    request: Bytes,
    timeout: Option<Duration>,
) -> Result<Bytes, ClientError> {
    // A guest learns what it may do before it learns what it did wrong.
    granted.check::<M>()?;
    let decoded = decode::<M>(request).await?;
    let response = granted.perform(decoded, timeout).await?;
    Ok(response.encode_to_vec().into())
}

/// Decodes a message, and a large one where it keeps no heartbeat waiting: one of nothing but tiny fields takes as long
/// as some thousand others.
async fn decode<M: Method>(message: Bytes) -> Result<M, ClientError> {
    let decoded = if message.len() < MUCH {
        M::decode(message)
    } else {
        // Lost only with the worker, and then the attempt is, too.
        tokio::task::spawn_blocking(move || M::decode(message)).await.map_err(|_| ClientError::LeaseLost)?
    };
    decoded.map_err(|error| ClientError::Invalid(format!("the request is no encoded {}Request: {error}", M::NAME)))
}

methods! {
    // Of one workflow.
    StartWorkflowExecution, start_workflow_execution,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow_id(&request.workflow_id)?;
        check.task_queue(request.task_queue.as_ref())?;
        check.running_workflow(request.workflow_id_conflict_policy, request.workflow_id_reuse_policy)?;
        check.no_callbacks(&request.completion_callbacks)?;
        check.no_links(&request.links)?;
        check.no_version(request.versioning_override.is_some())?;
        check.no_change_of_running(request.on_conflict_options.is_some())?;
        check.no_time_skipping(request.time_skipping_config.is_some())?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
        // Would hand a workflow task to the guest.
        request.request_eager_execution = false;
        request.eager_worker_deployment_options = None;
    }
    SignalWithStartWorkflowExecution, signal_with_start_workflow_execution,
    SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow_id(&request.workflow_id)?;
        check.task_queue(request.task_queue.as_ref())?;
        check.running_workflow(request.workflow_id_conflict_policy, request.workflow_id_reuse_policy)?;
        check.no_links(&request.links)?;
        check.no_version(request.versioning_override.is_some())?;
        check.no_time_skipping(request.time_skipping_config.is_some())?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    ExecuteMultiOperation, execute_multi_operation,
    ExecuteMultiOperationRequest, ExecuteMultiOperationResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        for operation in &mut request.operations {
            // The server wants all parts in one namespace.
            match &mut operation.operation {
                Some(Operation::StartWorkflow(start)) => {
                    start.namespace.clone_from(&request.namespace);
                    start.admit_part(check)?;
                }
                Some(Operation::UpdateWorkflow(update)) => {
                    update.namespace.clone_from(&request.namespace);
                    update.admit_part(check)?;
                }
                None => {}
            }
        }
    }
    SignalWorkflowExecution, signal_workflow_execution,
    SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.workflow_execution.as_ref())?;
        check.no_links(&request.links)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    QueryWorkflow, query_workflow, QueryWorkflowRequest, QueryWorkflowResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.execution.as_ref())?;
    }
    UpdateWorkflowExecution, update_workflow_execution,
    UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.workflow_execution.as_ref())?;
        if let Some(update) = &mut request.request {
            check.no_callbacks(&update.completion_callbacks)?;
            check.no_links(&update.links)?;
            check.identity(&mut update.meta.get_or_insert_default().identity);
        }
    }
    PollWorkflowExecutionUpdate, poll_workflow_execution_update,
    PollWorkflowExecutionUpdateRequest, PollWorkflowExecutionUpdateResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.update_ref.as_ref().and_then(|update| update.workflow_execution.as_ref()))?;
        check.identity(&mut request.identity);
    }
    RequestCancelWorkflowExecution, request_cancel_workflow_execution,
    RequestCancelWorkflowExecutionRequest, RequestCancelWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.workflow_execution.as_ref())?;
        check.no_links(&request.links)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    TerminateWorkflowExecution, terminate_workflow_execution,
    TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.workflow_execution.as_ref())?;
        check.no_links(&request.links)?;
        check.identity(&mut request.identity);
    }
    DeleteWorkflowExecution, delete_workflow_execution,
    DeleteWorkflowExecutionRequest, DeleteWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.workflow_execution.as_ref())?;
    }
    DescribeWorkflowExecution, describe_workflow_execution,
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.execution.as_ref())?;
    }
    GetWorkflowExecutionHistory, get_workflow_execution_history,
    GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.execution.as_ref())?;
    }
    GetWorkflowExecutionHistoryReverse, get_workflow_execution_history_reverse,
    GetWorkflowExecutionHistoryReverseRequest, GetWorkflowExecutionHistoryReverseResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.workflow(request.execution.as_ref())?;
    }
    // Of all workflows.
    ListWorkflowExecutions, list_workflow_executions,
    ListWorkflowExecutionsRequest, ListWorkflowExecutionsResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.all_workflows()?;
    }
    CountWorkflowExecutions, count_workflow_executions,
    CountWorkflowExecutionsRequest, CountWorkflowExecutionsResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.all_workflows()?;
    }
    // Of one standalone activity.
    StartActivityExecution, start_activity_execution,
    StartActivityExecutionRequest, StartActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity_id(&request.activity_id)?;
        check.task_queue(request.task_queue.as_ref())?;
        check.running_activity(request.id_conflict_policy, request.id_reuse_policy)?;
        check.no_callbacks(&request.completion_callbacks)?;
        check.no_links(&request.links)?;
        check.no_change_of_running(request.on_conflict_options.is_some())?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    DescribeActivityExecution, describe_activity_execution,
    DescribeActivityExecutionRequest, DescribeActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity_id(&request.activity_id)?;
    }
    PollActivityExecution, poll_activity_execution,
    PollActivityExecutionRequest, PollActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity_id(&request.activity_id)?;
    }
    RequestCancelActivityExecution, request_cancel_activity_execution,
    RequestCancelActivityExecutionRequest, RequestCancelActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity_id(&request.activity_id)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    TerminateActivityExecution, terminate_activity_execution,
    TerminateActivityExecutionRequest, TerminateActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity_id(&request.activity_id)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    DeleteActivityExecution, delete_activity_execution,
    DeleteActivityExecutionRequest, DeleteActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity_id(&request.activity_id)?;
    }
    PauseActivityExecution, pause_activity_execution,
    PauseActivityExecutionRequest, PauseActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    UnpauseActivityExecution, unpause_activity_execution,
    UnpauseActivityExecutionRequest, UnpauseActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    ResetActivityExecution, reset_activity_execution,
    ResetActivityExecutionRequest, ResetActivityExecutionResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    // Of activities of one workflow: one of them, those of one type, or all.
    PauseActivity, pause_activity, PauseActivityRequest, PauseActivityResponse, |request, check| {
        use proto::pause_activity_request::Activity;
        check.namespace(&mut request.namespace)?;
        let id = match &request.activity {
            Some(Activity::Id(id)) => Some(id.as_str()),
            Some(Activity::Type(_)) => None,
            None => Some(""),
        };
        check.activities(request.execution.as_ref(), id)?;
        check.identity(&mut request.identity);
        check.request_id(&mut request.request_id);
    }
    UnpauseActivity, unpause_activity, UnpauseActivityRequest, UnpauseActivityResponse, |request, check| {
        use proto::unpause_activity_request::Activity;
        check.namespace(&mut request.namespace)?;
        let id = match &request.activity {
            Some(Activity::Id(id)) => Some(id.as_str()),
            Some(Activity::Type(_) | Activity::UnpauseAll(_)) => None,
            None => Some(""),
        };
        check.activities(request.execution.as_ref(), id)?;
        check.identity(&mut request.identity);
    }
    ResetActivity, reset_activity, ResetActivityRequest, ResetActivityResponse, |request, check| {
        use proto::reset_activity_request::Activity;
        check.namespace(&mut request.namespace)?;
        let id = match &request.activity {
            Some(Activity::Id(id)) => Some(id.as_str()),
            Some(Activity::Type(_) | Activity::MatchAll(_)) => None,
            None => Some(""),
        };
        check.activities(request.execution.as_ref(), id)?;
        check.identity(&mut request.identity);
    }
    // Of all standalone activities.
    ListActivityExecutions, list_activity_executions,
    ListActivityExecutionsRequest, ListActivityExecutionsResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.all_activities()?;
    }
    CountActivityExecutions, count_activity_executions,
    CountActivityExecutionsRequest, CountActivityExecutionsResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.all_activities()?;
    }
    // Of an activity that completes asynchronously, by its ids.
    RespondActivityTaskCompletedById, respond_activity_task_completed_by_id,
    RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedByIdResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
    }
    RespondActivityTaskFailedById, respond_activity_task_failed_by_id,
    RespondActivityTaskFailedByIdRequest, RespondActivityTaskFailedByIdResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
    }
    RespondActivityTaskCanceledById, respond_activity_task_canceled_by_id,
    RespondActivityTaskCanceledByIdRequest, RespondActivityTaskCanceledByIdResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
        request.deployment_options = None;
    }
    RecordActivityTaskHeartbeatById, record_activity_task_heartbeat_by_id,
    RecordActivityTaskHeartbeatByIdRequest, RecordActivityTaskHeartbeatByIdResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.activity(&request.workflow_id, &request.activity_id)?;
        check.identity(&mut request.identity);
    }
    // The same by its task token.
    RespondActivityTaskCompleted, respond_activity_task_completed,
    RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.task_token(&request.task_token)?;
        check.identity(&mut request.identity);
        no_worker!(request);
    }
    RespondActivityTaskFailed, respond_activity_task_failed,
    RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.task_token(&request.task_token)?;
        check.identity(&mut request.identity);
        no_worker!(request);
    }
    RespondActivityTaskCanceled, respond_activity_task_canceled,
    RespondActivityTaskCanceledRequest, RespondActivityTaskCanceledResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.task_token(&request.task_token)?;
        check.identity(&mut request.identity);
        no_worker!(request);
    }
    RecordActivityTaskHeartbeat, record_activity_task_heartbeat,
    RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse, |request, check| {
        check.namespace(&mut request.namespace)?;
        check.task_token(&request.task_token)?;
        check.identity(&mut request.identity);
    }
    // Of nothing.
    GetSystemInfo, get_system_info, GetSystemInfoRequest, GetSystemInfoResponse, |_request, _check| {}
}
