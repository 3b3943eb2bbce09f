//! Whether a grant covers a request as it will be sent, and what the host fills in by itself.

use activity::{ClientError, ClientGrant, GrantCheck};
use temporalio_common::protos::temporal::api::{
    common::v1::{Callback, Link, WorkflowExecution},
    enums::v1::{ActivityIdConflictPolicy, ActivityIdReusePolicy, WorkflowIdConflictPolicy, WorkflowIdReusePolicy},
    taskqueue::v1::TaskQueue,
};
use uuid::Uuid;

/// The methods that a start which terminates needs as well.
const TERMINATE_WORKFLOW: &str = "TerminateWorkflowExecution";
const TERMINATE_ACTIVITY: &str = "TerminateActivityExecution";

/// What the host says for a guest.
#[derive(Clone, Debug)]
pub(super) struct Host {
    /// The worker's namespace.
    pub(super) namespace: String,
    /// The worker's identity.
    pub(super) identity: String,
}

/// The check of one request.
pub(crate) struct Check<'a> {
    granted: GrantCheck<'a>,
    host: &'a Host,
}

type Checked = Result<(), ClientError>;

impl<'a> Check<'a> {
    /// A check of requests of `method`.
    ///
    /// # Errors
    /// When the method is not granted.
    pub(super) fn new(grant: &'a ClientGrant, host: &'a Host, method: &str) -> Result<Self, ClientError> {
        let granted = GrantCheck::new(grant, &host.namespace);
        granted.method(method)?;
        Ok(Self { granted, host })
    }

    /// A method that is a part of the request.
    pub(super) fn method(&self, name: &str) -> Checked {
        self.granted.method(name)
    }

    /// A namespace; one that is not named is the worker's.
    pub(super) fn namespace(&self, namespace: &mut String) -> Checked {
        if namespace.is_empty() {
            namespace.clone_from(&self.host.namespace);
        }
        self.granted.namespace(namespace)
    }

    /// The id of a workflow.
    pub(super) fn workflow_id(&self, id: &str) -> Checked {
        self.granted.workflow_id(id)
    }

    /// A workflow.
    pub(super) fn workflow(&self, workflow: Option<&WorkflowExecution>) -> Checked {
        self.workflow_id(workflow.map(|workflow| workflow.workflow_id.as_str()).unwrap_or_default())
    }

    /// The id of a standalone activity.
    pub(super) fn activity_id(&self, id: &str) -> Checked {
        self.granted.activity_id(id)
    }

    /// The ids of an activity, of a workflow or standalone.
    pub(super) fn activity(&self, workflow_id: &str, activity_id: &str) -> Checked {
        self.granted.activity(workflow_id, activity_id)
    }

    /// A task queue on which something is started.
    pub(super) fn task_queue(&self, queue: Option<&TaskQueue>) -> Checked {
        let (name, normal_name) = queue.map_or(("", ""), |queue| (queue.name.as_str(), queue.normal_name.as_str()));
        self.granted.task_queue(name)?;
        // A worker's own queue has the name of the one that it belongs to beside its own.
        if normal_name.is_empty() { Ok(()) } else { self.granted.task_queue(normal_name) }
    }

    /// A task token.
    pub(super) fn task_token(&self, token: &[u8]) -> Checked {
        self.granted.task_token(token)
    }

    /// A request about all workflows of the namespace.
    pub(super) fn all_workflows(&self) -> Checked {
        self.granted.all_workflows()
    }

    /// A request about all standalone activities of the namespace.
    pub(super) fn all_activities(&self) -> Checked {
        self.granted.all_activities()
    }

    /// What becomes of a workflow of the same id that runs. Where a start would terminate it, that must be granted as
    /// terminating is; so must a policy that is not known here.
    pub(super) fn running_workflow(&self, conflict: i32, reuse: i32) -> Checked {
        use WorkflowIdConflictPolicy as Conflict;
        use WorkflowIdReusePolicy as Reuse;
        let conflicts = [Conflict::Unspecified, Conflict::Fail, Conflict::UseExisting];
        let reuses =
            [Reuse::Unspecified, Reuse::AllowDuplicate, Reuse::AllowDuplicateFailedOnly, Reuse::RejectDuplicate];
        let stays = is_among(conflict, conflicts) && is_among(reuse, reuses);
        if stays { Ok(()) } else { self.granted.method(TERMINATE_WORKFLOW) }
    }

    /// The same for a standalone activity.
    pub(super) fn running_activity(&self, conflict: i32, reuse: i32) -> Checked {
        use ActivityIdConflictPolicy as Conflict;
        use ActivityIdReusePolicy as Reuse;
        let conflicts = [Conflict::Unspecified, Conflict::Fail, Conflict::UseExisting];
        let reuses =
            [Reuse::Unspecified, Reuse::AllowDuplicate, Reuse::AllowDuplicateFailedOnly, Reuse::RejectDuplicate];
        let stays = is_among(conflict, conflicts) && is_among(reuse, reuses);
        if stays { Ok(()) } else { self.granted.method(TERMINATE_ACTIVITY) }
    }

    /// What no grant covers.
    #[expect(clippy::unused_self, reason = "reads as the other checks do")]
    pub(super) fn never(&self, is_set: bool, what: &str) -> Checked {
        if is_set { Err(ClientError::NotGranted(format!("{what} can't be granted"))) } else { Ok(()) }
    }

    /// Callbacks: the server would call what a guest names.
    pub(super) fn no_callbacks(&self, callbacks: &[Callback]) -> Checked {
        self.never(!callbacks.is_empty(), "completion callbacks")
    }

    /// Links: they say on whose behalf something is asked, which, as the identity, is never the guest's own word.
    pub(super) fn no_links(&self, links: &[Link]) -> Checked {
        self.never(!links.is_empty(), "links")
    }

    /// What is to be done with a running workflow or activity that a start meets: it is the start that is granted.
    pub(super) fn no_change_of_running(&self, is_set: bool) -> Checked {
        self.never(is_set, "options for what runs already")
    }

    /// Which version of the workers runs a workflow: their operator rolls versions out.
    pub(super) fn no_version(&self, is_set: bool) -> Checked {
        self.never(is_set, "versioning overrides")
    }

    /// Another time for a workflow than the server's.
    pub(super) fn no_time_skipping(&self, is_set: bool) -> Checked {
        self.never(is_set, "skipping time")
    }

    /// Activities of one workflow: one by its id, or several by something else.
    pub(super) fn activities(&self, workflow: Option<&WorkflowExecution>, id: Option<&str>) -> Checked {
        self.workflow(workflow)?;
        match id {
            Some(id) => self.activity_id(id),
            None => self.all_activities(),
        }
    }

    /// Who asks. Never the guest's own word.
    pub(super) fn identity(&self, identity: &mut String) {
        identity.clone_from(&self.host.identity);
    }

    /// What tells a repeated request from a new one.
    #[expect(clippy::unused_self, reason = "reads as the other fields do")]
    pub(super) fn request_id(&self, id: &mut String) {
        if id.is_empty() {
            *id = Uuid::new_v4().to_string();
        }
    }
}

/// Whether a policy, as it is sent, is one of these.
fn is_among<const N: usize>(policy: i32, known: [impl Into<i32>; N]) -> bool {
    known.map(Into::into).contains(&policy)
}
