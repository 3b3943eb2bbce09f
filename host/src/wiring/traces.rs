//! Traces, as the configuration and OpenTelemetry's variables say: which attempts are traced, and what sends their spans.
//!
//! A variable that makes no sense is warned of and left, as OpenTelemetry wants it: it may be meant for other programs, and so
//! ends no start.

use std::{env, path::Path, sync::Arc, time::Duration};

use activity::Tracer;
use anyhow::{Context as _, anyhow};
use traces::{AttemptTracer, Exporter, Protocol, Sampling, Settings, Spans};
use url::Url;

use crate::{
    config::{
        headers,
        metrics::{has_password, reachable},
        traces::TraceSettings,
    },
    exit::{Exit, OrExit as _, Problem, failed_to},
    files,
};

/// The most bytes of a file with certificates.
const LARGEST_CA: u64 = 4 << 20;

/// How long a request may take unless something else is said: OpenTelemetry's own default.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The variables that name a collector: the one for traces, and the one for all that is exported.
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// What sends spans, if they go anywhere.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    exporter: Option<Exporter>,
    tracers: Tracers,
}

/// What traces attempts, if anything does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tracers(Option<(Sampling, Arc<Spans>)>);

impl Traces {
    /// Starts the exporter, if there is to be one. Must be called on a runtime.
    ///
    /// # Errors
    /// When a file can't be read, or the exporter can't work with the settings.
    pub(crate) fn start(settings: &TraceSettings) -> Result<Self, Problem> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let Some(settings) = resolved(settings, &variable)? else { return Ok(Self::default()) };
        let exporter = Exporter::start(&settings).map_err(|error| {
            Problem::new(Exit::Usage, failed_to(error)).cure("correct [traces], or OpenTelemetry's variables")
        })?;
        let tracers = Tracers(Some((settings.sampling, exporter.spans())));
        Ok(Self { exporter: Some(exporter), tracers })
    }

    /// What traces attempts.
    pub(crate) fn tracers(&self) -> Tracers {
        self.tracers.clone()
    }

    /// Sends what waits, as long as that takes no more than some seconds.
    pub(crate) async fn end(self) {
        if let Some(exporter) = self.exporter {
            exporter.end().await;
        }
    }
}

impl Tracers {
    /// What traces the attempts of a tenant, if anything does.
    pub(crate) fn of_tenant(&self, tenant: &str) -> Option<Arc<dyn Tracer>> {
        let (sampling, spans) = self.0.as_ref()?;
        Some(Arc::new(AttemptTracer::new(*sampling, Arc::clone(spans), tenant)))
    }

    /// Where their spans wait.
    pub(crate) fn spans(&self) -> Option<Arc<Spans>> {
        self.0.as_ref().map(|(_, spans)| Arc::clone(spans))
    }
}

