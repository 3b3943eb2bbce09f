//! Where guests run: in the engine of this process, or in cells.

use std::{collections::BTreeMap, sync::Arc};

use activity::{ComponentHandle, Executor, Policy, shown};
use anyhow::anyhow;
use cell::{Cell, CellSettings, CellStats, EgressSettings, Outside, Start};
use engine::{Engine, Listing, LoadError, Source, Walls};

use super::THIS_PROGRAM;
use crate::{
    config::{
        isolation::Isolation,
        settings::{EngineSettings, Settings, TenantSettings},
    },
    output::reporter::GuestLines,
};

/// The hidden subcommand that makes this program a cell.
pub(crate) const CELL_SUBCOMMAND: &str = "__cell";

/// The hidden subcommand that makes this program the one that connects for cells.
pub(crate) const EGRESS_SUBCOMMAND: &str = "__egress";

/// Where guests run.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    /// What compiles and keeps code, and runs guests unless there is a cell.
    engine: Arc<Engine>,
    cell: Option<Arc<Cell>>,
}

/// A component that is loaded where its guests run.
#[derive(Clone, Debug)]
pub(crate) struct LoadedThere {
    /// What tasks name it by.
    pub(crate) component: ComponentHandle,
    /// Its activities, its image, and what results take.
    pub(crate) listing: Listing,
}

impl Room {
    /// This process.
    pub(crate) fn here(engine: &Arc<Engine>) -> Self {
        Self { engine: Arc::clone(engine), cell: None }
    }

    /// What keeps code and digests.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What runs attempts.
    pub(crate) fn executor(&self) -> Arc<dyn Executor> {
        match &self.cell {
            Some(cell) => Arc::clone(cell) as Arc<dyn Executor>,
            None => Arc::clone(&self.engine) as Arc<dyn Executor>,
        }
    }

    /// Loads a component where its guests run. Blocks, as [`Engine::load`] does.
    ///
    /// # Errors
    /// Those of the engine, and when the cell can't be started or has not what the component is granted.
    pub(crate) fn load(&self, source: &Source<'_>, policy: Arc<Policy>) -> Result<LoadedThere, cell::Error> {
        match &self.cell {
            Some(cell) => {
                let cell::Loaded { component, listing } = cell.load(&self.engine, source, policy)?;
                Ok(LoadedThere { component, listing })
            }
            None => {
                let engine::Loaded { component, listing, .. } = self.engine.load(source, policy)?;
                Ok(LoadedThere { component, listing })
            }
        }
    }
}

/// All cells, by what their tenants are called or agree on.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    by_isolation: BTreeMap<(Isolation, String), Arc<Cell>>,
}

impl Cells {
    /// The cells of all tenants that have one, none of them with a process yet.
    pub(crate) fn new(settings: &Settings, lines: &GuestLines) -> Self {
        warn_of_those_without(settings);
        let mut wanted: BTreeMap<_, CellSettings> = BTreeMap::new();
        let outside = Arc::new(outside(&settings.engine));
        for tenant in &settings.tenants {
            let Some(key) = key(tenant) else { continue };
            let cell = wanted.entry(key).or_insert_with_key(|(_, name)| cell(&settings.engine, lines, name, &outside));
            for component in tenant.workers.iter().flat_map(|worker| &worker.components) {
                cell.grant(&component.policy.grants);
            }
        }
        let by_isolation = wanted.into_iter().map(|(key, settings)| (key, Arc::new(Cell::new(settings)))).collect();
        Self { by_isolation }
    }

    /// Where the guests of a tenant run; `engine` is that of this process.
    pub(crate) fn room(&self, engine: &Arc<Engine>, tenant: &TenantSettings) -> Room {
        let cell = key(tenant).and_then(|key| self.by_isolation.get(&key));
        Room { engine: Arc::clone(engine), cell: cell.cloned() }
    }

    /// What all of them hold.
    pub(crate) fn stats(&self) -> CellStats {
        self.by_isolation.values().fold(CellStats::default(), |sum, cell| {
            let CellStats { components, sandboxes, memory } = cell.stats();
            CellStats {
                components: sum.components + components,
                sandboxes: sum.sandboxes + sandboxes,
                memory: sum.memory.saturating_add(memory),
            }
        })
    }
}

/// Which cell a tenant's is.
fn key(tenant: &TenantSettings) -> Option<(Isolation, String)> {
    let name = match &tenant.isolation {
        Isolation::None => return None,
        Isolation::Tenant => &tenant.name,
        Isolation::Shared(name) => name,
    };
    Some((tenant.isolation.clone(), name.clone()))
}

/// Says whose guests have one wall alone.
fn warn_of_those_without(settings: &Settings) {
    let without = settings.tenants.iter().filter(|tenant| tenant.isolation == Isolation::None);
    let names: Vec<_> = without.map(|tenant| tenant.name.as_str()).collect();
    if !names.is_empty() {
        let names = shown::names(names.into_iter());
        tracing::warn!(
            "guests of {names} run in this process, beside its credentials and each other, as isolation = \"none\" says"
        );
    }
}

/// How all of them reach what is granted to them.
fn outside(engine: &EngineSettings) -> Outside {
    Outside::new(EgressSettings {
        program: THIS_PROGRAM.into(),
        arguments: vec![EGRESS_SUBCOMMAND.into()],
        nameservers: engine.nameservers.clone(),
        walls: walls(engine),
    })
}

fn walls(engine: &EngineSettings) -> Walls {
    Walls { landlock: engine.landlock, ..Walls::ALL }
}

fn cell(engine: &EngineSettings, lines: &GuestLines, name: &str, outside: &Arc<Outside>) -> CellSettings {
    CellSettings {
        name: name.to_owned(),
        program: THIS_PROGRAM.into(),
        // Its name is for those who look at processes.
        arguments: vec![CELL_SUBCOMMAND.into(), "--".into(), name.into()],
        guest_threads: engine.guest_threads,
        tick: engine.tick,
        slots: engine.slots.saturating_add(1),
        log_level: lines.least_level,
        lines: lines.words.map(str::to_owned),
        walls: walls(engine),
        directories: Vec::new(),
        start: if engine.cells_start_with_load { Start::WithLoad } else { Start::WithTask },
        idle: engine.cell_idle,
        outside: Arc::clone(outside),
    }
}

/// What an engine says against a component, in this process or another.
pub(crate) fn load_error(error: cell::Error) -> (Option<String>, anyhow::Error) {
    (error.cure().map(str::to_owned), anyhow!(error))
}

/// Whether the bytes of a component's file are not those that it is known by.
pub(crate) fn is_unread(error: &cell::Error) -> bool {
    matches!(error, cell::Error::Code(LoadError::Unread(_)))
}
