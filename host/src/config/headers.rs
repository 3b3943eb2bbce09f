//! A file with the headers that a collector wants, a line for each. Their values may be secret, so that no error shows them.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, anyhow};
use axum::http::{HeaderName, HeaderValue};

use crate::files;

/// The most bytes of such a file: a server takes a few KiB of them.
const LARGEST: u64 = 64 << 10;

/// The headers in the file at `path`.
///
/// # Errors
/// When it can't be read, or has a line that is no header.
pub(crate) fn read(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text =
        files::read_text(path, LARGEST).with_context(|| format!("failed to read the headers in {}", path.display()))?;
    let mut headers = BTreeMap::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |why| anyhow!("{}:{}: {why}", path.display(), index + 1);
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("a header is written `name: value`"))?;
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        let name = name.map_err(|_| wrong("before the colon is no name of a header"))?;
        let value = HeaderValue::from_str(value.trim()).ok().and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let value = value.ok_or_else(|| wrong("its value has characters that no header can have"))?;
        if headers.insert(name.as_str().to_owned(), value).is_some() {
            return Err(wrong("that header is there already"));
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn of(text: &str) -> Result<BTreeMap<String, String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headers");
        fs::write(&path, text).unwrap();
        read(&path).map_err(|error| format!("{error:#}").replace(&folder.path().display().to_string(), ""))
    }

    #[test]
    fn what_is_no_header_is_told_with_its_line_and_without_its_value() {
        let cases = [
            ("a: b\n\nAuthorization Bearer secret\n", "/headers:3: a header is written `name: value`"),
            (": secret", "/headers:1: before the colon is no name of a header"),
            ("api key: secret", "/headers:1: before the colon is no name of a header"),
            ("a: b\nkey: sec\u{7}ret", "/headers:2: its value has characters that no header can have"),
            ("key: s\u{e9}cret", "/headers:1: its value has characters that no header can have"),
            ("key: a\nKEY: secret", "/headers:2: that header is there already"),
        ];
        for (text, problem) in cases {
            assert_eq!(of(text), Err(problem.to_owned()), "{text}");
        }
        let expected =
            [("authorization", "Bearer a:b"), ("x-empty", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(of("Authorization:  Bearer a:b \r\nx-empty:\n"), Ok(BTreeMap::from(expected)));
    }
}
