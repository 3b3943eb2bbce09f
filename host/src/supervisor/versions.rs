//! Which versions of a task queue's components are loaded: what the configuration names, and what was released beside it or
//! in its place.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Instant, SystemTime},
};

use activity::{ActivityName, ComponentId};
use admin::Refusal;
use anyhow::anyhow;
use catalog::{Candidate, ComponentFile, Exports};
use metrics::ServedVersion;

use super::keeper::{Trouble, Wanted};
use crate::{
    config::{releases::ReleaseSettings, settings::ComponentSettings},
    control::releases::{
        Releases, candidates,
        release::{Phase, Plan, Release, ReleaseKey, SetBy, Source, Version},
    },
    exit::{Exit, Problem},
    wiring::loading::{Loaded, Place, find},
};

/// What serves one component of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Versions {
    /// What runs its attempts, but for those of a candidate.
    pub(super) stable: Loaded,
    /// Another version, and the release that says which attempts it runs.
    pub(super) candidate: Option<(Arc<Release>, Loaded)>,
    /// Why a candidate is not served.
    pub(super) refused: Option<Arc<Problem>>,
    /// The release that was heeded, and how far it was.
    pub(super) release: Option<(Arc<Release>, Phase)>,
    /// The digest of what the configuration names.
    pub(super) configured: String,
}

/// Loads what serves a task queue. Blocks.
pub(super) struct Loading<'a> {
    wanted: &'a Wanted,
    releases: &'a Releases,
    place: Place,
    /// What is loaded already.
    former: Vec<Loaded>,
    /// What was not.
    changed: Vec<Loaded>,
}

impl Versions {
    /// All that is loaded.
    pub(super) fn each(&self) -> impl Iterator<Item = &Loaded> {
        [&self.stable].into_iter().chain(self.candidate.iter().map(|(_, loaded)| loaded))
    }

    /// What is offered.
    pub(super) fn exports(&self) -> Exports {
        let candidate = self.candidate.as_ref().map(|(release, loaded)| {
            let Exports { component, activities, policy, .. } = loaded.exports.clone();
            Candidate { component, activities, policy, share: Arc::clone(&release.share) }
        });
        Exports { candidate, ..self.stable.exports.clone() }
    }

    /// What is measured of that.
    pub(super) fn measured(&self) -> impl Iterator<Item = ServedVersion> {
        self.each().map(|loaded| {
            let ComponentId { name, digest, .. } = loaded.exports.component.id().clone();
            ServedVersion { component: name, digest, is_candidate: !self.stable.is_same(loaded) }
        })
    }

    /// What the configuration names, and nothing beside it.
    fn alone(stable: Loaded) -> Self {
        let configured = stable.digest.clone();
        Self { stable, candidate: None, refused: None, release: None, configured }
    }
}

impl<'a> Loading<'a> {
    /// Nothing yet; what is in `former` need not be loaded again.
    pub(super) fn new(wanted: &'a Wanted, releases: &'a Releases, former: Vec<Loaded>) -> Self {
        let place = Place::new(&wanted.tenant, &wanted.settings);
        Self { wanted, releases, place, former, changed: Vec::new() }
    }

    /// Loads all of it. Returns what was not loaded before, too.
    ///
    /// # Errors
    /// When one of the components can't be loaded; a candidate is refused then, and its component served without.
    pub(super) fn all(mut self) -> Result<(Vec<Versions>, Vec<Loaded>), Trouble> {
        let mut served = Vec::new();
        for settings in &self.wanted.settings.components {
            let trouble = |problem: Problem| Trouble { component: Some(settings.path.clone()), ..problem.into() };
            served.push(self.component(settings).map_err(trouble)?);
        }
        for at in 0..served.len() {
            self.refuse_conflicts(&mut served, at);
        }
        Ok((served, self.changed))
    }

