//! The tables of behaviours against the conformance suite.

use std::{collections::BTreeSet, fs};

use super::{assert_none, root};
use crate::conformance::{BEHAVIOURS, Behaviour, LANGUAGES};

/// The behaviours, as the documents name them.
fn behaviours() -> Vec<String> {
    BEHAVIOURS.iter().map(Behaviour::full_name).collect()
}

#[test]
fn the_sdks_table_names_exactly_the_behaviours_and_languages() {
    let page = fs::read_to_string(root().join("guest-sdk/README.md")).unwrap();
    let titles: Vec<&str> = LANGUAGES.iter().map(|language| language.title).collect();
    let header = format!("| behaviour | of | {} |", titles.join(" | "));
    assert!(page.contains(&header), "guest-sdk/README.md has no table with the header {header}");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let named: Vec<&str> = rows.map(|(name, _)| name).filter(|name| name.contains("::")).collect();
    let known = behaviours();
    let missing = known.iter().filter(|name| !named.contains(&name.as_str())).map(|name| format!("missing: {name}"));
    let unknown = named.iter().filter(|name| !known.iter().any(|known| known == *name));
    let unknown = unknown.map(|name| format!("unknown: {name}"));
    let complaints: Vec<String> = missing.chain(unknown).collect();
    assert_none("run the suite, then `cargo xtask parity`, for guest-sdk/README.md", &complaints);
    assert_eq!(named, known, "the table of guest-sdk/README.md has another order than the suite");
}

#[test]
fn what_does_not_apply_to_a_language_is_a_behaviour() {
    let known = behaviours();
    let unknown: Vec<&str> = LANGUAGES
        .iter()
        .flat_map(|language| language.does_not_apply)
        .map(|(name, _)| *name)
        .filter(|name| !known.iter().any(|behaviour| behaviour == name))
        .collect();
    assert!(unknown.is_empty(), "the languages except what is no behaviour: {unknown:?}");
}

#[test]
fn the_parity_page_refers_to_every_behaviour() {
    let page = fs::read_to_string(root().join("docs/parity.md")).unwrap();
    let topics: BTreeSet<&str> = BEHAVIOURS.iter().map(|behaviour| behaviour.topic).collect();
    let in_code = page.split('`').skip(1).step_by(2);
    let of_suite = |code: &&str| code.split_once("::").is_some_and(|(topic, _)| topics.contains(topic));
    let named: BTreeSet<String> = in_code.filter(of_suite).map(str::to_owned).collect();
    let known: BTreeSet<String> = behaviours().into_iter().collect();
    let mut complaints = Vec::new();
    for name in known.difference(&named) {
        complaints.push(format!("docs/parity.md does not name `{name}`"));
    }
    for name in named.difference(&known) {
        complaints.push(format!("docs/parity.md names `{name}`, which is no behaviour"));
    }
    assert_none("docs/parity.md and the conformance suite differ", &complaints);
}

#[test]
fn the_parity_page_names_files_that_exist() {
    let page = fs::read_to_string(root().join("docs/parity.md")).unwrap();
    let in_code = page.split('`').skip(1).step_by(2);
    let paths = in_code.filter(|code| code.contains('/') && !code.contains(' '));
    let missing: Vec<&str> = paths.filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "docs/parity.md names files that do not exist: {missing:?}");
}

#[test]
fn every_activity_of_the_suite_is_specified() {
    let page = fs::read_to_string(root().join("tests/it/conformance/README.md")).unwrap();
    let guest = fs::read_to_string(root().join("tests/guests/conformance/src/lib.rs")).unwrap();
    let exported = guest.lines().filter_map(|line| line.trim().strip_suffix(',')?.split_once("::"));
    let missing: Vec<&str> =
        exported.map(|(_, name)| name).filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "activities that tests/it/conformance/README.md does not specify: {missing:?}");
}
