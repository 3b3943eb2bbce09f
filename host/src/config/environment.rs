//! `grants.environment`: where the variables that a guest sees come from, as secrets do. What they hold is never printed.

use std::{collections::BTreeMap, convert::Infallible, fmt, path::PathBuf, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, value::MapAccessDeserializer},
};

use super::problems::Problems;

/// A variable as it is written: its value, or where that is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum RawVariable {
    /// The value itself.
    Value(String),
    /// Where it is.
    From(RawVariableSource),
}

/// Where a variable's value is: one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawVariableSource {
    /// A file that holds nothing else.
    pub file: Option<PathBuf>,
    /// A variable of the worker's own environment.
    pub env: Option<String>,
    /// A program and its arguments, which writes it to its standard output.
    pub command: Option<Vec<String>>,
}

/// Where the value of a guest's variable comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum VariableSource {
    /// From the configuration.
    Value(String),
    /// From a file that holds nothing else.
    File(PathBuf),
    /// From a variable of the worker's own environment.
    Environment(String),
    /// From what a program writes, which is run with these arguments.
    Command(Vec<String>),
}

/// Checks what is written; the values themselves are read when a component is loaded.
pub(super) fn validate(
    raw: BTreeMap<String, RawVariable>,
    key: &str,
    problems: &mut Problems,
) -> BTreeMap<String, VariableSource> {
    let mut sources = BTreeMap::new();
    for (name, raw) in raw {
        let wrong = name.is_empty() || name.contains(['=', '\0']);
        problems.refuse_if(wrong, key, format_args!("{name:?} is no variable's name"));
        let key = format!("{key}.{name}");
        match raw {
            RawVariable::Value(value) => {
                problems.refuse_if(value.contains('\0'), &key, "its value has a NUL character, which no variable has");
                sources.insert(name, VariableSource::Value(value));
            }
            RawVariable::From(raw) => {
                sources.extend(source(raw, &key, problems).map(|source| (name, source)));
            }
        }
    }
    sources
}

/// Where a value comes from that is not written itself.
pub(super) fn source(raw: RawVariableSource, key: &str, problems: &mut Problems) -> Option<VariableSource> {
    let RawVariableSource { file, env, command } = raw;
    match (file, env, command) {
        (Some(file), None, None) if !file.as_os_str().is_empty() => Some(VariableSource::File(file)),
        (None, Some(variable), None) if !variable.is_empty() => Some(VariableSource::Environment(variable)),
        (None, None, Some(words)) if words.first().is_some_and(|program| !program.is_empty()) => {
            let is_text = words.iter().all(|word| !word.contains('\0'));
            problems.refuse_if(!is_text, key, "a word of its command has a NUL character, which none may have");
            is_text.then_some(VariableSource::Command(words))
        }
        _ => {
            problems.add(key, "it must name one of a `file`, an environment variable, `env`, and a `command`");
            None
        }
    }
}

// === impl RawVariable ===

impl RawVariable {
    /// The value, if it is written itself: to be compared, and not to be shown.
    pub(super) fn value(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value),
            Self::From(_) => None,
        }
    }
}

impl fmt::Debug for RawVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(…)"),
            Self::From(source) => source.fmt(f),
        }
    }
}

impl Serialize for RawVariable {
    /// Shows where a value is, and not the value.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(_) => serializer.serialize_str("(not shown)"),
            Self::From(source) => source.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RawVariable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

/// What is no text and no source is refused here and not by serde, which would print it.
macro_rules! refuse {
    ($($visit:ident: $kind:ty,)+) => {
        $(fn $visit<E: de::Error>(self, _: $kind) -> Result<RawVariable, E> {
            Err(E::custom("it must be a text in quotes, or { file = … }, { env = … } or { command = … }"))
        })+
    };
}

impl<'de> de::Visitor<'de> for Visitor {
    type Value = RawVariable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or { file = … }, { env = … } or { command = … }")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<RawVariable, E> {
        Ok(RawVariable::Value(value.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawVariable, A::Error> {
        RawVariableSource::deserialize(MapAccessDeserializer::new(map)).map(RawVariable::From)
    }

    refuse! {
        visit_bool: bool,
        visit_i64: i64,
        visit_i128: i128,
        visit_u64: u64,
        visit_u128: u128,
        visit_f64: f64,
    }
}

// === impl VariableSource ===

impl fmt::Debug for VariableSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Environment(variable) => f.debug_tuple("Environment").field(variable).finish(),
            Self::Command(words) => f.debug_tuple("Command").field(words).finish(),
        }
    }
}

/// A variable as flags give it.
#[derive(Clone, Debug)]
pub(super) struct VariableFlag(pub(super) String, pub(super) RawVariable);

impl FromStr for VariableFlag {
    type Err = Infallible;

    /// `NAME=VALUE`, or `NAME` for what the worker's own variable of that name holds.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (name, variable) = match text.split_once('=') {
            Some((name, value)) => (name, RawVariable::Value(value.to_owned())),
            None => (
                text,
                RawVariable::From(RawVariableSource { env: Some(text.to_owned()), ..RawVariableSource::default() }),
            ),
        };
        Ok(Self(name.to_owned(), variable))
    }
}

/// A variable that is in a file, as flags give it: `NAME=FILE`.
pub(super) fn file_flag(text: &str) -> Result<VariableFlag, &'static str> {
    let (name, file) = text.split_once('=').ok_or("a variable that is in a file is written NAME=FILE")?;
    // A flag's path starts in the working directory, as that of every other flag.
    let source = RawVariableSource { file: Some(file.into()), ..RawVariableSource::default() };
    Ok(VariableFlag(name.to_owned(), RawVariable::From(source)))
}

#[cfg(test)]
mod tests;
