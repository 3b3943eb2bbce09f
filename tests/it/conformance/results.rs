//! What each proof leaves behind: a file for each behaviour and language below `target/conformance`, of which
//! `cargo xtask parity` makes the table of the guest SDKs.

use std::{fs, path::PathBuf};

use serde_json::json;

use super::{BEHAVIOURS, Behaviour, Guest, language::Language};
use crate::support::isolet::target;

/// Proves a behaviour with the guest of a language, unless it does not apply to that.
pub(super) async fn prove(behaviour: Behaviour, language: &'static Language, proof: impl AsyncFnOnce(Guest)) {
    let full_name = behaviour.full_name();
    if let Some((_, reason)) = language.does_not_apply.iter().find(|(name, _)| *name == full_name) {
        return write(behaviour, language, "does not apply", reason);
    }
    // What stays if the proof panics.
    write(behaviour, language, "failed", "");
    proof(Guest::of(language)).await;
    write(behaviour, language, "proven", "");
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
