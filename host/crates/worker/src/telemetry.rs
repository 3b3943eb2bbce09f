//! Telemetry: core's exporter of metrics, and with it core's own metrics, those of guests and those of the host.
//!
//! The one place, with the files below it, that knows how core measures.

mod names;
mod reports;
mod series;
mod settings;

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use activity::Meter;
use temporalio_common::telemetry::{
    OtelCollectorOptions, OtlpProtocol as CoreProtocol, PrometheusExporterOptions, TaskQueueLabelStrategy,
    TelemetryOptions, build_otlp_metric_exporter,
    metrics::{CoreMeter, MetricKeyValue, NewAttributes, TemporalMeter},
    start_prometheus_metric_exporter,
};
use temporalio_sdk_core::{CoreRuntime, RuntimeOptions};
use tokio::task::AbortHandle;

pub(crate) use self::reports::ReportMetrics;
pub use self::settings::{Collector, MetricExporter, OtlpProtocol, TelemetrySettings};
use self::{names::Names, series::CoreSeriesMeter};
use crate::Error;

/// What core calls itself in metrics; every metric of every Temporal worker carries it.
const SERVICE_NAME: &str = "temporal-core-sdk";

/// Where a process's metrics go; nowhere by default. Clones share the exporter, which ends with the last of them.
#[derive(Clone, Default)]
pub struct Telemetry {
    exporter: Option<Arc<Exporter>>,
}

struct Exporter {
    core: Arc<dyn CoreMeter>,
    /// Where Prometheus finds it, and the task that serves it there.
    server: Option<(SocketAddr, AbortHandle)>,
    meter: Arc<dyn Meter>,
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some((_, task)) = &self.server {
            task.abort();
        }
    }
}

impl Telemetry {
    /// Starts the exporter. Must be called on a runtime, which the exporter then uses.
    ///
    /// # Errors
    /// When the address of the exporter is taken or not this machine's, or the collector's URL can't be used.
    pub fn start(settings: TelemetrySettings) -> Result<Self, Error> {
        let (names, labels) = (Names::new(&settings), settings.labels());
        let (core, server): (Arc<dyn CoreMeter>, _) = match &settings.exporter {
            MetricExporter::Prometheus { address } => {
                let address = *address;
                let started = start_prometheus_metric_exporter(prometheus_options(&settings, address))
                    .map_err(|error| refused_address(address, error.downcast_ref(), format!("{error:#}")))?;
                (started.meter, Some((started.bound_addr, started.abort_handle)))
            }
            MetricExporter::Otlp(collector) => {
                let refused = |reason| Error::MetricExporter { to: collector.url.to_string(), reason };
                let meter = build_otlp_metric_exporter(otlp_options(&settings, collector))
                    .map_err(|error| refused(format!("{error:#}")))?;
                (Arc::new(meter), None)
            }
        };
        let service = MetricKeyValue::new("service_name", SERVICE_NAME);
        let own =
            TemporalMeter::new(Arc::clone(&core), NewAttributes::new(vec![service]), TaskQueueLabelStrategy::UseNormal);
        let meter = Arc::new(CoreSeriesMeter::new(own, names, labels));
        Ok(Self { exporter: Some(Arc::new(Exporter { core, server, meter })) })
    }

    /// Where Prometheus finds the metrics, if that is how they are exported.
    pub fn address(&self) -> Option<SocketAddr> {
        self.exporter.as_ref()?.server.as_ref().map(|(address, _)| *address)
    }

    /// What measures for this exporter; `None` without one.
    pub fn meter(&self) -> Option<Arc<dyn Meter>> {
        self.exporter.as_ref().map(|exporter| Arc::clone(&exporter.meter))
    }

    /// What core would measure of the reports of the worker of `task_queue`; `None` without an exporter.
    pub(crate) fn report_metrics(&self, namespace: &str, task_queue: &str) -> Option<ReportMetrics> {
        let exporter = self.exporter.as_ref()?;
        Some(ReportMetrics::new(&exporter.core, namespace, task_queue))
    }

    /// A runtime of core whose metrics go here, and whose workers tell the server so often how they are. Must be called on a
    /// runtime of tokio.
    pub(crate) fn core_runtime(&self, heartbeat: Option<Duration>) -> Result<CoreRuntime, String> {
        let metrics = self.exporter.as_ref().map(|exporter| Arc::clone(&exporter.core));
        // Without a logger of its own core logs where the whole process does, so nothing is printed raw.
        let telemetry = TelemetryOptions::builder().maybe_metrics(metrics).build();
        let options = RuntimeOptions::builder().telemetry_options(telemetry).heartbeat_interval(heartbeat).build()?;
        CoreRuntime::new_assume_tokio(options).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("is_on", &self.exporter.is_some())
            .field("address", &self.address())
            .finish_non_exhaustive()
    }
}

fn prometheus_options(settings: &TelemetrySettings, address: SocketAddr) -> PrometheusExporterOptions {
    PrometheusExporterOptions::builder()
        .socket_addr(address)
        .global_tags(settings.tags.clone().into_iter().collect())
        .counters_total_suffix(settings.counters_total_suffix)
        .unit_suffix(settings.unit_suffix)
        .use_seconds_for_durations(settings.durations_in_seconds)
        .histogram_bucket_overrides(settings.bucket_overrides())
        .build()
}

fn otlp_options(settings: &TelemetrySettings, collector: &Collector) -> OtelCollectorOptions {
    OtelCollectorOptions::builder()
        .url(collector.url.clone())
        .headers(collector.headers.clone().into_iter().collect())
        .metric_periodicity(collector.interval)
        .protocol(match collector.protocol {
            OtlpProtocol::Grpc => CoreProtocol::Grpc,
            OtlpProtocol::Http => CoreProtocol::Http,
        })
        .global_tags(settings.tags.clone().into_iter().collect())
        .use_seconds_for_durations(settings.durations_in_seconds)
        .histogram_bucket_overrides(settings.bucket_overrides())
        .build()
}

fn refused_address(address: SocketAddr, error: Option<&io::Error>, reason: String) -> Error {
    match error.map(io::Error::kind) {
        Some(io::ErrorKind::AddrInUse) => Error::MetricsPortInUse { address },
        _ => Error::MetricExporter { to: address.to_string(), reason },
    }
}

#[cfg(test)]
mod tests;
