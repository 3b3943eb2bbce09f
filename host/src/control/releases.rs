//! Which version of a component runs which share of its attempts: kept in a file, so that it goes on after a restart.
//!
//! - [`release`]: one of them, and what its gate makes of it.
//! - [`candidates`]: versions beside the one that is configured.
//! - [`written`]: the file; [`owner`]: whose it is.
//! - [`counting`]: what counts attempts; [`told`]: how it is told.

pub(crate) mod release;

pub(crate) mod candidates;

mod counting;

mod owner;

pub(crate) mod told;

mod written;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use activity::{Observer, shown};
use admin::Refusal;
use anyhow::{Context as _, anyhow};
use tokio::sync::mpsc;

use self::{
    counting::Counting,
    release::{Judged, Phase, Plan, Release, ReleaseKey},
};
use crate::{
    config::settings::TenantSettings,
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    files,
};

/// The file in the state folder.
const FILE: &str = "releases.json";

/// The folder beside it for versions that no file of the configuration is.
const VERSIONS: &str = "versions";

/// How many components may have another version.
const MOST: usize = 1_000;

/// The releases of all components.
///
/// Upholds the following invariants:
/// - a candidate gets its share, and takes over, once that is on the disk; it loses it at once;
/// - what was decided of two versions holds until an operator says otherwise, also after a restart.
#[derive(Debug)]
pub(crate) struct Releases {
    /// Where they are kept; nothing can be released without.
    state: Option<PathBuf>,
    all: Mutex<BTreeMap<ReleaseKey, Arc<Release>>>,
    /// Where it goes what gates decide.
    judged: mpsc::UnboundedSender<Judged>,
    /// Held while they are changed.
    writing: Mutex<()>,
    /// The folder of the version that is made ready to be released.
    prepared: Mutex<Option<String>>,
    /// Whether more was observed than is written.
    is_newer: AtomicBool,
    /// Whether something was decided that could not be written.
    is_unkept: AtomicBool,
    /// What says that they are kept by this process, from when there are any.
    lock: Mutex<Option<File>>,
    /// Whether what is in the file is here. It may be another worker's.
    is_read: bool,
    /// What another worker, which runs, has released.
    others: Vec<ReleaseKey>,
}

impl Releases {
    /// What is kept in the folder `state`; nothing if there is none. `namespace` is what task queues have that name none. What
    /// gates decide comes out of what is returned.
    ///
    /// # Errors
    /// When it is kept and can't be read: an old version must not come back because of that.
    pub(crate) fn read(
        state: Option<&Path>,
        namespace: Option<String>,
    ) -> Result<(Arc<Self>, mpsc::UnboundedReceiver<Judged>), Problem> {
        let file = state.map(|state| (state, state.join(FILE))).filter(|(_, path)| path.exists());
        let (lock, is_anothers) = match &file {
            Some((state, path)) => match owner::take(state) {
                Ok(Some(lock)) => (Some(lock), false),
                Ok(None) => (None, true),
                Err(error) => {
                    // What can't be locked can't be written either, but what is released holds.
                    tracing::warn!("failed to lock {}: {error}", path.display());
                    (None, false)
                }
            },
            None => (None, false),
        };
        let mut all = match &file {
            Some((_, path)) => written::read(path)
                .with_context(|| format!("failed to read what is released, in {}", path.display()))
                .or_exit(Exit::Usage)
                .or_cure(
                    "restore the file; or remove it, and what the configuration names runs; `isolet release` writes it",
                )?,
            None => Vec::new(),
        };
        for Release { plan, .. } in &mut all {
            plan.key.namespace = plan.key.namespace.take().filter(|own| namespace.as_ref() != Some(own));
        }
        let mut others = Vec::new();
        if let (true, Some((state, _))) = (is_anothers, &file) {
            tracing::info!("another worker keeps its releases in {}: this one has none", state.display());
            others.extend(all.drain(..).map(|release| release.plan.key));
        }
        for release in &all {
            tracing::info!("released since before: {release}");
        }
        let all = all.into_iter().map(|release| (release.plan.key.clone(), Arc::new(release))).collect();
        let (judged, verdicts) = mpsc::unbounded_channel();
        let releases = Self {
            state: state.map(Path::to_owned),
            all: Mutex::new(all),
            judged,
            writing: Mutex::default(),
            prepared: Mutex::default(),
            is_newer: false.into(),
            is_unkept: false.into(),
            lock: Mutex::new(lock),
            is_read: file.is_some() && !is_anothers,
            others,
        };
        if !releases.all().is_empty() {
            releases.tidy();
        }
        Ok((Arc::new(releases), verdicts))
    }

