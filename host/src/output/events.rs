//! What happens, as JSON lines on standard output: the form that scripts read.
//!
//! Observers are called on threads that drive input and output, so the lines go through a queue to a thread of their
//! own. The queue is bounded: a reader that does not read costs events, which are counted, and no memory.

use std::{
    io::{self, BufWriter, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread::Builder,
    time::Duration,
};

use activity::{Info, LogRecord, Observation, Observer, Payload, Reported, Usage};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::human::level;

/// Lines that wait to be read.
const WAITING_LINES: usize = 16_384;

/// How long the end of the program waits for a reader that has stopped reading.
const READER_GRACE: Duration = Duration::from_secs(2);

/// Writes events; each is one line.
#[derive(Clone, Debug)]
pub(crate) struct EventWriter {
    queue: SyncSender<Value>,
    /// Events that found the queue full; raised by writers of events, taken by the thread that prints.
    dropped: Arc<AtomicU64>,
}

/// The thread that prints. Waited for after the last [`EventWriter`] is gone.
#[derive(Debug)]
pub(crate) struct EventThread {
    /// Closed when the thread has ended. Behind a lock only so that it can be shared.
    ended: Mutex<Receiver<()>>,
}

/// Starts the thread that prints events on standard output.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start() -> io::Result<(EventWriter, EventThread)> {
    let (queue, waiting) = sync_channel(WAITING_LINES);
    let dropped = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&dropped);
    let (end, ended) = sync_channel(0);
    Builder::new().name("events".to_owned()).spawn(move || {
        // Ends when nobody reads any more: then there is nothing left to do but to let events go by.
        let _ = print(&waiting, &counter, BufWriter::new(io::stdout()));
        drop(end);
    })?;
    Ok((EventWriter { queue, dropped }, EventThread { ended: Mutex::new(ended) }))
}

fn print(waiting: &Receiver<Value>, dropped: &AtomicU64, mut output: impl Write) -> io::Result<()> {
    let mut next = waiting.recv().ok();
    while let Some(event) = next {
        writeln!(output, "{event}")?;
        let lost = dropped.swap(0, Ordering::Relaxed);
        if 0 < lost {
            writeln!(output, "{}", json!({"event": "events-dropped", "count": lost}))?;
        }
        next = match waiting.try_recv() {
            Ok(event) => Some(event),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                output.flush()?;
                waiting.recv().ok()
            }
        };
    }
    output.flush()
}

// === impl EventWriter ===

