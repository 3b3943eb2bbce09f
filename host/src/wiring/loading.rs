//! Components loaded and checked.

use std::{
    fs::Metadata,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use activity::{ActivityName, ComponentId};
use anyhow::anyhow;
use catalog::{ComponentFile, Digests, Exported, Exports};
use engine::{Bytes, Engine, LoadError, Source};
use tokio::runtime::Handle;

use super::{
    ASKED, artifacts,
    cells::{self, Cells, Room},
    environment, groups,
    turns::Turn,
};
use crate::{
    config::settings::{ComponentSettings, EngineSettings, Settings, WorkerSettings},
    exit::{Exit, OrCure as _, OrExit as _, Problem, failed_to},
    output::{human, progress::Progress, reporter::GuestLines},
};

/// What runs components: what all task queues share.
#[derive(Debug)]
pub(crate) struct Host {
    /// What compiles and keeps components, and runs attempts of those who have no cell.
    pub(crate) engine: Arc<Engine>,
    /// What runs the others.
    pub(crate) cells: Arc<Cells>,
}

/// Where a component is used; nowhere by default, as by commands that serve no task queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    tenant: String,
    namespace: Option<String>,
    task_queue: String,
}

/// A loaded component.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// Where it is used.
    pub(crate) place: Place,
    /// Its file.
    path: PathBuf,
    /// The digest of its bytes.
    pub(crate) digest: String,
    /// How a registry has these very bytes, if they are from one.
    pub(crate) reference: Option<String>,
    /// What it offers.
    pub(crate) exports: Exports,
    /// What each of its attempts may take of the memory budget, in bytes.
    pub(crate) slot_memory: u64,
}

impl Place {
    /// A task queue that is served for `tenant`.
    pub(crate) fn new(tenant: &str, queue: &WorkerSettings) -> Self {
        let (namespace, task_queue) = (queue.namespace.clone(), queue.task_queue.clone());
        Self { tenant: tenant.to_owned(), namespace, task_queue }
    }
}

impl Host {
    /// Starts an engine, which treats what guests log as `lines` says. Nothing is loaded yet. Cells are heard by tasks of `tasks`.
    ///
    /// # Errors
    /// When the engine can't start.
    pub(crate) fn start(settings: &Settings, lines: GuestLines, tasks: &Handle) -> Result<Self, Problem> {
        cells::warn_of_those_without(&settings.tenants);
        let delegated = groups::take(settings.engine.cgroup)?;
        let cells = Arc::new(Cells::new(settings.engine.clone(), lines.clone(), tasks.clone(), delegated));
        let mut elsewhere = settings.tenants.iter().map(|tenant| tenant.cell().is_some());
        let engine = match !settings.tenants.is_empty() && elsewhere.all(|is_elsewhere| is_elsewhere) {
            // It runs nothing.
            true => super::engine(&EngineSettings { slots: 0, guest_threads: 1, ..settings.engine.clone() }, lines)?,
            false => super::engine(&settings.engine, lines)?,
        };
        Ok(Self { engine, cells })
    }

    /// How many attempts may run in this process at once.
    pub(crate) fn slots(&self) -> u32 {
        self.engine.slots().saturating_sub(ASKED)
    }
}

impl Loaded {
    /// Loads a component.
    ///
    /// # Errors
    /// When its file can't be read, or the engine refuses it.
    pub(crate) fn load(room: &Room, place: &Place, settings: &ComponentSettings) -> Result<Self, Problem> {
        let begun = Instant::now();
        Self::load_found(room, place, settings, find(Finder::alone(room.engine()), settings)?, begun)
    }

    /// Loads a component whose file is found; that began at `begun`.
    ///
    /// # Errors
    /// As for [`Loaded::load`].
    pub(crate) fn load_found(
        room: &Room,
        place: &Place,
        settings: &ComponentSettings,
        mut file: ComponentFile,
        begun: Instant,
    ) -> Result<Self, Problem> {
        let progress = Progress::start(format!("loading {}", settings.path.display()));
        let Place { tenant, namespace, task_queue } = place.clone();
        let id = ComponentId { tenant, namespace, task_queue, name: file.name(), digest: file.digest.clone() };
        let policy = environment::policy(settings)?;
        let loaded = with_source_as(room.engine(), &mut file, id, cells::is_unread, |source| {
            room.load(source, Arc::clone(&policy))
        });
        let loaded = loaded.map_err(|error| {
            let (cure, error) = cells::load_error(error);
            not_loaded(settings, cure, error)
        })?;
        drop(progress);
        tracing::info!("loaded {} in {}", settings.path.display(), human::milliseconds(begun.elapsed()));
        let slot_memory = policy.reserved_memory(loaded.listing.image).saturating_add(loaded.listing.values);
        let exported = |(name, interruptible)| Exported { name, interruptible };
        let exports = Exports {
            component: loaded.component,
            origin: settings.path.display().to_string(),
            activities: loaded.listing.activities.into_iter().map(exported).collect(),
            policy,
            candidate: None,
        };
        let (path, ComponentFile { digest, reference, .. }) = (settings.path.clone(), file);
        Ok(Self { place: place.clone(), path, digest, reference, exports, slot_memory })
    }

