//! The beginnings of paths that are granted. A path is compared as the server may read it: what servers read in more ways
//! than one is covered by no beginning.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is shown in paths as it is.
const SHOWN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A beginning of paths, in whole segments: `/v1` is one of `/v1` and `/v1/users`, not of `/v10`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathPrefix(Vec<String>);

/// A path that servers read in more than one way: with dot segments, with empty ones, or with encoded separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path has a segment that servers read differently: empty, of dots, or with an encoded / or \\ or %")]
pub struct AmbiguousPath;

impl PathPrefix {
    /// That of all paths below this one, and of this one itself.
    ///
    /// # Errors
    /// When it is ambiguous.
    pub fn new(path: &str) -> Result<Self, AmbiguousPath> {
        segments(path).map(Self)
    }

    /// One of these segments, as they are without encoding.
    pub fn of_segments(segments: Vec<String>) -> Self {
        Self(segments)
    }

    /// Its segments, without encoding.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// Whether it is the beginning of every path.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is the beginning of this path. That of every path is it also of those that are ambiguous.
    ///
    /// # Errors
    /// When the path is ambiguous, and it matters.
    pub fn covers(&self, path: &str) -> Result<bool, AmbiguousPath> {
        Ok(self.is_everything() || segments(path)?.starts_with(&self.0))
    }
}

/// The segments of a path, decoded. A slash at its end makes none.
fn segments(path: &str) -> Result<Vec<String>, AmbiguousPath> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(Vec::new());
    }
    path.split('/').map(segment).collect()
}

fn segment(written: &str) -> Result<String, AmbiguousPath> {
    let decoded = percent_decode_str(written).decode_utf8().map_err(|_| AmbiguousPath)?;
    // Some servers cut what follows, and only then look for dots.
    let bare = decoded.split([';', '?', '#']).next().unwrap_or_default().trim();
    let is_of_dots = bare.chars().all(is_like_a_dot);
    // A `%` that is left may be decoded once more; the last two become slashes where Unicode's compatible forms are taken.
    let is_separator = |each| matches!(each, '/' | '\\' | '%' | '\u{ff0f}' | '\u{ff3c}');
    let has_separator = decoded.chars().any(|each: char| is_separator(each) || each.is_control());
    if is_of_dots || has_separator { Err(AmbiguousPath) } else { Ok(decoded.into_owned()) }
}

/// Whether it is a dot, becomes one or several where Unicode's compatible forms are taken, or is nothing that one sees.
fn is_like_a_dot(each: char) -> bool {
    matches!(each, '.' | '\u{2024}'..='\u{2026}' | '\u{ff0e}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// As a URL has it.
impl fmt::Display for PathPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| write!(f, "/{}", utf8_percent_encode(segment, SHOWN)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_of_whole_segments() {
        let cases = [
            ("/v1/", "/v1", true),
            ("/v1/", "/v1/", true),
            ("/v1", "/v1/users/7", true),
            ("/v1", "/v10", false),
            ("/v1", "/V1", false),
            ("/v1", "/", false),
            ("/v1/users", "/v1", false),
            ("/v1", "/%76%31/users", true),
            ("/ü", "/%C3%BC/x", true),
            ("/v1", "/v2/v1", false),
            ("/v1", "/v1/.well-known/a..b", true),
            ("/", "/v1//x/%2f", true),
        ];
        for (prefix, path, covered) in cases {
            assert_eq!(PathPrefix::new(prefix).unwrap().covers(path), Ok(covered), "{prefix} {path}");
        }
    }

    #[test]
    fn what_servers_read_differently_is_ambiguous() {
        let v1 = PathPrefix::new("/v1").unwrap();
        for path in [
            "/v1/../admin",
            "/v1/%2e%2e/admin",
            "/v1/.%2E/admin",
            "/v1/./x",
            "/v1/...",
            "/v1/..;/admin",
            "/v1/..;a=b/admin",
            "/v1/;x/admin",
            "/v1/%2e%2e%3b/admin",
            "/v1/..%20/admin",
            "/v1/..%3fx/admin",
            "/v1/..%23/admin",
            "/v1/%ef%bc%8e%ef%bc%8e/admin",
            "/v1/%e2%80%a5/admin",
            "/v1/.%e2%80%8b./admin",
            "/v1/..%ef%bc%8fadmin",
            "/v1/a%2f..%2fadmin",
            "/v1/..%2fadmin",
            "/v1/..%5cadmin",
            "/v1/..\\admin",
            "/v1/%252e%252e/admin",
            "/v1/%c0%ae%c0%ae/admin",
            "/v1/%00",
            "/v1/x%0a",
            "/v1//admin",
            "//admin",
            "/v1/x//",
        ] {
            assert_eq!(v1.covers(path), Err(AmbiguousPath), "{path}");
            assert_eq!(PathPrefix::new(path), Err(AmbiguousPath), "{path}");
        }
    }

    #[test]
    fn a_prefix_is_shown_as_a_url_has_it() {
        assert_eq!(PathPrefix::new("/v1/a%20b/").unwrap().to_string(), "/v1/a%20b");
        assert_eq!(PathPrefix::new("/").unwrap().to_string(), "");
    }
}
