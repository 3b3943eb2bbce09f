//! Where log lines go.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use activity::Level;

use super::{json::json, line::Line, text::text};
use crate::output::queue::{self, Printer, Queue};

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
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
pub(crate) struct Log {
    style: Style,
    /// Shared by all who log, also by the subscriber that lives as long as the process.
    queue: Arc<Mutex<Option<Queue<String>>>>,
}

/// Sends a log's lines through a thread of its own until it is dropped. Then it waits until they are written.
#[derive(Debug)]
#[must_use = "lines are queued as long as this lives"]
pub(crate) struct Queued {
    log: Log,
    printer: Option<Printer>,
}

impl Log {
    /// A log in this style, whose lines are written at once.
    pub(crate) fn new(style: Style) -> Self {
        Self { style, queue: Arc::default() }
    }

    /// Writes lines on a thread of its own from now on, so that no reader keeps those waiting who log.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn queued(&self) -> io::Result<Queued> {
        let lost: fn(u64) -> String = match self.style {
            Style::Text { .. } => |count| text(&lost_line(&lost_message(count)), false),
            Style::Json => |count| json(&lost_line(&lost_message(count))),
        };
        let (queue, printer) = queue::start("log", Stderr, lost)?;
        *self.lock() = Some(queue);
        Ok(Queued { log: self.clone(), printer: Some(printer) })
    }

    /// Logs a line.
    pub(crate) fn write(&self, line: &Line<'_>) {
        let line = match self.style {
            Style::Text { colours } => text(line, colours),
            Style::Json => json(line),
        };
        match self.lock().as_ref() {
            Some(queue) => queue.write(line),
            // One write for the whole line, so that nobody else's comes in between.
            None => drop(Stderr.write_all(format!("{line}\n").as_bytes())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Queue<String>>> {
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

fn lost_message(count: u64) -> String {
    format!("{count} log lines were dropped, because nobody read them in time")
}

fn lost_line(message: &str) -> Line<'_> {
    Line::new(Level::Warn, super::host::LOGGER, message)
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
