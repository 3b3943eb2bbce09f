//! Loads what serves a task queue: what the configuration names, and what was released beside it or in its place. What is
//! loaded already is not loaded again.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Instant,
};

use anyhow::anyhow;
use catalog::ComponentFile;

use super::{
    heeding::{Heeded, Heeding, Looked},
    keeper::{Trouble, Wanted},
    ready::{Anew, Loads},
    versions::{Versions, refuse_conflicts},
};
use crate::{
    config::settings::ComponentSettings,
    control::releases::{
        Releases, candidates,
        release::{Phase, Release, ReleaseKey, Version},
    },
    exit::{Exit, Problem},
    wiring::{
        loading::{Finder, Loaded, Place, find},
        turns::Turn,
    },
};

/// Loads what serves a task queue. Blocks.
pub(super) struct Loading<'a> {
    wanted: &'a Wanted,
    releases: &'a Releases,
    turn: &'a Turn,
    place: Place,
    /// Which files and tags may stand for something else than before. What is released changes none of that.
    anew: Anew,
    /// What is loaded already.
    former: Vec<Loaded>,
    loads: Loads,
}

impl<'a> Loading<'a> {
    /// Nothing yet; what is in `former` need not be loaded again.
    pub(super) fn new(
        wanted: &'a Wanted,
        (releases, turn): (&'a Releases, &'a Turn),
        former: Vec<Loaded>,
        anew: Anew,
    ) -> Self {
        let place = Place::new(&wanted.tenant, &wanted.settings);
        Self { wanted, releases, turn, place, anew, former, loads: Loads::default() }
    }

