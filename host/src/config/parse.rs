//! Reading TOML, with errors that name the line and the nearest key.

use std::{borrow::Cow, path::Path};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, de::DeserializeOwned};

use super::raw::{RawAdmin, RawConfig, RawTenant, asked::RawManifest, component::RawLimits};
use crate::files;

/// The largest configuration file, in bytes.
const LARGEST: u64 = 16 << 20;

/// Reads a configuration file; `origin` names it in errors.
///
/// # Errors
/// When it is not TOML, has an unknown key, or a value of the wrong type.
pub(crate) fn parse(text: &str, origin: &str) -> anyhow::Result<RawConfig> {
    document(text, origin)
}

/// Reads a file with one tenant, as [`parse`] does a whole configuration.
///
/// # Errors
/// As for [`parse`].
pub(crate) fn tenant(text: &str, origin: &str) -> anyhow::Result<RawTenant> {
    document(text, origin)
}

/// Reads a component's manifest, as [`parse`] does a whole configuration.
///
/// # Errors
/// As for [`parse`].
pub(crate) fn manifest(text: &str, origin: &str) -> anyhow::Result<RawManifest> {
    document(text, origin)
}

/// What a configuration file says of how a worker is asked and told, whatever else is wrong in it.
///
/// # Errors
/// When it is not TOML, or `[admin]` is not right.
pub(crate) fn admin(text: &str, origin: &str) -> anyhow::Result<RawAdmin> {
    #[derive(Deserialize)]
    struct Alone {
        #[serde(default)]
        admin: RawAdmin,
    }
    document(text, origin).map(|Alone { admin }| admin)
}

/// What the configuration file at `path` holds.
///
/// # Errors
/// When it can't be read.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    files::read_text(path, LARGEST).with_context(|| format!("failed to read {}", path.display()))
}

/// Reads a limit as a flag gives it: `memory=64MiB`, `resources=100`, `retryable.SandboxTrap=false`.
///
/// # Errors
/// When there is no such limit, or the value is of the wrong type.
pub(crate) fn limit_flag(flag: &str) -> Result<RawLimits, String> {
    let (key, value) = flag.split_once('=').ok_or("a limit is written KEY=VALUE, such as memory=64MiB")?;
    let (key, value) = (key.trim(), value.trim());
    // Numbers and booleans are TOML as they stand; sizes and durations are strings there.
    let bare = value.parse::<i64>().is_ok() || value.parse::<bool>().is_ok();
    let value = if bare { value.to_owned() } else { toml::Value::from(value).to_string() };
    toml::from_str(&format!("{key} = {value}")).map_err(|error| explain(None, error.message()))
}

fn document<T: DeserializeOwned>(text: &str, origin: &str) -> anyhow::Result<T> {
    let wrong = |key: Option<String>, error: &toml::de::Error| {
        let line = error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
        let place = line.map_or_else(|| origin.to_owned(), |line| format!("{origin}:{line}"));
        anyhow!("{place}: {}", explain(key.as_deref(), &without_value(error.message())))
    };
    let document = toml::Deserializer::parse(text).map_err(|error| wrong(None, &error))?;
    serde_path_to_error::deserialize(document)
        .map_err(|error| wrong(Some(error.path().to_string()), &error.into_inner()))
}

/// What serde says of a value of the wrong type, without the value: it may be a secret.
fn without_value(message: &str) -> Cow<'_, str> {
    const WRONG: &str = "invalid type: ";
    let wrong = message.strip_prefix(WRONG).and_then(|wrong| wrong.rsplit_once(", expected "));
    match wrong {
        Some((found, expected)) => {
            let found = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            Cow::Owned(format!("{WRONG}{}, expected {}", in_toml(found), in_toml(expected)))
        }
        None => Cow::Borrowed(message),
    }
}

/// What TOML calls what serde calls a `kind` of value. Our own kinds are called as they are written.
fn in_toml(kind: &str) -> &str {
    match kind {
        "map" => "table",
        "sequence" => "list",
        "a sequence" => "a list: [ … ], or [[…]] for each if they are tables",
        _ if kind == "a map" || kind.starts_with("struct ") => "a table, such as { key = \"value\" }",
        _ => kind,
    }
}

