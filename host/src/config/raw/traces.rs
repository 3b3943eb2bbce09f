//! `[traces]` as it is written.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::RawOtlpProtocol;
use crate::config::{quantity::Span, section::section};

section! {
    /// Which attempts are [traced](traces.md), and where their spans go. What is not set here OpenTelemetry's own variables
    /// say. docs/traces.md explains it.
    RawTraces {
        /// `"off"`; or `"otlp"`, sent to a collector of OpenTelemetry
        export: Option<RawTraceExport>,
            unset "`\"otlp\"` where `OTEL_TRACES_EXPORTER` or an endpoint in the environment says so, else `\"off\"`",
            example "\"otlp\"";
        /// the collector; for `"http"` with the path, usually `/v1/traces`
        otlp_url: Option<String>,
            unset "`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`'s or `OTEL_EXPORTER_OTLP_ENDPOINT`'s, else port 4317 of this machine, for `\"http\"` 4318",
            example "\"http://collector:4317\"";
        /// `"grpc"`, or `"http"` for protobuf over HTTP
        otlp_protocol: Option<RawOtlpProtocol>,
            unset "`OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`'s or `OTEL_EXPORTER_OTLP_PROTOCOL`'s, else `\"grpc\"`",
            example "\"grpc\"";
        /// a file with the headers that the collector wants, such as a key; a line for each, like `name: value`
        otlp_headers_file: Option<PathBuf>, unset "none beside those of `OTEL_EXPORTER_OTLP_HEADERS`",
            example "\"/run/secrets/collector-headers\"";
        /// a file with certificates in PEM of the authorities that the collector may have its own from
        otlp_ca_file: Option<PathBuf>, unset "`OTEL_EXPORTER_OTLP_CERTIFICATE`'s, else those of the system",
            example "\"/etc/ssl/collector-ca.pem\"";
        /// how long one request to the collector may take
        otlp_timeout: Option<Span>, unset "`OTEL_EXPORTER_OTLP_TIMEOUT`'s, else 10s", example "\"10s\"",
            within Span::millis(100), Span::secs(300);
        /// how long spans wait for others to be sent with
        otlp_interval: Option<Span> = Span::secs(5), within Span::millis(100), Span::secs(300);
        /// how many attempts are traced, from 0 for none to 1 for all
        sampling_ratio: Option<f64>, unset "`OTEL_TRACES_SAMPLER`'s, else 1", example "0.1", within 0.0, 1.0;
        /// whether that is only for attempts whose caller is in no trace, and the others are traced where their caller is
        follow_caller: Option<bool>, unset "`OTEL_TRACES_SAMPLER`'s, else true", example "true";
        /// what the worker is called
        service_name: Option<String>, unset "`OTEL_SERVICE_NAME`'s, else `isolet`", example "\"orders-worker\"";
    }
}

/// To where spans go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawTraceExport {
    /// Nowhere.
    Off,
    /// To a collector of OpenTelemetry.
    Otlp,
}
