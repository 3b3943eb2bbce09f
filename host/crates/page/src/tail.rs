//! The newest lines that an attempt has logged.

use std::{collections::VecDeque, iter::Peekable, str::Chars};

use activity::shown::cut;

/// How many lines are kept of an attempt.
const MOST_LINES: usize = 200;

/// How many bytes of them.
const MOST_BYTES: usize = 32 << 10;

/// How many of one line.
const LONGEST_LINE: usize = 2 << 10;

/// What a line takes beside its text.
const OF_LINE: usize = 32;

/// The newest lines of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tail {
    lines: VecDeque<Box<str>>,
    bytes: usize,
    /// How many older lines there were.
    gone: u64,
}

impl Tail {
    /// Adds a line, as the log has it; older ones give way.
    pub(crate) fn push(&mut self, line: &str) {
        let line = without_colours(&cut(line, LONGEST_LINE)).into_boxed_str();
        self.bytes += line.len() + OF_LINE;
        self.lines.push_back(line);
        while MOST_LINES < self.lines.len() || MOST_BYTES < self.bytes {
            self.drop_oldest();
        }
    }

    /// Drops the oldest line. Returns whether there was one.
    pub(crate) fn drop_oldest(&mut self) -> bool {
        let Some(line) = self.lines.pop_front() else { return false };
        self.bytes -= line.len() + OF_LINE;
        self.gone += 1;
        true
    }

    /// Drops all lines.
    pub(crate) fn clear(&mut self) {
        self.gone += self.lines.len() as u64;
        self.lines = VecDeque::new();
        self.bytes = 0;
    }

    /// What it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The lines, the oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(AsRef::as_ref)
    }

    /// How many older lines there were.
    pub(crate) fn gone(&self) -> u64 {
        self.gone
    }
}

/// A line without the sequences that colour it on a terminal.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' if letters.peek() == Some(&'[') => skip_sequence(&mut letters),
            letter => plain.push(letter),
        }
    }
    plain
}

fn skip_sequence(letters: &mut Peekable<Chars<'_>>) {
    letters.next();
    // Ends with a letter: the host's own are of this kind.
    for letter in letters.by_ref() {
        if letter.is_ascii_alphabetic() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_stay_within_bounds() {
        let mut tail = Tail::default();
        (0..1_000).for_each(|number| tail.push(&format!("line {number}")));
        assert_eq!((tail.lines().count(), tail.lines().last(), tail.gone()), (MOST_LINES, Some("line 999"), 800));
        (0..1_000).for_each(|_| tail.push(&"x".repeat(1 << 20)));
        assert!(tail.bytes() <= MOST_BYTES && 1 < tail.lines().count());
        tail.clear();
        assert_eq!((tail.bytes(), tail.gone()), (0, 2_000));
    }

    #[test]
    fn colours_are_left_out() {
        assert_eq!(without_colours("\u{1b}[2mtime\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m done"), "time  INFO done");
        assert_eq!(without_colours("\u{1b}[unfinished"), "nfinished");
        assert_eq!(without_colours("\u{1b}"), "\u{1b}");
    }
}
