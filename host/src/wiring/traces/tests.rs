//! What the configuration and OpenTelemetry's variables come to.

use super::*;

fn unset() -> TraceSettings {
    TraceSettings {
        is_exported: None,
        otlp_url: None,
        otlp_protocol: None,
        otlp_headers_file: None,
        otlp_ca_file: None,
        otlp_timeout: None,
        otlp_interval: Duration::from_secs(5),
        sampling_ratio: None,
        follow_caller: None,
        service_name: None,
    }
}

/// How spans are exported with these variables.
fn with(settings: &TraceSettings, variables: &[(&str, &str)]) -> Option<Settings> {
    let variable = |name: &str| variables.iter().find(|(each, _)| *each == name).map(|(_, value)| (*value).to_owned());
    resolved(settings, &variable).unwrap()
}

#[test]
fn nothing_is_exported_unless_somebody_says_so() {
    let on = |variables| with(&unset(), variables).is_some();
    assert!(!on(&[]));
    assert!(!on(&[("OTEL_TRACES_SAMPLER", "always_on")]));
    assert!(on(&[("OTEL_TRACES_EXPORTER", "otlp")]));
    assert!(on(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")]));
    assert!(!on(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("OTEL_TRACES_EXPORTER", "none")]));
    assert!(!on(&[("OTEL_TRACES_EXPORTER", "zipkin")]));
    let said = TraceSettings { is_exported: Some(true), ..unset() };
    assert!(with(&said, &[("OTEL_TRACES_EXPORTER", "none")]).is_some());
    assert!(with(&said, &[("OTEL_SDK_DISABLED", "true")]).is_none());
    let off = TraceSettings { is_exported: Some(false), ..unset() };
    assert!(with(&off, &[("OTEL_TRACES_EXPORTER", "otlp")]).is_none());
}

#[test]
fn the_variable_for_traces_comes_first_and_the_path_is_added_to_the_other() {
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector/base/");
    let http = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    let url = |variables: &[(&str, &str)]| with(&unset(), variables).unwrap().url.to_string();
    assert_eq!(url(&[all]), "https://collector/base/");
    assert_eq!(url(&[all, http]), "https://collector/base/v1/traces");
    assert_eq!(url(&[all, http, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://own/x")]), "http://own/x");
    assert_eq!(url(&[("OTEL_TRACES_EXPORTER", "otlp")]), "http://localhost:4317/");
    assert_eq!(url(&[("OTEL_TRACES_EXPORTER", "otlp"), http]), "http://localhost:4318/v1/traces");
    let variable = |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| "collector".to_owned());
    let problem = resolved(&unset(), &variable).unwrap_err();
    assert!(
        format!("{:#}", problem.error).contains("OTEL_EXPORTER_OTLP_ENDPOINT: \"collector\""),
        "{:#}",
        problem.error
    );
}

#[test]
fn what_is_configured_comes_before_what_the_environment_says() {
    let settings = TraceSettings {
        otlp_url: Some(Url::parse("http://configured:4317").unwrap()),
        sampling_ratio: Some(0.25),
        otlp_timeout: Some(Duration::from_secs(1)),
        ..unset()
    };
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "3000"),
    ];
    let resolved = with(&settings, &variables).unwrap();
    assert_eq!((resolved.url.as_str(), resolved.timeout), ("http://configured:4317/", Duration::from_secs(1)));
    assert_eq!(resolved.sampling, Sampling { ratio: 0.25, follows_caller: false });
    let resolved = with(&TraceSettings { is_exported: Some(true), ..unset() }, &variables).unwrap();
    assert_eq!((resolved.timeout, resolved.sampling.ratio), (Duration::from_secs(3), 0.5));
}

#[test]
fn samplers_are_those_of_opentelemetry() {
    let cases = [
        ("always_on", 1.0, false),
        ("always_off", 0.0, false),
        ("traceidratio", 0.1, false),
        ("parentbased_always_on", 1.0, true),
        ("parentbased_always_off", 0.0, true),
        ("parentbased_traceidratio", 0.1, true),
        ("xray", 1.0, true),
    ];
    for (name, ratio, follows_caller) in cases {
        let variables =
            [("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", "0.1")];
        assert_eq!(with(&unset(), &variables).unwrap().sampling, Sampling { ratio, follows_caller }, "{name}");
    }
    for odd in ["2", "-1", "nan", "x"] {
        let sampler = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", odd)];
        let variables = [sampler[0], sampler[1], ("OTEL_TRACES_EXPORTER", "otlp")];
        assert_eq!(with(&unset(), &variables).unwrap().sampling.ratio, 1.0, "{odd}");
    }
}
