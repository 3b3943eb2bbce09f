//! What should come of an attempt, and how it differs from what came.

use std::fmt;

use anyhow::anyhow;
use serde_json::{Map, Value, json};
use similar::{ChangeTag, TextDiff};

use crate::{
    commands::run::{report::FAILURE_KEYS, show::MEASUREMENT_KEYS},
    exit::{Exit, Problem},
};

/// How attempts end, as `isolet run --output json` says it.
const OUTCOMES: [&str; 6] = ["completed", "failed", "cancelled", "timed-out", "will-complete-async", "abandoned"];

/// What a case may expect: keys of that document, and texts of the log.
const KEYS: [&str; 8] = ["outcome", "result", "failure", "details", "heartbeats", "calls", "metrics", LOGGED];

/// Texts that have to be logged.
const LOGGED: &str = "logged";

/// Of these only what is expected is looked at. Of everything else all is.
const IN_PART: [&str; 3] = ["failure", "calls", "metrics"];

/// What should come of an attempt.
#[derive(Debug)]
pub(super) struct Expected(Map<String, Value>);

/// What was expected and what came, line by line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference(String);

impl Expected {
    /// From what a case says.
    ///
    /// # Errors
    /// When it says what no attempt comes to.
    pub(super) fn new(mut said: Map<String, Value>) -> Result<Self, Problem> {
        let problem = |error: String| Problem::new(Exit::Usage, anyhow!(error));
        if let Some(key) = said.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(problem(format!("nothing is known of {key:?} to expect: there are {}", KEYS.join(", "))));
        }
        let usual = if said.contains_key("failure") { "failed" } else { "completed" };
        let outcome = said.entry("outcome").or_insert_with(|| json!(usual));
        if !OUTCOMES.iter().any(|known| outcome == known) {
            return Err(problem(format!("no attempt ends as {outcome}: there are {}", OUTCOMES.join(", "))));
        }
        said.iter().try_for_each(|(key, expected)| has_its_shape(key, expected)).map_err(problem)?;
        Ok(Self(said))
    }

    /// How the document of an attempt differs, if it does.
    pub(super) fn compare(&self, document: &Value) -> Option<Difference> {
        let pairs = self.0.iter().filter_map(|(key, expected)| Some((key.clone(), seen(key, expected, document)?)));
        let mut actual: Map<String, Value> = pairs.collect();
        if self.0.iter().all(|(key, expected)| actual.get(key).is_some_and(|actual| same(expected, actual))) {
            return None;
        }
        // A failure says most of why all is not as it should be.
        if let Some(failure) = document.get("failure") {
            actual.entry("failure").or_insert_with(|| failure.clone());
        }
        Some(Difference::new(&Value::Object(self.0.clone()), &Value::Object(actual)))
    }
}

/// Refuses what no document of an attempt has there: nothing could ever be as such a case expects.
fn has_its_shape(key: &str, expected: &Value) -> Result<(), String> {
    match (key, expected) {
        ("failure" | "cause", Value::Object(fields)) => {
            known(key, fields, &FAILURE_KEYS)?;
            fields.get("cause").map_or(Ok(()), |cause| has_its_shape("cause", cause))
        }
        ("failure" | "cause", other) => Err(format!("{key:?} is what a failure should have, by keys, and not {other}")),
        ("details" | "heartbeats" | "calls" | "metrics" | LOGGED, Value::Array(each)) => {
            each.iter().try_for_each(|each| is_one_of(key, each))
        }
        ("details" | "heartbeats" | "calls" | "metrics" | LOGGED, other) => {
            Err(format!("{key:?} is a list, and not {other}"))
        }
        _ => Ok(()),
    }
}

/// The same for something in a list.
fn is_one_of(key: &str, each: &Value) -> Result<(), String> {
    match (key, each) {
        ("heartbeats", Value::Array(_)) | ("calls" | LOGGED, Value::String(_)) | ("details", _) => Ok(()),
        ("metrics", Value::Object(fields)) => known(key, fields, &MEASUREMENT_KEYS),
        ("heartbeats", other) => Err(format!("each of {key:?} is a list of details, and not {other}")),
        ("metrics", other) => {
            Err(format!("each of {key:?} is what a measurement should have, by keys, and not {other}"))
        }
        (_, other) => Err(format!("each of {key:?} is a text, and not {other}")),
    }
}

fn known(what: &str, fields: &Map<String, Value>, keys: &[&str]) -> Result<(), String> {
    match fields.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("nothing is known of {key:?} in {what:?}: there are {}", keys.join(", "))),
        None => Ok(()),
    }
}

/// What is to be compared with what a key expects, if there is any.
fn seen(key: &str, expected: &Value, document: &Value) -> Option<Value> {
    if key == LOGGED {
        return Some(logged(expected, document));
    }
    let actual = document.get(key)?.clone();
    Some(if IN_PART.contains(&key) { part(expected, actual) } else { actual })
}

