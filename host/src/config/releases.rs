//! `release` of a component, once it is checked: another version of it, its share of the attempts, and what it must hold.

use std::{path::PathBuf, time::Duration};

use catalog::Gate;

use super::{
    problems::{Place, Problems},
    quantity::Span,
    raw::release::{LONGEST_HOLD, MOST_ATTEMPTS, RawRelease},
    registries::{self, Artifact},
    section::Declared as _,
};

/// Another version of a component, as the configuration names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReleaseSettings {
    /// Its file, or how it is named in a registry.
    pub candidate: PathBuf,
    /// What the registry has, if it is no file.
    pub artifact: Option<Artifact>,
    /// How it is released.
    pub terms: Terms,
}

/// How a candidate is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Its share, from 1 to 99.
    pub percent: u8,
    /// What it must hold; without a gate an operator promotes it or rolls it back.
    pub gate: Option<Gate>,
    /// From how many attempts on it is judged.
    pub min_attempts: u64,
    /// After how many attempts of its own it takes over.
    pub attempts: u64,
    /// After how long it takes over, at the soonest.
    pub hold: Duration,
}

/// How a candidate is to be released, as it is written; what is missing has its default.
#[derive(Clone, Debug, Default)]
pub(crate) struct WrittenTerms<'a> {
    pub percent: u64,
    pub gate: Option<&'a str>,
    pub min_attempts: Option<u64>,
    pub attempts: Option<u64>,
    pub hold: Option<Duration>,
}

impl Terms {
    /// Those that are written, or else what is wrong with them: which key, and what.
    pub(crate) fn read(written: &WrittenTerms<'_>) -> Result<Self, (&'static str, String)> {
        let percent =
            u8::try_from(written.percent).ok().filter(|percent| (1..100).contains(percent)).ok_or_else(|| {
                let instead = match written.percent {
                    0 => "; what is to have nothing is rolled back",
                    100 => "; what is to have all is promoted",
                    _ => "",
                };
                (
                    "percent",
                    format!("{} is no share of a candidate: it has from 1 to 99 percent{instead}", written.percent),
                )
            })?;
        let gate = written.gate.map(str::parse::<Gate>).transpose().map_err(|error| ("gate", error.to_string()))?;
        let defaults = RawRelease::default();
        let min_attempts = written.min_attempts.unwrap_or_else(|| defaults.min_attempts().0);
        let attempts = written.attempts.unwrap_or_else(|| defaults.attempts().0.max(min_attempts));
        let hold = written.hold.unwrap_or_else(|| defaults.hold().0);
        for (key, count) in [("min-attempts", min_attempts), ("attempts", attempts)] {
            if !(1..=MOST_ATTEMPTS).contains(&count) {
                return Err((key, format!("{count} is out of its bounds; it must be from 1 to {MOST_ATTEMPTS}")));
            }
        }
        if attempts < min_attempts {
            let wrong = format!("{attempts} are fewer than the {min_attempts} from which on the candidate is judged");
            return Err(("attempts", wrong));
        }
        if LONGEST_HOLD.0 < hold {
            return Err(("hold", format!("{} is too long; it may be {LONGEST_HOLD}", Span(hold))));
        }
        Ok(Self { percent, gate, min_attempts, attempts, hold })
    }
}

/// Checks the table of a component, which `key` names, if it is written.
pub(super) fn validate(raw: &RawRelease, key: &str, problems: &mut Problems) -> Option<ReleaseSettings> {
    // How something would be released is said by `isolet config check`, too, and releases nothing.
    if raw.candidate.is_none() && raw.percent.is_none() && raw.gate.is_none() {
        return None;
    }
    let place = Place::Table(format!("{key}.release"));
    raw.check(&place, problems);
    let candidate = raw.candidate.clone().unwrap_or_default();
    problems.refuse_if(candidate.as_os_str().is_empty(), &place.key("candidate"), "a release needs a candidate");
    problems.refuse_if(raw.percent.is_none(), &place.key("percent"), "a candidate needs a share");
    let artifact = registries::artifact(&candidate, &place.key("candidate"), problems);
    let written = WrittenTerms {
        percent: raw.percent.map_or(1, |percent| percent.0),
        gate: raw.gate.as_deref(),
        min_attempts: raw.min_attempts.map(|count| count.0),
        attempts: raw.attempts.map(|count| count.0),
        hold: raw.hold.map(|span| span.0),
    };
    match Terms::read(&written) {
        Ok(terms) => Some(ReleaseSettings { candidate, artifact, terms }),
        Err((name, wrong)) => {
            problems.add(&place.key(name), wrong);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_release_is_refused() {
        let percent = |percent| WrittenTerms { percent, ..WrittenTerms::default() };
        let cases = [
            (
                percent(0),
                "percent",
                "0 is no share of a candidate: it has from 1 to 99 percent; what is to have nothing",
            ),
            (percent(100), "percent", "what is to have all is promoted"),
            (percent(101), "percent", "101 is no share of a candidate: it has from 1 to 99 percent"),
            (percent(u64::MAX), "percent", "is no share"),
            (WrittenTerms { gate: Some("often"), ..percent(1) }, "gate", "\"often\" is no condition"),
            (WrittenTerms { min_attempts: Some(0), ..percent(1) }, "min-attempts", "from 1 to"),
            (WrittenTerms { attempts: Some(u64::MAX), ..percent(1) }, "attempts", "from 1 to"),
            (
                WrittenTerms { min_attempts: Some(50), attempts: Some(49), ..percent(1) },
                "attempts",
                "fewer than the 50",
            ),
            (WrittenTerms { hold: Some(Duration::MAX), ..percent(1) }, "hold", "too long"),
        ];
        for (written, key, expected) in cases {
            let (wrong, why) = Terms::read(&written).unwrap_err();
            assert!(wrong == key && why.contains(expected), "{wrong}: {why}");
        }
        let terms = Terms::read(&WrittenTerms { min_attempts: Some(5_000), ..percent(99) }).unwrap();
        assert_eq!((terms.percent, terms.gate, terms.attempts), (99, None, 5_000));
    }
}
