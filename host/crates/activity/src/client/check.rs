//! Whether a grant covers what a call names: the one place that decides it, and the words in which a guest is told.

use super::{ClientError, ClientGrant, Pattern};
use crate::shown;

/// The one service that can be called.
pub const CLIENT_SERVICE: &str = "temporal.api.workflowservice.v1.WorkflowService";

/// The table of the configuration that holds the grant.
const TABLE: &str = "[tenants.workers.components.grants.client]";

/// Checks what the calls of one attempt name.
///
/// # Errors
/// Each check fails with [`ClientError::NotGranted`] when the grant does not cover what it is given, and with
/// [`ClientError::Invalid`] for an empty name.
#[derive(Clone, Copy, Debug)]
pub struct GrantCheck<'a> {
    grant: &'a ClientGrant,
    namespace: &'a str,
}

type Checked = Result<(), ClientError>;

#[expect(clippy::missing_errors_doc, reason = "the type says it for all")]
impl<'a> GrantCheck<'a> {
    /// Checks against `grant` for an attempt in `namespace`.
    pub fn new(grant: &'a ClientGrant, namespace: &'a str) -> Self {
        Self { grant, namespace }
    }

    /// The service of a raw call.
    pub fn service(&self, name: &str) -> Checked {
        if name == CLIENT_SERVICE {
            return Ok(());
        }
        Err(ClientError::NotGranted(format!("no service but {CLIENT_SERVICE} can be called")))
    }

    /// A method.
    pub fn method(&self, name: &str) -> Checked {
        self.covered(cover(&self.grant.methods, "method", "methods", name))
    }

    /// A namespace; an empty one is the attempt's own.
    pub fn namespace(&self, name: &str) -> Checked {
        let name = if name.is_empty() { self.namespace } else { name };
        if self.grant.namespaces.is_empty() && name == self.namespace {
            return Ok(());
        }
        cover(&self.grant.namespaces, "namespace", "namespaces", name)
    }

    /// The id of a workflow.
    pub fn workflow_id(&self, id: &str) -> Checked {
        named(id, "the workflow's id")?;
        self.covered(cover(&self.grant.workflow_ids, "workflow id", "workflow-ids", id))
    }

    /// The id of a standalone activity.
    pub fn activity_id(&self, id: &str) -> Checked {
        named(id, "the activity's id")?;
        self.covered(cover(&self.grant.activity_ids, "activity id", "activity-ids", id))
    }

    /// The ids of an activity, of a workflow or standalone.
    pub fn activity(&self, workflow_id: &str, activity_id: &str) -> Checked {
        if !workflow_id.is_empty() {
            self.workflow_id(workflow_id)?;
        }
        self.activity_id(activity_id)
    }

    /// A task queue on which something is started.
    pub fn task_queue(&self, name: &str) -> Checked {
        named(name, "the task queue")?;
        self.covered(cover(&self.grant.task_queues, "task queue", "task-queues", name))
    }

    /// A task token. What is in it can't be trusted: the server does not sign it.
    pub fn task_token(&self, token: &[u8]) -> Checked {
        if !self.grant.task_tokens {
            let text = format!("the grant `client` does not cover task tokens: add task-tokens = true to {TABLE}");
            self.covered(Err(ClientError::NotGranted(text)))?;
        }
        if token.is_empty() { Err(lacks("the task token")) } else { Ok(()) }
    }

    /// All workflows of the namespace.
    pub fn all_workflows(&self) -> Checked {
        self.covered(all(&self.grant.workflow_ids, "workflows", "workflow-ids"))
    }

    /// What is not covered goes on where that is only counted.
    fn covered(&self, checked: Checked) -> Checked {
        match (checked, &self.grant.beyond) {
            (Err(ClientError::NotGranted(words)), Some(beyond)) => {
                beyond.add(words);
                Ok(())
            }
            (checked, _) => checked,
        }
    }

    /// All standalone activities of the namespace.
    pub fn all_activities(&self) -> Checked {
        self.covered(all(&self.grant.activity_ids, "activities", "activity-ids"))
    }
}

fn cover(patterns: &[Pattern], what: &str, key: &str, name: &str) -> Checked {
    if patterns.iter().any(|pattern| pattern.covers(name)) {
        return Ok(());
    }
    Err(ClientError::NotGranted(format!(
        "the grant `client` does not cover {what} \"{}\": add it to {key} in {TABLE}",
        shown::name(name)
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
