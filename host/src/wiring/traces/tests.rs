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
    resolved_by(settings, variables).unwrap()
}

fn resolved_by(settings: &TraceSettings, variables: &[(&str, &str)]) -> Result<Option<Settings>, Problem> {
    let variable = |name: &str| variables.iter().find(|(each, _)| *each == name).map(|(_, value)| (*value).to_owned());
    resolved(settings, &variable)
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
}

#[test]
fn a_variable_that_makes_no_sense_is_left_and_ends_no_start() {
    let odd = [
        "collector:4317",
        "collector",
        "grpc://collector:4317",
        "http://",
        "http://ann:secret@collector:4317",
        "http://a:0",
    ];
    for odd in odd {
        for name in [ENDPOINT, TRACES_ENDPOINT] {
            for other in [("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")] {
                assert!(with(&unset(), &[(name, odd), other]).is_none(), "{name}={odd}");
            }
        }
        // Another one that is right holds.
        let both = [(TRACES_ENDPOINT, odd), (ENDPOINT, "http://collector:4317")];
        assert_eq!(with(&unset(), &both).unwrap().url.as_str(), "http://collector:4317/", "{odd}");
        let said = TraceSettings { otlp_url: Some(Url::parse("http://said:4317").unwrap()), ..unset() };
        assert_eq!(with(&said, &[(ENDPOINT, odd)]).unwrap().url.as_str(), "http://said:4317/", "{odd}");
    }
    let variables = [
        (ENDPOINT, "http://collector:4317"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "smoke"),
    ];
    let resolved = with(&unset(), &variables).unwrap();
    assert!(resolved.ca.is_none() && resolved.timeout == TIMEOUT && resolved.protocol == Protocol::Grpc);
    // What is configured is meant for this program.
    let said = TraceSettings { otlp_ca_file: Some("/nowhere/ca.pem".into()), is_exported: Some(true), ..unset() };
    let problem = resolved_by(&said, &[]).unwrap_err();
    assert!(format!("{:#}", problem.error).contains("/nowhere/ca.pem"), "{:#}", problem.error);
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
