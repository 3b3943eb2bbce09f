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

/// What is kept of a panic that a language's own runtime wrote: enough for its place and a message of some lines.
const PANIC_TEXT: usize = 4 * 1024;

/// A runtime's own report of a panic on standard error. Rust's is a line "thread 'main' panicked at src/lib.rs:3:5:", then
/// the message; Go's is the message behind one of [`GO_BEGINS`], and after an empty line the stacks.
#[derive(Debug, Default)]
pub(super) struct PanicText {
    lines: Vec<String>,
    size: usize,
    /// Whether what comes is no part of it.
    has_ended: bool,
}

/// How Go's runtime begins its last words.
const GO_BEGINS: [&str; 2] = ["panic: ", "fatal error: "];

impl PanicText {
    /// Looks at a line of standard error.
    pub(super) fn notice(&mut self, line: &str) {
        let is_go = GO_BEGINS.iter().any(|begin| line.starts_with(begin));
        let begins = is_go || (line.starts_with("thread '") && line.contains("panicked at "));
        if begins {
            self.lines.clear();
            self.size = 0;
            self.has_ended = false;
        }
        let of_go = || self.lines.first().is_some_and(|first| GO_BEGINS.iter().any(|begin| first.starts_with(begin)));
        self.has_ended |= line.is_empty() && of_go();
        let advice = line.starts_with("note: ");
        if (begins || !self.lines.is_empty()) && !self.has_ended && !advice && self.size < PANIC_TEXT {
            let mut line = line.to_owned();
            truncate(&mut line, PANIC_TEXT - self.size);
            self.size += line.len();
            self.lines.push(line);
        }
    }

    /// The report, if there is one.
    pub(super) fn text(&self) -> Option<String> {
        let text = || self.lines.join("\n");
        // That it is a panic says whoever shows it.
        (!self.lines.is_empty()).then(|| text().trim_start_matches("panic: ").trim_end().to_owned())
    }
}
