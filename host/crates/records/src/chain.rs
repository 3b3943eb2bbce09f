//! Entries of the audit log: JSON objects, a line each, of which each holds the hash of the line before.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    time::SystemTime,
};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::{FileError, file::GrowingFile};

/// What stands for the hash of the line before the first one.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The longest line, in bytes: an entry that would be longer loses its fields.
pub(crate) const LONGEST_LINE: usize = 64 << 10;

/// The event of an entry that tells of a line before it which a crash has cut off.
pub(crate) const REPAIRED: &str = "log-repaired";

/// Files beside a new one that are looked at for the end of the chain.
const MOST_SIBLINGS: usize = 10_000;

/// The newest entry: what whoever keeps it elsewhere can tell by whether the log still ends with it, or goes on from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number, from 1; 0 if there is none yet.
    pub number: u64,
    /// The SHA-256 of its line, in hexadecimal.
    pub hash: String,
}

/// What an entry says of its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) previous: String,
    pub(crate) event: String,
    /// The hash of the cut line that it tells of.
    pub(crate) torn: Option<String>,
}

impl Default for Head {
    fn default() -> Self {
        Self { number: 0, hash: GENESIS.to_owned() }
    }
}

impl Head {
    /// The next entry after this one, as a line; it becomes the head.
    pub(crate) fn entry(&self, event: &str, fields: Map<String, Value>) -> (String, Self) {
        let number = self.number.saturating_add(1);
        let with = |fields: Map<String, Value>| {
            let mut entry = fields;
            entry.insert("number".to_owned(), json!(number));
            entry.insert("time".to_owned(), json!(humantime::format_rfc3339_micros(SystemTime::now()).to_string()));
            entry.insert("event".to_owned(), json!(event));
            entry.insert("previous".to_owned(), json!(self.hash));
            activity::shown::in_json(&Value::Object(entry).to_string()).into_owned()
        };
        let mut line = with(fields);
        if LONGEST_LINE < line.len() {
            line = with(Map::from_iter([("fields_left_out".to_owned(), json!(true))]));
        }
        let head = Self { number, hash: hash(line.as_bytes()) };
        (line, head)
    }
}

impl Link {
    /// Reads it out of a line.
    pub(crate) fn read(line: &[u8]) -> Option<Self> {
        let entry: Value = serde_json::from_slice(line).ok()?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = entry.get("number")?.as_u64()?;
        Some(Self { number, previous: text("previous")?, event: text("event")?, torn: text("torn_hash") })
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// How a log ends.
#[derive(Debug, Default)]
pub(crate) struct End {
    pub(crate) head: Head,
    /// The line after that which has no end.
    pub(crate) torn: Vec<u8>,
}

/// How the chain ends that a file continues: with its own last entry, or that of the newest file beside it.
///
/// # Errors
/// When it can't be read, or what it ends with is no entry.
pub(crate) fn end(file: &GrowingFile) -> Result<End, FileError> {
    let path = file.path().to_owned();
    let system = |source| FileError::System { path: path.clone(), source };
    if file.size() == 0 {
        return Ok(End { head: of_siblings(&path).map_err(system)?, torn: Vec::new() });
    }
    let end = end_of(file.file()).map_err(system)?;
    let what = "it ends with something else than an entry of an audit log";
    end.ok_or(FileError::Strange { path: path.clone(), what })
}

/// How a file ends; `None` if it is no log.
fn end_of(mut file: &File) -> io::Result<Option<End>> {
    // Two lines, the last of which may have no end.
    const READ: u64 = 2 * (LONGEST_LINE as u64 + 1) + LONGEST_LINE as u64;
    let size = file.metadata()?.len();
    let from = size.saturating_sub(READ);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(READ).read_to_end(&mut bytes)?;
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let torn = lines.pop().unwrap_or_default().to_vec();
    let Some(last) = lines.pop() else {
        // Not one line was ever whole.
        return Ok((from == 0).then_some(End { head: Head::default(), torn }));
    };
    let link = Link::read(last);
    Ok(link.map(|link| End { head: Head { number: link.number, hash: hash(last) }, torn }))
}

/// The newest entry of the files that are called like this one and more.
fn of_siblings(path: &Path) -> io::Result<Head> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut newest = Head::default();
    for entry in fs::read_dir(folder)?.take(MOST_SIBLINGS) {
        let entry = entry?;
        let is_sibling =
            entry.file_name().to_string_lossy().strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'));
        if !is_sibling || !entry.file_type()?.is_file() {
            continue;
        }
        // What is packed, or something else, is passed over.
        let end = File::open(entry.path()).and_then(|file| end_of(&file));
        if let Ok(Some(End { head, .. })) = end
            && newest.number < head.number
        {
            newest = head;
        }
    }
    Ok(newest)
}
