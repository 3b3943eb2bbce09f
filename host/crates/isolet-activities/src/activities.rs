//! A component's activities as those of a worker.

use std::{
    cell::RefCell,
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use activity::{ActivityName, ComponentHandle, Grants, Limits, MetricsGrant, Policy, Stopping};
use engine::{Compiler, Engine, EngineSettings, Source};
use futures_util::{FutureExt as _, future::BoxFuture};
use temporalio_common::{ActivityDefinition, data_converters::RawValue};
use temporalio_sdk::activities::{
    ActivityContext, ActivityDefinitions, ActivityError, ActivityImplementer, ExecutableActivity,
};

use crate::{Error, attempt, compiler};

/// Names the directory of compiled components, as for the program.
const CACHE_VARIABLE: &str = "ISOLET_CACHE";

/// The activities of a component, for
/// [`WorkerOptions::register_activities`](temporalio_sdk::WorkerOptions::register_activities).
#[derive(Debug)]
pub struct WasmActivities {
    pub(crate) engine: Arc<Engine>,
    pub(crate) component: ComponentHandle,
    pub(crate) stopping: Stopping,
    names: Vec<String>,
}

/// With what a component is loaded.
#[derive(Clone, Debug)]
pub struct Options {
    /// What an attempt may use.
    pub limits: Limits,
    /// What it may reach. A client and metrics are not to be had here.
    pub grants: Grants,
    /// When one that should have ended is killed.
    pub stopping: Stopping,
    /// Attempts at once: as many as the worker has slots for activities, or more.
    pub sandboxes: u32,
    /// Where compiled components are kept; the place of the program `isolet` if there is none.
    pub cache: Option<PathBuf>,
    /// Who compiles components that are not kept.
    pub compile: Compile,
}

/// Who compiles components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compile {
    /// This program, started once more: a process that is kept from files, network and other processes, and within limits.
    /// The program's `main` must begin with [`compile_if_asked`](crate::compile_if_asked).
    #[default]
    Confined,
    /// This process, without limits. For components that can be trusted.
    InProcess,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            grants: Grants::default(),
            stopping: Stopping::default(),
            sandboxes: 100,
            cache: None,
            compile: Compile::default(),
        }
    }
}

impl WasmActivities {
    /// Loads the component in a file, with the default limits and without any grant. Blocks while it is compiled, which
    /// happens once: what was compiled is kept where the program `isolet` keeps it.
    ///
    /// # Errors
    /// When the file can't be read, the engine can't start, or it refuses the component; and when `main` did not begin with
    /// [`compile_if_asked`](crate::compile_if_asked).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_file_with(path, Options::default())
    }

    /// Loads the component in a file, with these options.
    ///
    /// # Errors
    /// As for [`WasmActivities::from_file`].
    pub fn from_file_with(path: impl AsRef<Path>, options: Options) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let name = path.file_stem().map_or_else(|| "component".into(), |name| name.to_string_lossy());
        Self::load(&name, &bytes, options)
    }

    fn load(name: &str, bytes: &[u8], options: Options) -> Result<Self, Error> {
        let Options { limits, grants, stopping, sandboxes, cache, compile } = options;
        let cache_dir = cache.or_else(default_cache);
        let compiler = match compile {
            Compile::Confined => compiler::confined()?,
            Compile::InProcess => Compiler::InProcess,
        };
        let settings = EngineSettings { pool_slots: sandboxes, cache_dir, compiler, ..EngineSettings::default() };
        let engine = Arc::new(Engine::new(settings).map_err(Error::Engine)?);
        // Nobody would take them.
        let grants = Grants { client: None, metrics: MetricsGrant::Refused, ..grants };
        let policy = Policy { limits, grants, ..Policy::default() };
        let loaded = engine.load(&Source::new(name, bytes), Arc::new(policy));
        let loaded = loaded.map_err(|source| Error::Load { name: name.to_owned(), source })?;
        let named = loaded.listing.activities.into_iter().filter_map(|(activity, _)| match activity {
            ActivityName::Named(activity) => Some(activity),
            ActivityName::Dynamic => None,
        });
        let names: Vec<String> = named.collect();
        if names.is_empty() {
            return Err(Error::Dynamic(name.to_owned()));
        }
        Ok(Self { engine, component: loaded.component, stopping, names })
    }

    /// The types of its activities, in its own order.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl ActivityImplementer for WasmActivities {
    fn register_all(self: Arc<Self>, definitions: &mut ActivityDefinitions) {
        for name in &self.names {
            // The SDK asks the type, and not a value, for the name, while it registers it.
            BEING_REGISTERED.set(name.clone());
            definitions.register_activity::<WasmActivity>(Arc::clone(&self));
        }
    }
}

thread_local! {
    /// The activity that is being registered.
    static BEING_REGISTERED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// One of a component's activities. At registration it is the one that is being registered; which one is to run, the
/// attempt's info says.
struct WasmActivity {
    name: String,
}

impl ActivityDefinition for WasmActivity {
    type Input = RawValue;
    type Output = RawValue;

    fn name(&self) -> &str {
        &self.name
    }
}

impl ExecutableActivity for WasmActivity {
    type Implementer = WasmActivities;

    const REQUIRES_INSTANCE: bool = true;

    fn definition() -> Self {
        Self { name: BEING_REGISTERED.with_borrow(Clone::clone) }
    }

    fn execute(
        activities: Option<Arc<WasmActivities>>,
        context: ActivityContext,
        input: RawValue,
    ) -> BoxFuture<'static, Result<RawValue, ActivityError>> {
        async move {
            match activities {
                Some(activities) => attempt::run(&activities, context, input).await,
                None => Err(ActivityError::from(std::io::Error::other("there is no component to run"))),
            }
        }
        .boxed()
    }
}

fn default_cache() -> Option<PathBuf> {
    let platform = || Some(directories::ProjectDirs::from("", "", "isolet")?.cache_dir().to_owned());
    env::var_os(CACHE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from).or_else(platform)
}
