//! The file with cases.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use activity::Payload;
use anyhow::{Context as _, anyhow};
use clap::Parser;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::expected::Expected;
use crate::{
    commands::run::attempt::AttemptFlags,
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// The most bytes of a file with cases, which somebody wrote by hand or recorded.
const LARGEST: u64 = 64 << 20;

/// What is told of every file that can't be read.
const CURE: &str = "docs/testing-activities.md, \"isolet test\", says what is in such a file";

/// What a file has.
#[derive(Debug)]
pub(super) struct Cases {
    /// The component's file, or a project, from the file's folder.
    pub(super) component: PathBuf,
    pub(super) cases: Vec<Case>,
}

/// An attempt and what should come of it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) activity: String,
    pub(super) flags: AttemptFlags,
    pub(super) expected: Expected,
    input: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawCases {
    component: Option<PathBuf>,
    #[serde(rename = "case", default)]
    cases: Vec<RawCase>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawCase {
    name: String,
    activity: String,
    #[serde(default)]
    input: Vec<Value>,
    /// Options of `isolet run`, by name.
    #[serde(default)]
    options: Map<String, Value>,
    #[serde(default)]
    expect: Map<String, Value>,
}

/// The options of a case, read as those of a command line.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Options {
    #[command(flatten)]
    flags: AttemptFlags,
}

impl Cases {
    /// Reads a file: JSON if its name ends so, TOML otherwise.
    ///
    /// # Errors
    /// When it can't be read, with what is wrong in it, and where.
    pub(super) fn read(file: &Path) -> Result<Self, Problem> {
        let shown = file.display();
        let text = files::read(file, LARGEST).with_context(|| format!("failed to read {shown}")).or_exit(Exit::Usage);
        let text = String::from_utf8(text.or_cure(CURE)?).with_context(|| format!("{shown} is not text"));
        let text = text.or_exit(Exit::Usage)?;
        let raw: anyhow::Result<RawCases> = match file.extension() == Some(OsStr::new("json")) {
            true => serde_json::from_str(&text).map_err(Into::into),
            false => toml::from_str(&text).map_err(Into::into),
        };
        let raw = raw.with_context(|| format!("{shown} is no file of cases")).or_exit(Exit::Usage).or_cure(CURE)?;
        if raw.cases.is_empty() {
            return Err(Problem::new(Exit::Usage, anyhow!("{shown} has no cases")).cure(CURE));
        }
        let cases = raw.cases.into_iter().map(|case| {
            let name = case.name.clone();
            Case::new(case).map_err(|Problem { exit, error, cure }| {
                let error = error.context(format!("{shown}: case {name:?} can't be read"));
                Problem { exit, error, cure: cure.or(Some(CURE.to_owned())) }
            })
        });
        Ok(Self { component: raw.component.unwrap_or_else(|| ".".into()), cases: cases.collect::<Result<_, _>>()? })
    }
}

impl Case {
    fn new(raw: RawCase) -> Result<Self, Problem> {
        let RawCase { name, activity, input, options, expect } = raw;
        let mut line = Vec::new();
        for (option, value) in &options {
            add(&mut line, option, value)?;
        }
        // What clap says begins with `error: ` and ends with a hint at a help text that there is not.
        let flags = Options::try_parse_from(line).map_err(|error| {
            let said = error.render().to_string();
            let first = said.lines().next().unwrap_or_default();
            Problem::new(Exit::Usage, anyhow!("{}", first.strip_prefix("error: ").unwrap_or(first)))
                .cure("options are those of `isolet run`, without their dashes: see its --help")
        })?;
        Ok(Self { name, activity, flags: flags.flags, expected: Expected::new(expect)?, input })
    }

    /// The arguments, each as JSON.
    pub(super) fn arguments(&self) -> Vec<Payload> {
        self.input.iter().cloned().map(testing::payload).collect()
    }
}

/// Writes an option as it stands on a command line.
fn add(line: &mut Vec<String>, option: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::Bool(true) => line.push(format!("--{option}")),
        Value::Bool(false) => {}
        Value::Array(values) => values.iter().try_for_each(|value| add(line, option, value))?,
        Value::String(text) => line.push(format!("--{option}={text}")),
        Value::Number(number) => line.push(format!("--{option}={number}")),
        Value::Null | Value::Object(_) => {
            let error = anyhow!("the option {option:?} is a text, a number, true or a list of these");
            return Err(Problem::new(Exit::Usage, error));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(name: &str, text: &str) -> Result<Cases, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        Cases::read(&file)
            .map_err(|problem| format!("{:#}", problem.error).replace(folder.path().to_str().unwrap(), ""))
    }

    #[test]
    fn cases_are_read_from_both_kinds_of_files() {
        let toml = "component = 'orders.wasm'\n[[case]]\nname = 'a'\nactivity = 'ship'\ninput = [7]\n\
                    options = { attempt = 2, limit = ['memory=16MiB', 'resources=9'] }\nexpect = { result = 8 }";
        let json = r#"{"case": [{"name": "a", "activity": "ship", "input": [null], "expect": {"outcome": "failed"}}]}"#;
        let cases = read("a.toml", toml).unwrap();
        assert_eq!((cases.component, cases.cases.len()), ("orders.wasm".into(), 1));
        let cases = read("a.json", json).unwrap();
        assert_eq!((cases.component, cases.cases[0].arguments()), (".".into(), vec![Payload::null()]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let case = |more: &str| read("a.toml", &format!("[[case]]\nname = 'a'\nactivity = 'b'\n{more}")).unwrap_err();
        assert_eq!(read("a.toml", "").unwrap_err(), "/a.toml has no cases");
        assert!(read("a.toml", "[[case]]\nname = 'a'").unwrap_err().contains("missing field `activity`"));
        assert!(case("outputs = 1").contains("unknown field `outputs`"));
        assert!(case("options = { attempts = 2 }").contains("--attempts"));
        assert!(case("options = { attempt = 0 }").contains("--attempt"));
        assert!(case("options = { timeout = {} }").contains("\"timeout\" is a text"));
        assert!(case("expect = { results = 1 }").contains("\"results\""));
        assert!(case("expect = { outcome = 'done' }").contains("\"done\""));
    }
}
