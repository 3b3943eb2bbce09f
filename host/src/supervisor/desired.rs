//! Where the configuration comes from: from flags, once, or from files, again and again.

use std::{collections::BTreeSet, path::PathBuf};

use anyhow::anyhow;

use crate::{
    config::{
        difference::{Difference, difference},
        load::Read,
        settings::{Settings, attempts},
    },
    exit::{Exit, Problem},
    wiring::{connecting, loading::Host},
};

/// What is wanted, and how to learn that it is something else.
pub(crate) struct Desired {
    first: Configuration,
    /// The connection's namespace, which is the same until the next start.
    namespace: Option<String>,
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
        let namespace = connecting::namespace(&settings.connection);
        let first = Configuration { settings, read: None, files: Vec::new() }.implying(namespace.as_deref());
        Self { first, namespace, read: None }
    }

    /// What was read, and is read again.
    pub(crate) fn read_again(first: Read, read: impl Fn() -> Result<Read, Problem> + Send + 'static) -> Self {
        let namespace = connecting::namespace(&first.settings.connection);
        let first = Configuration::from(first).implying(namespace.as_deref());
        Self { first, namespace, read: Some(Box::new(read)) }
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
        let implying = |read| Configuration::from(read).implying(self.namespace.as_deref());
        self.read.as_ref().map(|read| read().map(implying))
    }
}

impl Configuration {
    /// The same, in which no task queue names the connection's `namespace`: who writes it means what is meant without, and
    /// what runs goes on.
    fn implying(mut self, namespace: Option<&str>) -> Self {
        let workers = || self.settings.tenants.iter().flat_map(|tenant| &tenant.workers);
        let without = workers().filter(|worker| worker.namespace.is_none());
        // Two that come to the same are refused as they begin.
        let without: BTreeSet<String> = without.map(|worker| worker.task_queue.clone()).collect();
        for worker in self.settings.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers) {
            let is_implied = worker.namespace.as_deref() == namespace && !without.contains(&worker.task_queue);
            worker.namespace = worker.namespace.take().filter(|_| !is_implied);
        }
        self
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{parse::parse, problems::Written, validate::validate};

    fn namespaces(connection: &str, queues: &[(&str, &str)]) -> Vec<Option<String>> {
        let queue = |(name, key): &(&str, &str)| {
            let component = "[[tenants.workers.components]]\npath = \"a.wasm\"";
            format!("[[tenants.workers]]\ntask-queue = {name:?}\n{key}\n{component}\n")
        };
        let queues: String = queues.iter().map(queue).collect();
        let text = format!("[connection]\n{connection}\n[[tenants]]\nname = \"a\"\n{queues}");
        let settings = validate(parse(&text, "isolet.toml").unwrap(), Written::InFile).unwrap();
        let workers = Desired::fixed(settings).first.settings.tenants.remove(0).workers;
        workers.into_iter().map(|worker| worker.namespace).collect()
    }

    #[test]
    fn the_connection_s_namespace_is_the_one_that_is_not_written() {
        let [other, mine] = ["namespace = \"other\"", "namespace = \"mine\""];
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(namespaces(mine, &[("a", ""), ("b", mine), ("c", other)]), [None, None, named("other")]);
        assert_eq!(namespaces(other, &[("a", mine), ("b", other)]), [named("mine"), None]);
    }
}
