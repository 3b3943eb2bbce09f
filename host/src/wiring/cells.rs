//! Where guests run: in the engine of this process, or in cells.

use std::{
    collections::BTreeMap,
    mem::take,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use activity::{ComponentHandle, Executor, Policy, shown};
use anyhow::anyhow;
use cell::{Cell, CellSettings, CellStats, EgressSettings, Outside, Start};
use cgroup::{Delegated, Portion, Share};
use engine::{BUSY_NICENESS, Engine, Listing, LoadError, Source, Walls};
use tokio::runtime::Handle;

use super::{THIS_PROGRAM, groups};
use crate::{
    config::{
        isolation::Isolation,
        settings::{EngineSettings, TenantSettings, attempts, memory_of_attempts},
    },
    output::reporter::GuestLines,
};

/// The hidden subcommand that makes this program a cell.
pub(crate) const CELL_SUBCOMMAND: &str = "__cell";

/// The hidden subcommand that makes this program the one that connects for cells.
pub(crate) const EGRESS_SUBCOMMAND: &str = "__egress";

/// How long the end of the program waits for that of cells, if they have cgroups. They have nothing to do by then.
const ENDING: Duration = Duration::from_secs(2);

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

    /// Whether it is this one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let cells = [self, other].map(|room| room.cell.as_ref().map(Arc::as_ptr));
        Arc::ptr_eq(&self.engine, &other.engine) && cells[0] == cells[1]
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

/// Which cell it is: how it is shared, and its name.
type Key = (Isolation, String);

/// All cells, by what their tenants are called or agree on.
#[derive(Debug)]
pub(crate) struct Cells {
    /// What holds for all of them: as when the program started.
    engine: EngineSettings,
    lines: GuestLines,
    /// Where they are heard.
    tasks: Handle,
    outside: Arc<Outside>,
    /// Where cells have cgroups, if they have.
    delegated: Option<Arc<Delegated>>,
    /// Which cell each tenant has.
    of_tenants: Mutex<BTreeMap<String, Key>>,
    /// Of whose `cpu-percent` the log was last told that it does not hold.
    told: Mutex<Vec<String>>,
    cells: Mutex<BTreeMap<Key, (CellSettings, Arc<Cell>)>>,
}

impl Cells {
    /// None yet. Each will be heard by tasks of `tasks`, and have a cgroup of what is `delegated`.
    pub(crate) fn new(engine: EngineSettings, lines: GuestLines, tasks: Handle, delegated: Option<Delegated>) -> Self {
        let outside = Arc::new(outside(&engine));
        Self {
            engine,
            lines,
            tasks,
            outside,
            delegated: delegated.map(Arc::new),
            of_tenants: Mutex::default(),
            told: Mutex::default(),
            cells: Mutex::default(),
        }
    }

    /// Where the guests of each tenant run, in their order; `engine` is that of this process. A cell whose tenants want the
    /// same as before is the same; any other is a new one, without a process yet, and ends when nobody runs in it.
    pub(crate) fn rooms(&self, engine: &Arc<Engine>, tenants: &[TenantSettings]) -> Vec<Room> {
        let mut wanted: BTreeMap<Key, Vec<&TenantSettings>> = BTreeMap::new();
        for tenant in tenants {
            let Some((isolation, name)) = tenant.cell() else { continue };
            wanted.entry((isolation.clone(), name.to_owned())).or_default().push(tenant);
        }
        self.know(tenants);
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let mut former = take(&mut *cells);
        let weights = wanted.values().map(|tenants| weight(tenants));
        let (lightest, heaviest) = (weights.clone().min().unwrap_or_default(), weights.max().unwrap_or_default());
        for (key, tenants) in wanted {
            let name = match &key.0 {
                // A tenant may be called so, too.
                Isolation::Shared(name) => format!("shared:{name}"),
                Isolation::None | Isolation::Tenant => key.1.clone(),
            };
            let mut settings = self.settings(&name, &tenants);
            let weight = weight(&tenants);
            match &self.delegated {
                Some(delegated) => settings.share = Some(Arc::new(self.share(delegated, weight, &tenants))),
                None => {
                    settings.arguments.extend(niceness(weight, heaviest).map(|nice| nice.to_string().into()));
                    if niceness(lightest, heaviest) > Some(NICEST - BUSY_NICENESS) {
                        settings.busy_niceness = NICEST - MOST_STEPS;
                    }
                }
            }
            let same = former.remove(&key).filter(|(of_former, _)| *of_former == settings);
            same.iter().for_each(|(of_former, _)| groups::change(of_former, &settings));
            cells.insert(
                key,
                same.unwrap_or_else(|| (settings.clone(), Arc::new(Cell::new(settings, self.tasks.clone())))),
            );
        }
        let room = |tenant: &TenantSettings| {
            let key = tenant.cell().map(|(isolation, name)| (isolation.clone(), name.to_owned()));
            let cell = key.and_then(|key| cells.get(&key)).map(|(_, cell)| Arc::clone(cell));
            Room { engine: Arc::clone(engine), cell }
        };
        tenants.iter().map(room).collect()
    }

    /// Notes which cell each tenant has, and says what can't be had of what they are to have.
    fn know(&self, tenants: &[TenantSettings]) {
        let key = |tenant: &TenantSettings| {
            let (isolation, name) = tenant.cell()?;
            Some((tenant.name.clone(), (isolation.clone(), name.to_owned())))
        };
        *self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner) = tenants.iter().filter_map(key).collect();
        let bounded = tenants.iter().filter(|tenant| tenant.cpu_percent.is_some());
        let names: Vec<_> = bounded.map(|tenant| tenant.name.clone()).collect();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // Not each time that anything else of the configuration changes.
        if *told != names && !names.is_empty() && self.delegated.is_none() {
            let names = shown::names(names.iter().map(String::as_str));
            tracing::warn!(
                "limits.cpu-percent of {names} does not hold: cells have no cgroups here; delegate this worker's cgroup to \
                 it, and engine.cgroup = \"required\" tells why it is not"
            );
        }
        *told = names;
    }

    /// In how many tenths of a second a tenant's cell has had the most of the processors that it may have.
    pub(crate) fn throttled(&self, tenant: &str) -> u64 {
        let of_tenants = self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = of_tenants.get(tenant).and_then(|key| cells.get(key)).map(|(settings, _)| settings);
        settings.and_then(|settings| settings.share.as_ref()).map_or(0, |share| share.throttled())
    }

    /// Those of the cell of this name, which is that of these tenants.
    fn settings(&self, name: &str, tenants: &[&TenantSettings]) -> CellSettings {
        let mut settings = cell_settings(&self.engine, &self.lines, name, &self.outside);
        // One more, for a component that is asked for its activities while all others are at work.
        settings.slots = settings.slots.max(attempts(tenants, self.engine.memory_budget)).saturating_add(1);
        for component in tenants.iter().flat_map(|tenant| &tenant.workers).flat_map(|worker| &worker.components) {
            settings.grant(&component.policy.grants);
        }
        settings
    }

    /// Each of them.
    pub(crate) fn each(&self) -> Vec<Arc<Cell>> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.values().map(|(_, cell)| Arc::clone(cell)).collect()
    }

    /// What each process of the cell of these tenants gets of the machine.
    fn share(&self, delegated: &Arc<Delegated>, weight: u32, tenants: &[&TenantSettings]) -> Share {
        let components = tenants.iter().flat_map(|tenant| &tenant.workers).flat_map(|worker| &worker.components);
        let attempts = memory_of_attempts(tenants, self.engine.memory_budget);
        let images: u64 = components.map(|component| 1 + u64::from(component.release.is_some())).sum();
        let memory = groups::memory_limit(attempts, images, self.engine.cell_overhead);
        Share::new(delegated, Portion { weight, memory, processors: processors(tenants) })
    }

    /// Ends all of them, as the program does. Their cgroups, if they have any, go with them.
    pub(crate) fn close(&self) {
        let Some(delegated) = &self.delegated else { return };
        let cells = take(&mut *self.cells.lock().unwrap_or_else(PoisonError::into_inner));
        cells.values().for_each(|(_, cell)| cell.close());
        delegated.close(ENDING);
    }

    /// What all of them hold.
    pub(crate) fn stats(&self) -> CellStats {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.values().fold(CellStats::default(), |sum, (_, cell)| {
            let CellStats { components, sandboxes, memory } = cell.stats();
            CellStats {
                components: sum.components + components,
                sandboxes: sum.sandboxes + sandboxes,
                memory: sum.memory.saturating_add(memory),
            }
        })
    }
}

