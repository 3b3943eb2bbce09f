//! The retry policy that an attempt is told, as it is written on the command line.

use std::{str::FromStr, time::Duration};

use activity::RetryPolicy;
use anyhow::anyhow;

use crate::{
    config::{parse::nearest, quantity::Span},
    exit::{Exit, Problem},
};

/// What can be set, as the server calls it.
const KEYS: [&str; 5] =
    ["initial-interval", "backoff-coefficient", "maximum-interval", "maximum-attempts", "non-retryable-error-types"];

/// By how much longer than the first wait the longest is, unless it is set: the server's own rule.
const INTERVALS: u32 = 100;

/// One setting of a retry policy: `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RetrySetting {
    InitialInterval(Duration),
    BackoffCoefficient(f64),
    MaximumInterval(Duration),
    MaximumAttempts(u32),
    NonRetryableErrorTypes(Vec<String>),
}

impl FromStr for RetrySetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or("a setting of the retry policy is written KEY=VALUE, as in maximum-attempts=5")?;
        let span = || value.parse::<Span>().map(|span| span.0);
        let number = |kind| format!("{value:?} is no {kind} for {key}");
        match key {
            "initial-interval" => span().map(Self::InitialInterval),
            "backoff-coefficient" => value.parse().map(Self::BackoffCoefficient).map_err(|_| number("number")),
            "maximum-interval" => span().map(Self::MaximumInterval),
            "maximum-attempts" => value.parse().map(Self::MaximumAttempts).map_err(|_| number("whole number")),
            "non-retryable-error-types" => {
                Ok(Self::NonRetryableErrorTypes(value.split(',').map(|name| name.trim().to_owned()).collect()))
            }
            _ => Err(match nearest(key, &KEYS) {
                Some(near) => format!("there is no {key:?}; did you mean {near}?"),
                None => format!("there is no {key:?}; there is {}", KEYS.join(", ")),
            }),
        }
    }
}

/// The policy with these settings, completed as the server would; none for no setting.
///
/// # Errors
/// When the server would not take such a policy.
pub(super) fn policy(settings: &[RetrySetting]) -> Result<Option<RetryPolicy>, Problem> {
    if settings.is_empty() {
        return Ok(None);
    }
    let mut initial = Duration::from_secs(1);
    let mut longest = None;
    let mut policy = RetryPolicy {
        initial_interval: None,
        backoff_coefficient: 2.0,
        maximum_interval: None,
        maximum_attempts: 0,
        non_retryable_error_types: Vec::new(),
    };
    for setting in settings.iter().cloned() {
        match setting {
            RetrySetting::InitialInterval(interval) => initial = interval,
            RetrySetting::BackoffCoefficient(coefficient) => policy.backoff_coefficient = coefficient,
            RetrySetting::MaximumInterval(interval) => longest = Some(interval),
            RetrySetting::MaximumAttempts(attempts) => policy.maximum_attempts = attempts,
            RetrySetting::NonRetryableErrorTypes(names) => policy.non_retryable_error_types.extend(names),
        }
    }
    let longest = longest.unwrap_or_else(|| initial.saturating_mul(INTERVALS));
    if !policy.backoff_coefficient.is_finite() || policy.backoff_coefficient < 1.0 {
        return Err(wrong("backoff-coefficient is at least 1"));
    }
    if initial.is_zero() {
        return Err(wrong("initial-interval is longer than nothing"));
    }
    if longest < initial {
        return Err(wrong("maximum-interval is at least as long as initial-interval"));
    }
    Ok(Some(RetryPolicy { initial_interval: Some(initial), maximum_interval: Some(longest), ..policy }))
}

fn wrong(rule: &str) -> Problem {
    Problem::new(Exit::Usage, anyhow!("there is no such retry policy: {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[&str]) -> Result<Option<RetryPolicy>, String> {
        let settings = settings.iter().map(|text| text.parse()).collect::<Result<Vec<RetrySetting>, String>>()?;
        policy(&settings).map_err(|problem| problem.error.to_string())
    }

    #[test]
    fn what_is_not_set_is_as_the_server_sets_it() {
        assert_eq!(of(&[]), Ok(None));
        let policy = of(&["maximum-attempts=3", "initial-interval=2s", "non-retryable-error-types=A, B"]);
        let policy = policy.unwrap().unwrap();
        assert_eq!((policy.maximum_attempts, policy.backoff_coefficient.to_bits()), (3, 2.0_f64.to_bits()));
        assert_eq!(policy.initial_interval, Some(Duration::from_secs(2)));
        assert_eq!(policy.maximum_interval, Some(Duration::from_secs(200)));
        assert_eq!(policy.non_retryable_error_types, ["A", "B"]);
    }

    #[test]
    fn what_the_server_would_refuse_is_refused() {
        let refused = |settings: &[&str], reason: &str| {
            let error = of(settings).unwrap_err();
            assert!(error.contains(reason), "{error}");
        };
        refused(&["backoff-coefficient=0.5"], "at least 1");
        refused(&["backoff-coefficient=NaN"], "at least 1");
        refused(&["initial-interval=0s"], "longer than nothing");
        refused(&["initial-interval=5s", "maximum-interval=4s"], "maximum-interval is at least");
        refused(&["maximum-atempts=5"], "did you mean maximum-attempts?");
        refused(&["maximum-attempts=-1"], "no whole number");
        refused(&["5"], "KEY=VALUE");
    }
}