    fn finder(&self) -> Finder<'a> {
        Finder { engine: self.wanted.room.engine(), turn: Some(self.turn) }
    }

    /// Loads all of it.
    ///
    /// # Errors
    /// When one of the components can't be loaded; a candidate is refused then, and its component served without.
    pub(super) fn all(mut self) -> Result<Loads, Trouble> {
        for settings in &self.wanted.settings.components {
            let trouble = |problem: Problem| Trouble { component: Some(settings.path.clone()), ..problem.into() };
            let versions = self.component(settings).map_err(trouble)?;
            self.loads.served.push(versions);
        }
        refuse_conflicts(&mut self.loads.served);
        self.loads.served.iter_mut().for_each(|versions| begin(versions, self.releases));
        Ok(self.loads)
    }

    fn component(&mut self, settings: &ComponentSettings) -> Result<Versions, Problem> {
        let key = ReleaseKey {
            tenant: self.wanted.tenant.clone(),
            namespace: self.wanted.settings.namespace.clone(),
            task_queue: self.wanted.settings.task_queue.clone(),
            component: settings.path.clone(),
        };
        let known = self.releases.find(&key);
        let looked = self.look(settings, known.as_deref());
        if known.is_none() && settings.release.is_none() {
            return self.named(settings, looked?).map(Versions::alone);
        }
        let (finder, is_fresh) = (self.finder(), self.anew != Anew::Nothing);
        let heeding = Heeding { finder, releases: self.releases, is_fresh };
        let Heeded { release, next, refused, over } = heeding.heed(&key, settings, known, looked.as_ref().ok());
        self.loads.over.extend(over);
        let refused = refused.map(Arc::new);
        if let Some(next) = next {
            let stable = self.named(settings, looked?)?;
            return self.next(&next, release, settings, stable);
        }
        let Some(release) = release else {
            return Ok(Versions { refused, ..Versions::alone(self.named(settings, looked?)?) });
        };
        let phase = release.phase();
        if phase == Phase::Promoted {
            let promoted = self.version(&release.plan.candidate, settings, &release);
            let stable = Versions::alone(promoted.map_err(|problem| lost(problem, &release.plan.candidate))?);
            let configured = release.plan.configured.clone();
            return Ok(Versions { configured, release: Some((release, phase)), ..stable });
        }
        let (stable, of_stable) = match &release.plan.base {
            Some(base) => {
                let stable = self.version(base, settings, &release).map_err(|problem| lost(problem, base))?;
                (stable, candidates::settings(base, settings, self.releases)?)
            }
            None => (self.named(settings, looked?)?, settings.clone()),
        };
        let mut versions = Versions {
            configured: release.plan.configured.clone(),
            refused,
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

    /// A release of the configuration that is none yet; `former` goes on if the candidate can't be served.
    fn next(
        &mut self,
        next: &Arc<Release>,
        former: Option<Arc<Release>>,
        settings: &ComponentSettings,
        stable: Loaded,
    ) -> Result<Versions, Problem> {
        let (candidate, refused) = match self.candidate(next, settings, (&stable, settings)) {
            Ok(candidate) => (Some((Arc::clone(next), candidate)), None),
            Err(problem) => (None, Some(Arc::new(problem))),
        };
        let configured = stable.digest.clone();
        let stable = match &former {
            // What was promoted goes on, too.
            Some(former) if refused.is_some() && former.phase() == Phase::Promoted => {
                self.version(&former.plan.candidate, settings, former)?
            }
            _ => stable,
        };
        let release = former.map(|former| (Arc::clone(&former), former.phase()));
        Ok(Versions { configured, candidate, refused, release, ..Versions::alone(stable) })
    }

    /// What the configuration names.
    fn look(&self, settings: &ComponentSettings, known: Option<&Release>) -> Result<Looked, Problem> {
        let former = self.former.iter().find(|former| former.is_at(&self.place, &settings.path));
        match (former, known) {
            (Some(Loaded { digest, reference, .. }), _) if self.anew != Anew::All => {
                Ok(Looked { digest: digest.clone(), reference: reference.clone(), file: None })
            }
            (None, Some(known)) if self.anew != Anew::All => {
                Ok(Looked { digest: known.plan.configured.clone(), reference: None, file: None })
            }
            _ => find(self.finder(), settings).map(Looked::from),
        }
    }

    /// Loads what the configuration names.
    fn named(&mut self, settings: &ComponentSettings, looked: Looked) -> Result<Loaded, Problem> {
        let begun = Instant::now();
        let former = self.former.iter().position(|former| former.is_at(&self.place, &settings.path));
        let file = match (looked.file, former) {
            (None, Some(at)) if self.anew != Anew::All => return Ok(self.former.swap_remove(at)),
            (Some(file), _) => file,
            (None, _) => find(self.finder(), settings)?,
        };
        let former = former.map(|at| self.former.swap_remove(at));
        let room = &self.wanted.room;
        let loaded = match &former {
            Some(former) => former.reload(room, settings, file, begun)?,
            None => Some(Loaded::load_found(room, &self.place, settings, file, begun)?),
        };
        match (loaded, former) {
            (None, Some(former)) => Ok(former),
            (Some(loaded), _) => Ok(self.noted(loaded)),
            (None, None) => Err(anyhow!("component {} is lost", settings.path.display()).into()),
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
                candidates::face(self.finder(), settings, &loaded.digest, activities)
            };
            candidates::compare(&face(of_stable, stable)?, &face(&of_candidate, &candidate)?, settings)?;
            release.is_compared.store(true, Ordering::Relaxed);
        }
        Ok(candidate)
    }

    /// Loads a version by its digest, whatever the configuration names.
    fn version(
        &mut self,
        version: &Version,
        settings: &ComponentSettings,
        release: &Release,
    ) -> Result<Loaded, Problem> {
        let begun = Instant::now();
        let settings = candidates::settings(version, settings, self.releases)?;
        if let Some(loaded) = release.loaded.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let loaded = self.noted(loaded);
            self.former.push(loaded);
        }
        for at in 0..self.former.len() {
            let Some(former) = self.former.get(at) else { continue };
            if former.is_version(&self.place, &version.digest, &settings)? {
                return Ok(self.former.swap_remove(at));
            }
        }
        let file = find(self.finder(), &settings)?;
        check(&file, version, &settings)?;
        let loaded = Loaded::load_found(&self.wanted.room, &self.place, &settings, file, begun)?;
        Ok(self.noted(loaded))
    }

    fn noted(&mut self, loaded: Loaded) -> Loaded {
        self.loads.changed.push(loaded.clone());
        loaded
    }
}

/// Begins a release of the configuration, now that all that it is about is loaded. What was decided before is lost with that,
/// which no file that can't be served may bring about.
fn begin(versions: &mut Versions, releases: &Releases) {
    let Some((next, _)) = &versions.candidate else { return };
    let is_known = versions.release.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, next));
    if is_known {
        return;
    }
    match releases.set(Arc::clone(next)) {
        Ok(next) => versions.release = Some((next, Phase::Rolling)),
        Err(refusal) => {
            versions.candidate = None;
            versions.refused = Some(Arc::new(candidates::refusal(refusal)));
        }
    }
}

/// Refuses what is not the version that was released.
fn check(file: &ComponentFile, version: &Version, settings: &ComponentSettings) -> Result<(), Problem> {
    if file.digest == version.digest {
        return Ok(());
    }
    let error = anyhow!(
        "component {} has the digest {}, and the one that was released has {}",
        settings.path.display(),
        file.digest,
        version.digest
    );
    Err(Problem::new(Exit::NotLoaded, error))
}

/// What is wrong with a version that was promoted and can't be loaded, with what helps whether or not the worker runs.
fn lost(problem: Problem, version: &Version) -> Problem {
    if problem.exit != Exit::NotLoaded {
        return problem;
    }
    problem.cure(format!(
        "it was promoted, so no other version is served: put the file with the digest {} there again, or let the configuration \
         name another version, which ends the release and runs",
        version.digest
    ))
}