    /// Refuses to serve what another worker has released with the same folder: it might be served in an old version.
    ///
    /// # Errors
    /// When a component of `tenants` is among that.
    pub(crate) fn refuse_others(&self, tenants: &[TenantSettings]) -> Result<(), Problem> {
        let Some(key) = self.others.iter().find(|key| key.is_named(tenants)) else { return Ok(()) };
        let folder = self.state.as_deref().unwrap_or(Path::new("")).display();
        let (component, task_queue) = (key.component.display().to_string(), shown::name(&key.task_queue));
        let component = shown::on_one_line(&component);
        let error = anyhow!(
            "another worker, which runs, keeps a release of {component} on task queue {task_queue} in {folder}"
        );
        let cure = "set admin.state to a folder that no other worker has, or stop that worker";
        Err(Problem::new(Exit::Usage, error).cure(cure))
    }

    /// The release of a component.
    pub(crate) fn find(&self, key: &ReleaseKey) -> Option<Arc<Release>> {
        self.all().get(key).cloned()
    }

    /// Each of them.
    pub(crate) fn each(&self) -> Vec<Arc<Release>> {
        self.all().values().cloned().collect()
    }

    /// `next`, and before it what counts the attempts of both versions.
    pub(crate) fn observer(self: &Arc<Self>, next: Arc<dyn Observer>) -> Arc<dyn Observer> {
        Arc::new(Counting { releases: Arc::clone(self), next })
    }

    /// Releases a candidate from now on, in place of another one if there was any.
    ///
    /// # Errors
    /// When it can't be kept; then nothing changes.
    pub(crate) fn set(&self, release: impl Into<Arc<Release>>) -> Result<Arc<Release>, Refusal> {
        let release = release.into();
        let former = self.find(&release.plan.key);
        if former.is_none() && MOST <= self.all().len() {
            let message = format!("{MOST} components have another version already, as many as there can be");
            let cure = Some("name versions that were promoted in the configuration".to_owned());
            return Err(Refusal { message, cure });
        }
        self.change(|all| drop(all.insert(release.plan.key.clone(), Arc::clone(&release))))?;
        // Until what is served is another thing, its attempts are those of the stable version.
        former.iter().for_each(|former| former.give_up());
        self.tidy();
        Ok(release)
    }

    /// The release of a component as the configuration has it, if it is known already: the one that `plan` says.
    pub(crate) fn configured(&self, plan: &Plan) -> Option<Arc<Release>> {
        let known = self.find(&plan.key).filter(|known| {
            let known = &known.plan;
            known.set_by == plan.set_by
                && known.configured == plan.configured
                && known.candidate.digest == plan.candidate.digest
        });
        // What was decided of two versions is decided, whatever share one of them was to have.
        known.filter(|known| known.plan.terms == plan.terms || known.phase() != Phase::Rolling)
    }

    /// Brings a release into another phase, for this reason.
    ///
    /// # Errors
    /// When that can't be kept: what takes over does not, then, and what is rolled back is, and is written once it can be.
    pub(crate) fn decide(&self, release: &Release, phase: Phase, reason: &str) -> Result<(), Refusal> {
        if phase == Phase::RolledBack {
            release.give_up();
        }
        let former = release.enter(phase, reason);
        let kept = self.change(|_| ());
        match (&kept, phase) {
            (Ok(()), Phase::Promoted) => release.share.set(100),
            (Err(_), Phase::Promoted) => release.restore(former),
            (Err(_), Phase::RolledBack) => self.is_unkept.store(true, Ordering::Relaxed),
            _ => {}
        }
        kept
    }

    /// Knows nothing of it any more: it is about versions that are none of the component's now.
    pub(crate) fn forget(&self, release: &Arc<Release>) {
        release.give_up();
        let key = &release.plan.key;
        if self.find(key).is_none_or(|known| !Arc::ptr_eq(&known, release)) {
            return;
        }
        match self.change(|all| drop(all.remove(key))) {
            Ok(()) => self.tidy(),
            Err(refusal) => tracing::error!("{}", refusal.message),
        }
    }

    /// Has gates judge for which time has passed.
    pub(crate) fn look(&self) {
        self.each().iter().for_each(|release| self.judge(release));
    }

    /// Whether more was observed or decided than is on the disk.
    pub(crate) fn is_newer(&self) -> bool {
        self.is_newer.load(Ordering::Relaxed) || self.is_unkept.load(Ordering::Relaxed)
    }

