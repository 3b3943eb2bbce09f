//! `[[trust]]`, once it is checked: who must have signed what comes from registries.

use std::path::PathBuf;

use trust::{Kind, Level, Rule, Scope, Signer};

use super::{
    problems::{Place, Problems},
    quantity::Count,
    raw::{RawLevel, RawTrust},
    section::Declared as _,
};

/// Checks all entries of a list. One with a key and an identity is two rules, of which one suffices.
pub(super) fn validate(raw: Vec<RawTrust>, place: &Place, problems: &mut Problems) -> Vec<Rule> {
    raw.into_iter().flat_map(|raw| rules(raw, place, problems)).collect()
}

fn rules(raw: RawTrust, place: &Place, problems: &mut Problems) -> Vec<Rule> {
    raw.check(place, problems);
    let scope = raw.scope.as_deref().unwrap_or_default();
    let scope = scope.parse::<Scope>().map_err(|problem| {
        problems.add(&place.key("scope"), format_args!("{scope:?} is no scope: {problem}"));
    });
    let (transparency_log, level) = (raw.transparency_log(), raw.level());
    let require = kinds(&raw.require, &place.key("require"), problems);
    let signers = signers(raw.key, (raw.identity, raw.issuer), place, problems);
    let rule = |signer| Rule {
        scope: scope.clone().unwrap_or_default(),
        signer,
        require: require.clone(),
        level: match level {
            RawLevel::Enforce => Level::Enforce,
            RawLevel::Count => Level::Count,
        },
        min_version: raw.min_version.map(|Count(version)| version),
        transparency_log,
        trusted_root: raw.trusted_root.clone(),
    };
    signers.into_iter().map(rule).collect()
}

fn kinds(names: &[String], key: &str, problems: &mut Problems) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for name in names {
        match Kind::named(name) {
            Some(kind) => kinds.push(kind),
            None => problems.add(
                key,
                format_args!(
                    "{name:?} is neither \"signature\", \"provenance\" nor \"sbom\", nor the type of a statement"
                ),
            ),
        }
    }
    if kinds.is_empty() { vec![Kind::Signature] } else { kinds }
}

fn signers(
    key: Option<PathBuf>,
    (identity, issuer): (Option<String>, Option<String>),
    place: &Place,
    problems: &mut Problems,
) -> Vec<Signer> {
    let nobody = key.is_none() && identity.is_none() && issuer.is_none();
    problems.refuse_if(nobody, &place.key("key"), "it names nobody: neither a key, nor identity and issuer");
    let no_file = key.as_ref().is_some_and(|key| key.as_os_str().is_empty());
    problems.refuse_if(no_file, &place.key("key"), "it names no file");
    let mut signers: Vec<Signer> = key.map(Signer::Key).into_iter().collect();
    if identity.is_some() || issuer.is_some() {
        match Signer::identity(identity.unwrap_or_default(), issuer.unwrap_or_default()) {
            Ok(signer) => signers.push(signer),
            Err(problem) => problems.add(&place.key("identity"), problem),
        }
    }
    signers
}
