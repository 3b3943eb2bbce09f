//! `[metrics]`, once it is checked: where metrics go, and how.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use url::Url;
use worker::OtlpProtocol;

use super::{
    listening,
    problems::{Place, Problems},
    raw::{RawExport, RawMetrics, RawOtlpProtocol},
    section::Declared as _,
};

/// Attributes that each metric has anyway; a tag of such a name would be there twice.
const ATTRIBUTES: [&str; 12] = [
    "activity_type",
    "component",
    "failure_reason",
    "le",
    "namespace",
    "operation",
    "poller_type",
    "service_name",
    "task_queue",
    "tenant",
    "worker_type",
    "workflow_type",
];

/// Where Prometheus finds metrics where nobody says so: the port that is set aside for exporters of OpenTelemetry to it.
const USUAL_ADDRESS: &str = "127.0.0.1:9464";

/// Where metrics go, and how.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MetricsSettings {
    /// To where.
    pub export: Export,
    /// Host and port at which Prometheus finds them, and nothing else, if they are anywhere else than all that is answered.
    pub address: Option<String>,
    /// How many series the guests of one component may have.
    pub max_series: usize,
    /// Attributes of every metric.
    pub tags: BTreeMap<String, String>,
    /// The upper bounds of the buckets of histograms whose name contains the key.
    pub buckets: BTreeMap<String, Vec<f64>>,
    /// Whether durations are exported in seconds, and not in milliseconds.
    pub durations_in_seconds: bool,
    /// Whether Prometheus sees names of counters with `_total` at the end.
    pub counters_total_suffix: bool,
    /// Whether Prometheus sees names of histograms with their unit at the end.
    pub unit_suffix: bool,
    /// The collector of OpenTelemetry.
    pub otlp_url: Url,
    /// In which form it takes them.
    pub otlp_protocol: OtlpProtocol,
    /// How often they are sent to it.
    pub otlp_interval: Duration,
    /// The headers that it wants.
    pub otlp_headers_file: Option<PathBuf>,
}

/// To where metrics go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    /// Nowhere.
    Off,
    /// To Prometheus, which fetches them.
    Prometheus,
    /// To a collector of OpenTelemetry.
    Otlp,
}

/// Checks what was written; `is_web` where there is an address of the worker's, at which metrics are found, too.
pub(super) fn validate(raw: RawMetrics, is_web: bool, place: &Place, problems: &mut Problems) -> MetricsSettings {
    raw.check(place, problems);
    check_tags(&raw.tags, &place.key("tags"), problems);
    check_buckets(&raw.buckets, &place.key("buckets"), problems);
    let address = raw.address.clone().or_else(|| (!is_web).then(|| USUAL_ADDRESS.to_owned()));
    if let Some(problem) = address.as_deref().and_then(listening::problem) {
        problems.add(&place.key("address"), problem);
    }
    let otlp_url = collector_url(&raw.otlp_url(), &place.key("otlp-url"), problems);
    MetricsSettings {
        export: match raw.export {
            // Whoever says where they are found wants them found, as by the option.
            None if is_web || raw.address.is_some() => Export::Prometheus,
            None | Some(RawExport::Off) => Export::Off,
            Some(RawExport::Prometheus) => Export::Prometheus,
            Some(RawExport::Otlp) => Export::Otlp,
        },
        address,
        max_series: raw.max_series().as_usize(),
        durations_in_seconds: raw.durations_in_seconds(),
        counters_total_suffix: raw.counters_total_suffix(),
        unit_suffix: raw.unit_suffix(),
        otlp_url,
        otlp_protocol: match raw.otlp_protocol() {
            RawOtlpProtocol::Grpc => OtlpProtocol::Grpc,
            RawOtlpProtocol::Http => OtlpProtocol::Http,
        },
        otlp_interval: raw.otlp_interval().0,
        otlp_headers_file: raw.otlp_headers_file,
        tags: raw.tags,
        buckets: raw.buckets,
    }
}

pub(super) fn collector_url(text: &str, key: &str, problems: &mut Problems) -> Url {
    let url = reachable(text);
    if url.as_ref().is_some_and(has_password) {
        // Not with the text, which would be shown.
        problems.add(key, "a collector's URL is told in the log, so it can't have a password; send that as a header");
        return nowhere();
    }
    url.unwrap_or_else(|| {
        problems.add(key, format_args!("{text:?} is not a URL that begins with http:// or https://"));
        nowhere()
    })
}

