//! How metrics are exported.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use temporalio_common::telemetry::HistogramBucketOverrides;
use url::Url;

/// How metrics are exported.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// To where.
    pub exporter: MetricExporter,
    /// Attributes of every metric.
    pub tags: BTreeMap<String, String>,
    /// Whether durations are exported in seconds; else in whole milliseconds, as Temporal's workers do by default.
    pub durations_in_seconds: bool,
    /// Prometheus only: whether the names of counters end in `_total`.
    pub counters_total_suffix: bool,
    /// Prometheus only: whether the names of histograms end in their unit.
    pub unit_suffix: bool,
    /// The upper bounds of the buckets of histograms whose name contains the key.
    pub buckets: BTreeMap<String, Vec<f64>>,
}

/// To where metrics are exported.
#[derive(Clone, Debug)]
pub enum MetricExporter {
    /// To Prometheus, which fetches `/metrics` from here.
    Prometheus {
        /// Where to listen; port 0 for any free one.
        address: SocketAddr,
    },
    /// To a collector of OpenTelemetry.
    Otlp(Collector),
}

/// A collector of OpenTelemetry.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where it is.
    pub url: Url,
    /// What to send with each request, such as what authenticates it.
    pub headers: BTreeMap<String, String>,
    /// How often to send.
    pub interval: Duration,
    /// In which form.
    pub protocol: OtlpProtocol,
}

/// The form in which a collector of OpenTelemetry is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// gRPC.
    Grpc,
    /// Protobuf over HTTP; the URL has the path, usually `/v1/metrics`.
    Http,
}

/// What becomes of names on their way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labels {
    /// Whether only letters, digits and underscores are left of them.
    pub(super) plain: bool,
    /// Names that no attribute may have, because each line has them already.
    pub(super) taken: Vec<String>,
}

impl TelemetrySettings {
    pub(super) fn labels(&self) -> Labels {
        let plain = matches!(self.exporter, MetricExporter::Prometheus { .. });
        // OpenTelemetry keeps the tags apart from the attributes.
        let taken =
            if plain { self.tags.keys().map(|name| activity::exported_name(name)).collect() } else { Vec::new() };
        Labels { plain, taken }
    }

    pub(super) fn bucket_overrides(&self) -> HistogramBucketOverrides {
        HistogramBucketOverrides { overrides: self.buckets.clone().into_iter().collect() }
    }
}
