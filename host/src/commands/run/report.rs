//! How an attempt ended, for people and for scripts.

use std::{fs, path::Path};

use activity::{ApplicationFailure, End, Failure, FailureKind, Payload, Report};
use anyhow::{Context as _, anyhow};
use serde_json::{Map, Value, json};
use testing::Run;

use super::show::{self, Shown};
use crate::{
    exit::{CommandResult, Exit, OrExit as _, Problem},
    output::{self, Format, human},
};

/// Prints how the attempt ended, as a worker would report it; the result goes to `file` if there is one.
///
/// # Errors
/// When the file can't be written, or binary data would go to a terminal.
pub(crate) fn report(run: &Run, format: Format, file: Option<&Path>, show: &[Shown]) -> CommandResult {
    if let (Report::Completed(result), Some(file)) = (&run.report, file) {
        fs::write(file, &result.data)
            .with_context(|| format!("failed to write {}", file.display()))
            .or_exit(Exit::Other)?;
    }
    match format {
        Format::Json => output::json(&document(run, show)),
        Format::Human => print(run, file.is_some())?,
    }
    Ok(match run.report {
        Report::Completed(_) | Report::WillCompleteAsync => Exit::Completed,
        Report::Failed(_) | Report::Cancelled(_) | Report::TimedOut | Report::Abandoned => Exit::AttemptFailed,
    })
}

fn print(run: &Run, written: bool) -> Result<(), Problem> {
    let cost = human::cost(run.usage);
    if 0 < run.said.dropped_log_lines() {
        output::note(format_args!("{} log lines were dropped", run.said.dropped_log_lines()));
    }
    match &run.report {
        Report::Completed(result) => {
            if !written {
                print_result(result)?;
            }
            output::note(format_args!("completed in {cost}"));
        }
        Report::Failed(failure) => output::note(format_args!("{}\nfailed in {cost}", human::failure(failure))),
        Report::Cancelled(details) => {
            output::note(format_args!("cancelled after {cost}, with details {}", human::payloads(details)));
        }
        Report::WillCompleteAsync => output::note(format_args!("will complete from elsewhere; it took {cost}")),
        Report::TimedOut => output::note(format_args!("timed out: {}; it took {cost}", late(&run.end))),
        Report::Abandoned => {
            output::note(format_args!("ended after {cost}, when the server would have given it up already"));
        }
    }
    Ok(())
}

/// What became of an attempt whose time was over.
fn late(end: &End) -> &'static str {
    match end {
        End::Killed(_) => {
            "it went on after its deadline and was killed when the kill grace had passed; raise its timeout, or end the \
             activity when it is told of the timeout"
        }
        End::Returned(_) | End::Stopped(_) => {
            "it ended after its deadline, when nothing counts any more; raise its timeout"
        }
    }
}

fn print_result(result: &Payload) -> Result<(), Problem> {
    let encoding = result.metadata("encoding").cloned().unwrap_or_default();
    if encoding == "binary/null" {
        output::line("null");
    } else if encoding.starts_with(b"json/") {
        output::raw(&result.data);
        output::line("");
    } else if output::is_terminal() {
        return Err(Problem::new(Exit::Usage, anyhow!("the result is binary and standard output is a terminal"))
            .cure("redirect standard output, or use --output-file"));
    } else {
        output::raw(&result.data);
    }
    Ok(())
}

/// What scripts want to know of an attempt.
pub(crate) fn document(run: &Run, show: &[Shown]) -> Value {
    let (name, key, value) = match &run.report {
        Report::Completed(result) => ("completed", "result", output::payload(result)),
        Report::Failed(failure) => ("failed", "failure", failure_document(failure)),
        Report::Cancelled(details) => ("cancelled", "details", details.iter().map(output::payload).collect()),
        Report::WillCompleteAsync => ("will-complete-async", "result", Value::Null),
        Report::TimedOut => ("timed-out", "result", Value::Null),
        Report::Abandoned => ("abandoned", "result", Value::Null),
    };
    let mut document = show::document(&run.said, show);
    let fields = [("outcome", json!(name)), (key, value)].into_iter().chain(logging::usage_fields(run.usage));
    document.extend(fields.map(|(key, value)| (key.to_owned(), value)));
    Value::Object(document)
}

/// Keys of a failure in it.
pub(crate) const FAILURE_KEYS: [&str; 8] =
    ["type", "message", "non_retryable", "details", "next_retry_delay_ms", "kind", "cause", "stack_trace"];

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
    object.insert("details".to_owned(), fields.details.iter().map(output::payload).collect());
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
    use activity::{End, Outcome, Usage};
    use testing::Transcript;

    use super::*;

    #[test]
    fn a_failure_is_told_with_its_causes() {
        let cause = Failure::application("io", "disk full");
        let failure = Failure { cause: Some(Box::new(cause)), ..Failure::application("report", "no report") };
        assert_eq!(human::failure(&failure), "failure: no report (type report)\n  caused by: disk full (type io)");
        assert_eq!(human::failure(&Failure::application("", "no report")), "failure: no report");
        let document = failure_document(&failure);
        assert_eq!(document["cause"]["type"], "io");
        assert_eq!(document["non_retryable"], false);
    }

    #[test]
    fn a_document_has_result_and_cost() {
        let run = Run {
            said: Transcript::default(),
            report: Report::Completed(Payload::json("[1]")),
            end: End::Returned(Outcome::Completed(None)),
            usage: Usage { peak_memory: 7, ..Usage::default() },
        };
        let document = document(&run, &[Shown::Heartbeats]);
        assert_eq!(document["outcome"], "completed");
        assert_eq!(document["result"], json!([1]));
        assert_eq!(document["peak_memory_bytes"], 7);
        assert_eq!(document["heartbeats"], json!([]));
    }
}