/// How spans are exported, by what is configured and else by `variable`; `None` if they are not.
fn resolved(settings: &TraceSettings, variable: Variables<'_>) -> Result<Option<Settings>, Problem> {
    if !is_exported(settings, variable) {
        return Ok(None);
    }
    let protocol = settings.otlp_protocol.unwrap_or_else(|| protocol(variable));
    let Some(url) = settings.otlp_url.clone().or_else(|| url(protocol, variable)) else {
        tracing::warn!("no attempt is traced, as no collector is known; {ENDPOINT} or traces.otlp-url names one");
        return Ok(None);
    };
    let headers =
        settings.otlp_headers_file.as_deref().map(|path| headers::read(path).or_exit(Exit::Usage)).transpose()?;
    let ca = match &settings.otlp_ca_file {
        Some(path) => Some(certificates(path).or_exit(Exit::Usage)?),
        None => authorities(variable),
    };
    let timeout = settings.otlp_timeout.or_else(|| timeout(variable)).unwrap_or(TIMEOUT);
    let sampling = sampling(variable);
    Ok(Some(Settings {
        url,
        protocol,
        headers: headers.unwrap_or_default(),
        ca,
        timeout,
        interval: settings.otlp_interval,
        sampling: Sampling {
            ratio: settings.sampling_ratio.unwrap_or(sampling.ratio),
            follows_caller: settings.follow_caller.unwrap_or(sampling.follows_caller),
        },
        service_name: settings.service_name.clone(),
        service_version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}

/// The value of a variable that is set and not empty.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variable for traces, or else that for all that is exported: its name and its value.
fn of_traces(name: &str, variable: Variables<'_>) -> Option<(String, String)> {
    let names = ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"].map(|begin| format!("{begin}{name}"));
    names.into_iter().find_map(|name| variable(&name).map(|value| (name, value)))
}

fn is_exported(settings: &TraceSettings, variable: Variables<'_>) -> bool {
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return false;
    }
    // What is configured comes before variables.
    let configured = settings.is_exported.or(settings.otlp_url.is_some().then_some(true));
    configured.unwrap_or_else(|| match variable("OTEL_TRACES_EXPORTER").as_deref().map(str::trim) {
        Some("none") => false,
        Some("otlp") => true,
        Some(other) => {
            left("OTEL_TRACES_EXPORTER", other, "`otlp` and `none` alone are known");
            false
        }
        None => of_traces("ENDPOINT", variable).is_some(),
    })
}

fn protocol(variable: Variables<'_>) -> Protocol {
    let Some((name, value)) = of_traces("PROTOCOL", variable) else { return Protocol::Grpc };
    match value.trim() {
        "grpc" => Protocol::Grpc,
        "http/protobuf" => Protocol::Http,
        other => {
            left(&name, other, "`grpc` and `http/protobuf` alone are known");
            Protocol::Grpc
        }
    }
}

/// The collector; `None` if those that are named can't be one.
fn url(protocol: Protocol, variable: Variables<'_>) -> Option<Url> {
    // The path is added to what is for all that is exported.
    let (port, path) = match protocol {
        Protocol::Grpc => ("4317", ""),
        Protocol::Http => ("4318", "/v1/traces"),
    };
    let own = variable(TRACES_ENDPOINT).map(|text| (TRACES_ENDPOINT, text, ""));
    let general = variable(ENDPOINT).map(|text| (ENDPOINT, text, path));
    if own.is_none() && general.is_none() {
        return Url::parse(&format!("http://localhost:{port}{path}")).ok();
    }
    own.into_iter().chain(general).find_map(|(name, text, path)| {
        let text = text.trim();
        let url = collector(text, path);
        if url.is_none() {
            // A password would be shown here, and then in each line about the collector.
            let (shown, why) = match text.contains('@') {
                true => ("not shown", "it has a password, which belongs in OTEL_EXPORTER_OTLP_HEADERS".to_owned()),
                false => (
                    text,
                    format!("it is no URL that begins with http:// or https://, such as http://collector:{port}"),
                ),
            };
            left(name, shown, &why);
        }
        url
    })
}

fn collector(text: &str, path: &str) -> Option<Url> {
    let mut url = reachable(text).filter(|url| !has_password(url))?;
    if !path.is_empty() {
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
    }
    Some(url)
}

/// The certificates in the file that a variable names.
fn authorities(variable: Variables<'_>) -> Option<Vec<u8>> {
    let (name, path) = of_traces("CERTIFICATE", variable)?;
    let read = certificates(Path::new(&path));
    read.inspect_err(|error| left(&name, &path, &format!("{error:#}"))).ok()
}

fn timeout(variable: Variables<'_>) -> Option<Duration> {
    let (name, text) = of_traces("TIMEOUT", variable)?;
    let milliseconds = text.trim().parse().ok().filter(|milliseconds| *milliseconds != 0);
    if milliseconds.is_none() {
        left(&name, &text, "it is no number of milliseconds");
    }
    milliseconds.map(Duration::from_millis)
}

fn sampling(variable: Variables<'_>) -> Sampling {
    let ratio = || {
        let Some(text) = variable("OTEL_TRACES_SAMPLER_ARG") else { return 1.0 };
        let ratio = text.trim().parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.unwrap_or_else(|| {
            left("OTEL_TRACES_SAMPLER_ARG", &text, "it is no number from 0 to 1");
            1.0
        })
    };
    let (ratio, follows_caller) = match variable("OTEL_TRACES_SAMPLER").as_deref().map(str::trim) {
        None | Some("parentbased_always_on") => (1.0, true),
        Some("parentbased_always_off") => (0.0, true),
        Some("parentbased_traceidratio") => (ratio(), true),
        Some("always_on") => (1.0, false),
        Some("always_off") => (0.0, false),
        Some("traceidratio") => (ratio(), false),
        Some(other) => {
            left("OTEL_TRACES_SAMPLER", other, "no such sampler is known");
            (1.0, true)
        }
    };
    Sampling { ratio, follows_caller }
}

/// The certificates of authorities in a file.
pub(super) fn certificates(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let pem =
        files::read_text(path, LARGEST_CA).with_context(|| format!("failed to read the certificates in {shown}"))?;
    let has_any = pem.contains("-----BEGIN CERTIFICATE-----");
    if has_any { Ok(pem.into_bytes()) } else { Err(anyhow!("{shown} has no certificate in PEM")) }
}

fn left(name: &str, value: &str, why: &str) {
    tracing::warn!("{name} is {value:?}, which is left: {why}");
}

#[cfg(test)]
mod tests;
