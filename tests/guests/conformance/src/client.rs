//! Asking Temporal.

use std::time::Duration;

use isolet_sdk::client::{ActivityOptions, ClientError, FailureKind, IdConflictPolicy, WorkflowOptions};
use isolet_sdk::{ActivityContext, ActivityError, ApplicationFailure, RetryPolicy, activity};
use serde_json::{Value, json};

/// Starts a workflow and does to it whatever can be done, then waits for its end.
#[activity]
pub(crate) fn client_drive_workflow(
    context: &ActivityContext,
    workflow_id: String,
    queue: String,
) -> Result<Value, ActivityError> {
    let options = WorkflowOptions::new(&workflow_id, queue).memo("why", "test")?;
    let workflow = context.client().start_workflow("Collect", &[&"first"], options.clone())?;
    let again = context.client().start_workflow("Collect", &[], options.clone());
    let existing =
        context.client().start_workflow("Collect", &[], options.id_conflict(IdConflictPolicy::UseExisting))?;
    workflow.signal("add", &[&"second"])?;
    // Without the run's id, it is the current run.
    let current = context.client().workflow(&workflow_id);
    current.signal("add", &[&"third"])?;
    let seen: Vec<String> = workflow.query("all", &[])?;
    let updated: u32 = workflow.update("count", &[])?;
    let refused = workflow.update::<u32>("refuse", &[]);
    let running = workflow.describe()?;
    workflow.signal("finish", &[])?;
    let result: Vec<String> = workflow.result()?;
    let ended = current.describe()?;
    Ok(json!({
        "again": again.is_err_and(|error| error.is_already_exists()),
        "existing": existing.run_id() == workflow.run_id(),
        "seen": seen,
        "updated": updated,
        "refused": refused.err().map(|error| explained(&error)),
        "running": format!("{:?} {}", running.status, running.workflow_type),
        "ended": format!("{:?} {}", ended.status, ended.close_time.is_some()),
        "result": result,
    }))
}

/// Starts a workflow of this type and tells how it ended.
#[activity]
pub(crate) fn client_execute_workflow(
    context: &ActivityContext,
    workflow_type: String,
    workflow_id: String,
    queue: String,
) -> Result<String, ActivityError> {
    let options = WorkflowOptions::new(workflow_id, queue);
    match context.client().execute_workflow::<Value>(workflow_type, &[&"input"], options) {
        Ok(result) => Ok(format!("completed: {result}")),
        Err(error) => Ok(explained(&error)),
    }
}

/// Starts a workflow, fails with what it fails with.
#[activity]
pub(crate) fn client_pass_on_failure(
    context: &ActivityContext,
    workflow_type: String,
    workflow_id: String,
    queue: String,
) -> Result<Value, ActivityError> {
    Ok(context.client().execute_workflow(workflow_type, &[], WorkflowOptions::new(workflow_id, queue))?)
}

/// Starts a workflow, ends it as this says, `cancel` or `terminate`, and tells how it ended.
#[activity]
pub(crate) fn client_stop_workflow(
    context: &ActivityContext,
    how: String,
    workflow_id: String,
    queue: String,
) -> Result<String, ActivityError> {
    let workflow = context.client().start_workflow("Collect", &[], WorkflowOptions::new(workflow_id, queue))?;
    match how.as_str() {
        "cancel" => workflow.cancel("enough")?,
        _ => workflow.terminate("enough")?,
    }
    Ok(workflow.result::<Value>().map_or_else(|error| explained(&error), |result| result.to_string()))
}

/// Starts a workflow that never ends and waits for it: for ever, or for so many milliseconds.
#[activity]
pub(crate) fn client_wait_forever(
    context: &ActivityContext,
    workflow_id: String,
    queue: String,
    ms: Option<u64>,
) -> Result<String, ActivityError> {
    let options = WorkflowOptions::new(workflow_id, queue).id_conflict(IdConflictPolicy::UseExisting);
    let workflow = context.client().start_workflow("Collect", &[], options)?;
    let result = match ms {
        None => workflow.result::<Value>(),
        Some(ms) => workflow.result_within(Duration::from_millis(ms)),
    };
    Ok(result.map_or_else(|error| explained(&error), |result| result.to_string()))
}

/// Runs a standalone activity and tells how it ended, and how it stood when it was started.
#[activity]
pub(crate) fn client_execute_activity(
    context: &ActivityContext,
    activity_type: String,
    activity_id: String,
    arguments: Vec<Value>,
) -> Result<Value, ActivityError> {
    let arguments: Vec<&dyn isolet_sdk::ToPayload> = arguments.iter().map(|value| value as _).collect();
    let queue = context.info().task_queue.clone();
    let once = RetryPolicy {
        initial_interval: None,
        backoff_coefficient: 1.0,
        maximum_interval: None,
        maximum_attempts: 1,
        non_retryable_error_types: Vec::new(),
    };
    let options =
        ActivityOptions::new(activity_id, queue).start_to_close_timeout(Duration::from_secs(20)).retry_policy(once);
    let activity = context.client().start_activity(activity_type, &arguments, options)?;
    let described = activity.describe()?;
    let result = activity.result::<Value>().unwrap_or_else(|error| explained(&error).into());
    Ok(json!({ "type": described.activity_type, "result": result }))
}

