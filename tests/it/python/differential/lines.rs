//! What activities log, and what their workers log of them, as Python has it.

use super::PYTHON;
use crate::differential::{Language as _, Line, Log, collected};

/// The logger of the worker's own lines, and of `activity.logger`.
const WORKERS: &str = "temporalio.activity";

/// Ours without the worker's lines about arguments that don't decode, and theirs.
pub(super) fn comparable([ours, theirs]: [&[Line]; 2]) -> [Vec<&Line>; 2] {
    // Temporal's worker doesn't know yet which activity it is when it fails to decode what that is given.
    PYTHON.assert_documented("the worker's lines about arguments that don't decode");
    let has_begun = |attempt| theirs.iter().any(|line| line.attempt == attempt);
    let ours = ours.iter().filter(|line| !line.is_workers || has_begun(line.attempt));
    [ours.collect(), theirs.iter().collect()]
}

/// The lines of Isolet.
pub(super) fn of_isolet(log: &str) -> Log {
    collected(log, |line, mut read| {
        // Output of the activity is logged, too, which is nothing that its loggers say.
        if ["stdout", "stderr"].contains(&read.logger.as_str()) {
            return None;
        }
        if !is_workers_own(&read) {
            return Some(read);
        }
        // Isolet's own, which has fields of what the attempt cost.
        if read.message == "Completed activity" {
            return None;
        }
        let mark = line.get("__temporal_error_identifier");
        read.fields = mark.map(|mark| ("__temporal_error_identifier".to_owned(), mark.clone())).into_iter().collect();
        workers(read)
    })
}

/// Whether it is one of the worker's own lines, and none that the activity says by `activity.logger`.
fn is_workers_own(line: &Line) -> bool {
    let beginnings = [
        "Starting activity",
        "Recording heartbeat",
        "Cancelling activity",
        "Completing ",
        "Completed activity",
        "Not complet",
        "Exception handling failed",
        "Failed recording heartbeat",
    ];
    line.logger == WORKERS && beginnings.iter().any(|beginning| line.message.starts_with(beginning))
}

/// A message without what `activity.logger` adds to it.
fn without_context(message: &str) -> String {
    let Some((before, rest)) = message.split_once(" ({'activity_id'") else { return message.to_owned() };
    let (_, after) = rest.split_once("})").unwrap();
    format!("{before}{after}")
}

/// The lines of Temporal's own worker.
pub(super) fn of_official(log: &str) -> Log {
    PYTHON.assert_documented("`activity.logger` adds the activity");
    collected(log, |line, mut read| {
        read.fields.retain(|name, _| name != "temporal_activity");
        if line["worker's own"] != true {
            read.message = without_context(&read.message);
            return Some(read);
        }
        workers(read)
    })
}

/// A line of the worker's own, if it is to be compared.
fn workers(mut read: Line) -> Option<Line> {
    // As many as were sent on, which is a matter of time; and with the details, which Isolet logs for nobody.
    if read.message.starts_with("Recording heartbeat") {
        return None;
    }
    // Which activity it is about stands at the end of the text, where Isolet has fields. The traceback is that of the
    // failure, which is compared as the caller sees it.
    let message = read.message.split(" ({'activity_id'").next().unwrap_or_default();
    read.message = message.split('\n').next().unwrap_or_default().to_owned();
    read.is_workers = true;
    Some(read)
}
