//! Components loaded and checked, before anything is connected to.

use std::{fs::Metadata, path::Path, sync::Arc, time::Instant};

use activity::{ActivityName, ComponentId};
use anyhow::anyhow;
use catalog::{ComponentFile, Digests, Exported, Exports, TaskQueueDirectory};
use engine::{Bytes, Engine, LoadError, Source};

use super::{
    cells::{self, Cells, Room},
    environment,
};
use crate::{
    config::{
        isolation::Isolation,
        settings::{ComponentSettings, EngineSettings, Settings, TenantSettings, WorkerSettings},
    },
    exit::{Exit, OrCure as _, OrExit as _, Problem, failed_to},
    output::{human, progress::Progress, reporter::GuestLines},
};

/// The engine and all that it has loaded.
#[derive(Debug)]
pub(crate) struct Host {
    /// What compiles and keeps components, and runs attempts of those who have no cell.
    pub(crate) engine: Arc<Engine>,
    /// What runs the others.
    pub(crate) cells: Arc<Cells>,
    /// The memory of all attempts together, in bytes.
    pub(crate) memory_budget: u64,
    /// What is served.
    pub(crate) queues: Vec<Queue>,
}

/// One task queue with its components loaded.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// For whom it is served.
    pub(crate) tenant: String,
    /// How it is served.
    pub(crate) settings: WorkerSettings,
    /// Where its guests run.
    pub(crate) room: Room,
    /// Its components, in the order of its settings.
    pub(crate) components: Vec<Loaded>,
    /// Which of them runs what.
    pub(crate) directory: Arc<TaskQueueDirectory>,
}

/// Where a component is used; nowhere by default, as by commands that serve no task queue.
#[derive(Clone, Debug, Default)]
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
    /// The digest of its bytes.
    pub(crate) digest: String,
    /// What it offers.
    pub(crate) exports: Exports,
    /// What each of its attempts may take of the memory budget, in bytes.
    pub(crate) slot_memory: u64,
}

impl Host {
    /// Starts an engine, which treats what guests log as `lines` says, and loads every component into it.
    ///
    /// # Errors
    /// When the engine can't start, a component can't be loaded, or two of one task queue conflict.
    pub(crate) fn load(settings: &Settings, lines: GuestLines) -> Result<Self, Problem> {
        let cells = Arc::new(Cells::new(settings, &lines));
        let engine = match settings.tenants.iter().all(|tenant| tenant.isolation != Isolation::None) {
            // It runs nothing.
            true => super::engine(&EngineSettings { slots: 0, guest_threads: 1, ..settings.engine.clone() }, lines)?,
            false => super::engine(&settings.engine, lines)?,
        };
        let mut queues = Vec::new();
        for tenant in &settings.tenants {
            let room = cells.room(&engine, tenant);
            for worker in &tenant.workers {
                queues.push(Queue::load(&room, tenant, worker)?);
            }
        }
        Ok(Self { engine, cells, memory_budget: settings.engine.memory_budget, queues })
    }
}

impl Queue {
    fn load(room: &Room, tenant: &TenantSettings, settings: &WorkerSettings) -> Result<Self, Problem> {
        let place = Place {
            tenant: tenant.name.clone(),
            namespace: settings.namespace.clone(),
            task_queue: settings.task_queue.clone(),
        };
        let components = settings.components.iter().map(|component| Loaded::load(room, &place, component));
        let components = components.collect::<Result<Vec<_>, _>>()?;
        let directory = TaskQueueDirectory::new(&exports(&components))
            .map_err(failed_to)
            .or_exit(Exit::NotLoaded)
            .or_cure("serve one of them on a task queue of its own, or build it without that activity")?;
        let (tenant, settings, room) = (tenant.name.clone(), settings.clone(), room.clone());
        Ok(Self { tenant, settings, room, components, directory: Arc::new(directory) })
    }

    /// Whether one of its components takes every activity type that no other names.
    pub(crate) fn is_dynamic(&self) -> bool {
        let mut activities = self.components.iter().flat_map(|component| &component.exports.activities);
        activities.any(|exported| exported.name == ActivityName::Dynamic)
    }
}

impl Loaded {
    /// Loads a component.
    ///
    /// # Errors
    /// When its file can't be read, or the engine refuses it.
    pub(crate) fn load(room: &Room, place: &Place, settings: &ComponentSettings) -> Result<Self, Problem> {
        let begun = Instant::now();
        Self::load_found(room, place, settings, find(room.engine(), settings)?, begun)
    }

    /// Loads a component whose file is found; that began at `begun`.
    fn load_found(
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
        };
        Ok(Self { place: place.clone(), digest: file.digest, exports, slot_memory })
    }

    /// Loads the component again if its file has other bytes now.
    ///
    /// # Errors
    /// As for [`Loaded::load`].
    pub(crate) fn reload(&self, room: &Room, settings: &ComponentSettings) -> Result<Option<Self>, Problem> {
        let begun = Instant::now();
        let file = find(room.engine(), settings)?;
        match file.digest == self.digest {
            true => Ok(None),
            false => Self::load_found(room, &self.place, settings, file, begun).map(Some),
        }
    }
}

/// What `components` offer.
pub(crate) fn exports(components: &[Loaded]) -> Vec<Exports> {
    components.iter().map(|component| component.exports.clone()).collect()
}

/// The digests that an engine keeps.
struct KeptDigests<'a>(&'a Engine);

impl Digests for KeptDigests<'_> {
    fn find(&self, path: &Path, metadata: &Metadata) -> Option<String> {
        self.0.digest_of(path, metadata)
    }

    fn keep(&self, path: &Path, metadata: &Metadata, digest: &str) {
        self.0.keep_digest(path, metadata, digest);
    }
}

/// Finds a component's file, and reads it unless `engine` knows it.
///
/// # Errors
/// When it can't be read.
pub(crate) fn find(engine: &Engine, settings: &ComponentSettings) -> Result<ComponentFile, Problem> {
    ComponentFile::find(&settings.path, &KeptDigests(engine))
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
        Err(error) if is_unread(&error) && file.bytes.is_none() => {
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
