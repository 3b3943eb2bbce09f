//! All rules together, and what they come to for one artefact.

use std::time::SystemTime;

use activity::shown;

use crate::{Error, Kind, Level, Rule, Signer, Statement, Verifier, Versions, verifier::Refusal};

/// Reasons that an error tells, of as many bundles as there may be.
const REASONS: usize = 3;

/// Whom to trust. Without any rule, everybody.
///
/// Upholds the following invariants:
/// - an artefact must have what the operator's rules want, and what its tenant's want: neither widens the other;
/// - of the rules that are for it, those that name most of its place count, and one of these suffices;
/// - if there are rules and none is for it, it is refused, unless a digest is what it was asked for by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The operator's.
    pub operator: Vec<Rule>,
    /// The tenant's.
    pub tenant: Vec<Rule>,
}

/// An artefact, and what is attached to it.
#[derive(Clone, Copy, Debug)]
pub struct Artefact<'a> {
    /// Registry and repository.
    pub place: &'a str,
    /// Whether it was asked for by its digest.
    pub is_pinned: bool,
    /// Its manifest.
    pub manifest: &'a [u8],
    /// The bundles.
    pub bundles: &'a [String],
}

/// What is known of an artefact that is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Who has signed it, by rule, as what.
    pub signed: Vec<(String, Statement)>,
    /// What it would have been refused for.
    pub counted: Vec<Counted>,
}

/// What an artefact would have been refused for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted(pub String);

impl Policy {
    /// Whether there are no rules, so that bundles need not be asked for.
    pub fn is_empty(&self) -> bool {
        self.operator.is_empty() && self.tenant.is_empty()
    }

    /// Compares the rules with an artefact, and keeps which version it is, if it is taken.
    ///
    /// # Errors
    /// When it is not to be trusted, or that can't be found out.
    pub fn check(
        &self,
        verifier: &dyn Verifier,
        versions: &Versions,
        artefact: Artefact<'_>,
    ) -> Result<Verdict, Error> {
        let (mut verdict, mut taken) = (Verdict::default(), Vec::new());
        for rules in [&self.operator, &self.tenant] {
            if rules.is_empty() {
                continue;
            }
            let applying = applying(rules, artefact.place);
            if applying.is_empty() && !artefact.is_pinned {
                let problem = Error::NoRule { place: artefact.place.to_owned() };
                if rules.iter().any(|rule| rule.level == Level::Enforce) {
                    return Err(problem);
                }
                verdict.counted.push(Counted(problem.to_string()));
            }
            if let Some((signer, statement)) = self::check(&applying, verifier, versions, artefact, &mut verdict)? {
                taken.extend(statement.version.map(|version| (signer, version)));
                verdict.signed.push((signer.to_string(), statement));
            }
        }
        for (signer, version) in taken {
            versions.keep(artefact.place, &signer.id()?, version)?;
        }
        Ok(verdict)
    }
}

/// The rules that are for what is at `place`.
fn applying<'a>(rules: &'a [Rule], place: &str) -> Vec<&'a Rule> {
    let holding = || rules.iter().filter(|rule| rule.scope.holds(place));
    let depth = holding().map(|rule| rule.scope.depth()).max();
    holding().filter(|rule| Some(rule.scope.depth()) == depth).collect()
}

/// One of `rules` must be kept, unless there is none: returns who has signed, and what.
fn check<'a>(
    rules: &[&'a Rule],
    verifier: &dyn Verifier,
    versions: &Versions,
    artefact: Artefact<'_>,
    verdict: &mut Verdict,
) -> Result<Option<(&'a Signer, Statement)>, Error> {
    // Whoever asks for a digest wants that very artefact.
    let seen = if artefact.is_pinned { None } else { seen(rules, versions, artefact.place)? };
    let mut problem: Option<Error> = None;
    for rule in rules {
        match keeps(rule, verifier, seen, artefact) {
            Ok(statement) => return Ok(Some((&rule.signer, statement))),
            Err(broken @ (Error::File { .. } | Error::Versions { .. })) => return Err(broken),
            // One that is only too old says more than one by another key.
            Err(Error::Replayed { place, version, least }) => {
                problem = Some(Error::Replayed { place, version, least });
            }
            Err(other) => problem = problem.or(Some(other)),
        }
    }
    match problem {
        None => Ok(None),
        Some(problem) if rules.iter().any(|rule| rule.level == Level::Enforce) => Err(problem),
        Some(problem) => {
            verdict.counted.push(Counted(problem.to_string()));
            Ok(None)
        }
    }
}

