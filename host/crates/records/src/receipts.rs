//! Receipts: what each attempt has used, a line for each in the JSON format of CloudEvents 1.0, for whoever bills for it.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use activity::{About, KillReason, Observation, Observer, Reported, SandboxFailureKind, Usage};
use logging::{limit, outcome, usage_fields};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{FileError, FileSettings, file::GrowingFile};

/// The type of the events.
const FINISHED: &str = "dev.isolet.attempt.finished.v1";

/// The type of the event that tells of receipts which the disk did not take in time.
const LOST: &str = "dev.isolet.receipts.lost.v1";

/// What may wait for the disk, in bytes.
const MOST_WAITING: usize = 16 << 20;

/// How often it is tried again when the disk refuses.
const AGAIN: Duration = Duration::from_secs(1);

/// The receipts, as those see them who add to them. Clones are the same.
#[derive(Clone, Debug)]
pub struct Receipts {
    sender: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

/// The thread that writes them.
#[derive(Debug)]
pub struct ReceiptWriter {
    thread: JoinHandle<()>,
    sender: mpsc::Sender<Message>,
}

#[derive(Debug)]
struct Shared {
    /// Who they are from: see CloudEvents.
    source: String,
    /// What ids begin with: no two processes have the same.
    process: Uuid,
    next: AtomicU64,
    waiting: AtomicUsize,
    lost: AtomicU64,
}

/// What the writer is told.
#[derive(Debug)]
enum Message {
    Line(String),
    LookAgain,
    End,
}

/// What hears of attempts.
struct Billing {
    receipts: Receipts,
    next: Arc<dyn Observer>,
}

impl Receipts {
    /// Opens the file, and starts the thread that writes; `source` is who the events are from.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn start(settings: FileSettings, source: String) -> Result<(Self, ReceiptWriter), FileError> {
        let path = settings.path.clone();
        let mut file = GrowingFile::open(settings)?;
        if !is_whole(&file) {
            // A line that a crash has cut off must not take the next one with it.
            file.end_line()?;
        }
        let shared = Arc::new(Shared {
            source,
            process: Uuid::new_v4(),
            next: AtomicU64::new(1),
            waiting: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
        });
        let (sender, messages) = mpsc::channel();
        let writer = {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("receipts".to_owned()).spawn(move || {
                let (lines, shared) = (VecDeque::new(), &*shared);
                Writer { file, shared, lines, has_failed: false, is_over: false }.run(&messages);
            })
        };
        let thread = writer.map_err(|source| FileError::System { path, source })?;
        let writer = ReceiptWriter { thread, sender: sender.clone() };
        Ok((Self { sender, shared }, writer))
    }

    /// Goes on with another file if this one was moved.
    pub fn look_again(&self) {
        // At the very end nobody writes any more.
        let _ = self.sender.send(Message::LookAgain);
    }

    /// `next`, and before it what writes receipts.
    pub fn observer(&self, next: Arc<dyn Observer>) -> Arc<dyn Observer> {
        Arc::new(Billing { receipts: self.clone(), next })
    }

    fn put(&self, line: String) {
        let size = line.len();
        if MOST_WAITING < self.shared.waiting.fetch_add(size, Ordering::Relaxed).saturating_add(size) {
            self.shared.waiting.fetch_sub(size, Ordering::Relaxed);
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let _ = self.sender.send(Message::Line(line));
    }
}

impl ReceiptWriter {
    /// Waits until all are written that there are until now. Later ones are not.
    pub fn join(self) {
        let _ = self.sender.send(Message::End);
        // It ends without a panic, or there is nothing left to wait for.
        let _ = self.thread.join();
    }
}

impl Observer for Billing {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        if let Observation::Finished { reported, killed, stopped, usage } = &observation {
            let data = data(about, reported, (*stopped, *killed), *usage);
            self.receipts.put(self.receipts.shared.event(FINISHED, data));
        }
        self.next.observe(about, observation);
    }
}

impl Shared {
    fn event(&self, kind: &str, data: Value) -> String {
        let id = format!("{}-{}", self.process, self.next.fetch_add(1, Ordering::Relaxed));
        let event = json!({
            "specversion": "1.0",
            "id": id,
            "source": self.source,
            "type": kind,
            "time": humantime::format_rfc3339_micros(SystemTime::now()).to_string(),
            "datacontenttype": "application/json",
            "data": data,
        });
        activity::shown::in_json(&event.to_string()).into_owned()
    }
}

/// What an attempt was, what it came to and what it has used.
fn data(
    about: About<'_>,
    reported: &Reported<'_>,
    (stopped, killed): (Option<SandboxFailureKind>, Option<KillReason>),
    usage: Usage,
) -> Value {
    let About { info, component } = about;
    let workflow = info.workflow.as_ref();
    let run_id = workflow.map(|workflow| &workflow.run_id).or(info.activity_run_id.as_ref());
    let failure_type = match reported {
        Reported::Failed(failure) => failure.as_application().map(|fields| fields.failure_type.as_str()),
        _ => None,
    };
    let http = usage.http;
    let mut data = Map::from_iter(usage_fields(usage).map(|(key, value)| (key.to_owned(), value)));
    let fields = [
        ("tenant", component.map(|component| json!(component.tenant))),
        ("component", component.map(|component| json!(component.name))),
        ("digest", component.map(|component| json!(component.digest))),
        ("namespace", Some(json!(info.namespace))),
        ("task_queue", Some(json!(info.task_queue))),
        ("activity_type", Some(json!(info.activity_type))),
        ("activity_id", Some(json!(info.activity_id))),
        ("workflow_id", workflow.map(|workflow| json!(workflow.workflow_id))),
        ("run_id", run_id.map(|run_id| json!(run_id))),
        ("attempt", Some(json!(info.attempt))),
        ("outcome", Some(json!(outcome(reported)))),
        ("failure_type", failure_type.map(|failure_type| json!(failure_type))),
        ("limit", limit(stopped, killed).map(|limit| json!(limit))),
        ("http_requests", Some(json!(http.answered + http.failed + http.abandoned))),
    ];
    data.extend(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    Value::Object(data)
}

/// What writes them, with what it has in hand.
struct Writer<'a> {
    file: GrowingFile,
    shared: &'a Shared,
    lines: VecDeque<String>,
    has_failed: bool,
    is_over: bool,
}

