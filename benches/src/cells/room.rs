//! A cell with a guest, without a worker around it.

use std::{fs, sync::Arc, time::Duration};

use activity::{ComponentHandle, Level};
use anyhow::Context as _;
use cell::{Cell, CellSettings, EgressSettings, Outside, Start};
use confinement::Walls;
use engine::{Engine, EngineSettings, Source};
use tokio::runtime::Handle;

use crate::{
    sandboxes::{self, FEW_SLOTS, Guest},
    settings::Settings,
};

/// A cell that has loaded a guest. Its process begins with the first attempt.
pub(crate) struct Room {
    pub(crate) cell: Arc<Cell>,
    pub(crate) guest: Guest,
}

/// What loads guests for cells: an engine that runs none.
#[derive(Debug)]
pub(crate) struct Loader {
    engine: Arc<Engine>,
    defaults: EngineSettings,
    program: std::path::PathBuf,
    guests: Settings,
}

impl Loader {
    /// Starts it.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let defaults = sandboxes::engine_settings(settings, 1);
        let engine = Arc::new(Engine::new(defaults.clone())?);
        Ok(Self { engine, defaults, program: settings.isolet.clone(), guests: settings.clone() })
    }

    /// Threads that run guests, unless a cell is to have another number.
    pub(crate) fn guest_threads(&self) -> usize {
        self.defaults.guest_threads
    }

    /// A cell with so many threads for guests, in which the guest called `name` is loaded.
    ///
    /// # Errors
    /// When it can't be loaded, or no cell can run here.
    pub(crate) async fn room(&self, name: &'static str, guest_threads: usize) -> anyhow::Result<Room> {
        let path = sandboxes::component(&self.guests, name)?;
        let load = move |engine: &Engine, cell: &Cell| {
            let bytes = fs::read(path)?;
            anyhow::Ok(cell.load(engine, &Source::new(name, &bytes), Arc::default())?.component)
        };
        self.room_with(name, guest_threads, load).await
    }

    /// The same with what `load` loads in it.
    ///
    /// # Errors
    /// As for [`Loader::room`].
    pub(crate) async fn room_with(
        &self,
        name: &'static str,
        guest_threads: usize,
        load: impl FnOnce(&Engine, &Cell) -> anyhow::Result<ComponentHandle> + Send + 'static,
    ) -> anyhow::Result<Room> {
        let cell = Arc::new(Cell::new(self.settings(name, guest_threads), Handle::current()));
        let (engine, loading) = (Arc::clone(&self.engine), Arc::clone(&cell));
        let loaded = tokio::task::spawn_blocking(move || load(&engine, &loading)).await?;
        let component = loaded.with_context(|| format!("failed to load {name} in a cell"))?;
        Ok(Room { guest: Guest { executor: Arc::clone(&cell) as _, component }, cell })
    }

    /// Those of the worker's cells, as long as nothing else is configured.
    fn settings(&self, name: &str, guest_threads: usize) -> CellSettings {
        let egress = EgressSettings {
            program: self.program.clone(),
            arguments: vec!["__egress".into()],
            nameservers: Vec::new(),
            proxy: None,
            walls: Walls::ALL,
        };
        CellSettings {
            name: name.to_owned(),
            program: self.program.clone(),
            arguments: ["__cell", "--", name].map(Into::into).into(),
            guest_threads,
            busy_niceness: self.defaults.busy_niceness,
            tick: self.defaults.tick,
            slots: FEW_SLOTS,
            log_level: Level::Info,
            lines: None,
            walls: Walls::ALL,
            directories: Vec::new(),
            start: Start::WithTask,
            idle: Duration::from_secs(600),
            outside: Arc::new(Outside::new(egress)),
            share: None,
        }
    }
}

impl Room {
    /// What the system calls the cell's process.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn process(&self) -> anyhow::Result<u32> {
        self.cell.process_id().context("the cell has no process")
    }
}
