//! Receipts: what each attempt has used, a line for each in the JSON format of CloudEvents 1.0, for whoever bills for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
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
    shared: Arc<Shared>,
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
    /// Nothing is tried again any more.
    is_over: AtomicBool,
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
            is_over: AtomicBool::new(false),
        });
        let (sender, messages) = mpsc::channel();
        let writer = {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("receipts".to_owned()).spawn(move || write(file, &messages, &shared))
        };
        let thread = writer.map_err(|source| FileError::System { path, source })?;
        let writer = ReceiptWriter { thread, sender: sender.clone(), shared: Arc::clone(&shared) };
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
        self.shared.is_over.store(true, Ordering::Relaxed);
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

fn write(mut file: GrowingFile, messages: &mpsc::Receiver<Message>, shared: &Shared) {
    let mut line: Option<String> = None;
    let mut has_failed = false;
    loop {
        if line.is_none() {
            match messages.recv() {
                Ok(Message::Line(next)) => line = Some(next),
                Ok(Message::LookAgain) => {
                    let looked = file.look_again();
                    report(looked, &mut has_failed, "go on with another file of receipts");
                    continue;
                }
                Ok(Message::End) | Err(_) => return,
            }
        }
        let Some(waiting) = line.take() else { continue };
        let written = lost(&mut file, shared).and_then(|()| file.append(&waiting));
        match report(written, &mut has_failed, "write receipts") {
            true => {
                shared.waiting.fetch_sub(waiting.len(), Ordering::Relaxed);
            }
            false => {
                // What was written of it gets an end, so that the next line is one.
                let _ = file.end_line();
                line = Some(waiting);
                thread::sleep(AGAIN);
                // At the end there is no other time.
                if shared.is_over.load(Ordering::Relaxed) {
                    return;
                }
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
    let mut last = [b'\n'];
    let read = file.size().checked_sub(1).map(|at| file.file().read_at(&mut last, at));
    read.is_none_or(|read| read.is_ok()) && last == [b'\n']
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
