//! Metrics, as they are configured: the exporter, and what measures for it.

use std::{
    env,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    sync::Arc,
};

use activity::{Meter, Observer};
use metrics::{BUCKETS, Labels, MeasuringObserver, TenantSeries};
use worker::{Collector, MetricExporter, Telemetry, TelemetrySettings};

use super::connecting::problem;
use crate::{
    config::{
        headers,
        metrics::{Export, MetricsSettings},
    },
    exit::{Exit, OrExit as _, Problem},
};

/// Where the exporter of Temporal's core serves them: it can do nothing else, and has no limits for whom it serves.
const WITHIN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// Where the metrics of a serving command go.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    /// The exporter.
    pub(crate) telemetry: Telemetry,
    /// How many series the guests of one component may have.
    max_series: usize,
}

impl Metrics {
    /// Starts the exporter, if there is to be one. Must be called on a runtime.
    ///
    /// # Errors
    /// When the port is taken, or the exporter can't work with the settings.
    pub(crate) fn start(settings: &MetricsSettings) -> Result<Self, Problem> {
        let exporter = match settings.export {
            Export::Off => None,
            Export::Prometheus => Some(MetricExporter::Prometheus { address: WITHIN }),
            Export::Otlp => Some(MetricExporter::Otlp(collector(settings)?)),
        };
        let telemetry = match exporter {
            None => Telemetry::default(),
            Some(exporter) => Telemetry::start(telemetry_settings(settings, exporter)).map_err(|error| {
                let cure = compression(settings, &|name| env::var(name).ok());
                let problem = problem(error);
                Problem { cure: cure.or(problem.cure), ..problem }
            })?,
        };
        Ok(Self { telemetry, max_series: settings.max_series })
    }

    /// What measures, if metrics go anywhere.
    pub(crate) fn meter(&self) -> Option<Arc<dyn Meter>> {
        self.telemetry.meter()
    }

    /// `next`, and before it what measures the attempts of the task queue, if metrics go anywhere.
    pub(crate) fn observer(
        &self,
        queue: Labels,
        tenant: Arc<TenantSeries>,
        next: Arc<dyn Observer>,
    ) -> Arc<dyn Observer> {
        match self.meter() {
            Some(meter) => Arc::new(MeasuringObserver::new(meter, (self.max_series, tenant), queue, next)),
            None => next,
        }
    }

    /// Where the exporter has them for Prometheus, if that is how they are exported: on this machine, for whatever answers
    /// by HTTP to fetch them from.
    pub(crate) fn exporter(&self) -> Option<SocketAddr> {
        self.telemetry.address()
    }
}

/// What to do about a compression that the exporter of Temporal's core finds in the environment, which nobody can keep from
/// it.
fn compression(settings: &MetricsSettings, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let names = ["OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];
    let (name, value) = names.into_iter().find_map(|name| Some((name, variable(name)?)))?;
    let is_odd = settings.export == Export::Otlp && value != "gzip";
    is_odd.then(|| format!("{name} is {value:?}: set it to `gzip`, or unset it to compress nothing"))
}

fn collector(settings: &MetricsSettings) -> Result<Collector, Problem> {
    let headers = settings.otlp_headers_file.as_deref().map(|path| headers::read(path).or_exit(Exit::Usage));
    Ok(Collector {
        url: settings.otlp_url.clone(),
        headers: headers.transpose()?.unwrap_or_default(),
        interval: settings.otlp_interval,
        protocol: settings.otlp_protocol,
    })
}

fn telemetry_settings(settings: &MetricsSettings, exporter: MetricExporter) -> TelemetrySettings {
    let ours = BUCKETS.iter().map(|(instrument, bounds)| (instrument.name.to_owned(), bounds.to_vec()));
    TelemetrySettings {
        exporter,
        tags: settings.tags.clone(),
        durations_in_seconds: settings.durations_in_seconds,
        counters_total_suffix: settings.counters_total_suffix,
        unit_suffix: settings.unit_suffix,
        buckets: ours.chain(settings.buckets.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{parse::parse, problems::Written, validate::validate};

    #[test]
    fn a_compression_that_the_exporter_does_not_know_is_told_with_its_variable() {
        let settings = |export: &str| {
            let component = "[[tenants.workers.components]]\npath = \"a.wasm\"";
            let tenant = format!("[[tenants]]\nname = \"a\"\n[[tenants.workers]]\ntask-queue = \"q\"\n{component}");
            let raw = parse(&format!("[metrics]\nexport = {export:?}\n{tenant}"), "isolet.toml").unwrap();
            validate(raw, Written::InFile).unwrap().metrics
        };
        let of = |variables: &[(&str, &str)], export: &str| {
            let find =
                |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
            compression(&settings(export), &find)
        };
        let [own, all] = ["OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];
        let cure = of(&[(all, "none")], "otlp").unwrap();
        assert_eq!(cure, format!("{all} is \"none\": set it to `gzip`, or unset it to compress nothing"));
        assert_eq!(of(&[(own, "gzip"), (all, "none")], "otlp"), None);
        assert_eq!(of(&[(all, "none")], "prometheus"), None);
        assert_eq!(of(&[], "otlp"), None);
    }
}
