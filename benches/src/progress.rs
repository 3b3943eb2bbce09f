//! What the run says on standard error while it goes on. Standard output stays free for roles that answer on it.

#![expect(clippy::print_stderr, reason = "this program's progress is for the person who waits for it")]

use std::{fmt::Display, time::SystemTime};

/// One line, with the time of day.
pub(crate) fn say(line: impl Display) {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let time = now.get(11..19).unwrap_or_default();
    eprintln!("{time} {line}");
}
