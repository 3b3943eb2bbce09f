//! Stack traces and tracebacks: what of them shows the user's code.
//!
//! Temporal's worker shows its own frames around the user's, and the paths of its machine; the two run on different
//! versions of Python, which point at a part of a line in different ways. So what is compared of a frame is the file
//! below its project, the line, the function, and the source. Frames of Python's library are left out for the same
//! reason.

use crate::support::repository;

/// The folders whose files are the user's.
const PROJECTS: [&str; 4] = ["conformance", "ways", "examples", "strict-metrics"];

/// The lines of a traceback, frames that are not the user's left out.
pub(super) fn users(text: &str) -> Vec<String> {
    let mut shown = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(frame) = content(line).strip_prefix("File \"") else {
            // Between frames there is an empty line in the one kind of trace, and none in the other.
            if !content(line).is_empty() {
                shown.push(repetition(line).unwrap_or_else(|| line.to_owned()));
            }
            continue;
        };
        let mut source = Vec::new();
        while let Some(below) = lines.next_if(|below| depth(line) < depth(below) && !content(below).is_empty()) {
            source.push(content(below));
        }
        let (path, place) = frame.split_once("\", ").unwrap_or((frame, ""));
        if let Some(file) = users_file(path) {
            shown.push(format!("{file}, {place}: {}", source.first().unwrap_or(&"")));
        }
    }
    shown
}

/// The line without what exception groups draw at its left.
fn content(line: &str) -> &str {
    line.trim_start_matches([' ', '|'])
}

fn depth(line: &str) -> usize {
    line.len() - content(line).len()
}

/// A file of the user's, below its project.
fn users_file(path: &str) -> Option<String> {
    // Code that the user's code compiled.
    if path == "<compiled>" {
        return Some(path.to_owned());
    }
    PROJECTS.iter().find_map(|project| {
        let folder = repository(&format!("tests/guests-python/{project}"));
        let file = path.strip_prefix(&format!("{}/", folder.display())).unwrap_or(path);
        (!file.starts_with('/') && folder.join(file).is_file()).then(|| file.to_owned())
    })
}

/// How often a frame repeats is a matter of how deep the calls of the worker are.
fn repetition(line: &str) -> Option<String> {
    let rest = content(line).strip_prefix("[Previous line repeated ")?;
    let times: u32 = rest.split(' ').next()?.parse().ok()?;
    (100 < times).then(|| "[Previous line repeated many times]".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_of_the_user_stay() {
        let trace = "Traceback (most recent call last):\n  File \"/python/lib.py\", line 1, in run\n    run()\n    ^^^\n\n  \
                     File \"ways.py\", line 7, in inner\n    value[0]\n    ~~~~~^^^\nKeyError: 0";
        let expected = ["Traceback (most recent call last):", "ways.py, line 7, in inner: value[0]", "KeyError: 0"];
        assert_eq!(users(trace), expected);
        let theirs = repository("tests/guests-python/ways/ways.py").display().to_string();
        assert_eq!(users(&format!("  File \"{theirs}\", line 7, in inner\n    value[0]\n")), expected[1..2]);
    }
}
