//! What each request needs of a grant, for those who answer it without Temporal: tests with a stub in its place. The
//! worker checks the very messages that it sends, and a test of it holds both to the same answers.

use super::{
    ActivityIds, ActivityReference, ClientError, ClientRequest, GrantCheck, IdConflictPolicy, WorkflowReference,
};

type Checked = Result<(), ClientError>;

impl GrantCheck<'_> {
    /// Whether the grant covers a request. Of a raw one, which is encoded, only the method is known here.
    ///
    /// # Errors
    /// As for every check.
    pub fn request(&self, request: &ClientRequest) -> Checked {
        match request {
            ClientRequest::Rpc { service, method, .. } => {
                self.service(service)?;
                self.method(method)
            }
            ClientRequest::StartWorkflow(start) => {
                self.call("StartWorkflowExecution", start.namespace.as_deref())?;
                self.workflow_id(&start.workflow_id)?;
                self.task_queue(&start.task_queue)?;
                match start.id_conflict {
                    Some(IdConflictPolicy::TerminateExisting) => self.method("TerminateWorkflowExecution"),
                    Some(IdConflictPolicy::Fail | IdConflictPolicy::UseExisting) | None => Ok(()),
                }
            }
            ClientRequest::SignalWorkflow { workflow, .. } => self.workflow("SignalWorkflowExecution", workflow),
            ClientRequest::QueryWorkflow { workflow, .. } => self.workflow("QueryWorkflow", workflow),
            ClientRequest::UpdateWorkflow { workflow, .. } => {
                self.method("PollWorkflowExecutionUpdate")?;
                self.workflow("UpdateWorkflowExecution", workflow)
            }
            ClientRequest::CancelWorkflow { workflow, .. } => self.workflow("RequestCancelWorkflowExecution", workflow),
            ClientRequest::TerminateWorkflow { workflow, .. } => self.workflow("TerminateWorkflowExecution", workflow),
            ClientRequest::DescribeWorkflow(workflow) => self.workflow("DescribeWorkflowExecution", workflow),
            ClientRequest::WaitWorkflow(workflow) => self.workflow("GetWorkflowExecutionHistory", workflow),
            ClientRequest::StartActivity(start) => {
                self.call("StartActivityExecution", start.namespace.as_deref())?;
                self.activity_id(&start.activity_id)?;
                self.task_queue(&start.task_queue)
            }
            ClientRequest::WaitActivity(activity) => self.standalone("PollActivityExecution", activity),
            ClientRequest::DescribeActivity(activity) => self.standalone("DescribeActivityExecution", activity),
            ClientRequest::CancelActivity { activity, .. } => {
                self.standalone("RequestCancelActivityExecution", activity)
            }
            ClientRequest::TerminateActivity { activity, .. } => {
                self.standalone("TerminateActivityExecution", activity)
            }
            ClientRequest::CompleteActivity { activity, .. } => {
                self.completion("RespondActivityTaskCompleted", activity)
            }
            ClientRequest::FailActivity { activity, .. } => self.completion("RespondActivityTaskFailed", activity),
            ClientRequest::ReportActivityCancelled { activity, .. } => {
                self.completion("RespondActivityTaskCanceled", activity)
            }
            ClientRequest::HeartbeatActivity { activity, .. } => {
                self.completion("RecordActivityTaskHeartbeat", activity)
            }
        }
    }

    fn call(&self, method: &str, namespace: Option<&str>) -> Checked {
        self.method(method)?;
        self.namespace(namespace.unwrap_or_default())
    }

    fn workflow(&self, method: &str, workflow: &WorkflowReference) -> Checked {
        self.call(method, workflow.namespace.as_deref())?;
        self.workflow_id(&workflow.workflow_id)
    }

    fn standalone(&self, method: &str, activity: &ActivityIds) -> Checked {
        self.call(method, activity.namespace.as_deref())?;
        self.activity_id(&activity.activity_id)
    }

    /// An activity that completes asynchronously, by the method that takes its token or by the one that takes its ids.
    fn completion(&self, method: &str, activity: &ActivityReference) -> Checked {
        match activity {
            ActivityReference::TaskToken(token) => {
                self.call(method, None)?;
                self.task_token(token)
            }
            ActivityReference::Ids(ids) => {
                self.call(&format!("{method}ById"), ids.namespace.as_deref())?;
                self.activity(&ids.workflow_id, &ids.activity_id)
            }
        }
    }
}
