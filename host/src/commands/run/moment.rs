//! At which point something happens to the attempt, as it is written on the command line.

use std::str::FromStr;

use testing::When;

use crate::config::quantity::Span;

/// A point in an attempt's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// So long after its start.
    After(Span),
    /// Once it has recorded so many heartbeats.
    Heartbeats(usize),
    /// Once it has logged a line with this text in it.
    Logged(String),
}

impl Moment {
    /// As the test environment takes it.
    pub(super) fn when(&self) -> When {
        match self {
            Self::After(span) => When::after(span.0),
            Self::Heartbeats(count) => When::heartbeats(*count),
            Self::Logged(text) => When::logged(text),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("heartbeats", count)) => {
                count.parse().map(Self::Heartbeats).map_err(|_| format!("{count:?} is not a number of heartbeats"))
            }
            Some(("log", text)) => Ok(Self::Logged(text.to_owned())),
            _ => text.parse().map(Self::After).map_err(|error: String| {
                format!("{error}; or \"heartbeats=3\" for the third heartbeat, or \"log=TEXT\" for a log line")
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_moment_is_a_time_or_a_condition() {
        assert_eq!("2s".parse(), Ok(Moment::After(Span(Duration::from_secs(2)))));
        assert_eq!("heartbeats=3".parse(), Ok(Moment::Heartbeats(3)));
        assert_eq!("log=a=b".parse(), Ok(Moment::Logged("a=b".to_owned())));
        assert!("heartbeats=x".parse::<Moment>().is_err());
        assert!("later".parse::<Moment>().unwrap_err().contains("heartbeats=3"));
    }
}
