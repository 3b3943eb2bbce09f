//! A point in time, as it is written on the command line.

use std::{str::FromStr, time::SystemTime};

use crate::config::quantity::Span;

/// A time such as `2026-01-31T12:00:00Z`, or one that has passed, such as `5m ago`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant(pub(super) SystemTime);

impl FromStr for Instant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time; write it like \"2026-01-31T12:00:00Z\" or \"5m ago\"");
        if let Some(span) = text.strip_suffix(" ago") {
            let span: Span = span.parse().map_err(|_| wrong())?;
            return SystemTime::now().checked_sub(span.0).map(Self).ok_or_else(wrong);
        }
        humantime::parse_rfc3339(text).map(Self).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_that_of_a_clock_or_so_long_ago() {
        let read = |text: &str| text.parse::<Instant>().map(|instant| instant.0);
        assert_eq!(read("1970-01-01T00:01:00.5Z"), Ok(SystemTime::UNIX_EPOCH + Duration::from_millis(60_500)));
        assert!(read("2h ago").unwrap() < SystemTime::now() - Duration::from_secs(7_000));
        for wrong in ["", "2h", "ago", "yesterday", "2026-01-31", "2026-01-31T12:00:00+01:00"] {
            assert!(read(wrong).unwrap_err().contains("5m ago"), "{wrong}");
        }
    }
}
