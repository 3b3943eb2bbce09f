//! Which release a component has: the one that is known, unless the configuration names another version by now, or another
//! candidate.

use std::{sync::Arc, time::SystemTime};

use catalog::ComponentFile;

use crate::{
    config::{releases::ReleaseSettings, settings::ComponentSettings},
    control::releases::{
        Releases, candidates,
        release::{Phase, Plan, Release, ReleaseKey, SetBy, Source, State, Version},
    },
    exit::Problem,
    wiring::loading::{Finder, find},
};

/// What decides.
pub(super) struct Heeding<'a> {
    pub(super) finder: Finder<'a>,
    pub(super) releases: &'a Releases,
    /// Whether the candidate of the configuration may be another one than before.
    pub(super) is_fresh: bool,
}

/// What the configuration names for a component.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) digest: String,
    /// How a registry has these very bytes, if they are from one.
    pub(super) reference: Option<String>,
    /// Its file, if it was looked for.
    pub(super) file: Option<ComponentFile>,
}

/// What was decided.
#[derive(Debug, Default)]
pub(super) struct Heeded {
    pub(super) release: Option<Arc<Release>>,
    /// The one of the configuration that takes its place once all that it is about is loaded.
    pub(super) next: Option<Arc<Release>>,
    /// Why the candidate of the configuration is not served.
    pub(super) refused: Option<Problem>,
    /// A release that is none any more, and why; it is forgotten once what takes its place is served.
    pub(super) over: Option<(Arc<Release>, &'static str)>,
}

impl From<ComponentFile> for Looked {
    fn from(file: ComponentFile) -> Self {
        Self { digest: file.digest.clone(), reference: file.reference.clone(), file: Some(file) }
    }
}

impl Heeding<'_> {
    /// The release of the component `key`, of which a release is `known`, and which `looked` is what the configuration names;
    /// nothing if that can't be found.
    pub(super) fn heed(
        &self,
        key: &ReleaseKey,
        settings: &ComponentSettings,
        known: Option<Arc<Release>>,
        looked: Option<&Looked>,
    ) -> Heeded {
        match &settings.release {
            Some(wanted) => self.configured(key, settings, wanted, known, looked),
            None => known.map_or_else(Heeded::default, |known| self.set_before(settings, known, looked)),
        }
    }

    /// Of a component whose configuration names no candidate.
    fn set_before(&self, settings: &ComponentSettings, known: Arc<Release>, looked: Option<&Looked>) -> Heeded {
        let plan = &known.plan;
        let why = match looked {
            _ if plan.set_by == SetBy::Configuration => "the configuration names no candidate any more",
            // Also when that is tried in place of what was promoted.
            Some(looked) if looked.digest == plan.configured => {
                return Heeded { release: Some(known), ..Heeded::default() };
            }
            Some(looked) if looked.digest == plan.candidate.digest => {
                // A tag was moved to what is being tried, or to what was rolled back, which is no reason to serve it to all.
                if settings.artifact.is_some() && known.phase() != Phase::Promoted {
                    return Heeded { release: Some(known), ..Heeded::default() };
                }
                "the configuration names the candidate"
            }
            Some(_) => "the configuration names another version",
            None => return Heeded { release: Some(known), ..Heeded::default() },
        };
        end(known, why)
    }

    /// Of one whose configuration does.
    fn configured(
        &self,
        key: &ReleaseKey,
        settings: &ComponentSettings,
        wanted: &ReleaseSettings,
        known: Option<Arc<Release>>,
        looked: Option<&Looked>,
    ) -> Heeded {
        let (own, others) = match &known {
            Some(known) if known.plan.set_by == SetBy::Configuration => (Some(Arc::clone(known)), None),
            others => (None, others.clone()),
        };
        let over = others.map(|others| (others, "the configuration names a candidate"));
        // Without what is stable, what was decided holds.
        let Some(looked) = looked else { return Heeded { release: own, ..Heeded::default() } };
        if let (Some(own), false) = (&own, self.is_fresh) {
            return Heeded { release: Some(Arc::clone(own)), ..Heeded::default() };
        }
        let own = own.filter(|own| own.plan.configured == looked.digest);
        let candidate = match self.candidate(settings, wanted) {
            Ok(candidate) => candidate,
            Err(problem) => return Heeded { release: own, refused: Some(problem), over, ..Heeded::default() },
        };
        if candidate.digest == looked.digest {
            let over = known.map(|known| end(known, "the configuration names the candidate"));
            return over.unwrap_or_default();
        }
        let plan = Plan {
            key: key.clone(),
            activity: None,
            configured: looked.digest.clone(),
            base: looked.base(settings),
            candidate,
            terms: wanted.terms.clone(),
            set_by: SetBy::Configuration,
            since: SystemTime::now(),
        };
        match self.releases.configured(&plan) {
            Some(release) => Heeded { release: Some(release), ..Heeded::default() },
            None => {
                let begun = State::begun(plan.since);
                Heeded { release: own, next: Some(Arc::new(Release::new(plan, begun))), over, refused: None }
            }
        }
    }

    /// The candidate that the configuration names, as it is now.
    fn candidate(&self, settings: &ComponentSettings, wanted: &ReleaseSettings) -> Result<Version, Problem> {
        let named = Version { digest: String::new(), written: String::new(), source: Source::Configuration };
        let file = find(self.finder, &candidates::settings(&named, settings, self.releases)?)?;
        let source = file.reference.map_or(Source::Configuration, Source::Registry);
        Ok(Version { digest: file.digest, written: wanted.candidate.display().to_string(), source })
    }
}

fn end(known: Arc<Release>, why: &'static str) -> Heeded {
    Heeded { over: Some((known, why)), ..Heeded::default() }
}

impl Looked {
    /// What it is the stable version as, if its name may stand for something else later and a registry still has it then.
    fn base(&self, settings: &ComponentSettings) -> Option<Version> {
        let source = Source::Registry(self.reference.clone()?);
        Some(Version { digest: self.digest.clone(), written: settings.path.display().to_string(), source })
    }
}