    /// Brings to the disk what was observed and decided, if that is more. Blocks.
    pub(crate) fn write_down(&self) {
        let is_newer = self.is_newer.swap(false, Ordering::Relaxed);
        if let Err(refusal) = self.keep_decided() {
            // It was told when it was decided.
            tracing::debug!("{}", refusal.message);
        } else if is_newer && let Err(refusal) = self.change(|_| ()) {
            tracing::error!("{}", refusal.message);
        }
    }

    /// Brings to the disk what was decided and could not be written then. Blocks.
    ///
    /// # Errors
    /// When it still can't be.
    pub(crate) fn keep_decided(&self) -> Result<(), Refusal> {
        if self.is_unkept.load(Ordering::Relaxed) {
            self.change(|_| ())?;
            tracing::info!("what is rolled back is kept by now");
        }
        Ok(())
    }

    /// The folder of versions with this name, which stays although no release needs it yet.
    ///
    /// # Errors
    /// When there is no folder to keep anything in.
    pub(crate) fn prepare(&self, name: &str) -> Result<PathBuf, Refusal> {
        self.own(self.state()?)?;
        let folder = self.version(name)?;
        *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
        Ok(folder)
    }

    /// What was prepared is not released.
    pub(crate) fn give_up_preparing(&self) {
        *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.tidy();
    }

    /// The folder of versions with this name.
    ///
    /// # Errors
    /// As for [`Releases::prepare`].
    pub(crate) fn version(&self, name: &str) -> Result<PathBuf, Refusal> {
        Ok(self.state()?.join(VERSIONS).join(name))
    }

    fn judge(&self, release: &Arc<Release>) {
        if let Some((phase, reason)) = release.judge() {
            // At the very end nobody hears of it.
            let _ = self.judged.send(Judged { release: Arc::clone(release), phase, reason });
        }
    }

    fn state(&self) -> Result<&Path, Refusal> {
        self.state.as_deref().ok_or_else(|| Refusal {
            message: "this worker has no folder to keep releases in, so they would be gone with it".to_owned(),
            cure: Some("set admin.state to a folder, and start it anew".to_owned()),
        })
    }

    /// Sees to it that no other worker keeps its releases in the folder `state`.
    fn own(&self, state: &Path) -> Result<(), Refusal> {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if lock.is_some() {
            return Ok(());
        }
        let taken = owner::take(state).map_err(|error| Refusal {
            message: format!("failed to keep what is released in {}: {error}", state.display()),
            cure: Some("make room there, let this user write there, or set admin.state to another folder".to_owned()),
        })?;
        // What another one has written meanwhile must not be lost.
        let is_own = taken.is_some() && (self.is_read || !state.join(FILE).exists());
        if !is_own {
            return Err(Refusal {
                message: format!("another worker keeps its releases in {}", state.display()),
                cure: Some("set admin.state to a folder that no other worker has, and start this one anew".to_owned()),
            });
        }
        *lock = taken;
        Ok(())
    }

    /// Keeps what changes, and lets it hold: in this order, so that what was promised holds after a crash.
    fn change(&self, change: impl FnOnce(&mut BTreeMap<ReleaseKey, Arc<Release>>)) -> Result<(), Refusal> {
        let state = self.state()?;
        let path = state.join(FILE);
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.own(state)?;
        let mut all = self.all().clone();
        change(&mut all);
        let was_unkept = self.is_unkept.swap(false, Ordering::Relaxed);
        let kept = written::text(all.values()).and_then(|text| Ok(files::write_whole(&path, &text)?));
        kept.map_err(|error| {
            self.is_unkept.fetch_or(was_unkept, Ordering::Relaxed);
            Refusal {
                message: format!("failed to keep what is released in {}: {error:#}", path.display()),
                cure: Some(
                    "make room there, let this user write there, or set admin.state to another folder".to_owned(),
                ),
            }
        })?;
        *self.all() = all;
        Ok(())
    }

    /// Removes versions that no release is about any more, unless they are another worker's.
    fn tidy(&self) {
        if self.lock.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return;
        }
        let Ok(folder) = self.state().map(|state| state.join(VERSIONS)) else { return };
        let Ok(entries) = fs::read_dir(&folder) else { return };
        let mut needed: BTreeSet<String> =
            self.prepared.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        for release in self.each() {
            needed.extend(release.plan.folders().map(str::to_owned));
        }
        for entry in entries.flatten().filter(|entry| !needed.contains(&*entry.file_name().to_string_lossy())) {
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!("failed to remove {}: {error}", entry.path().display());
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<ReleaseKey, Arc<Release>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