/// The highest version that was taken for any of these rules. What others than they trust have signed says nothing, so that
/// no tenant keeps another from what it shares a repository with.
fn seen(rules: &[&Rule], versions: &Versions, place: &str) -> Result<Option<u64>, Error> {
    let mut highest = None;
    // Whose key can't be read has signed nothing, which is told where it is needed.
    for signer in rules.iter().filter_map(|rule| rule.signer.id().ok()) {
        highest = highest.max(versions.highest(place, &signer)?);
    }
    Ok(highest)
}

/// What the signer of a rule says of an artefact, if that is all that the rule wants.
fn keeps(rule: &Rule, verifier: &dyn Verifier, seen: Option<u64>, artefact: Artefact<'_>) -> Result<Statement, Error> {
    let unsigned = |problem: String| Error::Unsigned { place: artefact.place.to_owned(), problem };
    let (mut said, mut reasons) = (Vec::new(), Vec::new());
    for bundle in artefact.bundles {
        match verifier.verify(rule, bundle, artefact.manifest) {
            Ok(statement) if statement.expires.is_some_and(|expires| expires < SystemTime::now()) => {
                reasons.push(format!("what was signed expired at {}", statement.until().unwrap_or_default()));
            }
            // Versions of one repository say nothing of another's.
            Ok(Statement { place: Some(place), version: Some(version), .. })
                if place != artefact.place && !artefact.is_pinned =>
            {
                reasons.push(format!("what was signed is version {version} of {}", shown::name(&place)));
            }
            Ok(statement) => said.push(statement),
            Err(Refusal::Bundle(reason)) => reasons.push(shown::name(&reason).into_owned()),
            Err(Refusal::Rule(error)) => return Err(error),
        }
    }
    let mut best: Option<Statement> = None;
    for kind in &rule.require {
        let of_kind = said.iter().filter(|statement| kind.is(&statement.predicate_type));
        let Some(newest) = of_kind.max_by_key(|statement| statement.version) else {
            return Err(unsigned(missing(rule, kind, artefact.bundles.len(), reasons)));
        };
        if best.as_ref().is_none_or(|best| best.version < newest.version) {
            best = Some(newest.clone());
        }
    }
    let best = best.ok_or_else(|| unsigned("the rule wants nothing".to_owned()))?;
    is_new(rule, seen, artefact, &best)?;
    Ok(best)
}

/// What is told of an artefact that has no statement of a kind.
fn missing(rule: &Rule, kind: &Kind, bundles: usize, mut reasons: Vec<String>) -> String {
    reasons.dedup();
    reasons.truncate(REASONS);
    let wanted = format!("it has no {kind} by {}", rule.signer);
    match bundles {
        0 => format!("{wanted}: nothing that is signed is attached to it"),
        _ if reasons.is_empty() => wanted,
        _ => format!("{wanted}: {}", reasons.join("; ")),
    }
}

/// Whether a version is none that was left behind, where this one was `seen`.
fn is_new(rule: &Rule, seen: Option<u64>, artefact: Artefact<'_>, statement: &Statement) -> Result<(), Error> {
    let Some(least) = rule.min_version.max(seen) else { return Ok(()) };
    match statement.version {
        Some(version) if least <= version => Ok(()),
        version => Err(Error::Replayed {
            place: artefact.place.to_owned(),
            version: version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}")),
            least,
        }),
    }
}

#[cfg(test)]
mod tests;
