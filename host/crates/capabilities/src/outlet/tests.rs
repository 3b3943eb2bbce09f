//! What leaves an attempt, given what its guest says.

use std::mem::take;

use activity::{Attempt, AttemptPort, End, Event, Limits, LineFormat, Outcome, Usage};

use super::*;

/// Lines that were said, as text.
type Said = Arc<Mutex<Vec<String>>>;

/// An outlet with a short line limit, and what it says to whoever watches.
fn outlet(limits: Limits) -> (Said, Outlet) {
    let said = Said::default();
    let heard = Arc::clone(&said);
    let (attempt, port) = activity::watched_attempt(move |event| {
        heard.lock().unwrap().extend(text(event));
        Vec::new()
    });
    drop(attempt);
    (said, of(port, limits, None))
}

fn of(port: AttemptPort, limits: Limits, log_format: Option<Arc<dyn LineFormat>>) -> Outlet {
    let component = Arc::new(activity::Policy { limits, ..activity::Policy::default() });
    let policy =
        Policy { component, log_level: Level::Debug, log_format, network: None, files: None, told: Arc::default() };
    let handle = ComponentHandle::to_nothing(activity::ComponentId::new("c", "d"));
    Outlet::new(port.events, Arc::new(policy), Arc::default(), handle)
}

fn text(event: &Event) -> Option<String> {
    match event {
        Event::Logged(line) => {
            let fields: Vec<_> = line.fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            let more = if line.fields_left_out == 0 { String::new() } else { format!(" +{}", line.fields_left_out) };
            Some(format!("{:?} [{}] {}{}{more}", line.level, line.logger, line.message, fields.concat()))
        }
        Event::LogLinesDropped(count) => Some(format!("{count} dropped")),
        other => Some(format!("{other:?}")),
    }
}

fn limits() -> Limits {
    Limits { log_line: 16, ..Limits::default() }
}

fn record(message: &str) -> types::LogRecord {
    let (logger, message) = (String::new(), message.to_owned());
    types::LogRecord { level: types::Level::Info, logger, message, fields: Vec::new() }
}

/// Ends the attempt and returns what was said.
fn transcript(said: &Said, outlet: Outlet) -> Vec<String> {
    end(outlet);
    take(&mut *said.lock().unwrap())
}

fn end(outlet: Outlet) {
    outlet.end(Ending::new(End::Returned(Outcome::WillCompleteAsync), Usage::default()));
}

#[test]
fn standard_streams_become_lines() {
    let (said, outlet) = outlet(limits());
    outlet.write(Stream::Out, b"one\ntw");
    outlet.write(Stream::Err, b"bad \xff\r\n");
    outlet.write(Stream::Out, b"o\n\nno end");
    assert_eq!(
        transcript(&said, outlet),
        [
            "Info [stdout] one",
            "Warn [stderr] bad \u{fffd}",
            "Info [stdout] two",
            "Info [stdout] ",
            "Info [stdout] no end"
        ]
    );
}

#[test]
fn a_long_line_is_cut_between_characters() {
    let (said, outlet) = outlet(limits());
    outlet.log(record("ääääääääää"));
    outlet.write(Stream::Out, &[b'x'; 100_000]);
    outlet.write(Stream::Out, b"\n");
    assert_eq!(transcript(&said, outlet), ["Info [] ääääääää", "Info [stdout] xxxxxxxxxx"]);
}

