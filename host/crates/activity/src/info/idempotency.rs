//! What is the same for all attempts of an activity, and for no other activity.

use sha2::{Digest as _, Sha256};

use super::Info;

/// What the hash is of first, so that it is none of anything else's.
const PURPOSE: &str = "isolet activity idempotency key 1";

impl Info {
    /// The same text for all attempts of this activity, and for no other one: SHA-256, in hexadecimal, of texts in UTF-8, each
    /// after its length as eight bytes, the most significant first. They are the purpose; for an activity of a workflow
    /// `workflow`, its namespace, the workflow's id and run id, and the activity's id; for a standalone one `activity`, its
    /// namespace, id and run id.
    pub fn idempotency_key(&self) -> String {
        let parts: &[&str] = match &self.workflow {
            Some(workflow) => {
                &[PURPOSE, "workflow", &self.namespace, &workflow.workflow_id, &workflow.run_id, &self.activity_id]
            }
            None => {
                let run_id = self.activity_run_id.as_deref().unwrap_or_default();
                &[PURPOSE, "activity", &self.namespace, &self.activity_id, run_id]
            }
        };
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        format!("{:x}", hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WorkflowExecution;

    fn info(workflow: Option<(&str, &str)>, activity: &str, run: Option<&str>) -> Info {
        let execution = |(workflow_id, run_id): (&str, &str)| WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: run_id.to_owned(),
            ..WorkflowExecution::default()
        };
        Info {
            namespace: "default".to_owned(),
            activity_id: activity.to_owned(),
            activity_run_id: run.map(str::to_owned),
            workflow: workflow.map(execution),
            ..Info::default()
        }
    }

    #[test]
    fn attempts_share_it_and_activities_do_not() {
        let first = info(Some(("order-1", "run-1")), "5", None);
        let second = Info { attempt: 2, task_queue: "other".to_owned(), ..first.clone() };
        assert_eq!(first.idempotency_key(), second.idempotency_key());
        let others = [
            info(Some(("order-1", "run-1")), "6", None),
            info(Some(("order-1", "run-2")), "5", None),
            info(Some(("order-1r", "un-1")), "5", None),
            info(None, "5", Some("run-1")),
            info(None, "5", None),
            Info { namespace: "other".to_owned(), ..first.clone() },
        ];
        for other in others {
            assert_ne!(first.idempotency_key(), other.idempotency_key(), "{other:?}");
        }
    }

    #[test]
    fn it_is_what_the_documentation_says() {
        let key = info(Some(("order-1", "run-1")), "5", None).idempotency_key();
        assert_eq!(key, "d90918f593e168c7c0fff19fbd61278bf519f7a039f9d7f9b0d10c90b2ad507c");
    }
}
