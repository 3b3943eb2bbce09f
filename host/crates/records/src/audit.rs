//! The audit log: what was loaded, changed, granted, denied, stopped and blocked.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use activity::{About, Observation, Observer, SandboxFailureKind};
use logging::limit;
use serde_json::{Map, Value, json};

use crate::{
    FileError, FileSettings, Head,
    chain::{self, Link, REPAIRED},
    file::GrowingFile,
    tally::{Deed, Tally},
};

/// How often the writer looks at what guests have caused meanwhile, and tries again when the disk refused.
const LOOKS: Duration = Duration::from_secs(1);

/// Entries that wait while the disk refuses them; further ones are counted.
const MOST_WAITING: usize = 10_000;

/// The audit log, as those see it who add to it. Clones are the same log.
#[derive(Clone, Debug)]
pub struct Audit {
    sender: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

/// The thread that writes it.
#[derive(Debug)]
pub struct AuditWriter {
    thread: JoinHandle<()>,
    sender: mpsc::Sender<Message>,
}

#[derive(Debug)]
struct Shared {
    tally: Mutex<Tally>,
    head: Mutex<Head>,
}

/// What the writer is told.
#[derive(Debug)]
enum Message {
    Entry(&'static str, Map<String, Value>),
    LookAgain,
    End,
}

/// What hears of attempts.
struct Auditing {
    audit: Audit,
    next: Arc<dyn Observer>,
}

impl Audit {
    /// Opens the log, whose chain goes on, and starts the thread that writes it.
    ///
    /// # Errors
    /// When it can't be opened, or is none.
    pub fn start(settings: FileSettings) -> Result<(Self, AuditWriter), FileError> {
        let path = settings.path.clone();
        let file = GrowingFile::open(settings.clone())?;
        let chain::End { head, torn } = chain::end(&file)?;
        let shared = Arc::new(Shared { tally: Mutex::default(), head: Mutex::new(head.clone()) });
        let mut log = Log { settings, file: Some(file), head, waiting: Vec::new(), lost: 0, has_failed: false };
        log.repair(&torn)?;
        let (sender, messages) = mpsc::channel();
        let writer = {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("audit".to_owned()).spawn(move || log.write(&messages, &shared))
        };
        let thread = writer.map_err(|source| FileError::System { path, source })?;
        Ok((Self { sender: sender.clone(), shared }, AuditWriter { thread, sender }))
    }

    /// Adds an entry for something that the operator or the host has done.
    pub fn tell(&self, event: &'static str, fields: Value) {
        let fields = match fields {
            Value::Object(fields) => fields,
            other => Map::from_iter([("value".to_owned(), other)]),
        };
        // At the very end nobody writes any more.
        let _ = self.sender.send(Message::Entry(event, fields));
    }

    /// Goes on with another file if this one was moved.
    pub fn look_again(&self) {
        let _ = self.sender.send(Message::LookAgain);
    }