#[test]
fn fields_of_the_host_and_fields_beyond_the_limit_are_left_out() {
    let (said, outlet) = outlet(limits());
    let fields = [("namespace", "\"x\""), ("a", "1"), ("long", "1234567890"), ("b", "2")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    outlet.log(types::LogRecord { fields, ..record("0123456789") });
    assert_eq!(transcript(&said, outlet), ["Info [] 0123456789 a=1 b=2 +1"]);
}

#[test]
fn too_many_lines_are_counted_and_unwanted_ones_are_not() {
    let (said, outlet) = outlet(Limits { log_rate: 2, ..limits() });
    for _ in 0..5 {
        outlet.log(types::LogRecord { level: types::Level::Trace, ..record("trace") });
    }
    for _ in 0..5 {
        outlet.log(record("info"));
    }
    assert_eq!(transcript(&said, outlet), ["Info [] info", "Info [] info", "1 dropped", "1 dropped", "1 dropped"]);
}

#[test]
fn the_last_words_of_go_are_remembered() {
    let (_said, outlet) = outlet(Limits::default());
    outlet.write(Stream::Err, b"panic: no more\n\ttea\n\ngoroutine 1 [running]:\nmain.main()\n");
    assert_eq!(outlet.panic_message().as_deref(), Some("no more\n\ttea"));
    outlet.write(Stream::Err, b"fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [select]:\n");
    assert_eq!(outlet.panic_message().as_deref(), Some("fatal error: all goroutines are asleep - deadlock!"));
}

#[test]
fn a_panic_is_remembered() {
    let (_said, outlet) = outlet(Limits::default());
    assert_eq!(outlet.panic_message(), None);
    outlet.write(
        Stream::Err,
        b"\nthread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nno\nluck\nnote: run with `RUST_BACKTRACE=1`\n",
    );
    let written = "thread '<unnamed>' (1) panicked at src/lib.rs:3:5:\nno\nluck";
    assert_eq!(outlet.panic_message().as_deref(), Some(written));
    outlet.log(types::LogRecord { logger: PANIC_LOGGER.to_owned(), ..record("no luck, at src/lib.rs:3:5") });
    assert_eq!(outlet.panic_message().as_deref(), Some("no luck, at src/lib.rs:3:5"));
}

#[test]
fn many_fields_are_counted_and_not_kept() {
    let (said, outlet) = outlet(Limits::default());
    let fields = (0..5_000).map(|number| (format!("f{number}"), number.to_string())).collect();
    outlet.log(types::LogRecord { fields, ..record("many") });
    let [line] = transcript(&said, outlet).try_into().unwrap();
    assert!(line.starts_with("Info [] many f0=0 f1=1 ") && line.ends_with(" f63=63 +4936"), "{line}");
}

/// Writes each byte down as ten.
#[derive(Debug)]
struct Tenfold;

impl LineFormat for Tenfold {
    fn line(&self, about: About<'_>, record: &LogRecord) -> String {
        format!("{}:{}", about.component.unwrap().name, record.message.repeat(10))
    }
}

async fn next(attempt: &mut Attempt) -> String {
    match attempt.next().await {
        Event::Written(line) => line.into(),
        other => text(&other).unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn lines_are_written_down_here_and_count_as_long_as_they_become() {
    let (mut attempt, port) = activity::attempt();
    let outlet = of(port, Limits { log_rate: 100, ..Limits::default() }, Some(Arc::new(Tenfold)));
    outlet.log(record("hi"));
    assert_eq!(next(&mut attempt).await, "c:hihihihihihihihihihi");
    for _ in 0..20 {
        outlet.log(record(&"x".repeat(1_024)));
    }
    for _ in 0..10 {
        assert_eq!(next(&mut attempt).await.len(), 10_242);
    }
    assert_eq!(next(&mut attempt).await, "10 dropped");
    end(outlet);
}

#[tokio::test]
async fn outside_of_an_attempt_nobody_reads() {
    let (mut attempt, port) = activity::attempt();
    let component = Arc::new(activity::Policy::default());
    let format: Option<Arc<dyn LineFormat>> = Some(Arc::new(Tenfold));
    let policy = Policy {
        component,
        log_level: Level::Debug,
        log_format: format,
        network: None,
        files: None,
        told: Arc::default(),
    };
    let outlet = Outlet::unread(port.events, Arc::new(policy));
    outlet.log(record("hi"));
    end(outlet);
    assert!(matches!(attempt.next().await, Event::Ended(_)));
}
