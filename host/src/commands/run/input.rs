//! Arguments on the command line as payloads.

use std::{io, path::Path};

use activity::Payload;
use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use serde_json::value::RawValue;

use crate::{
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// The most bytes of one argument: far more than any Temporal server takes.
const LARGEST: u64 = 64 << 20;

/// The payloads that `arguments` stand for.
///
/// # Errors
/// When one is neither JSON nor names a file, or a file can't be read.
pub(crate) fn payloads<'a>(arguments: impl IntoIterator<Item = &'a String>) -> Result<Vec<Payload>, Problem> {
    arguments.into_iter().map(|argument| payload(argument)).collect()
}

/// The payload that `argument` stands for.
///
/// # Errors
/// As for [`payloads`].
pub(crate) fn payload(argument: &str) -> Result<Payload, Problem> {
    if let Some(path) = argument.strip_prefix('@') {
        let text =
            String::from_utf8(read(path)?).with_context(|| format!("{path} is not text")).or_exit(Exit::Usage)?;
        return json(&text, path);
    }
    match argument.split_once(":@") {
        // No JSON begins like this.
        Some((encoding, path)) if is_encoding(encoding) => {
            let metadata = vec![("encoding".to_owned(), Bytes::from(encoding.to_owned()))];
            Ok(Payload { metadata, data: read(path)?.into() })
        }
        _ => json(argument, argument),
    }
}

fn json(text: &str, origin: &str) -> Result<Payload, Problem> {
    let checked: &RawValue = serde_json::from_str(text)
        .with_context(|| format!("{origin} is not JSON"))
        .or_exit(Exit::Usage)
        .or_cure("a text needs quotes of its own, as in '\"text\"'; @FILE reads JSON from a file")?;
    Ok(Payload::json(checked.get().to_owned()))
}

fn is_encoding(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '-' | '.' | '+'))
    };
    text.split_once('/').is_some_and(|(left, right)| is_word(left) && is_word(right))
}

fn read(path: &str) -> Result<Vec<u8>, Problem> {
    let read = match path {
        "-" => files::read_from(io::stdin().lock(), LARGEST),
        path => files::read(Path::new(path), LARGEST),
    };
    read.map_err(|error| anyhow!(error).context(format!("failed to read {path}"))).or_exit(Exit::Usage)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn json_stays_as_it_is_written() {
        assert_eq!(payload(" {\"b\": 1,  \"a\": 2.50} ").unwrap(), Payload::json("{\"b\": 1,  \"a\": 2.50}"));
        assert_eq!(payload("\"a:@b\"").unwrap(), Payload::json("\"a:@b\""));
    }

    #[test]
    fn what_is_not_json_is_refused_with_a_hint() {
        let problem = payload("hello").unwrap_err();
        assert_eq!(problem.exit, Exit::Usage);
        assert_eq!(problem.error.to_string(), "hello is not JSON");
        assert!(problem.cure.unwrap().contains("'\"text\"'"));
    }

    #[test]
    fn files_are_json_or_of_a_named_encoding() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("input");
        fs::write(&path, "[1]\n").unwrap();
        let path = path.display();
        assert_eq!(payload(&format!("@{path}")).unwrap(), Payload::json("[1]"));
        assert_eq!(
            payload(&format!("binary/plain:@{path}")).unwrap(),
            Payload::encoded("binary/plain", Bytes::from_static(b"[1]\n"))
        );
        for path in ["/does/not/exist", "/dev/zero"] {
            assert_eq!(payload(&format!("@{path}")).unwrap_err().exit, Exit::Usage);
        }
    }
}