    /// The newest entry.
    pub fn head(&self) -> Head {
        self.shared.head.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `next`, and before it what notes denials and what was stopped.
    pub fn observer(&self, next: Arc<dyn Observer>) -> Arc<dyn Observer> {
        Arc::new(Auditing { audit: self.clone(), next })
    }

    /// Something that a guest has caused, so many times: told now and then.
    fn note(&self, deed: Deed, count: u64) {
        let told = self.shared.tally().add(deed, count, Instant::now());
        if let Some((deed, count)) = told {
            self.tell(deed.event, fields(&deed, count));
        }
    }
}

impl AuditWriter {
    /// Waits until all is written that was told until now. What is told later is not.
    pub fn join(self) {
        let _ = self.sender.send(Message::End);
        // It ends without a panic, or there is nothing left to wait for.
        let _ = self.thread.join();
    }
}

impl Shared {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Auditing {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        if let (Observation::Finished { stopped, killed, usage, .. }, Some(component)) = (&observation, about.component)
        {
            let deed = |event, what: &str| Deed {
                event,
                tenant: component.tenant.clone(),
                component: component.name.clone(),
                digest: component.digest.clone(),
                what: what.to_owned(),
            };
            let is_denied = matches!(stopped, Some(SandboxFailureKind::Denied | SandboxFailureKind::Blocked));
            let event = if is_denied { "denied" } else { "stopped" };
            // What comes from outside is no business of the guest's.
            let what = limit(*stopped, *killed).filter(|what| !matches!(*what, "lease-lost" | "worker-shutdown"));
            if let Some(what) = what {
                self.audit.note(deed(event, what), 1);
            }
            if usage.http.refused != 0 {
                self.audit.note(deed("denied", "http"), usage.http.refused);
            }
        }
        self.next.observe(about, observation);
    }
}

fn fields(deed: &Deed, count: u64) -> Value {
    let Deed { tenant, component, digest, what, .. } = deed;
    json!({"tenant": tenant, "component": component, "digest": digest, "what": what, "count": count})
}

/// The log as its writer has it.
struct Log {
    settings: FileSettings,
    /// None while the disk refuses.
    file: Option<GrowingFile>,
    head: Head,
    waiting: Vec<(&'static str, Map<String, Value>)>,
    lost: u64,
    has_failed: bool,
}

impl Log {
    /// Ends a line that a crash has cut off, and tells of it.
    fn repair(&mut self, torn: &[u8]) -> Result<(), FileError> {
        let Some(file) = self.file.as_mut().filter(|_| !torn.is_empty()) else { return Ok(()) };
        // Its end may have been all that it lacked.
        if let Some(link) = Link::read(torn) {
            file.end_line()?;
            self.head = Head { number: link.number, hash: chain::hash(torn) };
            return Ok(());
        }
        let torn = json!({"torn_bytes": torn.len(), "torn_hash": chain::hash(torn)});
        let Value::Object(fields) = torn else { return Ok(()) };
        let (line, head) = self.head.entry(REPAIRED, fields);
        file.end_line_and_append(&line)?;
        self.head = head;
        Ok(())
    }

    fn write(mut self, messages: &mpsc::Receiver<Message>, shared: &Shared) {
        loop {
            let message = messages.recv_timeout(LOOKS);
            let mut is_over = matches!(message, Err(RecvTimeoutError::Disconnected));
            let mut looks_again = false;
            for message in message.into_iter().chain(messages.try_iter()) {
                match message {
                    Message::Entry(event, fields) => self.put(event, fields),
                    Message::LookAgain => looks_again = true,
                    Message::End => is_over = true,
                }
            }
            let told = if is_over { shared.tally().rest() } else { shared.tally().due(Instant::now()) };
            for (deed, count) in told {
                if let Value::Object(fields) = fields(&deed, count) {
                    self.put(deed.event, fields);
                }
            }
            self.flush(looks_again, shared);
            if is_over {
                return;
            }
        }
    }

    fn put(&mut self, event: &'static str, fields: Map<String, Value>) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push((event, fields));
        } else {
            self.lost = self.lost.saturating_add(1);
        }
    }

    fn flush(&mut self, looks_again: bool, shared: &Shared) {
        if self.waiting.is_empty() && self.lost == 0 && !looks_again {
            return;
        }
        match self.try_flush(looks_again) {
            Ok(()) => self.has_failed = false,
            Err(error) => {
                // What was written of a line is ended when it is opened again.
                self.file = None;
                if !self.has_failed {
                    tracing::error!(target: "isolet", error = %source(&error), "the audit log stands still: failed to {error}");
                }
                self.has_failed = true;
            }
        }
        *shared.head.lock().unwrap_or_else(PoisonError::into_inner) = self.head.clone();
    }

