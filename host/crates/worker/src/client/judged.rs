//! What becomes of each field of each request that a guest may send.
//!
//! A field may be called harmless only for a reason that holds whoever the guest is and whatever it puts there.

use Field::{Checked, Harmless, Overwritten};

/// What becomes of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// Its value must be covered by the grant, or is refused in any case.
    Checked,
    /// The host puts its own in its place.
    Overwritten,
    /// It is sent as it is, because it can do nothing beyond what is granted.
    Harmless,
}

/// Some fields of a message, with what becomes of them, and why that is right.
type Row = (Field, &'static [&'static str], &'static str);

/// What becomes of the field of this name in this message.
pub(crate) fn judged(message: &str, field: &str) -> Option<Field> {
    let row = rows(message).find(|(_, names, _)| names.contains(&field));
    row.map(|(judgement, _, why)| {
        assert!(!why.is_empty(), "{message}.{field} is judged without a reason");
        *judgement
    })
}

/// The fields of this message that are judged.
pub(crate) fn names(message: &str) -> impl Iterator<Item = &'static str> {
    rows(message).flat_map(|(_, names, _)| names.iter().copied())
}

fn rows(message: &str) -> impl Iterator<Item = &'static Row> {
    MESSAGES.iter().filter(move |(name, _)| *name == message).flat_map(|(_, rows)| rows.iter())
}

/// Messages that are refused as a whole, so that nothing in them needs a judgement.
pub(crate) const REFUSED: &[&str] =
    &["Callback", "Link", "OnConflictOptions", "VersioningOverride", "TimeSkippingConfig"];

const NAMESPACE: Row = (Checked, &["namespace"], "`namespaces`, or else the worker's own");
const WORKFLOW: Row = (Checked, &["workflow_execution"], "`workflow-ids`");
const EXECUTION: Row = (Checked, &["execution"], "`workflow-ids`");
const ACTIVITY: Row = (Checked, &["activity_id"], "`activity-ids`");
const ACTIVITY_OF_WORKFLOW: Row = (Checked, &["workflow_id", "activity_id"], "`workflow-ids` and `activity-ids`");
const ACTIVITIES: Row = (Checked, &["id", "type"], "`activity-ids`, all of them but for one id");
const TOKEN: Row = (Checked, &["task_token"], "`task-tokens`; what is in it can't be trusted");
const LINKS: Row = (Checked, &["links"], "refused: they say on whose behalf something is asked");
const IDENTITY: Row = (Overwritten, &["identity"], "the worker's");
const VERSION: Row = (Overwritten, &["deployment_options"], "the guest is no versioned worker");
const OLD_VERSION: Row = (Overwritten, &["worker_version", "deployment"], "the guest is no versioned worker");
const RUN: Row = (Harmless, &["run_id"], "one run of what is named by its id, which is checked");
const FIRST_RUN: Row = (Harmless, &["first_execution_run_id"], "only refuses what another run was meant for");
const REQUEST_ID: Row =
    (Harmless, &["request_id"], "tells a repeated request from a new one, of the same id; filled in when it is empty");
const ROUTE: Row =
    (Harmless, &["resource_id"], "where the server looks first; what it acts on are the ids, which are checked");
const REASON: Row = (Harmless, &["reason"], "text for people");
const CONTROL: Row = (Harmless, &["control"], "not read by the server any more");
const JITTER: Row = (Harmless, &["jitter"], "how long the activity waits");
const LIST: Row = (Harmless, &["page_size", "next_page_token", "query"], "all of the namespace is granted");
const COUNT: Row = (Harmless, &["query"], "all of the namespace is granted");

const STARTED_QUEUE: Row = (Checked, &["task_queue"], "`task-queues`");
const STARTED_DATA: Row = (
    Harmless,
    &["input", "header", "search_attributes", "user_metadata"],
    "data of what is started, which those that serve the task queue judge as that of any other client",
);
const STARTED_PRIORITY: Row = (Harmless, &["priority"], "the order of tasks on the task queue that is checked");
const STARTED_RETRIES: Row = (Harmless, &["retry_policy"], "as often as its own starts could run it");
const WORKFLOW_TYPE: Row =
    (Harmless, &["workflow_type"], "whatever those that serve the task queue offer to its clients");
