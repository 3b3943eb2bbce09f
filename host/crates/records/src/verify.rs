//! Whether a chain holds.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::chain::{GENESIS, Head, LONGEST_LINE, Link, REPAIRED, hash};

/// What a chain that holds shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many entries there are.
    pub entries: u64,
    /// The number of the first one: what was before it, if it is not 1, is not in these files.
    pub first: u64,
    /// The last one.
    pub head: Head,
    /// Lines that a crash has cut off, and that were told of.
    pub repaired: u64,
    /// The bytes of a line at the very end that has no end, as after a crash.
    pub torn: Option<usize>,
}

/// Why a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// It is no entry.
    #[error("it is no entry of an audit log")]
    NoEntry,
    /// It does not follow the line before.
    #[error("it does not have the hash of the line before: that was changed, or something was removed, added or moved")]
    OtherHash,
    /// Its number does not follow that of the line before.
    #[error("its number is {number}, and {expected} was to follow")]
    OtherNumber {
        /// Its own.
        number: u64,
        /// The next one.
        expected: u64,
    },
    /// It is the first and claims something before it.
    #[error("it is the first entry, and has the hash of one before")]
    FalseFirst,
}

/// Why there is no verdict. Texts fit after "failed to".
#[derive(Debug, Error)]
pub enum VerifyError {
    /// A file can't be read.
    #[error("read {}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The chain does not hold.
    #[error("follow the chain at {}:{line}: {broken}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        broken: Broken,
    },
    /// What was known as its head is not in it.
    #[error("find the head {0} in the chain: entries were removed at its end, or all of it was written anew")]
    NoHead(String),
}

/// Follows the chain through `files`, the oldest first. With `head`, the hash of an entry that was kept elsewhere, it must be
/// in it.
///
/// # Errors
/// With the first line that does not hold.
pub fn verify(files: &[PathBuf], head: Option<&str>) -> Result<Verdict, VerifyError> {
    let mut follower = Follower { has_head: head.is_none_or(|head| head == GENESIS), ..Follower::default() };
    for path in files {
        follower.follow(path, head)?;
    }
    // Nobody tells of it.
    if let Some((_, path, line)) = follower.cut {
        return Err(VerifyError::Broken { path, line, broken: Broken::NoEntry });
    }
    match head {
        Some(head) if !follower.has_head => Err(VerifyError::NoHead(head.to_owned())),
        _ => Ok(follower.verdict),
    }
}

#[derive(Debug, Default)]
struct Follower {
    verdict: Verdict,
    has_head: bool,
    /// The hash of a line that is no entry, and where it is: the next entry must tell of it.
    cut: Option<(String, PathBuf, u64)>,
}

impl Follower {
    fn follow(&mut self, path: &Path, head: Option<&str>) -> Result<(), VerifyError> {
        let system = |source| VerifyError::System { path: path.to_owned(), source };
        let mut reader = BufReader::new(File::open(path).map_err(system)?);
        let mut number = 0;
        loop {
            let mut line = Vec::new();
            // One that is longer is no entry in any case.
            let read = reader.by_ref().take(LONGEST_LINE as u64 + 2).read_until(b'\n', &mut line).map_err(system)?;
            if read == 0 {
                break;
            }
            number += 1;
            // The file before it has lost its end, which no crash does to one that is followed by another.
            if self.verdict.torn.is_some() {
                return Err(broken(path, number, Broken::OtherHash));
            }
            if line.pop_if(|byte| *byte == b'\n').is_none() {
                if read <= LONGEST_LINE {
                    self.verdict.torn = Some(read);
                    continue;
                }
                return Err(broken(path, number, Broken::NoEntry));
            }
            match Link::read(&line) {
                Some(link) => {
                    self.mend(&link)?;
                    self.entry(link, &line, head).map_err(|wrong| broken(path, number, wrong))?;
                }
                None if self.cut.is_some() => return Err(broken(path, number, Broken::NoEntry)),
                None => self.cut = Some((hash(&line), path.to_owned(), number)),
            }
        }
        Ok(())
    }