    fn try_flush(&mut self, looks_again: bool) -> Result<(), FileError> {
        if self.file.is_none() {
            let file = GrowingFile::open(self.settings.clone())?;
            let chain::End { torn, .. } = chain::end(&file)?;
            self.file = Some(file);
            self.repair(&torn)?;
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        if looks_again {
            file.look_again()?;
        }
        let count = self.waiting.len();
        let mut done = 0;
        let written = self.waiting.iter().try_for_each(|(event, fields)| {
            let (line, head) = self.head.entry(event, fields.clone());
            file.append(&line)?;
            self.head = head;
            done += 1;
            Ok(())
        });
        self.waiting.drain(..done);
        written?;
        if self.lost != 0 {
            let fields = Map::from_iter([("count".to_owned(), json!(self.lost))]);
            let (line, head) = self.head.entry("entries-lost", fields);
            file.append(&line)?;
            (self.head, self.lost) = (head, 0);
        }
        if count != 0 { file.sync() } else { Ok(()) }
    }
}

fn source(error: &FileError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _, path::Path};

    use super::*;
    use crate::{Verdict, verify};

    fn settings(folder: &Path, max_size: u64) -> FileSettings {
        FileSettings { path: folder.join("audit.log"), max_size }
    }

    fn tell(settings: FileSettings, events: &[&'static str]) -> Head {
        let (audit, writer) = Audit::start(settings).unwrap();
        events.iter().for_each(|event| audit.tell(event, json!({"a": 1})));
        let shared = Arc::clone(&audit.shared);
        drop(audit);
        writer.join();
        shared.head.lock().unwrap().clone()
    }

    /// All files of the log, the oldest first.
    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort_by_key(|file| (file.extension().is_some_and(|extension| extension == "log"), file.clone()));
        files
    }

    fn verdict(folder: &Path) -> Verdict {
        verify(&files(folder), None).unwrap()
    }

    #[test]
    fn the_chain_goes_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        tell(settings(folder.path(), 0), &["one", "two"]);
        let head = tell(settings(folder.path(), 0), &["three"]);
        let verdict = verdict(folder.path());
        assert_eq!((verdict.entries, verdict.first, verdict.head.clone()), (3, 1, head));
        assert!(verdict.torn.is_none() && verdict.repaired == 0, "{verdict:?}");
    }

    #[test]
    fn the_chain_goes_on_in_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let head = tell(settings(folder.path(), 300), &["one", "two", "three", "four", "five"]);
        assert!(2 < files(folder.path()).len());
        assert_eq!(verdict(folder.path()).head, head);
        // As one leaves it who moves logs at night, before a restart.
        fs::rename(folder.path().join("audit.log"), folder.path().join("audit.log.1")).unwrap();
        let head = tell(settings(folder.path(), 0), &["six"]);
        assert_eq!(head.number, 6);
    }

    #[test]
    fn a_line_that_a_crash_has_cut_off_is_ended_and_told() {
        let folder = tempfile::tempdir().unwrap();
        tell(settings(folder.path(), 0), &["one"]);
        let path = folder.path().join("audit.log");
        let cut =
            |text: &str| fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
        cut("{\"a\": 1, \"ev");
        assert_eq!(verdict(folder.path()).torn, Some(12));
        tell(settings(folder.path(), 0), &["two"]);
        let verdict = verdict(folder.path());
        assert_eq!((verdict.entries, verdict.repaired, verdict.torn), (3, 1, None));
        // The very first line was.
        fs::write(&path, "{\"a").unwrap();
        tell(settings(folder.path(), 0), &["one"]);
        assert_eq!(self::verdict(folder.path()).repaired, 1);
    }

    #[test]
    fn what_is_no_audit_log_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("audit.log"), "a diary\nof somebody\n").unwrap();
        let refused = Audit::start(settings(folder.path(), 0)).unwrap_err();
        assert!(matches!(refused, FileError::Strange { .. }), "{refused}");
    }

    #[test]
    fn an_entry_is_never_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let (audit, writer) = Audit::start(settings(folder.path(), 0)).unwrap();
        audit.tell("large", json!({"a": "x".repeat(1 << 20)}));
        drop(audit);
        writer.join();
        assert!(fs::metadata(folder.path().join("audit.log")).unwrap().len() < 500);
        assert_eq!(verdict(folder.path()).entries, 1);
    }
}
