//! In what two configurations differ, by their keys.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::{Value, json};

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
    /// What holds for the whole program, and changes while it runs.
    pub at_once: Vec<Change>,
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

/// What holds for the whole program, and yet for what is asked of registries from now on.
const AT_ONCE: [&str; 2] = ["registry", "trust"];

/// What is written, by its keys.
type Flat = BTreeMap<String, String>;

/// What stands for a value that is not shown.
const HIDDEN: &str = "(not shown)";

impl Difference {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As scripts read it.
    pub(crate) fn in_json(&self) -> Value {
        let keys = |changes: &[Change]| {
            let change = |change: &Change| json!({"key": change.key, "old": change.old, "new": change.new});
            changes.iter().map(change).collect::<Vec<_>>()
        };
        let changed = self.changed.iter().map(|(queue, changes)| json!({"queue": queue, "keys": keys(changes)}));
        json!({
            "added": self.added,
            "removed": self.removed,
            "changed": changed.collect::<Vec<_>>(),
            "at_once": keys(&self.at_once),
            "at_next_start": keys(&self.at_next_start),
        })
    }
}

/// As people read it.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, removed, changed, at_once, at_next_start } = self;
        added.iter().try_for_each(|queue| writeln!(f, "+ {queue}"))?;
        removed.iter().try_for_each(|queue| writeln!(f, "- {queue}"))?;
        for (queue, changes) in changed {
            writeln!(f, "~ {queue}")?;
            changes.iter().try_for_each(|change| writeln!(f, "    {change}"))?;
        }
        for (when, changes) in [("at once:", at_once), ("when the worker is started anew:", at_next_start)] {
            if !changes.is_empty() {
                writeln!(f, "{when}")?;
                changes.iter().try_for_each(|change| writeln!(f, "    {change}"))?;
            }
        }
        Ok(())
    }
}

/// In what `new` differs from `old`.
pub(crate) fn difference(old: &RawConfig, new: &RawConfig) -> Difference {
    let (mut before, after) = (queues(old), queues(new));
    let (at_once, at_next_start) = changes(&whole(old), &whole(new)).into_iter().partition(Change::holds_at_once);
    let mut difference = Difference { at_once, at_next_start, ..Difference::default() };
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
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
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
    let of_tenant = |tenant| move |worker| (name(raw, tenant, worker), queue(raw, tenant, worker));
    raw.tenants.iter().flat_map(|tenant| tenant.workers.iter().map(of_tenant(tenant))).collect()
}

fn name(raw: &RawConfig, tenant: &RawTenant, worker: &RawWorker) -> String {
    let (tenant, queue) =
        (tenant.name.as_deref().unwrap_or_default(), worker.task_queue.as_deref().unwrap_or_default());
    // Written out, the connection's own namespace is what it is without.
    match worker.namespace.as_ref().filter(|namespace| Some(*namespace) != raw.connection.namespace.as_ref()) {
        Some(namespace) => format!("tenant {tenant}, task queue {queue} of namespace {namespace}"),
        None => format!("tenant {tenant}, task queue {queue}"),
    }
}

