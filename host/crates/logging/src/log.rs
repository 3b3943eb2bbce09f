//! The log, on standard error: where its lines go, and how they look there.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use activity::{About, Level, LineFormat, LogRecord, shown::name};

use crate::{
    fields::log_values,
    host::LOGGER,
    json::json,
    line::Line,
    queue::{self, Lost, Owner, Printer, Queue},
    text::render,
};

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For people.
    Text {
        /// Whether a terminal shows them.
        colours: bool,
    },
    /// For programs.
    Json,
}

/// Takes log lines.
#[derive(Clone, Debug)]
pub struct Log {
    style: Style,
    /// Shared by all who log, also by the subscriber that lives as long as the process.
    queue: Arc<Mutex<Option<Queue>>>,
}

/// Sends a log's lines through a thread of its own until it is dropped. Then it waits until they are written.
#[derive(Debug)]
#[must_use = "lines are queued as long as this lives"]
pub struct Queued {
    log: Log,
    printer: Option<Printer>,
}

impl Log {
    /// A log in this style, whose lines are written at once.
    pub fn new(style: Style) -> Self {
        Self { style, queue: Arc::default() }
    }

    /// Writes lines on a thread of its own from now on, so that no reader keeps those waiting who log.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn queued(&self) -> io::Result<Queued> {
        let style = self.style;
        let lost: Lost = Box::new(move |owner, count| {
            let message = lost_message(owner, count);
            // On a terminal it is a line as any other, only without its colours.
            style.plain().write(&Line::new(Level::Warn, LOGGER, &message))
        });
        let (queue, printer) = queue::start("log", Stderr, lost)?;
        *self.lock() = Some(queue);
        Ok(Queued { log: self.clone(), printer: Some(printer) })
    }

    /// Logs a line of `owner`.
    pub(crate) fn write(&self, owner: Owner, line: &Line<'_>) {
        self.put(owner, self.style.write(line));
    }

    /// Logs a line that is written down already.
    pub(crate) fn put(&self, owner: Owner, line: String) {
        match self.lock().as_ref() {
            Some(queue) => queue.write(owner, line),
            // One write for the whole line, so that nobody else's comes in between.
            None => drop(Stderr.write_all(format!("{line}\n").as_bytes())),
        }
    }

    /// How its lines look.
    pub fn style(&self) -> Style {
        self.style
    }

    fn lock(&self) -> MutexGuard<'_, Option<Queue>> {
        // Each change is one assignment.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.log.lock().take();
        if let Some(printer) = self.printer.take() {
            printer.join();
        }
    }
}

impl Style {
    /// A line in this style.
    fn write(self, line: &Line<'_>) -> String {
        match self {
            Self::Text { colours } => render(line, colours),
            Self::Json => json(line),
        }
    }

    fn plain(self) -> Self {
        match self {
            Self::Text { .. } => Self::Text { colours: false },
            Self::Json => Self::Json,
        }
    }
}

impl LineFormat for Style {
    fn line(&self, about: About<'_>, record: &LogRecord) -> String {
        let line = Line::new(record.level, &record.logger, &record.message);
        let (fields, fields_left_out) = (log_values(record), record.fields_left_out);
        self.write(&Line { about: Some(about), fields, fields_left_out, ..line })
    }
}

fn lost_message(owner: &Owner, count: u64) -> String {
    let Owner { tenant, component, .. } = owner;
    let whose = match (component.is_empty(), tenant.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(" of tenant {}", name(tenant)),
        (false, _) => format!(" of component {} of tenant {}", name(component), name(tenant)),
    };
    format!("{count} log lines{whose} were dropped, because nobody read them in time")
}

/// Standard error, as long as someone reads it.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Reported as written in any case: there is nowhere to complain.
        let _ = io::stderr().lock().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
