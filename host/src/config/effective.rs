//! What a configuration means, defaults included, as a configuration file.

use std::{
    fmt::{Display, Write as _},
    path::PathBuf,
};

use activity::{ClientGrant, HttpLimits, Limits, MetricsGrant, OnCancel, Pattern, Stopping};
use codec::KeySource;
use worker::OtlpProtocol;

use super::{
    codec::CodecSettings,
    defaults,
    environment::VariableSource,
    log::{LogFormat, LogSettings},
    metrics::{Export, MetricsSettings},
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
    page.key_or_default("io-threads", engine.io_threads, defaults::io_threads());
    page.key_or_default("tick", span(engine.tick), span(defaults::TICK));
    page.key_or_default("slots", engine.slots, defaults::SLOTS);
    let default_cache = defaults::cache().unwrap_or_default();
    page.key_or_default("cache", quoted(&engine.cache.display()), quoted(&default_cache.display()));
    page.key_or_default("cache-size", size(engine.cache_size), size(defaults::CACHE_SIZE));
    page.key_or_default("compile-memory", size(engine.compile_memory), size(defaults::COMPILE_MEMORY));
    page.key_or_default("confine-compiler", engine.confine_compiler, true);
    page.key_or_default("memory-budget", size(engine.memory_budget), size(defaults::memory_budget()));
    let nameservers = engine.nameservers.iter().map(quoted);
    page.key_or_default("nameservers", inline("[", nameservers, "]"), inline("[", None, "]"));
    metrics_page(&mut page, &settings.metrics);
    log_page(&mut page, &settings.log);
    for tenant in &settings.tenants {
        page.table("[[tenants]]");
        page.key("name", quoted(&tenant.name));
        for worker in &tenant.workers {
            worker_page(&mut page, worker);
        }
    }
    page.0
}

fn metrics_page(page: &mut Page, metrics: &MetricsSettings) {
    let default = MetricsSettings::default();
    let export = |export| match export {
        Export::Off => "\"off\"",
        Export::Prometheus => "\"prometheus\"",
        Export::Otlp => "\"otlp\"",
    };
    let protocol = |protocol| match protocol {
        OtlpProtocol::Grpc => "\"grpc\"",
        OtlpProtocol::Http => "\"http\"",
    };
    page.table("[metrics]");
    page.key_or_default("export", export(metrics.export), export(default.export));
    page.key_or_default("address", quoted(&metrics.address), quoted(&default.address));
    page.key_or_default("max-series", metrics.max_series, default.max_series);
    let tags = metrics.tags.iter().map(|(name, value)| format!("{} = {}", quoted(name), quoted(value)));
    page.key_or_default("tags", inline("{ ", tags, " }"), inline("{ ", None, " }"));
    let bounds = |bounds: &[f64]| bounds.iter().map(|bound| format!("{bound:?}")).collect::<Vec<_>>().join(", ");
    let buckets = metrics.buckets.iter().map(|(name, upper)| format!("{} = [{}]", quoted(name), bounds(upper)));
    page.key_or_default("buckets", inline("{ ", buckets, " }"), inline("{ ", None, " }"));
    page.key_or_default("durations-in-seconds", metrics.durations_in_seconds, default.durations_in_seconds);
    page.key_or_default("counters-total-suffix", metrics.counters_total_suffix, default.counters_total_suffix);
    page.key_or_default("unit-suffix", metrics.unit_suffix, default.unit_suffix);
    page.key_or_default("otlp-url", quoted(&metrics.otlp_url), quoted(&default.otlp_url));
    page.key_or_default("otlp-protocol", protocol(metrics.otlp_protocol), protocol(default.otlp_protocol));
    page.key_or_default("otlp-interval", span(metrics.otlp_interval), span(default.otlp_interval));
    match &metrics.otlp_headers_file {
        Some(path) => page.key("otlp-headers-file", quoted(&path.display())),
        None => page.comment("otlp-headers-file: no headers"),
    }
}

fn log_page(page: &mut Page, log: &LogSettings) {
    let format = |format| match format {
        LogFormat::Text => "\"text\"",
        LogFormat::Json => "\"json\"",
    };
    page.table("[log]");
    page.key_or_default("format", format(log.format), format(LogFormat::default()));
    match &log.filter {
        Some(filter) => page.key("filter", quoted(filter)),
        None => page.comment("filter: what suits the command"),
    }
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
    page.key_or_default("encode-failure-attributes", worker.encode_failure_attributes, false);
    codec_page(page, &worker.codec);
    for component in &worker.components {
        component_page(page, component);
    }
}

