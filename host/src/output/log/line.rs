//! One thing that is logged.

use std::time::SystemTime;

use activity::{Failure, Info, Level};
use serde_json::{Map, Value, json};

/// One thing that is logged.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// When.
    pub time: SystemTime,
    /// How important it is.
    pub level: Level,
    /// Who says it.
    pub logger: &'a str,
    /// The text.
    pub message: &'a str,
    /// The attempt that it is about.
    pub about: Option<About<'a>>,
    /// Structured fields of whoever says it.
    pub fields: Map<String, Value>,
    /// By what Temporal's SDKs mark this kind of line.
    pub identifier: Option<&'static str>,
    /// The failure that it is about.
    pub failure: Option<&'a Failure>,
}

/// The attempt that a line is about. Comes from the host alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    /// What the attempt is.
    pub info: &'a Info,
    /// The component that runs it.
    pub component: Option<&'a str>,
    /// For whom it runs.
    pub tenant: &'a str,
}

impl<'a> Line<'a> {
    /// A line without anything but its text.
    pub(crate) fn new(level: Level, logger: &'a str, message: &'a str) -> Self {
        Self {
            time: SystemTime::now(),
            level,
            logger,
            message,
            about: None,
            fields: Map::new(),
            identifier: None,
            failure: None,
        }
    }
}

impl About<'_> {
    /// The fields that say which attempt it is, by the names of Temporal's Python SDK, and where it runs.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value)> {
        let Info { activity_id, activity_type, attempt, namespace, task_queue, workflow, .. } = self.info;
        let mut fields = vec![
            ("activity_id", json!(activity_id)),
            ("activity_type", json!(activity_type)),
            ("attempt", json!(attempt)),
            ("namespace", json!(namespace)),
            ("task_queue", json!(task_queue)),
        ];
        match workflow {
            Some(workflow) => fields.extend([
                ("workflow_id", json!(workflow.workflow_id)),
                ("workflow_run_id", json!(workflow.run_id)),
                ("workflow_type", json!(workflow.workflow_type)),
            ]),
            None => fields.extend(self.info.activity_run_id.as_ref().map(|id| ("activity_run_id", json!(id)))),
        }
        fields.extend(self.component.map(|component| ("component", json!(component))));
        fields.push(("tenant", json!(self.tenant)));
        fields
    }
}
