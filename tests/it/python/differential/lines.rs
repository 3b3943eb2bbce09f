//! What activities log, and what their workers log of them, by activity.

use std::{collections::HashMap, fmt};

use serde_json::{Map, Value};

use super::{differences::assert_documented, traces};

/// The lines about each activity, by its id.
pub(super) type Log = HashMap<String, Vec<Line>>;

/// The logger of the worker's own lines, and of `activity.logger`.
const WORKERS: &str = "temporalio.activity";

/// A line about an activity.
#[derive(Debug)]
pub(super) struct Line {
    attempt: u64,
    level: String,
    logger: String,
    message: String,
    fields: Map<String, Value>,
    /// Whether the worker says it, and not the activity.
    is_workers: bool,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempt, level, logger, message, fields, .. } = self;
        let message = traces::users(message).join("\n    ");
        writeln!(f, "  {attempt} {level} {logger}: {message} {}", Value::Object(fields.clone()))
    }
}

/// The lines about one activity on both sides, as text.
pub(super) fn shown([ours, theirs]: [&[Line]; 2]) -> [String; 2] {
    // Temporal's worker doesn't know yet which activity it is when it fails to decode what that is given.
    assert_documented("the worker's lines about arguments that don't decode");
    let has_begun = |attempt| theirs.iter().any(|line| line.attempt == attempt);
    let ours = ours.iter().filter(|line| !line.is_workers || has_begun(line.attempt));
    [ours.map(Line::to_string).collect(), theirs.iter().map(Line::to_string).collect()]
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
    assert_documented("`activity.logger` adds the activity");
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

fn collected(log: &str, read: impl Fn(&Value, Line) -> Option<Line>) -> Log {
    let mut collected = Log::new();
    for text in log.lines() {
        // Python itself complains in lines of another kind.
        let Ok(line) = serde_json::from_str::<Value>(text) else { continue };
        let about = &line["temporal_activity"];
        let Some(id) = about["activity_id"].as_str() else { continue };
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let parsed = Line {
            attempt: about["attempt"].as_u64().unwrap_or_default(),
            level: word("level"),
            logger: word("logger"),
            message: word("message"),
            fields: line["fields"].as_object().cloned().unwrap_or_default(),
            is_workers: false,
        };
        if let Some(wanted) = read(&line, parsed) {
            collected.entry(id.to_owned()).or_default().push(wanted);
        }
    }
    for lines in collected.values_mut() {
        // Isolet tells how an attempt ended once it has.
        lines.sort_by_key(|line| (line.attempt, line.is_workers && line.message.starts_with("Completing ")));
    }
    collected
}
