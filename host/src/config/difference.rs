//! In what two configurations differ, by their keys.

use std::{collections::BTreeMap, fmt};

use super::raw::{RawConfig, RawTenant, RawWorker};

/// In what two configurations differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Task queues that are new.
    pub added: Vec<String>,
    /// Task queues that are no more.
    pub removed: Vec<String>,
    /// Task queues that are otherwise, and how.
    pub changed: Vec<(String, Vec<Change>)>,
    /// What holds for the whole program, and changes when it is started anew.
    pub at_next_start: Vec<Change>,
}

/// A key with another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The key.
    pub key: String,
    /// What was written, if anything was.
    pub old: Option<String>,
    /// What is written now, if anything is.
    pub new: Option<String>,
}

/// What is written, by its keys.
type Flat = BTreeMap<String, String>;

/// What stands for a value that is not shown.
const HIDDEN: &str = "(not shown)";

impl Difference {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// In what `new` differs from `old`.
pub(crate) fn difference(old: &RawConfig, new: &RawConfig) -> Difference {
    let (mut before, after) = (queues(old), queues(new));
    let mut difference = Difference { at_next_start: changes(&whole(old), &whole(new)), ..Difference::default() };
    for (queue, after) in after {
        match before.remove(&queue) {
            None => difference.added.push(queue),
            Some(before) => {
                let changes = changes(&before, &after);
                if !changes.is_empty() {
                    difference.changed.push((queue, changes));
                }
            }
        }
    }
    difference.removed = before.into_keys().collect();
    difference
}

fn changes(old: &Flat, new: &Flat) -> Vec<Change> {
    let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |key: &String| Change {
        key: key.clone(),
        old: old.get(key).map(|value| shown(value)),
        new: new.get(key).map(|value| shown(value)),
    };
    keys.into_iter().filter(|key| old.get(*key) != new.get(*key)).map(change).collect()
}

/// What is written of the whole program. Where guests run is each tenant's.
fn whole(raw: &RawConfig) -> Flat {
    let mut flat = Flat::new();
    let written = toml::Table::try_from(raw).unwrap_or_default();
    for (key, value) in written.iter().filter(|(key, _)| *key != "tenants") {
        flatten(key, value, &mut flat);
    }
    flat.remove("engine.isolation");
    flat
}

/// What is written of each task queue.
fn queues(raw: &RawConfig) -> BTreeMap<String, Flat> {
    let of_tenant = |tenant| move |worker| (name(tenant, worker), queue(raw, tenant, worker));
    raw.tenants.iter().flat_map(|tenant| tenant.workers.iter().map(of_tenant(tenant))).collect()
}

fn name(tenant: &RawTenant, worker: &RawWorker) -> String {
    let (tenant, queue) = (tenant.name.as_deref().unwrap_or_default(), worker.task_queue.as_deref().unwrap_or_default());
    match &worker.namespace {
        Some(namespace) => format!("tenant {tenant}, task queue {queue} of namespace {namespace}"),
        None => format!("tenant {tenant}, task queue {queue}"),
    }
}

fn queue(raw: &RawConfig, tenant: &RawTenant, worker: &RawWorker) -> Flat {
    let mut flat = Flat::new();
    let isolation = tenant.isolation.clone().unwrap_or_else(|| raw.engine.isolation());
    flat.insert("isolation".to_owned(), isolation.to_string());
    let alone = RawWorker { components: Vec::new(), task_queue: None, namespace: None, ..worker.clone() };
    flatten("", &toml::Value::try_from(alone).unwrap_or_else(|_| toml::Table::new().into()), &mut flat);
    for component in &worker.components {
        let path = component.path.as_deref().unwrap_or("".as_ref()).display().to_string();
        let key = format!("component {path}");
        // That it is there.
        flat.insert(key.clone(), path);
        flatten(&key, &toml::Value::try_from(component).unwrap_or_else(|_| toml::Table::new().into()), &mut flat);
        for (name, variable) in &component.grants.environment {
            // Values are compared, and not shown.
            flat.insert(format!("{key}.grants.environment.{name}"), variable.for_comparison(HIDDEN));
        }
    }
    flat
}

fn flatten(key: &str, value: &toml::Value, flat: &mut Flat) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                flatten(&key, value, flat);
            }
        }
        other => {
            flat.insert(key.to_owned(), other.to_string());
        }
    }
}

fn shown(value: &str) -> String {
    if value.starts_with(HIDDEN) { HIDDEN.to_owned() } else { value.to_owned() }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "unset".to_owned());
        write!(f, "{}: {} → {}", self.key, value(&self.old), value(&self.new))
    }
}
