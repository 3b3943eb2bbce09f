//! Attempts that have the tokens that their components are granted.

use std::{fmt, sync::Arc};

use activity::{Attempt, Definition, Directory, Executor, Task};

use crate::Issuer;

/// Gives each attempt that it starts the tokens that its component is granted.
pub struct Identified {
    issuer: Arc<Issuer>,
    directory: Arc<dyn Directory>,
    executor: Arc<dyn Executor>,
}

impl Identified {
    /// Has `executor` run attempts of the components that `directory` finds.
    pub fn new(issuer: Arc<Issuer>, directory: Arc<dyn Directory>, executor: Arc<dyn Executor>) -> Self {
        Self { issuer, directory, executor }
    }

    /// Adds what `definition` grants.
    fn identify(&self, task: &mut Task, definition: &Definition) {
        let Some(grant) = &definition.policy.grants.identity else { return };
        let component = definition.component.id();
        // No longer than the attempt may go on.
        let lifetime = task.kill_after.map_or(grant.ttl, |most| most.min(grant.ttl));
        let token = |audience: &String| {
            let token = self.issuer.token(audience, &task.info, component, lifetime);
            if token.is_none() {
                tracing::error!("failed to sign an identity token: the system gives no random numbers");
            }
            token.map(|token| (audience.clone(), token))
        };
        task.identity = grant.audiences.iter().filter_map(token).collect();
    }
}

impl Executor for Identified {
    fn start(&self, mut task: Task) -> Attempt {
        let versions = self.directory.versions(&task.info);
        // What it was loaded with is what it was granted, whatever another loading is.
        match versions.iter().find(|definition| definition.component == task.component) {
            Some(definition) => self.identify(&mut task, definition),
            None => tracing::debug!("{} was replaced just now: its attempt has no identity token", task.component.id()),
        }
        self.executor.start(task)
    }
}

impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