impl Writer<'_> {
    fn run(mut self, messages: &mpsc::Receiver<Message>) {
        loop {
            match self.lines.is_empty() {
                true if self.is_over => return,
                true => match messages.recv() {
                    Ok(message) => self.take(message),
                    Err(_) => return,
                },
                false => {}
            }
            if !self.write_first() {
                if self.is_over {
                    // There is no other time.
                    return;
                }
                self.pause(messages);
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Line(line) => self.lines.push_back(line),
            Message::LookAgain => {
                let looked = self.file.look_again();
                report(looked, &mut self.has_failed, "go on with another file of receipts");
            }
            Message::End => self.is_over = true,
        }
    }

    /// Returns whether there was none, or it is written.
    fn write_first(&mut self) -> bool {
        let Some(line) = self.lines.pop_front() else { return true };
        let written = lost(&mut self.file, self.shared).and_then(|()| self.file.append(&line));
        let is_written = report(written, &mut self.has_failed, "write receipts");
        if is_written {
            self.shared.waiting.fetch_sub(line.len(), Ordering::Relaxed);
        } else {
            if !is_whole(&self.file) {
                // What was written of it gets an end, so that the next line is one.
                let _ = self.file.end_line();
            }
            self.lines.push_front(line);
        }
        is_written
    }

    /// Lets some time pass.
    fn pause(&mut self, messages: &mpsc::Receiver<Message>) {
        let until = Instant::now() + AGAIN;
        while !self.is_over {
            match messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => self.is_over = true,
            }
        }
    }
}

/// Tells of receipts that the disk did not take in time.
fn lost(file: &mut GrowingFile, shared: &Shared) -> Result<(), FileError> {
    let lost = shared.lost.swap(0, Ordering::Relaxed);
    if lost == 0 {
        return Ok(());
    }
    file.append(&shared.event(LOST, json!({"count": lost}))).inspect_err(|_| {
        shared.lost.fetch_add(lost, Ordering::Relaxed);
    })
}

/// Tells what goes wrong, once. Returns whether it went well.
fn report(done: Result<(), FileError>, has_failed: &mut bool, what: &str) -> bool {
    match done {
        Ok(()) => {
            *has_failed = false;
            true
        }
        Err(error) => {
            if !*has_failed {
                let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                tracing::error!(target: "isolet", error = %source, "failed to {what}: failed to {error}");
            }
            *has_failed = true;
            false
        }
    }
}

/// Whether its last line has an end.
fn is_whole(file: &GrowingFile) -> bool {
    use std::os::unix::fs::FileExt as _;
    let mut last = *b"\n";
    let read = file.size().checked_sub(1).map(|at| file.file().read_at(&mut last, at));
    read.is_none_or(|read| read.is_ok()) && last == *b"\n"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use activity::{ComponentId, Failure, Info, Traffic};

    use super::*;

    struct Nobody;

    impl Observer for Nobody {
        fn observe(&self, _: About<'_>, _: Observation<'_>) {}
    }

    #[test]
    fn an_attempt_leaves_a_receipt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipts.jsonl");
        fs::write(&path, "{\"cut").unwrap();
        let settings = FileSettings { path: path.clone(), max_size: 0 };
        let (receipts, writer) = Receipts::start(settings, "/isolet/test".to_owned()).unwrap();
        let observer = receipts.observer(Arc::new(Nobody));
        let component = ComponentId { tenant: "acme".to_owned(), ..ComponentId::new("orders", "0123") };
        let info = Info { activity_type: "ship".to_owned(), attempt: 2, ..Info::default() };
        let failure = Failure::application("Forged", "no");
        let finished = || Observation::Finished {
            reported: Reported::Failed(&failure),
            killed: None,
            stopped: Some(SandboxFailureKind::MemoryLimit),
            usage: Usage {
                peak_memory: 7,
                traffic: Traffic { host_calls: 1, bytes_in: 2, bytes_out: 3 },
                ..Usage::default()
            },
        };
        for _ in 0..2 {
            observer.observe(About { info: &info, component: Some(&component) }, finished());
        }
        drop((observer, receipts));
        writer.join();
        let text = fs::read_to_string(&path).unwrap();
        let events: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), 2, "{text}");
        assert_ne!(events[0]["id"], events[1]["id"]);
        let [event, _] = &events[..] else { unreachable!() };
        assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!(FINISHED)));
        let data = &event["data"];
        let of_attempt = [&data["tenant"], &data["digest"], &data["activity_type"], &data["attempt"], &data["limit"]];
        assert_eq!(of_attempt, [&json!("acme"), &json!("0123"), &json!("ship"), &json!(2), &json!("memory")]);
        let used = ["peak_memory_bytes", "host_calls", "bytes_in", "bytes_out"].map(|key| data[key].as_u64().unwrap());
        assert_eq!(used, [7, 1, 2, 3]);
    }
}
