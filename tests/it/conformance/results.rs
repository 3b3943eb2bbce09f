//! What each proof leaves behind: a file for each behaviour and language below `target/conformance`, of which
//! `cargo xtask parity` makes the table of the guest SDKs.

use std::{env, fs, path::PathBuf};

use serde_json::json;

use super::{BEHAVIOURS, Behaviour, Guest, language::Language};
use crate::support::isolet::target;

/// Proves a behaviour with the guest of a language, unless it does not apply to that.
pub(super) async fn prove(behaviour: Behaviour, language: &'static Language, proof: impl AsyncFnOnce(Guest)) {
    let full_name = behaviour.full_name();
    if let Some((_, reason)) = language.does_not_apply.iter().find(|(name, _)| *name == full_name) {
        return write(behaviour, language, "does not apply", reason);
    }
    if is_left_out(behaviour, language) {
        eprintln!("left out: {full_name} in {}, of which nothing changed since it was proven", language.title);
        return write(behaviour, language, "left out", "");
    }
    // What stays if the proof panics.
    write(behaviour, language, "failed", "");
    proof(Guest::of(language)).await;
    write(behaviour, language, "proven", "");
}

/// Whether the checks of a change may do without this proof: of languages of which nothing changed, the first row of each
/// topic is enough. `cargo xtask` tells which these are.
fn is_left_out(behaviour: Behaviour, language: &Language) -> bool {
    let short = env::var("ISOLET_CONFORMANCE_SHORT").unwrap_or_default();
    let first = BEHAVIOURS.iter().find(|other| other.topic == behaviour.topic);
    short.split(',').any(|name| name == language.name) && first != Some(&behaviour)
}

fn write(behaviour: Behaviour, language: &Language, result: &str, reason: &str) {
    let Behaviour { topic, name, proves } = behaviour;
    let folder = folder().join(language.name);
    fs::create_dir_all(&folder).unwrap();
    let text = json!({
        "order": BEHAVIOURS.iter().position(|other| *other == behaviour),
        "topic": topic,
        "behaviour": name,
        "proves": proves,
        "language": language.title,
        "result": result,
        "reason": reason,
    });
    fs::write(folder.join(format!("{topic}.{name}.json")), text.to_string()).unwrap();
}

fn folder() -> PathBuf {
    target().join("conformance")
}