    /// A line that is no entry is what a crash has left, if the next entry tells of it.
    fn mend(&mut self, next: &Link) -> Result<(), VerifyError> {
        let Some((torn, path, line)) = self.cut.take() else { return Ok(()) };
        if next.event != REPAIRED || next.torn.as_ref() != Some(&torn) {
            return Err(broken(&path, line, Broken::NoEntry));
        }
        self.verdict.repaired += 1;
        Ok(())
    }

    fn entry(&mut self, link: Link, line: &[u8], head: Option<&str>) -> Result<(), Broken> {
        let Verdict { entries, head: last, .. } = &mut self.verdict;
        if *entries == 0 {
            if link.number == 1 && link.previous != GENESIS {
                return Err(Broken::FalseFirst);
            }
            self.verdict.first = link.number;
        } else {
            let expected = last.number.saturating_add(1);
            if link.previous != last.hash {
                return Err(Broken::OtherHash);
            }
            if link.number != expected {
                return Err(Broken::OtherNumber { number: link.number, expected });
            }
        }
        let hash = hash(line);
        self.has_head |= head == Some(hash.as_str());
        self.verdict.entries += 1;
        self.verdict.head = Head { number: link.number, hash };
        Ok(())
    }
}

fn broken(path: &Path, line: u64, broken: Broken) -> VerifyError {
    VerifyError::Broken { path: path.to_owned(), line, broken }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Map;

    use super::*;

    /// A log with these events.
    fn lines(events: &[&str]) -> Vec<String> {
        let mut head = Head::default();
        let entry = |event: &&str| {
            let (line, next) = head.entry(event, Map::new());
            head = next;
            line
        };
        events.iter().map(entry).collect()
    }

    fn verdict(lines: &[String], head: Option<&str>) -> Result<Verdict, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        verify(&[file.path().to_owned()], head).map_err(|error| match error {
            VerifyError::Broken { line, broken, .. } => format!("{line}: {broken:?}"),
            other => other.to_string(),
        })
    }

    #[test]
    fn whatever_is_changed_is_found() {
        let whole = lines(&["a", "b", "c", "d"]);
        assert_eq!(verdict(&whole, None).unwrap().entries, 4);
        let changed = |change: &dyn Fn(&mut Vec<String>)| {
            let mut lines = whole.clone();
            change(&mut lines);
            verdict(&lines, None).unwrap_err()
        };
        assert_eq!(changed(&|lines| lines[1] = lines[1].replace("\"b\"", "\"x\"")), "3: OtherHash");
        assert_eq!(changed(&|lines| drop(lines.remove(1))), "2: OtherHash");
        assert_eq!(changed(&|lines| lines.swap(1, 2)), "2: OtherHash");
        assert_eq!(changed(&|lines| lines.insert(2, lines[1].clone())), "3: OtherHash");
        assert_eq!(changed(&|lines| lines.insert(2, "nothing".to_owned())), "3: NoEntry");
        assert_eq!(changed(&|lines| lines.push("nothing".to_owned())), "5: NoEntry");
        assert_eq!(changed(&|lines| lines[0] = lines[0].replace(GENESIS, &"1".repeat(64))), "1: FalseFirst");
        let other = Head { number: 7, ..Head { hash: crate::chain::hash(whole[3].as_bytes()), number: 4 } };
        let (line, _) = other.entry("e", Map::new());
        assert_eq!(changed(&|lines| lines.push(line.clone())), "5: OtherNumber { number: 8, expected: 5 }");
    }

    #[test]
    fn what_a_chain_can_not_show_a_head_does() {
        let whole = lines(&["a", "b", "c"]);
        let head = crate::chain::hash(whole[2].as_bytes());
        let [earlier, cut] = [&whole[..], &whole[..2]].map(|lines| verdict(lines, Some(&head)));
        assert_eq!(earlier.unwrap().head.hash, head);
        assert!(cut.unwrap_err().starts_with("find the head "));
        assert_eq!(verdict(&whole[..2], None).unwrap().entries, 2, "a chain alone shows no missing end");
        let first = crate::chain::hash(whole[0].as_bytes());
        assert!(verdict(&whole, Some(&first)).is_ok(), "it has gone on since");
    }

    #[test]
    fn a_part_of_it_is_told_as_that() {
        let whole = lines(&["a", "b", "c"]);
        assert_eq!(verdict(&whole[1..], None).unwrap().first, 2);
        assert_eq!(verdict(&[], None).unwrap(), Verdict::default());
    }
}
