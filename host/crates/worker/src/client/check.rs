//! Whether a grant covers a request, and what the host fills in by itself.

use activity::{ClientError, ClientGrant, Pattern};
use temporalio_common::protos::temporal::api::{
    common::v1::{Callback, WorkflowExecution},
    taskqueue::v1::TaskQueue,
};
use uuid::Uuid;

use super::methods::Method;

/// The table of the configuration that holds the grant.
const TABLE: &str = "[tenants.workers.components.grants.client]";

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
    grant: &'a ClientGrant,
    host: &'a Host,
}

type Checked = Result<(), ClientError>;

impl<'a> Check<'a> {
    /// A check of requests of `method`.
    ///
    /// # Errors
    /// When the method is not granted.
    pub(super) fn new(grant: &'a ClientGrant, host: &'a Host, method: &str) -> Result<Self, ClientError> {
        cover(&grant.methods, "method", "methods", method)?;
        Ok(Self { grant, host })
    }

    /// Checks a request and fills in what the host decides.
    ///
    /// # Errors
    /// When the grant does not cover it, or it lacks what it must say.
    pub(super) fn complete<M: Method>(&self, request: &mut M) -> Checked {
        request.admit(self)
    }

    /// Checks a request that is a part of another one.
    pub(super) fn part<M: Method>(&self, request: &mut M) -> Checked {
        Check::new(self.grant, self.host, M::NAME)?.complete(request)
    }

    /// A namespace; one that is not named is the worker's.
    pub(super) fn namespace(&self, namespace: &mut String) -> Checked {
        if namespace.is_empty() {
            namespace.clone_from(&self.host.namespace);
        }
        if self.grant.namespaces.is_empty() && *namespace == self.host.namespace {
            return Ok(());
        }
        cover(&self.grant.namespaces, "namespace", "namespaces", namespace)
    }

    /// The id of a workflow.
    pub(super) fn workflow_id(&self, id: &str) -> Checked {
        named(id, "the workflow's id")?;
        cover(&self.grant.workflow_ids, "workflow id", "workflow-ids", id)
    }

    /// A workflow.
    pub(super) fn workflow(&self, workflow: Option<&WorkflowExecution>) -> Checked {
        self.workflow_id(workflow.map(|workflow| workflow.workflow_id.as_str()).unwrap_or_default())
    }

    /// The id of a standalone activity.
    pub(super) fn activity_id(&self, id: &str) -> Checked {
        named(id, "the activity's id")?;
        cover(&self.grant.activity_ids, "activity id", "activity-ids", id)
    }

    /// The ids of an activity, of a workflow or standalone.
    pub(super) fn activity(&self, workflow_id: &str, activity_id: &str) -> Checked {
        if !workflow_id.is_empty() {
            self.workflow_id(workflow_id)?;
        }
        self.activity_id(activity_id)
    }

    /// A task queue on which something is started.
    pub(super) fn task_queue(&self, queue: Option<&TaskQueue>) -> Checked {
        let (name, normal_name) = queue.map_or(("", ""), |queue| (queue.name.as_str(), queue.normal_name.as_str()));
        named(name, "the task queue")?;
        // A worker's own queue has the name of the one that it belongs to beside its own.
        let mut names = [name, normal_name].into_iter().filter(|name| !name.is_empty());
        names.try_for_each(|name| cover(&self.grant.task_queues, "task queue", "task-queues", name))
    }

    /// A task token. What is in it can't be trusted: the server does not sign it.
    pub(super) fn task_token(&self, token: &[u8]) -> Checked {
        if !self.grant.task_tokens {
            let text = format!("the grant `client` does not cover task tokens: add task-tokens = true to {TABLE}");
            return Err(ClientError::NotGranted(text));
        }
        if token.is_empty() { Err(lacks("the task token")) } else { Ok(()) }
    }

    /// A request about all workflows of the namespace.
    pub(super) fn all_workflows(&self) -> Checked {
        all(&self.grant.workflow_ids, "workflows", "workflow-ids")
    }

    /// A request about all standalone activities of the namespace.
    pub(super) fn all_activities(&self) -> Checked {
        all(&self.grant.activity_ids, "activities", "activity-ids")
    }

    /// Callbacks: the server would call what a guest names.
    #[expect(clippy::unused_self, reason = "reads as the other checks do, and no grant allows it")]
    pub(super) fn no_callbacks(&self, callbacks: &[Callback]) -> Checked {
        if callbacks.is_empty() {
            return Ok(());
        }
        Err(ClientError::NotGranted("completion callbacks can't be granted".to_owned()))
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

fn cover(patterns: &[Pattern], what: &str, key: &str, name: &str) -> Checked {
    if patterns.iter().any(|pattern| pattern.covers(name)) {
        return Ok(());
    }
    Err(ClientError::NotGranted(format!(
        "the grant `client` does not cover {what} {name:?}: add it to {key} in {TABLE}"
    )))
}

fn all(patterns: &[Pattern], what: &str, key: &str) -> Checked {
    if patterns.iter().any(Pattern::is_everything) {
        return Ok(());
    }
    let text = format!("the grant `client` does not cover all {what} of the namespace: set {key} = [\"*\"] in {TABLE}");
    Err(ClientError::NotGranted(text))
}

fn named(name: &str, what: &str) -> Checked {
    if name.is_empty() { Err(lacks(what)) } else { Ok(()) }
}

fn lacks(what: &str) -> ClientError {
    ClientError::Invalid(format!("the request lacks {what}"))
}
