//! Where the configuration comes from: from flags, once, or from files, again and again.

use std::path::PathBuf;

use anyhow::anyhow;

use crate::{
    config::{
        difference::{Difference, difference},
        load::Read,
        settings::{Settings, attempts},
    },
    exit::{Exit, Problem},
    wiring::loading::Host,
};

/// What is wanted, and how to learn that it is something else.
pub(crate) struct Desired {
    first: Configuration,
    read: Option<Reading>,
}

/// Reads the configuration again.
type Reading = Box<dyn Fn() -> Result<Read, Problem> + Send>;

/// The configuration at one time.
#[derive(Clone, Debug)]
pub(super) struct Configuration {
    pub(super) settings: Settings,
    /// As it is written, if it is.
    read: Option<Read>,
    /// The files and folders that it was read from.
    pub(super) files: Vec<PathBuf>,
}

impl Desired {
    /// This, for good.
    pub(crate) fn fixed(settings: Settings) -> Self {
        Self { first: Configuration { settings, read: None, files: Vec::new() }, read: None }
    }

    /// What was read, and is read again.
    pub(crate) fn read_again(first: Read, read: impl Fn() -> Result<Read, Problem> + Send + 'static) -> Self {
        Self { first: first.into(), read: Some(Box::new(read)) }
    }

    /// What is wanted at first.
    pub(crate) fn settings(&self) -> &Settings {
        &self.first.settings
    }

    pub(super) fn first(&self) -> Configuration {
        self.first.clone()
    }

    pub(super) fn may_change(&self) -> bool {
        self.read.is_some()
    }

    /// Reads it again, if it may have changed.
    pub(super) fn read(&self) -> Option<Result<Configuration, Problem>> {
        self.read.as_ref().map(|read| read().map(Configuration::from))
    }
}

impl Configuration {
    /// In what `other` differs from it.
    pub(super) fn difference(&self, other: &Self) -> Difference {
        match (&self.read, &other.read) {
            (Some(old), Some(new)) => difference(&old.raw, &new.raw),
            _ => Difference::default(),
        }
    }
}

impl From<Read> for Configuration {
    fn from(read: Read) -> Self {
        Self { settings: read.settings.clone(), files: read.files.clone(), read: Some(read) }
    }
}

/// Whether a configuration that was read again can be had from what runs.
///
/// # Errors
/// When more is to run in this process than it was started for.
pub(super) fn check(configuration: &Configuration, host: &Host, memory_budget: u64) -> Result<(), Problem> {
    let here: Vec<_> = configuration.settings.tenants.iter().filter(|tenant| tenant.cell().is_none()).collect();
    let (room, needed) = (host.slots(), attempts(&here, memory_budget));
    if needed <= room {
        return Ok(());
    }
    let error = anyhow!(
        "engine.slots: this process was started with room for {room} sandboxes, and {needed} attempts may run in it"
    );
    Err(Problem::new(Exit::Usage, error)
        .cure("set engine.slots and start anew, or give tenants isolation = \"tenant\""))
}
