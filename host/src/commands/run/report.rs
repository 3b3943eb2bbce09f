//! How an attempt ended, for people and for scripts.

use std::{fs, path::Path};

use activity::{
    ApplicationFailure, End, Ending, Failure, FailureKind, KillReason, Outcome, Payload, SandboxFailure,
    SandboxFailureKind,
};
use anyhow::{Context as _, anyhow};
use serde_json::{Map, Value, json};

use crate::{
    exit::{CommandResult, Exit, OrExit as _, Problem},
    output::{self, Format, events, human},
};

/// Prints how the attempt ended; the result goes to `file` if there is one.
///
/// # Errors
/// When the file can't be written, or binary data would go to a terminal.
pub(crate) fn report(ending: &Ending, format: Format, file: Option<&Path>) -> CommandResult {
    let outcome = outcome(&ending.end);
    if let (Outcome::Completed(result), Some(file)) = (&outcome, file) {
        let data = result.as_ref().map(|payload| payload.data.clone()).unwrap_or_default();
        fs::write(file, data).with_context(|| format!("failed to write {}", file.display())).or_exit(Exit::Other)?;
    }
    match format {
        Format::Json => output::json(&document(&outcome, ending)),
        Format::Human => print(&outcome, ending, file.is_some())?,
    }
    Ok(match outcome {
        Outcome::Completed(_) | Outcome::WillCompleteAsync => Exit::Completed,
        Outcome::Failed(_) | Outcome::Cancelled(_) => Exit::AttemptFailed,
    })
}

/// What a worker would report.
fn outcome(end: &End) -> Outcome {
    match end {
        End::Returned(outcome) => outcome.clone(),
        End::Stopped(failure) => Outcome::Failed(failure.clone().into()),
        End::Killed(KillReason::Cancelled) => Outcome::Cancelled(Vec::new()),
        End::Killed(KillReason::Deadline | KillReason::LeaseLost | KillReason::WorkerShutdown) => {
            let message = "the attempt went on after its timeout and was killed when the kill grace had passed";
            Outcome::Failed(SandboxFailure::new(SandboxFailureKind::Deadline, message).into())
        }
    }
}

fn print(outcome: &Outcome, ending: &Ending, written: bool) -> Result<(), Problem> {
    let cost = human::cost(ending.usage);
    match outcome {
        Outcome::Completed(result) => {
            if !written {
                print_result(result.as_ref())?;
            }
            output::note(format_args!("completed in {cost}"));
        }
        Outcome::Failed(failure) => output::note(format_args!("{}\nfailed in {cost}", told(failure))),
        Outcome::Cancelled(details) => {
            output::note(format_args!("cancelled after {cost}, with details {}", human::payloads(details)));
        }
        Outcome::WillCompleteAsync => output::note(format_args!("will complete from elsewhere; it took {cost}")),
    }
    Ok(())
}

fn print_result(result: Option<&Payload>) -> Result<(), Problem> {
    let encoding = |payload: &Payload| payload.metadata("encoding").cloned().unwrap_or_default();
    match result.map(|payload| (payload, encoding(payload))) {
        None => output::line("null"),
        Some((_, encoding)) if encoding == "binary/null" => output::line("null"),
        Some((payload, encoding)) if encoding.starts_with(b"json/") => {
            output::raw(&payload.data);
            output::line("");
        }
        Some(_) if output::is_terminal() => {
            return Err(Problem::new(Exit::Usage, anyhow!("the result is binary and standard output is a terminal"))
                .cure("redirect standard output, or use --output-file"));
        }
        Some((payload, _)) => output::raw(&payload.data),
    }
    Ok(())
}

/// A failure with its causes, for people.
fn told(failure: &Failure) -> String {
    let mut text = format!("failure: {}", one(failure));
    let mut next = failure.cause.as_deref();
    while let Some(cause) = next {
        text.push_str(&format!("\n  caused by: {}", one(cause)));
        next = cause.cause.as_deref();
    }
    text
}