/// Says whose guests have one wall alone.
pub(crate) fn warn_of_those_without(tenants: &[TenantSettings]) {
    let without = tenants.iter().filter(|tenant| tenant.isolation == Isolation::None);
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
        proxy: engine.http_proxy.clone(),
        walls: walls(engine),
    })
}

fn walls(engine: &EngineSettings) -> Walls {
    Walls { landlock: engine.landlock, ..Walls::ALL }
}

/// The weight of a cell: tenants that share one share it.
fn weight(tenants: &[&TenantSettings]) -> u32 {
    tenants.iter().map(|tenant| tenant.weight).max().unwrap_or_default()
}

/// The most processor time of a cell: the most of any tenant in it, if each has one.
fn processors(tenants: &[&TenantSettings]) -> Option<u32> {
    let all: Option<Vec<u32>> = tenants.iter().map(|tenant| tenant.cpu_percent).collect();
    all?.into_iter().max()
}

/// Nobody is nicer.
const NICEST: i32 = 19;
/// The most that weights take of it: guests that keep a processor busy need the rest.
const MOST_STEPS: i32 = 7;

/// How nice the threads of a cell are to those of the heaviest one, if they are at all. The system gives a thread that is one
/// step nicer less time by this factor.
fn niceness(weight: u32, heaviest: u32) -> Option<i32> {
    const STEP: f64 = 1.25;
    let steps = (f64::from(heaviest) / f64::from(weight.max(1))).log(STEP).round().clamp(0.0, MOST_STEPS.into());
    #[expect(clippy::cast_possible_truncation, reason = "it is from 0 to 7")]
    let steps = steps as i32;
    (steps != 0).then_some(steps)
}