/// Starts a standalone activity, ends it as this says, `cancel` or `terminate`, and tells how it ended.
#[activity]
pub(crate) fn client_stop_activity(
    context: &ActivityContext,
    how: String,
    activity_id: String,
) -> Result<String, ActivityError> {
    // Nobody serves the queue, so it does not begin.
    let options = ActivityOptions::new(activity_id, "nobody's").schedule_to_close_timeout(Duration::from_secs(20));
    let activity = context.client().start_activity("any", &[], options)?;
    match how.as_str() {
        "cancel" => activity.cancel("enough")?,
        _ => activity.terminate("enough")?,
    }
    Ok(activity.result::<Value>().map_or_else(|error| explained(&error), |result| result.to_string()))
}

/// Completes another activity: `complete`, `fail`, or `heartbeat` and then complete it.
#[activity]
pub(crate) fn client_complete_by_id(
    context: &ActivityContext,
    how: String,
    workflow_id: String,
    activity_id: String,
) -> Result<(), ActivityError> {
    let activity = match workflow_id.as_str() {
        "" => context.client().activity(activity_id).completion(),
        _ => context.client().completion_by_id(workflow_id, None, activity_id),
    };
    match how.as_str() {
        "fail" => activity.fail(ApplicationFailure::new("not today").with_type("Refused"))?,
        "heartbeat" => {
            let why = activity.heartbeat(&[&1])?;
            activity.complete(format!("heartbeat: {why:?}"))?;
        }
        _ => activity.complete("by id")?,
    }
    Ok(())
}

/// Completes another activity by its token.
#[activity]
pub(crate) fn client_complete_by_token(context: &ActivityContext, token: Vec<u8>) -> Result<(), ActivityError> {
    Ok(context.client().completion_by_token(token).complete("by token")?)
}

/// Tells its token, and leaves the completion to somebody else.
#[activity]
pub(crate) fn client_tell_token(context: &ActivityContext) -> Result<(), ActivityError> {
    context.log_with(isolet_sdk::Level::Info, "token", &[("token", &context.info().task_token)]);
    Err(ActivityError::WillCompleteAsync)
}

/// Describes a workflow, in another namespace if one is named, and tells what comes of it.
#[activity]
pub(crate) fn client_describe(context: &ActivityContext, workflow_id: String, namespace: Option<String>) -> String {
    let client = match namespace {
        None => context.client(),
        Some(namespace) => context.client().in_namespace(namespace),
    };
    match client.workflow(workflow_id).describe() {
        Ok(description) => format!("{:?}", description.status),
        Err(error) => explained(&error),
    }
}

/// Makes a raw call, and tells what comes of it.
#[activity]
pub(crate) fn client_rpc(context: &ActivityContext, method: String, request: Vec<u8>) -> String {
    match context.client().rpc(method, request, None) {
        Ok(response) => format!("{} bytes", response.len()),
        Err(error) => explained(&error),
    }
}

/// Goes on beyond its deadline, then asks for something, and logs what comes of it.
#[activity]
pub(crate) fn client_after_deadline(context: &ActivityContext, workflow_id: String) {
    context.wait_for_cancelled(None);
    let answer = context.client().workflow(workflow_id).describe();
    let text = answer.map_or_else(|error| explained(&error), |description| format!("{:?}", description.status));
    context.log(isolet_sdk::Level::Info, format!("after the deadline: {text}"));
}

fn explained(error: &ClientError) -> String {
    let kind = match error {
        ClientError::NotGranted(_) => "not granted",
        ClientError::Invalid(_) => "invalid",
        ClientError::LeaseLost => return "lease lost".to_owned(),
        ClientError::Status { .. } if error.is_timeout() => return "timeout".to_owned(),
        ClientError::Status { .. } if error.is_not_found() => return "not found".to_owned(),
        ClientError::Status { .. } => "status",
        ClientError::Failed(failure) => {
            let cause = failure.cause.as_ref().map_or(String::new(), |cause| format!(", because {cause}"));
            return format!("{}: {failure}{cause}", named(&failure.kind));
        }
        _ => "other",
    };
    format!("{kind}: {error}")
}

/// The type of an application failure, and the name of any other kind.
fn named(kind: &FailureKind) -> String {
    match kind {
        FailureKind::Application { type_name, .. } => type_name.clone(),
        other => format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
    }
}