fn one(failure: &Failure) -> String {
    let mut text = human::printable(&failure.message).into_owned();
    if let Some(fields) = failure.as_application() {
        let retry = if fields.non_retryable { ", not retried" } else { "" };
        text = format!("{text} (type {}{retry})", human::printable(&fields.failure_type));
        if !fields.details.is_empty() {
            text.push_str(&format!("\n    details: {}", human::payloads(&fields.details)));
        }
    }
    for line in failure.stack_trace.lines() {
        text.push_str(&format!("\n    {}", human::printable(line)));
    }
    text
}

fn document(outcome: &Outcome, ending: &Ending) -> Value {
    let (name, key, value) = match outcome {
        Outcome::Completed(result) => ("completed", "result", result.as_ref().map_or(Value::Null, events::payload)),
        Outcome::Failed(failure) => ("failed", "failure", failure_document(failure)),
        Outcome::Cancelled(details) => ("cancelled", "details", details.iter().map(events::payload).collect()),
        Outcome::WillCompleteAsync => ("will-complete-async", "result", Value::Null),
    };
    let fields = [("outcome", json!(name)), (key, value)].into_iter().chain(events::usage_fields(ending.usage));
    Value::Object(fields.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn failure_document(failure: &Failure) -> Value {
    let mut object = Map::new();
    object.insert("message".to_owned(), json!(failure.message));
    match &failure.kind {
        FailureKind::Application(fields) => object.extend(application_document(fields)),
        other => {
            object.insert("kind".to_owned(), json!(kind(other)));
        }
    }
    if !failure.stack_trace.is_empty() {
        object.insert("stack_trace".to_owned(), json!(failure.stack_trace));
    }
    if let Some(cause) = &failure.cause {
        object.insert("cause".to_owned(), failure_document(cause));
    }
    Value::Object(object)
}

fn application_document(fields: &ApplicationFailure) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("kind".to_owned(), json!("application"));
    object.insert("type".to_owned(), json!(fields.failure_type));
    object.insert("non_retryable".to_owned(), json!(fields.non_retryable));
    object.insert("details".to_owned(), fields.details.iter().map(events::payload).collect());
    if let Some(delay) = fields.next_retry_delay {
        object.insert("next_retry_delay_ms".to_owned(), json!(1_000.0 * delay.as_secs_f64()));
    }
    object
}

fn kind(kind: &FailureKind) -> &str {
    match kind {
        FailureKind::Application(_) => "application",
        FailureKind::Cancelled(_) => "cancelled",
        FailureKind::Timeout(_) => "timeout",
        FailureKind::Terminated => "terminated",
        FailureKind::Server { .. } => "server",
        FailureKind::Activity { .. } => "activity",
        FailureKind::ChildWorkflow { .. } => "child-workflow",
        FailureKind::Other(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use activity::Usage;

    use super::*;

    #[test]
    fn a_failure_is_told_with_its_causes() {
        let cause = Failure::application("io", "disk full");
        let failure = Failure { cause: Some(Box::new(cause)), ..Failure::application("report", "no report") };
        assert_eq!(told(&failure), "failure: no report (type report)\n  caused by: disk full (type io)");
        let document = failure_document(&failure);
        assert_eq!(document["cause"]["type"], "io");
        assert_eq!(document["non_retryable"], false);
    }

    #[test]
    fn a_document_has_result_and_cost() {
        let outcome = Outcome::Completed(Some(Payload::json("[1]")));
        let ending =
            Ending { end: End::Returned(outcome.clone()), usage: Usage { peak_memory: 7, ..Usage::default() } };
        let document = document(&outcome, &ending);
        assert_eq!(document["outcome"], "completed");
        assert_eq!(document["result"], json!([1]));
        assert_eq!(document["peak_memory_bytes"], 7);
    }
}
