//! What a configuration means, defaults included, as a configuration file.

use std::{
    fmt::{Display, Write as _},
    path::PathBuf,
};

use activity::{Limits, OnCancel, Stopping};

use super::{
    defaults,
    quantity::{ByteSize, Span},
    settings::{ComponentSettings, Settings, WorkerSettings},
};

/// The effective settings as TOML; reading it back gives the same settings.
pub(crate) fn effective(settings: &Settings) -> String {
    let mut page = Page::default();
    let connection = &settings.connection;
    page.table("[connection]");
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    for (key, value) in [
        ("address", connection.address.clone()),
        ("namespace", connection.namespace.clone()),
        ("profile", connection.profile.clone()),
        ("config-file", path(&connection.config_file)),
        ("api-key-file", path(&connection.api_key_file)),
        ("identity", connection.identity.clone()),
    ] {
        match value {
            Some(value) => page.key(key, quoted(&value)),
            None => page.comment(&format!("{key}: from Temporal's environment configuration")),
        }
    }
    let engine = &settings.engine;
    page.table("[engine]");
    page.key_or_default("guest-threads", engine.guest_threads, defaults::guest_threads());
    page.key_or_default("tick", span(engine.tick), span(defaults::TICK));
    page.key_or_default("slots", engine.slots, defaults::SLOTS);
    let default_cache = defaults::cache().unwrap_or_default();
    page.key_or_default("cache", quoted(&engine.cache.display()), quoted(&default_cache.display()));
    page.key_or_default("memory-budget", size(engine.memory_budget), size(defaults::memory_budget()));
    for tenant in &settings.tenants {
        page.table("[[tenants]]");
        page.key("name", quoted(&tenant.name));
        for worker in &tenant.workers {
            worker_page(&mut page, worker);
        }
    }
    page.0
}

fn worker_page(page: &mut Page, worker: &WorkerSettings) {
    page.table("[[tenants.workers]]");
    match &worker.namespace {
        Some(namespace) => page.key("namespace", quoted(namespace)),
        None => page.comment("namespace: that of the connection"),
    }
    page.key("task-queue", quoted(&worker.task_queue));
    page.key_or_default("max-concurrent", worker.max_concurrent, defaults::MAX_CONCURRENT);
    page.key_or_default("shutdown-grace", span(worker.shutdown_grace), span(defaults::SHUTDOWN_GRACE));
    page.key_or_default("cancel-check", span(worker.cancel_check), span(defaults::CANCEL_CHECK));
    for component in &worker.components {
        component_page(page, component);
    }
}

fn component_page(page: &mut Page, component: &ComponentSettings) {
    page.table("[[tenants.workers.components]]");
    page.key("path", quoted(&component.path.display()));
    limits_page(page, &component.limits);
    page.table("[tenants.workers.components.grants]");
    let variables =
        component.grants.environment.iter().map(|(name, value)| format!("{} = {}", quoted(name), quoted(value)));
    page.key_or_default("environment", inline("{ ", variables, " }"), inline("{ ", None, " }"));
    let directories = component.grants.directories.iter().map(|directory| {
        let (host, guest) = (quoted(&directory.host.display()), quoted(&directory.guest));
        format!("{{ host = {host}, guest = {guest}, writable = {} }}", directory.writable)
    });
    page.key_or_default("directories", inline("[", directories, "]"), inline("[", None, "]"));
    stopping_page(page, component.stopping);
}

fn limits_page(page: &mut Page, limits: &Limits) {
    let default = Limits::default();
    page.table("[tenants.workers.components.limits]");
    page.key_or_default("memory", size(limits.memory), size(default.memory));
    page.key_or_default("table-elements", limits.table_elements, default.table_elements);
    match limits.cpu_time {
        Some(time) => page.key("cpu-time", span(time)),
        None => page.comment("cpu-time: no limit"),
    }
    page.key_or_default("host-buffer", length(limits.host_buffer), length(default.host_buffer));
    page.key_or_default("resources", limits.resources, default.resources);
    page.key_or_default("result", length(limits.result), length(default.result));
    page.key_or_default("heartbeat", length(limits.heartbeat), length(default.heartbeat));
    page.key_or_default("log-line", length(limits.log_line), length(default.log_line));
    page.key_or_default("log-rate", limits.log_rate, default.log_rate);
    page.key_or_default("random", size(limits.random), size(default.random));
    let retryable = limits.retryable.iter().map(|(kind, value)| format!("{kind} = {value}"));
    page.key_or_default("retryable", inline("{ ", retryable, " }"), inline("{ ", None, " }"));
}

fn stopping_page(page: &mut Page, stopping: Stopping) {
    let default = Stopping::default();
    let on_cancel = |on_cancel| match on_cancel {
        OnCancel::Tell => "\"tell\"",
        OnCancel::Kill => "\"kill\"",
    };
    page.table("[tenants.workers.components.stopping]");
    page.key_or_default("on-cancel", on_cancel(stopping.on_cancel), on_cancel(default.on_cancel));
    page.key_or_default("cancel-grace", span(stopping.cancel_grace), span(default.cancel_grace));
    page.key_or_default("kill-grace", span(stopping.kill_grace), span(default.kill_grace));
}

/// A TOML document in the making.
#[derive(Default)]
struct Page(String);

impl Page {
    fn table(&mut self, header: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        self.line(format_args!("{gap}{header}"));
    }

    fn key(&mut self, key: &str, value: impl Display) {
        self.line(format_args!("{key} = {value}"));
    }

    fn key_or_default<T: Display + PartialEq>(&mut self, key: &str, value: T, default: T) {
        let note = if value == default { "  # default" } else { "" };
        self.line(format_args!("{key} = {value}{note}"));
    }

    fn comment(&mut self, text: &str) {
        self.line(format_args!("# {text}"));
    }

    fn line(&mut self, line: impl Display) {
        // Writing to a string never fails.
        let _ = writeln!(self.0, "{line}");
    }
}

fn quoted(text: &impl Display) -> String {
    toml::Value::String(text.to_string()).to_string()
}

fn span(duration: std::time::Duration) -> String {
    quoted(&Span(duration))
}

fn size(bytes: u64) -> String {
    quoted(&ByteSize(bytes))
}

fn length(bytes: usize) -> String {
    size(bytes as u64)
}

fn inline(open: &str, items: impl IntoIterator<Item = String>, close: &str) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() {
        format!("{}{}", open.trim(), close.trim())
    } else {
        format!("{open}{}{close}", items.join(", "))
    }
}
