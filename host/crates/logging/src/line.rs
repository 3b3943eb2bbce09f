//! One thing that is logged.

use std::time::SystemTime;

use activity::{About, Failure, Info, Level, Trace};
use serde_json::{Map, Value, json};

/// How many digits of a component's digest are told: enough to block it by.
const DIGITS: usize = 16;

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
    /// The attempt that it is about. Comes from the host alone.
    pub about: Option<About<'a>>,
    /// Structured fields of whoever says it.
    pub fields: Map<String, Value>,
    /// How many more of them there were.
    pub fields_left_out: usize,
    /// By what Temporal's SDKs mark this kind of line.
    pub identifier: Option<&'static str>,
    /// The failure that it is about.
    pub failure: Option<&'a Failure>,
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
            fields_left_out: 0,
            identifier: None,
            failure: None,
        }
    }
}

/// The fields that say which attempt it is, by the names of Temporal's Python SDK, and where it runs.
pub(crate) fn attempt_fields(about: About<'_>) -> Vec<(&'static str, Value)> {
    let About { info, component } = about;
    let Info { activity_id, activity_type, attempt, namespace, task_queue, workflow, .. } = info;
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
        None => fields.extend(info.activity_run_id.as_ref().map(|id| ("activity_run_id", json!(id)))),
    }
    if let Some(component) = component {
        fields.extend([
            ("component", json!(component.name)),
            ("digest", json!(component.digest.get(..DIGITS).unwrap_or(&component.digest))),
            ("tenant", json!(component.tenant)),
        ]);
    }
    fields
}

/// Where the attempt stands in a trace, if it is in any, by OpenTelemetry's names.
pub(crate) fn trace_fields(info: &Info) -> impl Iterator<Item = (&'static str, Value)> {
    let fields = info.trace.as_deref().map(|Trace { trace_id, span_id, .. }| {
        [("trace_id", json!(format!("{trace_id:032x}"))), ("span_id", json!(format!("{span_id:016x}")))]
    });
    fields.into_iter().flatten()
}