fn queue(raw: &RawConfig, tenant: &RawTenant, worker: &RawWorker) -> Flat {
    let mut flat = Flat::new();
    // What is the tenant's holds for each of its task queues.
    let alone = RawTenant { name: None, workers: Vec::new(), ..tenant.clone() };
    flatten("", &toml::Value::try_from(alone).unwrap_or_else(|_| toml::Table::new().into()), &mut flat);
    let isolation = tenant.isolation.clone().unwrap_or_else(|| raw.engine.isolation());
    flat.insert("isolation".to_owned(), isolation.to_string());
    let alone = RawWorker { components: Vec::new(), task_queue: None, namespace: None, ..worker.clone() };
    flatten("", &toml::Value::try_from(alone).unwrap_or_else(|_| toml::Table::new().into()), &mut flat);
    for component in &worker.components {
        let path = component.path.as_deref().unwrap_or("".as_ref()).display().to_string();
        let key = format!("component {path}");
        flatten(&key, &toml::Value::try_from(component).unwrap_or_else(|_| toml::Table::new().into()), &mut flat);
        for (name, variable) in &component.grants.environment {
            if let Some(value) = variable.value() {
                flat.insert(format!("{key}.grants.environment.{name}"), format!("{HIDDEN}{value}"));
            }
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

impl Change {
    fn holds_at_once(&self) -> bool {
        AT_ONCE.contains(&self.key.split('.').next().unwrap_or_default())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "unset".to_owned());
        write!(f, "{}: {} → {}", self.key, value(&self.old), value(&self.new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::parse;

    fn raw(text: &str) -> RawConfig {
        parse(text, "isolet.toml").unwrap()
    }

    const OLD: &str = r#"
        engine.tick = "10ms"
        [[tenants]]
        name = "acme"
        [[tenants.workers]]
        task-queue = "orders"
        [[tenants.workers.components]]
        path = "a.wasm"
        grants.environment = { STAGE = "test", TOKEN = "secret", KEY = { file = "key" } }
        [[tenants.workers]]
        task-queue = "bills"
    "#;

    const NEW: &str = r#"
        engine = { tick = "20ms", isolation = "none" }
        [[tenants]]
        name = "acme"
        weight = 200
        limits = { memory = "1GiB", mode = "count" }
        trust = [{ scope = "*", key = "acme.pub" }]
        [[tenants.workers]]
        task-queue = "orders"
        max-concurrent = 3
        [[tenants.workers.components]]
        path = "a.wasm"
        limits.memory = "1MiB"
        grants.environment = { STAGE = "test", TOKEN = "another", KEY = { file = "other" } }
        [[tenants.workers.components]]
        path = "b.wasm"
        [[tenants.workers]]
        namespace = "other"
        task-queue = "bills"
    "#;

    #[test]
    fn the_connection_s_namespace_may_be_written_out() {
        let of = |namespace: &str| {
            let worker = "[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-queue = \"orders\"\n";
            raw(&format!("connection.namespace = \"shop\"\n{worker}{namespace}"))
        };
        let told = |namespace: &str| difference(&of(""), &of(namespace)).to_string();
        assert_eq!(told("namespace = \"shop\""), "");
        assert!(told("namespace = \"other\"").contains("of namespace other"));
    }

    #[test]
    fn how_registries_are_asked_changes_while_the_worker_runs() {
        let trust = "[[trust]]\nscope = \"*\"\nkey = \"a.pub\"\n";
        let of = |registry: &str, trust: &str| {
            raw(&format!(
                "{registry}\n{trust}[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-queue = \"orders\"\n"
            ))
        };
        let told = difference(&of("", ""), &of("registry.timeout = \"7s\"\nengine.tick = \"20ms\"", trust));
        let expected = [
            "at once:",
            "    registry.timeout: unset → \"7s\"",
            "    trust: unset → [{ key = \"a.pub\", scope = \"*\" }]",
            "when the worker is started anew:",
            "    engine.tick: unset → \"20ms\"",
        ];
        assert_eq!(told.to_string().lines().collect::<Vec<_>>(), expected);
        assert_eq!(told.in_json()["at_once"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_differs_is_told_by_its_keys_and_no_secret_is() {
        let expected = [
            "+ tenant acme, task queue bills of namespace other",
            "- tenant acme, task queue bills",
            "~ tenant acme, task queue orders",
            "    component a.wasm.grants.environment.KEY.file: \"key\" → \"other\"",
            "    component a.wasm.grants.environment.TOKEN: (not shown) → (not shown)",
            "    component a.wasm.limits.memory: unset → \"1MiB\"",
            "    component b.wasm.path: unset → \"b.wasm\"",
            "    isolation: tenant → none",
            "    limits.memory: unset → \"1GiB\"",
            "    limits.mode: unset → \"count\"",
            "    max-concurrent: unset → 3",
            "    trust: unset → [{ key = \"acme.pub\", scope = \"*\" }]",
            "    weight: unset → 200",
            "when the worker is started anew:",
            "    engine.tick: \"10ms\" → \"20ms\"",
        ];
        let told = difference(&raw(OLD), &raw(NEW)).to_string();
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
        assert!(difference(&raw(OLD), &raw(OLD)).is_empty());
    }
}
