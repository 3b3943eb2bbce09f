//! What is known to fail of web-platform-tests, with reasons: `known.txt`.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use crate::support::repository;

use super::Ended;

/// Files and their tests; `*` in a test's name stands for anything.
#[derive(Debug, Default)]
pub(super) struct Known {
    failing: BTreeMap<String, Vec<String>>,
    /// These are not run at all.
    left_out: Vec<String>,
}

impl Known {
    /// What the file has: a reason behind `#`, then `FILE: TEST` for each test that fails for it, or `FILE` alone if it is
    /// not run.
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(repository("tests/it/typescript/web_platform/known.txt")).unwrap();
        let mut known = Self::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(": ") {
                Some((file, test)) => known.failing.entry(file.to_owned()).or_default().push(test.to_owned()),
                None => known.left_out.push(line.to_owned()),
            }
        }
        known
    }

    /// Files that are named, with tests that fail.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.failing.keys().map(String::as_str)
    }

    /// Whether a file, or a folder that it is in, is not run.
    pub(super) fn is_left_out(&self, file: &str) -> bool {
        self.left_out.iter().any(|left_out| file == left_out || (left_out.ends_with('/') && file.starts_with(left_out)))
    }

    /// Says what is otherwise than it is known to be.
    pub(super) fn compare(&self, file: &str, ended: &Ended, wrong: &mut String) {
        let mut unseen: Vec<_> = self.failing.get(file).into_iter().flatten().collect();
        let known = unseen.clone();
        for (name, why) in ended {
            // In one line, as it stands in the list.
            let name = name.escape_debug().to_string();
            unseen.retain(|pattern| why.is_none() || !matches(pattern, &name));
            let is_known = known.iter().any(|pattern| matches(pattern, &name));
            match why {
                Some(why) if !is_known => writeln!(wrong, "fails: {file}: {name} ({why})").unwrap(),
                None if is_known => writeln!(wrong, "passes: {file}: {name}").unwrap(),
                _ => {}
            }
        }
        unseen.into_iter().for_each(|pattern| writeln!(wrong, "is not there: {file}: {pattern}").unwrap());
    }
}

/// Whether a name is what a pattern says.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}