fn cell_settings(engine: &EngineSettings, lines: &GuestLines, name: &str, outside: &Arc<Outside>) -> CellSettings {
    CellSettings {
        name: name.to_owned(),
        program: THIS_PROGRAM.into(),
        // Its name is for those who look at processes.
        arguments: vec![CELL_SUBCOMMAND.into(), "--".into(), name.into()],
        guest_threads: engine.guest_threads,
        busy_niceness: BUSY_NICENESS,
        tick: engine.tick,
        slots: engine.cell_slots,
        log_level: lines.least_level,
        lines: lines.words.map(str::to_owned),
        walls: walls(engine),
        directories: Vec::new(),
        start: if engine.cells_start_with_load { Start::WithLoad } else { Start::WithTask },
        idle: engine.cell_idle,
        outside: Arc::clone(outside),
        share: None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn niceness_makes_the_weights() {
        let made = [(400, 400), (200, 400), (100, 400), (99, 100), (1, 10_000), (0, 0)].map(|(weight, heaviest)| {
            let steps = niceness(weight, heaviest);
            (steps, 1.25_f64.powi(-steps.unwrap_or_default()))
        });
        let steps = made.map(|(steps, _)| steps);
        assert_eq!(steps, [None, Some(3), Some(6), None, Some(7), None]);
        assert!((made[1].1 - 0.5).abs() < 0.05 && (made[2].1 - 0.25).abs() < 0.025);
    }
}