impl EventWriter {
    /// Writes one event.
    pub(crate) fn write(&self, event: Value) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(event) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Observer for EventWriter {
    fn observe(&self, info: &Info, observation: Observation<'_>) {
        match observation {
            Observation::Started => self.write(about(info, "attempt-started", [])),
            Observation::Logged(record) => self.write(about(info, "log", log_fields(record))),
            Observation::LogLinesDropped(count) => {
                self.write(about(info, "log-lines-dropped", [("count", json!(count))]));
            }
            Observation::Heartbeat => self.write(about(info, "heartbeat", [])),
            Observation::Finished { reported, usage } => {
                let fields = reported_fields(&reported).into_iter().chain(usage_fields(usage));
                self.write(about(info, "attempt-finished", fields));
            }
        }
    }
}

// === impl EventThread ===

impl EventThread {
    /// Waits until the last event is written, or nobody takes it. Every [`EventWriter`] must be gone.
    pub(crate) fn join(self) {
        // Either way there is nothing more to print.
        let _ = self.ended.into_inner().unwrap_or_else(PoisonError::into_inner).recv_timeout(READER_GRACE);
    }
}

/// A payload as events carry it: its value where that is JSON, else its encoding and its bytes in base64.
pub(crate) fn payload(payload: &Payload) -> Value {
    super::payload_json(payload).unwrap_or_else(|| {
        let encoding = payload.metadata("encoding").map(|encoding| String::from_utf8_lossy(encoding).into_owned());
        json!({"encoding": encoding, "base64": STANDARD.encode(&payload.data)})
    })
}

/// What an attempt cost, as events carry it.
pub(crate) fn usage_fields(usage: Usage) -> [(&'static str, Value); 4] {
    let milliseconds = |duration: Duration| json!(1_000.0 * duration.as_secs_f64());
    [
        ("wall_ms", milliseconds(usage.wall)),
        ("cpu_ms", milliseconds(usage.cpu)),
        ("sandbox_start_ms", milliseconds(usage.sandbox_start)),
        ("peak_memory_bytes", json!(usage.peak_memory)),
    ]
}

/// A guest's log line, as events carry it.
pub(crate) fn log_fields(record: &LogRecord) -> [(&'static str, Value); 4] {
    let value = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
    let fields: Map<String, Value> = record.fields.iter().map(|(name, text)| (name.clone(), value(text))).collect();
    [
        ("level", json!(level(record.level))),
        ("logger", json!(record.logger)),
        ("message", json!(record.message)),
        ("fields", Value::Object(fields)),
    ]
}

fn reported_fields(reported: &Reported<'_>) -> Vec<(&'static str, Value)> {
    let outcome = match reported {
        Reported::Completed => "completed",
        Reported::Failed(_) => "failed",
        Reported::Cancelled => "cancelled",
        Reported::WillCompleteAsync => "will-complete-async",
        Reported::Abandoned => "abandoned",
    };
    let mut fields = vec![("outcome", json!(outcome))];
    if let Reported::Failed(failure) = reported {
        let failure_type = failure.as_application().map(|fields| &fields.failure_type);
        fields.extend(failure_type.map(|failure_type| ("failure_type", json!(failure_type))));
        fields.push(("message", json!(failure.message)));
    }
    fields
}

fn about(info: &Info, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut object = Map::new();
    object.insert("event".to_owned(), json!(event));
    object.insert("activity_type".to_owned(), json!(info.activity_type));
    object.insert("activity_id".to_owned(), json!(info.activity_id));
    let run_id = info.workflow.as_ref().map(|workflow| &workflow.run_id).or(info.activity_run_id.as_ref());
    for (key, value) in
        [("workflow_id", info.workflow.as_ref().map(|workflow| &workflow.workflow_id)), ("run_id", run_id)]
    {
        object.extend(value.map(|value| (key.to_owned(), json!(value))));
    }
    object.insert("attempt".to_owned(), json!(info.attempt));
    object.insert("task_queue".to_owned(), json!(info.task_queue));
    object.insert("namespace".to_owned(), json!(info.namespace));
    object.extend(fields.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use activity::Level;

    use super::*;

    fn queue(waiting: usize) -> (EventWriter, Receiver<Value>) {
        let (queue, receiver) = sync_channel(waiting);
        (EventWriter { queue, dropped: Arc::default() }, receiver)
    }

    fn printed(writer: EventWriter, waiting: &Receiver<Value>) -> String {
        let (mut output, dropped) = (Vec::new(), Arc::clone(&writer.dropped));
        drop(writer);
        print(waiting, &dropped, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn each_event_is_a_line() {
        let (writer, waiting) = queue(2);
        writer.write(json!({"event": "ready"}));
        writer.write(json!({"event": "stopped"}));
        assert_eq!(printed(writer, &waiting), "{\"event\":\"ready\"}\n{\"event\":\"stopped\"}\n");
    }

    #[test]
    fn events_beyond_the_queue_are_counted() {
        let (writer, waiting) = queue(1);
        for number in 0..3 {
            writer.write(json!(number));
        }
        let lines = printed(writer, &waiting);
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events, [json!(0), json!({"event": "events-dropped", "count": 2})]);
    }

    #[test]
    fn a_reader_that_is_gone_stops_nobody() {
        let (writer, waiting) = queue(1);
        drop(waiting);
        writer.write(json!({"event": "ready"}));
    }

    #[test]
    fn log_fields_are_json_where_they_are_json() {
        let record = LogRecord {
            level: Level::Warn,
            logger: "orders".to_owned(),
            message: "slow".to_owned(),
            fields: vec![("rows".to_owned(), "3".to_owned()), ("who".to_owned(), "not json".to_owned())],
        };
        let fields: Map<String, Value> =
            log_fields(&record).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert_eq!(fields["fields"], json!({"rows": 3, "who": "not json"}));
        assert_eq!(fields["level"], "warn");
    }
}
