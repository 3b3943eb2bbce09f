//! Activities that say what they are told to: log lines, output, heartbeats, metrics, client calls.

use isolet_sdk::bindings::isolet::activity::log;
use isolet_sdk::{ActivityContext, ActivityError, ApplicationFailure, Cancelled, Level, activity};

isolet_sdk::export!(say, shout, chatter, beat, measure, ask, tell, complain, give_up);

/// Logs the text as the message, as the logger's name, as a field and as a field's name.
#[activity]
fn say(text: String) {
    let fields = vec![(text.clone(), text.clone()), ("value".to_owned(), format!("{text:?}"))];
    log::write(&log::LogRecord { level: log::Level::Info, logger: text.clone(), message: text, fields });
}

/// Writes the text to standard output and to standard error.
#[activity]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what the test is about")]
fn shout(text: String) {
    println!("{text}");
    eprintln!("{text}");
}

/// Logs so many lines.
#[activity]
fn chatter(context: &ActivityContext, lines: u32) {
    for line in 1..=lines {
        context.log(Level::Info, format!("line {line}"));
    }
}

/// Heartbeats with this text.
#[activity]
fn beat(context: &ActivityContext, text: String) {
    context.heartbeat(&text);
}

/// Adds to a counter, with an attribute.
#[activity]
fn measure(context: &ActivityContext, rows: u64) -> Result<(), ActivityError> {
    let counter = context.metrics().counter("rows").make()?;
    counter.add_with(rows, &[("kind", &"order")]);
    Ok(())
}

/// Queries a workflow, and returns the answer.
#[activity]
fn ask(context: &ActivityContext, workflow_id: String) -> Result<String, ActivityError> {
    let workflow = context.client().workflow(workflow_id);
    Ok(workflow.query("greeting", &[])?)
}

/// Returns what the environment's variable holds, if there is one.
#[activity]
fn tell(variable: String) -> Option<String> {
    std::env::var(variable).ok()
}

/// Fails with this text as message and type.
#[activity]
fn complain(text: String, benign: bool) -> Result<(), ApplicationFailure> {
    let failure = ApplicationFailure::new(text.clone()).with_type(text);
    Err(if benign { failure.benign() } else { failure })
}

/// Waits until it is cancelled, and ends as that with a detail.
#[activity]
fn give_up(context: &ActivityContext, detail: String) -> Result<(), ActivityError> {
    context.wait_for_cancelled(None);
    Err(Cancelled::new().with_detail(detail)?.into())
}