/// The URL of something that HTTP can reach, if the text is one.
pub(crate) fn reachable(text: &str) -> Option<Url> {
    let is_reachable = |url: &Url| ["http", "https"].contains(&url.scheme()) && url.has_host() && url.port() != Some(0);
    Url::parse(text).ok().filter(is_reachable)
}

/// Whether a URL says who asks, which is nothing for a log.
pub(crate) fn has_password(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Stands for a URL that is none, which nobody uses because of the problem.
#[expect(clippy::expect_used, reason = "the text is a URL, as every test of a wrong one finds")]
fn nowhere() -> Url {
    Url::parse("http://localhost").expect("a URL")
}

fn check_tags(tags: &BTreeMap<String, String>, key: &str, problems: &mut Problems) {
    for name in tags.keys() {
        let usable = activity::exported_name(name) == *name && !name.is_empty() && !name.starts_with("__");
        let problem = format_args!("{name:?} is not made of letters, digits and underscores");
        problems.refuse_if(!usable, key, problem);
        let is_taken = ATTRIBUTES.contains(&name.as_str());
        problems.refuse_if(is_taken, key, format_args!("{name:?} is an attribute that metrics have anyway"));
    }
}

fn check_buckets(buckets: &BTreeMap<String, Vec<f64>>, key: &str, problems: &mut Problems) {
    for (name, bounds) in buckets {
        let mut pairs = bounds.iter().zip(bounds.iter().skip(1));
        let rising = pairs.all(|(lower, upper)| lower < upper) && bounds.iter().all(|bound| bound.is_finite());
        let problem = format_args!("the bounds of {name:?} must be numbers, each above the one before");
        problems.refuse_if(bounds.is_empty() || !rising, key, problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::parse;

    fn problems(text: &str) -> String {
        let (mut problems, place) = (Problems::default(), Place::Table("metrics".to_owned()));
        validate(parse(text, "isolet.toml").unwrap().metrics, false, &place, &mut problems);
        problems.to_string()
    }

    #[test]
    fn who_says_where_they_are_found_wants_them_found() {
        let place = Place::Table("metrics".to_owned());
        let export = |text: &str, is_web| {
            let raw = parse(&format!("[metrics]\n{text}\n"), "isolet.toml").unwrap().metrics;
            validate(raw, is_web, &place, &mut Problems::default()).export
        };
        assert_eq!([export("", false), export("", true)], [Export::Off, Export::Prometheus]);
        assert_eq!(export("address = \"127.0.0.1:0\"", false), Export::Prometheus);
        assert_eq!(export("address = \"127.0.0.1:0\"\nexport = \"off\"", false), Export::Off);
    }

    #[test]
    fn what_no_exporter_could_do_is_told_with_its_key() {
        let cases = [
            ("address = \"9464\"", "metrics.address: \"9464\" is not written HOST:PORT"),
            (
                "address = \"localhost:99999\"",
                "metrics.address: \"localhost:99999\" is not written HOST:PORT: its port is no number from 0 to 65535",
            ),
            ("max-series = 0", "metrics.max-series: 0 is too little; it must be from 1 to 1000000"),
            ("tags = { a-b = \"c\" }", "metrics.tags: \"a-b\" is not made of letters, digits and underscores"),
            ("tags = { tenant = \"c\" }", "metrics.tags: \"tenant\" is an attribute that metrics have anyway"),
            (
                "buckets = { a = [1.0, 1.0] }",
                "metrics.buckets: the bounds of \"a\" must be numbers, each above the one before",
            ),
            (
                "otlp-url = \"collector\"",
                "metrics.otlp-url: \"collector\" is not a URL that begins with http:// or https://",
            ),
            ("otlp-interval = \"1ms\"", "metrics.otlp-interval: 1ms is too little; it must be from 100ms to 1day"),
        ];
        for (text, problem) in cases {
            assert_eq!(problems(&format!("[metrics]\n{text}\n")), problem);
        }
        assert_eq!(problems("[metrics]\naddress = \"[::1]:0\"\ntags = { region = \"eu\" }\n"), "");
    }
}
