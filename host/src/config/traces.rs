//! `[traces]`, once it is checked: which attempts are traced, and where their spans go. What is not written here OpenTelemetry's
//! own variables say, which are read when the program starts.

use std::{path::PathBuf, time::Duration};

use ::traces::Protocol;
use url::Url;

use super::{
    metrics::collector_url,
    problems::{Place, Problems},
    raw::RawOtlpProtocol,
    raw::traces::{RawTraceExport, RawTraces},
    section::Declared as _,
};

/// Which attempts are traced, and where their spans go. `None` leaves it to the environment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TraceSettings {
    /// Whether spans are exported.
    pub is_exported: Option<bool>,
    /// The collector.
    pub otlp_url: Option<Url>,
    /// How it is spoken to.
    pub otlp_protocol: Option<Protocol>,
    /// The headers that it wants.
    pub otlp_headers_file: Option<PathBuf>,
    /// Authorities that it may have its certificate from.
    pub otlp_ca_file: Option<PathBuf>,
    /// How long a request to it may take.
    pub otlp_timeout: Option<Duration>,
    /// How long spans may wait for others to be sent with.
    pub otlp_interval: Duration,
    /// How many attempts are traced.
    pub sampling_ratio: Option<f64>,
    /// Whether that is only for those whose caller is in no trace.
    pub follow_caller: Option<bool>,
    /// What the worker is called.
    pub service_name: Option<String>,
}

pub(super) fn validate(raw: RawTraces, place: &Place, problems: &mut Problems) -> TraceSettings {
    raw.check(place, problems);
    let is_number = raw.sampling_ratio.is_none_or(|ratio| !ratio.is_nan());
    problems.refuse_if(!is_number, &place.key("sampling-ratio"), "it is no number; it must be from 0 to 1");
    let is_named = raw.service_name.as_deref() != Some("");
    problems.refuse_if(!is_named, &place.key("service-name"), "it is empty");
    TraceSettings {
        is_exported: raw.export.map(|export| export == RawTraceExport::Otlp),
        otlp_url: raw.otlp_url.as_deref().map(|url| collector_url(url, &place.key("otlp-url"), problems)),
        otlp_protocol: raw.otlp_protocol.map(|protocol| match protocol {
            RawOtlpProtocol::Grpc => Protocol::Grpc,
            RawOtlpProtocol::Http => Protocol::Http,
        }),
        otlp_timeout: raw.otlp_timeout.map(|timeout| timeout.0),
        otlp_interval: raw.otlp_interval().0,
        otlp_headers_file: raw.otlp_headers_file,
        otlp_ca_file: raw.otlp_ca_file,
        sampling_ratio: raw.sampling_ratio,
        follow_caller: raw.follow_caller,
        service_name: raw.service_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::problems::Written;

    fn told(text: &str) -> String {
        let (raw, mut problems) = (toml::from_str(text).unwrap(), Problems::default());
        validate(raw, &Written::InFile.table("traces", "--"), &mut problems);
        problems.to_string()
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        let cases = [
            (
                "otlp-url = \"collector\"",
                "traces.otlp-url: \"collector\" is not a URL that begins with http:// or https://",
            ),
            ("sampling-ratio = 1.5", "traces.sampling-ratio: 1.5 is too much; it must be from 0 to 1"),
            ("sampling-ratio = nan", "traces.sampling-ratio: it is no number; it must be from 0 to 1"),
            ("otlp-timeout = \"1ms\"", "traces.otlp-timeout: 1ms is too little; it must be from 100ms to 5m"),
            ("service-name = \"\"", "traces.service-name: it is empty"),
            ("export = \"otlp\"\nsampling-ratio = 0.1", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(told(text), expected);
        }
    }
}