    fn component(&mut self, settings: &ComponentSettings) -> Result<Versions, Problem> {
        let begun = Instant::now();
        let key = ReleaseKey {
            tenant: self.wanted.tenant.clone(),
            namespace: self.wanted.settings.namespace.clone(),
            task_queue: self.wanted.settings.task_queue.clone(),
            component: settings.path.clone(),
        };
        let known = self.releases.find(&key);
        if known.is_none() && settings.release.is_none() {
            let file = find(self.wanted.room.engine(), settings)?;
            return self.load_found(settings, file, begun).map(Versions::alone);
        }
        let file = find(self.wanted.room.engine(), settings);
        let configured = file.as_ref().ok().map(|file| file.digest.clone());
        let (release, refused) = match &settings.release {
            Some(wanted) => self.configured(known, &key, wanted, settings, configured.as_deref()),
            None => (self.not_configured(known, configured.as_deref()), None),
        };
        let Some(release) = release else {
            let stable = Versions::alone(self.load_found(settings, file?, begun)?);
            return Ok(Versions { refused: refused.map(Arc::new), ..stable });
        };
        let phase = release.phase();
        if phase == Phase::Promoted {
            let stable = self.version(&release.plan.candidate, settings, &release)?;
            return Ok(Versions {
                configured: release.plan.configured.clone(),
                release: Some((release, phase)),
                ..Versions::alone(stable)
            });
        }
        let (stable, of_stable) = match &release.plan.base {
            Some(base) => {
                (self.version(base, settings, &release)?, candidates::settings(base, settings, self.releases)?)
            }
            None => (self.load_found(settings, file?, begun)?, settings.clone()),
        };
        let mut versions = Versions {
            configured: release.plan.configured.clone(),
            refused: refused.map(Arc::new),
            release: Some((Arc::clone(&release), phase)),
            ..Versions::alone(stable)
        };
        if phase == Phase::Rolling && versions.refused.is_none() {
            match self.candidate(&release, settings, (&versions.stable, &of_stable)) {
                Ok(candidate) => versions.candidate = Some((release, candidate)),
                Err(problem) => versions.refused = Some(Arc::new(problem)),
            }
        }
        Ok(versions)
    }

    /// The release of a component whose configuration names none.
    fn not_configured(&self, known: Option<Arc<Release>>, configured: Option<&str>) -> Option<Arc<Release>> {
        let known = known?;
        let over = match configured {
            _ if known.plan.set_by == SetBy::Configuration => "the configuration names no candidate any more",
            Some(configured) if configured != known.plan.configured => "the configuration names another version",
            _ => return Some(known),
        };
        tracing::warn!("the release of {known} is over: {over}");
        self.releases.forget(&known);
        None
    }

    /// The release of a component whose configuration names a candidate, or why that is none.
    fn configured(
        &self,
        known: Option<Arc<Release>>,
        key: &ReleaseKey,
        wanted: &ReleaseSettings,
        settings: &ComponentSettings,
        configured: Option<&str>,
    ) -> (Option<Arc<Release>>, Option<Problem>) {
        let own = known.clone().filter(|known| known.plan.set_by == SetBy::Configuration);
        // Without what is stable, what was decided holds.
        let Some(configured) = configured else { return (own, None) };
        let own = own.filter(|own| own.plan.configured == configured);
        let named = Version { digest: String::new(), written: String::new(), source: Source::Configuration };
        let candidate = candidates::settings(&named, settings, self.releases)
            .and_then(|settings| find(self.wanted.room.engine(), &settings));
        let digest = match candidate {
            Ok(file) => file.digest,
            Err(problem) => return (own, Some(problem)),
        };
        if digest == configured {
            // It has been taken over by hand.
            known.iter().for_each(|known| self.releases.forget(known));
            return (None, None);
        }
        let written = wanted.candidate.display().to_string();
        let plan = Plan {
            key: key.clone(),
            activity: None,
            configured: configured.to_owned(),
            base: None,
            candidate: Version { digest, written, source: Source::Configuration },
            terms: wanted.terms.clone(),
            set_by: SetBy::Configuration,
            since: SystemTime::now(),
        };
        match self.releases.configured(plan) {
            Ok(release) => (Some(release), None),
            Err(Refusal { message, cure }) => (own, Some(Problem { exit: Exit::Usage, cure, error: anyhow!(message) })),
        }
    }

