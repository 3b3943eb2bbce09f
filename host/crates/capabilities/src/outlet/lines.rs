//! Standard streams as lines.

use super::truncate;

/// The line of a standard stream that has no end yet. What goes beyond the limit is not kept.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Adds to the line, which has no end yet.
    pub(super) fn append(&mut self, bytes: &[u8], limit: usize) {
        let room = limit.saturating_sub(self.partial.len());
        self.partial.extend(bytes.iter().take(room));
    }

    /// Adds the last of the line and returns it.
    pub(super) fn complete(&mut self, bytes: &[u8], limit: usize) -> String {
        self.append(bytes, limit);
        let mut line = std::mem::take(&mut self.partial);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        String::from_utf8(line).unwrap_or_else(|invalid| String::from_utf8_lossy(invalid.as_bytes()).into_owned())
    }

    /// What was written after the last line's end, if anything.
    pub(super) fn take_rest(&mut self) -> Option<String> {
        (!self.partial.is_empty()).then(|| self.complete(&[], usize::MAX))
    }
}

/// What is kept of a panic that Rust's own hook wrote: enough for its place and a message of some lines.
const PANIC_TEXT: usize = 4 * 1024;

/// Rust's own report of a panic on standard error: a line "thread 'main' panicked at src/lib.rs:3:5:", then the message.
#[derive(Debug, Default)]
pub(super) struct PanicText {
    lines: Vec<String>,
    size: usize,
}

impl PanicText {
    /// Looks at a line of standard error.
    pub(super) fn notice(&mut self, line: &str) {
        let begins = line.starts_with("thread '") && line.contains("panicked at ");
        if begins {
            self.lines.clear();
            self.size = 0;
        }
        let advice = line.starts_with("note: ");
        if (begins || !self.lines.is_empty()) && !advice && self.size < PANIC_TEXT {
            let mut line = line.to_owned();
            truncate(&mut line, PANIC_TEXT - self.size);
            self.size += line.len();
            self.lines.push(line);
        }
    }

    /// The report, if there is one.
    pub(super) fn text(&self) -> Option<String> {
        (!self.lines.is_empty()).then(|| self.lines.join("\n").trim_end().to_owned())
    }
}
