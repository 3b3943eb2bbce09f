//! Stack traces: what of them shows the user's code.
//!
//! Temporal's worker shows its own frames around the user's, and the paths of its machine. V8 names the class beside a
//! method, and points at other characters of an expression than QuickJS; what is compared is the file, the line and the
//! function.

use super::TYPESCRIPT;
use crate::{differential::Language as _, support::repository};

/// The projects whose files are the user's.
const PROJECTS: [&str; 2] = ["conformance", "differential"];

/// The lines of a stack, frames that are not the user's left out.
pub(super) fn users(text: &str) -> Vec<String> {
    TYPESCRIPT.assert_documented("stack traces");
    let shown = |line: &str| match line.trim_start().strip_prefix("at ") {
        Some(frame) => users_frame(frame),
        None => Some(line.to_owned()),
    };
    text.lines().filter_map(shown).collect()
}

/// The frame, if it is the user's.
fn users_frame(frame: &str) -> Option<String> {
    let (function, place) = match frame.strip_suffix(')').and_then(|frame| frame.rsplit_once(" (")) {
        Some((function, place)) => (function, place),
        None => ("<anonymous>", frame),
    };
    // Whoever waits for a promise is known to V8 alone.
    if function.starts_with("async ") || place.starts_with("async ") {
        return None;
    }
    let mut parts = place.rsplitn(3, ':').skip(1);
    let (line, path) = (parts.next()?, parts.next()?);
    let file = PROJECTS.iter().find_map(|project| users_file(project, path))?;
    let function = function.split(" [as ").next().unwrap_or_default();
    let function = function.rsplit(['.', ' ']).next().unwrap_or(function);
    Some(format!("    at {function} ({file}:{line})"))
}

/// A file of a project, below its folder.
fn users_file(project: &str, path: &str) -> Option<String> {
    let folder = repository(&format!("tests/guests-typescript/{project}"));
    let file = path.strip_prefix(&format!("file://{}/", folder.display())).unwrap_or(path);
    (!file.starts_with('/') && folder.join(file).is_file()).then(|| file.to_owned())
}