    /// Loads a candidate that may take the place of the stable version.
    fn candidate(
        &mut self,
        release: &Arc<Release>,
        settings: &ComponentSettings,
        (stable, of_stable): (&Loaded, &ComponentSettings),
    ) -> Result<Loaded, Problem> {
        let version = &release.plan.candidate;
        let candidate = self.version(version, settings, release)?;
        if !release.is_compared.load(Ordering::Relaxed) {
            let of_candidate = candidates::settings(version, settings, self.releases)?;
            let face = |settings, loaded: &Loaded| {
                let activities = &loaded.exports.activities;
                candidates::face(self.wanted.room.engine(), settings, &loaded.digest, activities)
            };
            candidates::compare(&face(of_stable, stable)?, &face(&of_candidate, &candidate)?, settings)?;
            release.is_compared.store(true, Ordering::Relaxed);
        }
        Ok(candidate)
    }

    /// Loads a version that is not the one that the configuration names.
    fn version(
        &mut self,
        version: &Version,
        settings: &ComponentSettings,
        release: &Release,
    ) -> Result<Loaded, Problem> {
        let begun = Instant::now();
        let settings = candidates::settings(version, settings, self.releases)?;
        if *version == release.plan.candidate {
            self.former.extend(release.loaded.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        let file = find(self.wanted.room.engine(), &settings)?;
        if file.digest != version.digest {
            let error = anyhow!(
                "component {} has the digest {}, and the one that was released has {}",
                settings.path.display(),
                file.digest,
                version.digest
            );
            let cure = "restore it, or release another version; `isolet release rollback` serves what was before it";
            return Err(Problem::new(Exit::NotLoaded, error).cure(cure));
        }
        self.load_found(&settings, file, begun)
    }

    /// Loads a component whose file is found, unless it is loaded already.
    fn load_found(
        &mut self,
        settings: &ComponentSettings,
        file: ComponentFile,
        begun: Instant,
    ) -> Result<Loaded, Problem> {
        let room = &self.wanted.room;
        let same = self.former.iter().position(|former| former.is_at(&self.place, &settings.path));
        let same = same.map(|same| self.former.swap_remove(same));
        let loaded = match &same {
            Some(same) => same.reload(room, settings, file, begun)?,
            None => Some(Loaded::load_found(room, &self.place, settings, file, begun)?),
        };
        match (loaded, same) {
            (None, Some(same)) => Ok(same),
            (loaded, _) => {
                let loaded = loaded.ok_or_else(|| anyhow!("component {} is lost", settings.path.display()))?;
                self.changed.push(loaded.clone());
                Ok(loaded)
            }
        }
    }

    /// Refuses a candidate that could not be promoted, because of what other components of the task queue have.
    fn refuse_conflicts(&self, served: &mut [Versions], at: usize) {
        let names = |loaded: &Loaded| -> BTreeSet<ActivityName> {
            loaded.exports.activities.iter().map(|exported| exported.name.clone()).collect()
        };
        let others = served.iter().enumerate().filter(|(other, _)| *other != at);
        let others: BTreeSet<ActivityName> = others.flat_map(|(_, versions)| versions.each().flat_map(names)).collect();
        let Some(versions) = served.get_mut(at) else { return };
        let Some((_, candidate)) = &versions.candidate else { return };
        if let Some(problem) = conflict(&names(candidate), &others) {
            versions.candidate = None;
            versions.refused = Some(Arc::new(problem));
        }
    }
}

/// What is wrong with a candidate that has an activity of another component.
pub(super) fn conflict(own: &BTreeSet<ActivityName>, others: &BTreeSet<ActivityName>) -> Option<Problem> {
    let name = match own.intersection(others).next()? {
        ActivityName::Named(name) => format!("activity {:?}", activity::shown::name(name)),
        ActivityName::Dynamic => "the dynamic activity".to_owned(),
    };
    let error = anyhow!("the candidate can't take over: another component of the task queue has {name}, too");
    Some(Problem::new(Exit::Usage, error).cure("build it without that activity"))
}