const WORKFLOW_DATA: Row = (Harmless, &["memo"], "data of what is started");
const WORKFLOW_TIMES: Row = (
    Harmless,
    &["workflow_execution_timeout", "workflow_run_timeout", "workflow_task_timeout", "workflow_start_delay"],
    "when it runs and how long; without a timeout it may run for ever in any case",
);
const CRON: Row = (Harmless, &["cron_schedule"], "runs it again as it could do itself, by continuing as new");
const WORKFLOW_POLICIES: Row = (
    Checked,
    &["workflow_id_reuse_policy", "workflow_id_conflict_policy"],
    "`TerminateWorkflowExecution` in `methods` for those that terminate",
);
const WORKFLOW_VERSION: Row =
    (Checked, &["versioning_override"], "refused: which version runs it is for the operator of its workers to say");
const TIME: Row = (Checked, &["time_skipping_config"], "refused: timers of what runs there rely on the time");
const WAIT: Row = (Harmless, &["wait_policy"], "when the answer comes");

const MESSAGES: &[(&str, &[Row])] = &[
    (
        "StartWorkflowExecutionRequest",
        &[
            NAMESPACE,
            (Checked, &["workflow_id"], "`workflow-ids`"),
            STARTED_QUEUE,
            WORKFLOW_POLICIES,
            (Checked, &["completion_callbacks"], "refused: the server would call what they name"),
            LINKS,
            WORKFLOW_VERSION,
            (Checked, &["on_conflict_options"], "refused: they change a workflow that runs, and a start is granted"),
            TIME,
            IDENTITY,
            (
                Overwritten,
                &["request_eager_execution", "eager_worker_deployment_options"],
                "would hand a workflow task to the guest",
            ),
            REQUEST_ID,
            WORKFLOW_TYPE,
            STARTED_DATA,
            WORKFLOW_DATA,
            STARTED_PRIORITY,
            STARTED_RETRIES,
            WORKFLOW_TIMES,
            CRON,
            (
                Harmless,
                &["continued_failure", "last_completion_result"],
                "data of what is started: what a run before is said to have come to",
            ),
        ],
    ),
    (
        "SignalWithStartWorkflowExecutionRequest",
        &[
            NAMESPACE,
            (Checked, &["workflow_id"], "`workflow-ids`"),
            STARTED_QUEUE,
            WORKFLOW_POLICIES,
            LINKS,
            WORKFLOW_VERSION,
            TIME,
            IDENTITY,
            REQUEST_ID,
            WORKFLOW_TYPE,
            STARTED_DATA,
            WORKFLOW_DATA,
            STARTED_PRIORITY,
            STARTED_RETRIES,
            WORKFLOW_TIMES,
            CRON,
            CONTROL,
            (Harmless, &["signal_name", "signal_input"], "what is signalled to the workflow that is checked"),
        ],
    ),
    (
        "ExecuteMultiOperationRequest",
        &[NAMESPACE, (Checked, &["operations"], "each as it would be alone, in the same namespace"), ROUTE],
    ),
    ("Operation", &[(Checked, &["start_workflow", "update_workflow"], "as they would be alone")]),
    (
        "SignalWorkflowExecutionRequest",
        &[
            NAMESPACE,
            WORKFLOW,
            LINKS,
            IDENTITY,
            REQUEST_ID,
            CONTROL,
            (Harmless, &["signal_name", "input", "header"], "what is signalled to the workflow that is checked"),
        ],
    ),
    (
        "QueryWorkflowRequest",
        &[
            NAMESPACE,
            EXECUTION,
            (Harmless, &["query", "query_reject_condition"], "what the workflow that is checked is asked"),
        ],
    ),
    (
        "UpdateWorkflowExecutionRequest",
        &[NAMESPACE, WORKFLOW, (Checked, &["request"], "its parts are judged"), FIRST_RUN, WAIT],
    ),
    (
        "PollWorkflowExecutionUpdateRequest",
        &[NAMESPACE, (Checked, &["update_ref"], "its parts are judged"), IDENTITY, WAIT],
    ),
    ("RequestCancelWorkflowExecutionRequest", &[NAMESPACE, WORKFLOW, LINKS, IDENTITY, REQUEST_ID, FIRST_RUN, REASON]),
    (
        "TerminateWorkflowExecutionRequest",
        &[
            NAMESPACE,
            WORKFLOW,
            LINKS,
            IDENTITY,
            FIRST_RUN,
            REASON,
            (Harmless, &["details"], "data of the end, which is granted"),
        ],
    ),
    ("DeleteWorkflowExecutionRequest", &[NAMESPACE, WORKFLOW]),
    ("DescribeWorkflowExecutionRequest", &[NAMESPACE, EXECUTION]),
    ("GetWorkflowExecutionHistoryRequest", &[NAMESPACE, EXECUTION, HISTORY, WAITED_HISTORY]),
    ("GetWorkflowExecutionHistoryReverseRequest", &[NAMESPACE, EXECUTION, HISTORY]),
    ("ListWorkflowExecutionsRequest", &[NAMESPACE, LIST]),
    ("CountWorkflowExecutionsRequest", &[NAMESPACE, COUNT]),
    (
        "StartActivityExecutionRequest",
        &[
            NAMESPACE,
            ACTIVITY,
            STARTED_QUEUE,
            (
                Checked,
                &["id_reuse_policy", "id_conflict_policy"],
                "`TerminateActivityExecution` in `methods` for those that are not known here",
            ),
            (Checked, &["completion_callbacks"], "refused: the server would call what they name"),
            LINKS,
            (Checked, &["on_conflict_options"], "refused: they change an activity that runs, and a start is granted"),
            IDENTITY,
            REQUEST_ID,
            (Harmless, &["activity_type"], "whatever those that serve the task queue offer to its clients"),
            STARTED_DATA,
            STARTED_PRIORITY,
            STARTED_RETRIES,
            (
                Harmless,
                &[
                    "schedule_to_close_timeout",
                    "schedule_to_start_timeout",
                    "start_to_close_timeout",
                    "heartbeat_timeout",
                    "start_delay",
                ],
                "when it runs and how long",
            ),
        ],
    ),
    (
        "DescribeActivityExecutionRequest",
        &[
            NAMESPACE,
            ACTIVITY,
            RUN,
            (
                Harmless,
                &["include_input", "include_outcome", "include_heartbeat_details", "include_last_failure"],
                "how much is told of the activity that is checked",
            ),
            (Harmless, &["long_poll_token"], "what was seen of that activity; the server refuses one of another"),
        ],
    ),
    ("PollActivityExecutionRequest", &[NAMESPACE, ACTIVITY, RUN]),
    ("RequestCancelActivityExecutionRequest", &[NAMESPACE, ACTIVITY, IDENTITY, RUN, REQUEST_ID, REASON]),
    ("TerminateActivityExecutionRequest", &[NAMESPACE, ACTIVITY, IDENTITY, RUN, REQUEST_ID, REASON]),
    ("DeleteActivityExecutionRequest", &[NAMESPACE, ACTIVITY, RUN]),
    ("PauseActivityExecutionRequest", &[NAMESPACE, ACTIVITY_OF_WORKFLOW, IDENTITY, RUN, REQUEST_ID, REASON, ROUTE]),
    (
        "UnpauseActivityExecutionRequest",
        &[NAMESPACE, ACTIVITY_OF_WORKFLOW, IDENTITY, RUN, REQUEST_ID, REASON, ROUTE, JITTER],
    ),
    (
        "ResetActivityExecutionRequest",
        &[
            NAMESPACE,
            ACTIVITY_OF_WORKFLOW,
            IDENTITY,
            RUN,
            REQUEST_ID,
            ROUTE,
            JITTER,
            (Harmless, &["keep_paused", "restore_original_options", "reset_heartbeat"], "how far it begins again"),
        ],
    ),
    ("PauseActivityRequest", &[NAMESPACE, EXECUTION, ACTIVITIES, IDENTITY, REQUEST_ID, REASON]),
    (
        "UnpauseActivityRequest",
        &[
            NAMESPACE,
            EXECUTION,
            ACTIVITIES,
            (Checked, &["unpause_all"], "all of `activity-ids`"),
            IDENTITY,
            JITTER,
            (Harmless, &["reset_attempts", "reset_heartbeat"], "how the activity that is checked goes on"),
        ],
    ),
    (
        "ResetActivityRequest",
        &[
            NAMESPACE,
            EXECUTION,
            ACTIVITIES,
            (Checked, &["match_all"], "all of `activity-ids`"),
            IDENTITY,
            JITTER,
            (Harmless, &["keep_paused", "restore_original_options", "reset_heartbeat"], "how far it begins again"),
        ],
    ),
    ("ListActivityExecutionsRequest", &[NAMESPACE, LIST]),
    ("CountActivityExecutionsRequest", &[NAMESPACE, COUNT]),
    ("RespondActivityTaskCompletedByIdRequest", &[NAMESPACE, ACTIVITY_OF_WORKFLOW, IDENTITY, RUN, ROUTE, RESULT]),
    ("RespondActivityTaskFailedByIdRequest", &[NAMESPACE, ACTIVITY_OF_WORKFLOW, IDENTITY, RUN, ROUTE, FAILURE]),
    (
        "RespondActivityTaskCanceledByIdRequest",
        &[NAMESPACE, ACTIVITY_OF_WORKFLOW, IDENTITY, VERSION, RUN, ROUTE, DETAILS],
    ),
    ("RecordActivityTaskHeartbeatByIdRequest", &[NAMESPACE, ACTIVITY_OF_WORKFLOW, IDENTITY, RUN, ROUTE, DETAILS]),
    ("RespondActivityTaskCompletedRequest", &[NAMESPACE, TOKEN, IDENTITY, VERSION, OLD_VERSION, ROUTE, RESULT]),
    ("RespondActivityTaskFailedRequest", &[NAMESPACE, TOKEN, IDENTITY, VERSION, OLD_VERSION, ROUTE, FAILURE]),
    ("RespondActivityTaskCanceledRequest", &[NAMESPACE, TOKEN, IDENTITY, VERSION, OLD_VERSION, ROUTE, DETAILS]),
    ("RecordActivityTaskHeartbeatRequest", &[NAMESPACE, TOKEN, IDENTITY, ROUTE, DETAILS]),
    // Parts of these.
    ("WorkflowExecution", &[(Checked, &["workflow_id"], "`workflow-ids`"), RUN]),
    (
        "TaskQueue",
        &[
            (Checked, &["name", "normal_name"], "`task-queues`"),
            (Harmless, &["kind"], "another kind of queue of the name that is checked"),
        ],
    ),
    (
        "Request",
        &[
            (Checked, &["meta"], "its parts are judged"),
            (Checked, &["completion_callbacks"], "refused: the server would call what they name"),
            LINKS,
            REQUEST_ID,
            (Harmless, &["input"], "what the workflow that is checked is asked"),
        ],
    ),
    ("Meta", &[IDENTITY, (Harmless, &["update_id"], "one update of the workflow that is checked")]),
    ("UpdateRef", &[WORKFLOW, (Harmless, &["update_id"], "one update of the workflow that is checked")]),
];

const HISTORY: Row = (
    Harmless,
    &["maximum_page_size", "next_page_token"],
    "a part of the history that is checked; the server refuses a token of another workflow's, as a test on it watches",
);
const WAITED_HISTORY: Row =
    (Harmless, &["wait_new_event", "history_event_filter_type", "skip_archival"], "which events are told, and when");
const RESULT: Row = (Harmless, &["result"], "the outcome, which is granted");
const FAILURE: Row = (Harmless, &["failure", "last_heartbeat_details", "cause"], "the outcome, which is granted");
const DETAILS: Row = (Harmless, &["details"], "data of what is granted");