/// What serde says of a key, in our words where the key or a choice is unknown.
fn explain(key: Option<&str>, message: &str) -> String {
    let place = key.map_or_else(String::new, |key| format!("{key}: "));
    let (place, what) = match message {
        // The unknown word is the key.
        _ if message.starts_with("unknown field") => ("", "key"),
        _ if message.starts_with("unknown variant") => (place.as_str(), "value"),
        _ => return format!("{place}{}", message.trim_end()),
    };
    // Serde puts the unknown word and then all known ones between backticks.
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    match nearest(unknown, &known) {
        Some(near) => format!("{place}unknown {what} \"{unknown}\"; did you mean \"{near}\"?"),
        None => format!("{place}unknown {what} \"{unknown}\"; the {what}s here are {}", known.join(", ")),
    }
}

/// The known word that is that `word` is the beginning of, or else the one that is most like it, when one is like it at all.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    /// Below this two words have little in common but their length.
    const ALIKE: f64 = 0.6;
    /// Fewer letters begin words of all kinds.
    const BEGINNING: usize = 4;
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let begins = |candidate: &&&str| BEGINNING <= word.len() && plain(candidate).starts_with(&plain(word));
    if let Some(whole) = known.iter().filter(begins).min_by_key(|candidate| candidate.len()) {
        return Some(whole);
    }
    let likeness = |candidate: &str| strsim::normalized_damerau_levenshtein(&plain(word), &plain(candidate));
    let scored = known.iter().map(|candidate| (likeness(candidate), *candidate));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (ALIKE <= best.0).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::quantity::{ByteSize, Count};

    fn error(text: &str) -> String {
        parse(text, "isolet.toml").unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_names_line_and_nearest_key() {
        assert_eq!(
            error("[connection]\nadress = \"localhost:7233\"\n"),
            "isolet.toml:2: unknown key \"adress\"; did you mean \"address\"?"
        );
        assert_eq!(
            error("[[tenants]]\nname = \"a\"\n[[tenants.workers]]\ntask_queue = \"q\"\n"),
            "isolet.toml:4: unknown key \"task_queue\"; did you mean \"task-queue\"?"
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_told() {
        let component = "[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\n";
        for wrong in ["grants.environment = \"T=secret\"", "grants.environment = [\"secret\"]", "path = 12345"] {
            let text = error(&format!("{component}{wrong}\n"));
            assert!(text.contains("invalid type: ") && text.contains("expected"), "{text}");
            assert!(!text.contains("secret") && !text.contains("12345"), "{text}");
        }
    }

    #[test]
    fn kinds_of_values_are_called_as_toml_calls_them() {
        assert_eq!(
            error("[tenants]\nname = \"a\"\n"),
            "isolet.toml:1: tenants: invalid type: table, expected a list: [ … ], or [[…]] for each if they are tables"
        );
        assert_eq!(
            error("engine = 1\n"),
            "isolet.toml:1: engine: invalid type: integer, expected a table, such as { key = \"value\" }"
        );
    }

    #[test]
    fn a_key_like_no_other_lists_those_there_are() {
        assert_eq!(error("[tenant]\n"), "isolet.toml:1: unknown key \"tenant\"; did you mean \"tenants\"?");
        assert_eq!(
            error("colour = 1\n"),
            "isolet.toml:1: unknown key \"colour\"; the keys here are connection, engine, registry, trust, metrics, traces, log, \
             admin, web, audit, receipts, identity, tenants"
        );
        assert_eq!(
            error("[[tenants]]\n[[tenants.workers]]\n[[tenants.workers.components]]\nstopping.on-cancel = \"go\"\n"),
            "isolet.toml:4: tenants[0].workers[0].components[0].stopping.on-cancel: unknown value \"go\"; the values here are tell, kill"
        );
    }

    #[test]
    fn a_wrong_value_names_its_line() {
        assert_eq!(
            error("[engine]\nslots = 4\ntick = \"fast\"\n"),
            "isolet.toml:3: engine.tick: \"fast\" is not a duration; write it like \"500ms\", \"30s\" or \"1m 30s\""
        );
        assert!(error("[engine\n").starts_with("isolet.toml:1: "));
    }

    #[test]
    fn limits_are_read_from_flags() {
        assert_eq!(limit_flag("memory=64MiB").unwrap().memory, Some(ByteSize(64 << 20)));
        assert_eq!(limit_flag("resources=7").unwrap().resources, Some(Count(7)));
        let retryable = limit_flag("retryable.SandboxTrap=false").unwrap().retryable;
        assert_eq!(retryable.get("SandboxTrap"), Some(&false));
        assert_eq!(limit_flag("memroy=1").unwrap_err(), "unknown key \"memroy\"; did you mean \"memory\"?");
        assert!(limit_flag("memory").is_err());
        assert!(limit_flag("memory=lots").is_err());
    }
}