    /// Loads the component again if its file, which is found, has other bytes now, or it may do other things; that began at
    /// `begun`.
    ///
    /// # Errors
    /// As for [`Loaded::load`].
    pub(crate) fn reload(
        &self,
        room: &Room,
        settings: &ComponentSettings,
        file: ComponentFile,
        begun: Instant,
    ) -> Result<Option<Self>, Problem> {
        match file.digest == self.digest && environment::policy(settings)? == self.exports.policy {
            true => Ok(None),
            false => Self::load_found(room, &self.place, settings, file, begun).map(Some),
        }
    }

    /// Whether it is from this file, and used at this place.
    pub(crate) fn is_at(&self, place: &Place, path: &Path) -> bool {
        self.place == *place && self.path == path
    }

    /// Whether it is the version with this digest, used at this place, and may do what `settings` say.
    ///
    /// # Errors
    /// When what they grant can't be had.
    pub(crate) fn is_version(
        &self,
        place: &Place,
        digest: &str,
        settings: &ComponentSettings,
    ) -> Result<bool, Problem> {
        let is_it = self.place == *place && self.digest == digest;
        Ok(is_it && environment::policy(settings)? == self.exports.policy)
    }

    /// Whether it is the very same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.exports.component == other.exports.component
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its activities, as they are told.
    pub(crate) fn activities(&self) -> Vec<String> {
        let name = |exported: &Exported| match &exported.name {
            ActivityName::Named(name) => name.clone(),
            ActivityName::Dynamic => "any activity".to_owned(),
        };
        let mut names: Vec<String> = self.exports.activities.iter().map(name).collect();
        names.sort_unstable();
        names
    }

    /// Whether one of its activities takes every type that no other component names.
    pub(crate) fn is_dynamic(&self) -> bool {
        self.exports.activities.iter().any(|exported| exported.name == ActivityName::Dynamic)
    }
}

/// The digests that an engine keeps.
pub(crate) struct KeptDigests<'a>(pub(crate) &'a Engine);

impl Digests for KeptDigests<'_> {
    fn find(&self, path: &Path, metadata: &Metadata) -> Option<String> {
        self.0.digest_of(path, metadata)
    }

    fn keep(&self, path: &Path, metadata: &Metadata, digest: &str) {
        self.0.keep_digest(path, metadata, digest);
    }
}

/// Who finds components.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finder<'a> {
    /// What knows files by their digests.
    pub(crate) engine: &'a Engine,
    /// Whose turn to load it is, where there are others.
    pub(crate) turn: Option<&'a Turn>,
}

impl<'a> Finder<'a> {
    /// The only one, as a command is.
    pub(crate) fn alone(engine: &'a Engine) -> Self {
        Self { engine, turn: None }
    }
}

/// Finds a component's file, which is pulled first if a registry has it, and reads it unless the engine knows it.
///
/// # Errors
/// When it can't be pulled or read.
pub(crate) fn find(finder: Finder<'_>, settings: &ComponentSettings) -> Result<ComponentFile, Problem> {
    if let Some(artifact) = &settings.artifact {
        return artifacts::find(artifact, finder);
    }
    ComponentFile::find(&settings.path, &KeptDigests(finder.engine))
        .map_err(failed_to)
        .or_exit(Exit::NotLoaded)
        .or_cure("check the path; a component is a file that ends in .wasm")
}

/// Gives the component in `file`, called `id`, to `take`. It is read only if its bytes are needed; if they are not those
/// that `engine` knows the file by, `file` is what it is now.
///
/// # Errors
/// Those of `take`, and when the file can't be read.
pub(crate) fn with_source<T>(
    engine: &Engine,
    file: &mut ComponentFile,
    id: ComponentId,
    take: impl Fn(&Source<'_>) -> Result<T, LoadError>,
) -> Result<T, LoadError> {
    with_source_as(engine, file, id, |error| matches!(error, LoadError::Unread(_)), take)
}

/// The same for those whose errors are others; `is_unread` tells whether one is that the file has other bytes.
fn with_source_as<T, E: From<LoadError>>(
    engine: &Engine,
    file: &mut ComponentFile,
    id: ComponentId,
    is_unread: impl Fn(&E) -> bool,
    take: impl Fn(&Source<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let source = |file: &ComponentFile, id| {
        let read = || file.read().map_err(Into::into);
        let bytes = file.bytes.as_deref().map_or(Bytes::Unread(&read), Bytes::Read);
        take(&Source { id, size: file.size, bytes })
    };
    match source(file, id.clone()) {
        Err(error) if is_unread(&error) && file.bytes.is_none() && file.may_change() => {
            let anew = ComponentFile::find_anew(&file.path, &KeptDigests(engine));
            *file = anew.map_err(|error| LoadError::Unread(error.into()))?;
            source(file, ComponentId { digest: file.digest.clone(), ..id })
        }
        taken => taken,
    }
}

/// The engine's reason not to take a component.
pub(crate) fn refused(settings: &ComponentSettings, error: LoadError) -> Problem {
    let cure = error.cure().map(str::to_owned);
    not_loaded(settings, cure, anyhow!(error))
}

fn not_loaded(settings: &ComponentSettings, cure: Option<String>, error: anyhow::Error) -> Problem {
    let what = format!("failed to load component {}", settings.path.display());
    Problem { exit: Exit::NotLoaded, cure, error: error.context(what) }
}