fn codec_page(page: &mut Page, codec: &CodecSettings) {
    let default = CodecSettings::default();
    page.table("[tenants.workers.codec]");
    let order = codec.order.iter().map(|step| quoted(&step.name()));
    page.key_or_default("order", inline("[", order, "]"), inline("[", None, "]"));
    page.key_or_default("max-size", length(codec.max_size), length(default.max_size));
    page.table("[tenants.workers.codec.encryption]");
    match &codec.active_key {
        Some(id) => page.key("active", quoted(id)),
        None => page.comment("active: no key"),
    }
    let keys = codec.keys.iter().map(|(id, source)| match source {
        KeySource::File(path) => format!("{{ id = {}, file = {} }}", quoted(id), quoted(&path.display())),
        KeySource::Environment(variable) => format!("{{ id = {}, env = {} }}", quoted(id), quoted(variable)),
    });
    page.key_or_default("keys", inline("[", keys, "]"), inline("[", None, "]"));
    page.table("[tenants.workers.codec.server]");
    match &codec.endpoint {
        Some(endpoint) => page.key("endpoint", quoted(endpoint)),
        None => page.comment("endpoint: no codec server"),
    }
    page.key_or_default("timeout", span(codec.timeout), span(default.timeout));
    match &codec.authorization_env {
        Some(variable) => page.key("authorization-env", quoted(variable)),
        None => page.comment("authorization-env: no authorization"),
    }
}

/// Stands for the value of a guest's environment variable, which may be a secret.
const NOT_SHOWN: &str = "(not shown)";

fn component_page(page: &mut Page, component: &ComponentSettings) {
    page.table("[[tenants.workers.components]]");
    page.key("path", quoted(&component.path.display()));
    limits_page(page, &component.policy.limits);
    page.table("[tenants.workers.components.grants]");
    let variables = component.environment.iter().map(|(name, source)| match source {
        VariableSource::Value(_) => format!("{} = {}", quoted(name), quoted(&NOT_SHOWN)),
        VariableSource::File(path) => format!("{} = {{ file = {} }}", quoted(name), quoted(&path.display())),
        VariableSource::Environment(variable) => format!("{} = {{ env = {} }}", quoted(name), quoted(variable)),
    });
    page.key_or_default("environment", inline("{ ", variables, " }"), inline("{ ", None, " }"));
    let directories = component.policy.grants.directories.iter().map(|directory| {
        let (host, guest) = (quoted(&directory.host.display()), quoted(&directory.guest));
        format!("{{ host = {host}, guest = {guest}, writable = {} }}", directory.writable)
    });
    page.key_or_default("directories", inline("[", directories, "]"), inline("[", None, "]"));
    page.key_or_default("metrics", component.policy.grants.metrics == MetricsGrant::Granted, true);
    let origins = component.policy.grants.http.iter().map(quoted);
    page.key_or_default("http", inline("[", origins, "]"), inline("[", None, "]"));
    client_page(page, component.policy.grants.client.as_deref());
    stopping_page(page, component.policy.stopping);
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
    http_limits(page, limits.http, default.http);
    let retryable = limits.retryable.iter().map(|(kind, value)| format!("{kind} = {value}"));
    page.key_or_default("retryable", inline("{ ", retryable, " }"), inline("{ ", None, " }"));
}

fn http_limits(page: &mut Page, limits: HttpLimits, default: HttpLimits) {
    page.key_or_default("http-requests", limits.requests, default.requests);
    page.key_or_default("http-headers", length(limits.headers), length(default.headers));
    page.key_or_default("http-request-body", size(limits.request_body), size(default.request_body));
    page.key_or_default("http-response-body", size(limits.response_body), size(default.response_body));
    page.key_or_default("http-connect-timeout", span(limits.connect_timeout), span(default.connect_timeout));
    page.key_or_default("http-response-timeout", span(limits.response_timeout), span(default.response_timeout));
    page.key_or_default("http-read-timeout", span(limits.read_timeout), span(default.read_timeout));
}

fn client_page(page: &mut Page, grant: Option<&ClientGrant>) {
    let nothing = ClientGrant::default();
    let ClientGrant { methods, namespaces, workflow_ids, task_queues, activity_ids, task_tokens } =
        grant.unwrap_or(&nothing);
    let names = |patterns: &[Pattern]| inline("[", patterns.iter().map(|pattern| quoted(&pattern.as_str())), "]");
    page.table("[tenants.workers.components.grants.client]");
    page.key_or_default("methods", names(methods), names(&[]));
    page.key_or_default("namespaces", names(namespaces), names(&[]));
    page.key_or_default("workflow-ids", names(workflow_ids), names(&[]));
    page.key_or_default("task-queues", names(task_queues), names(&[]));
    page.key_or_default("activity-ids", names(activity_ids), names(&[]));
    page.key_or_default("task-tokens", *task_tokens, false);
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
