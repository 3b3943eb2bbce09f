//! What the fuzz targets call: ways in to what is no part of any interface. Built for them and for tests alone.
//!
//! Each function takes whatever it is given, and panics when something that must hold does not.

#![expect(clippy::panic, reason = "that is how a fuzz target says what it has found")]

use std::path::Path;

use activity::Failure;

use crate::{
    config::{
        effective, environment::RawVariable, parse::parse, problems::Written, raw::RawConfig, validate::validate,
    },
    output::human,
};

/// What stands for the value of each variable that guests are to see.
const SECRET: &str = "jb7-Qm!4xW-secret";

/// A configuration file: it is refused, or holds; and what it means says the same again, and no secret.
pub fn config(text: &str) {
    let Ok(raw) = parse(text, "isolet.toml") else { return };
    // What happens to be written elsewhere, too, is no secret there.
    if text.contains(SECRET) {
        return;
    }
    let raw = with_secrets(raw).placed(Path::new("/etc/isolet"));
    holds_no_secret(&format!("{raw:?}"));
    let settings = match validate(raw.clone(), Written::InFile) {
        Ok(settings) => settings,
        Err(problems) => return holds_no_secret(&problems.to_string()),
    };
    holds_no_secret(&format!("{settings:?}"));
    let shown = effective(&raw);
    holds_no_secret(&shown);
    let again = parse(&shown, "isolet.toml").unwrap_or_else(|error| panic!("{error} in what is shown:\n{shown}"));
    assert_eq!(effective(&again), shown, "what is shown says the same again");
    if let Err(problems) = validate(again, Written::InFile) {
        panic!("what is shown does not hold: {problems}");
    }
}

/// The same, with secrets for the values that are written in the file.
fn with_secrets(mut raw: RawConfig) -> RawConfig {
    let workers = raw.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers);
    for component in workers.flat_map(|worker| &mut worker.components) {
        for variable in component.grants.environment.values_mut() {
            if let RawVariable::Value(value) = variable {
                *value = SECRET.to_owned();
            }
        }
    }
    raw
}

fn holds_no_secret(text: &str) {
    assert!(!text.contains(SECRET), "a secret is told: {text}");
}

/// A failure as `isolet run` tells it to people.
pub fn failure_for_people(failure: &Failure) -> String {
    human::failure(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_hold() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/config");
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            config(&text);
        }
        config(&crate::config::example());
    }
}