/// The expected texts that were logged; all that was if one is missing.
fn logged(expected: &Value, document: &Value) -> Value {
    let lines = document.get("log").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<&str> = lines.filter_map(|line| line.get("message")?.as_str()).collect();
    let was = |text: &Value| text.as_str().is_some_and(|text| lines.iter().any(|line| line.contains(text)));
    match expected.as_array() {
        Some(texts) if texts.iter().all(was) => expected.clone(),
        _ => json!(lines),
    }
}

/// What of `actual` is expected somehow: of objects the same keys, of lists the same places.
fn part(expected: &Value, actual: Value) -> Value {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(mut actual)) => {
            expected.iter().filter_map(|(key, each)| Some((key.clone(), part(each, actual.remove(key)?)))).collect()
        }
        (Value::Array(expected), Value::Array(actual)) => {
            let places = expected.iter().map(Some).chain(std::iter::repeat(None));
            let parts = actual.into_iter().zip(places);
            parts.map(|(actual, expected)| expected.map_or(actual.clone(), |expected| part(expected, actual))).collect()
        }
        (_, actual) => actual,
    }
}

/// Whether two values are the same. A number is, however it is written.
fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(expected), Value::Number(actual)) => {
            expected == actual || (expected.is_f64() != actual.is_f64() && expected.as_f64() == actual.as_f64())
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len() && expected.iter().zip(actual).all(|(one, other)| same(one, other))
        }
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected.iter().all(|(key, one)| actual.get(key).is_some_and(|other| same(one, other)))
        }
        _ => expected == actual,
    }
}

impl Difference {
    fn new(expected: &Value, actual: &Value) -> Self {
        let (expected, actual) = (format!("{expected:#}\n"), format!("{actual:#}\n"));
        let lines = TextDiff::from_lines(&expected, &actual);
        let lines = lines.iter_all_changes().map(|change| {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            format!("    {sign} {}", change.value())
        });
        Self(lines.collect())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(expected: Value, document: &Value) -> Option<String> {
        let Value::Object(expected) = expected else { panic!("no object") };
        Expected::new(expected).unwrap().compare(document).map(|difference| difference.to_string())
    }

    #[test]
    fn all_of_a_result_is_compared_and_what_is_expected_of_a_failure() {
        let completed = json!({"outcome": "completed", "result": {"a": 1, "b": [2.0]}, "cpu_ms": 3});
        assert_eq!(compared(json!({"result": {"b": [2], "a": 1}}), &completed), None);
        assert_eq!(compared(json!({}), &completed), None);
        assert!(compared(json!({"result": {"a": 1}}), &completed).is_some());
        let failed = json!({"outcome": "failed", "failure": {"type": "OutOfStock", "message": "none", "cause": {"type": "Io", "message": ""}}});
        assert_eq!(compared(json!({"failure": {"type": "OutOfStock", "cause": {"type": "Io"}}}), &failed), None);
        assert!(compared(json!({"failure": {"cause": {"type": "Other"}}}), &failed).is_some());
        assert_eq!(compared(json!({"outcome": "failed"}), &failed), None);
        assert!(compared(json!({}), &failed).unwrap().contains("OutOfStock"));
    }

    #[test]
    fn what_can_never_come_is_refused() {
        for (expected, told) in [
            (json!({"failure": {"typ": "A"}}), "\"typ\" in \"failure\""),
            (json!({"failure": {"cause": {"cause": {"nonretryable": true}}}}), "\"nonretryable\" in \"cause\""),
            (json!({"failure": "A"}), "\"failure\" is what a failure should have"),
            (json!({"metrics": [{"label": "a"}]}), "\"label\" in \"metrics\""),
            (json!({"metrics": {"name": "a"}}), "\"metrics\" is a list"),
            (json!({"heartbeats": [1]}), "each of \"heartbeats\" is a list"),
            (json!({"logged": "early"}), "\"logged\" is a list"),
            (json!({"calls": [{"name": "signal"}]}), "each of \"calls\" is a text"),
        ] {
            let Value::Object(fields) = expected else { panic!("no object") };
            let problem = Expected::new(fields).unwrap_err();
            assert!(problem.error.to_string().contains(told), "{}", problem.error);
        }
    }

    #[test]
    fn texts_of_the_log_are_looked_for() {
        let document = json!({"outcome": "completed", "log": [{"message": "stopping early"}]});
        assert_eq!(compared(json!({"logged": ["early"]}), &document), None);
        let difference = compared(json!({"logged": ["late"]}), &document).unwrap();
        assert!(
            difference.contains("-     \"late\"") && difference.contains("+     \"stopping early\""),
            "{difference}"
        );
    }

    #[test]
    fn a_difference_is_shown_line_by_line() {
        let document = json!({"outcome": "completed", "result": 8});
        let difference = compared(json!({"result": 7}), &document).unwrap();
        assert_eq!(
            difference,
            "      {\n        \"outcome\": \"completed\",\n    -   \"result\": 7\n    +   \"result\": 8\n      }\n"
        );
    }
}
