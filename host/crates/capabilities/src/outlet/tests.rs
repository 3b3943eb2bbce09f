//! What leaves an attempt, given what its guest says.

use activity::{Attempt, End, Event, Limits, Outcome, Usage};

use super::*;

/// An outlet with a short line limit, and where its events come out.
fn outlet(limits: Limits) -> (Attempt, Outlet) {
    let (attempt, port) = activity::attempt();
    let component = Arc::new(activity::Policy { limits, ..activity::Policy::default() });
    let policy = Policy { component, log_level: Level::Debug, network: None, files: None };
    (attempt, Outlet::new(port.events, Arc::new(policy)))
}

fn limits() -> Limits {
    Limits { log_line: 16, ..Limits::default() }
}

fn record(message: &str) -> LogRecord {
    LogRecord { level: Level::Info, logger: String::new(), message: message.to_owned(), fields: Vec::new() }
}

/// Ends the attempt and returns what was said as lines of text.
async fn transcript(mut attempt: Attempt, outlet: Outlet) -> Vec<String> {
    outlet.end(Ending { end: End::Returned(Outcome::WillCompleteAsync), usage: Usage::default() });
    let mut said = Vec::new();
    loop {
        match attempt.next().await {
            Event::Logged(line) => {
                let fields: Vec<_> = line.fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                said.push(format!("{:?} [{}] {}{}", line.level, line.logger, line.message, fields.concat()));
            }
            Event::LogLinesDropped(count) => said.push(format!("{count} dropped")),
            Event::Ended(_) => return said,
            other => said.push(format!("{other:?}")),
        }
    }
}

#[tokio::test]
async fn standard_streams_become_lines() {
    let (attempt, outlet) = outlet(limits());
    outlet.write(Stream::Out, b"one\ntw");
    outlet.write(Stream::Err, b"bad \xff\r\n");
    outlet.write(Stream::Out, b"o\n\nno end");
    assert_eq!(
        transcript(attempt, outlet).await,
        [
            "Info [stdout] one",
            "Warn [stderr] bad \u{fffd}",
            "Info [stdout] two",
            "Info [stdout] ",
            "Info [stdout] no end"
        ]
    );
}

#[tokio::test]
async fn a_long_line_is_cut_between_characters() {
    let (attempt, outlet) = outlet(limits());
    outlet.log(record("ääääääääää"));
    outlet.write(Stream::Out, &[b'x'; 100_000]);
    outlet.write(Stream::Out, b"\n");
    assert_eq!(transcript(attempt, outlet).await, ["Info [] ääääääää", "Info [stdout] xxxxxxxxxx"]);
}

#[tokio::test]
async fn fields_of_the_host_and_fields_beyond_the_limit_are_left_out() {
    let (attempt, outlet) = outlet(limits());
    let fields = [("namespace", "\"x\""), ("a", "1"), ("long", "1234567890"), ("b", "2")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    outlet.log(LogRecord { fields, ..record("0123456789") });
    assert_eq!(transcript(attempt, outlet).await, ["Info [] 0123456789 a=1 b=2"]);
}

#[tokio::test]
async fn too_many_lines_are_counted_and_unwanted_ones_are_not() {
    let (attempt, outlet) = outlet(Limits { log_rate: 2, ..limits() });
    for _ in 0..5 {
        outlet.log(LogRecord { level: Level::Trace, ..record("trace") });
    }
    for _ in 0..5 {
        outlet.log(record("info"));
    }
    assert_eq!(transcript(attempt, outlet).await, ["Info [] info", "Info [] info", "3 dropped"]);
}

#[tokio::test]
async fn a_panic_is_remembered() {
    let (_attempt, outlet) = outlet(Limits::default());
    assert_eq!(outlet.panic_message(), None);
    outlet.write(
        Stream::Err,
        b"\nthread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nno\nluck\nnote: run with `RUST_BACKTRACE=1`\n",
    );
    let written = "thread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nno\nluck";
    assert_eq!(outlet.panic_message().as_deref(), Some(written));
    outlet.log(LogRecord { logger: PANIC_LOGGER.to_owned(), ..record("no luck, at src/lib.rs:3:5") });
    assert_eq!(outlet.panic_message().as_deref(), Some("no luck, at src/lib.rs:3:5"));
}
