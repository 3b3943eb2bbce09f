//! What Prometheus sees of what is measured.

use std::{collections::BTreeMap, time::Duration};

use activity::{AttributeValue, Instrument, InstrumentKind, MeasuredValue};
use expect_test::expect;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;

fn settings() -> TelemetrySettings {
    TelemetrySettings {
        exporter: MetricExporter::Prometheus { address: "127.0.0.1:0".parse().unwrap() },
        tags: BTreeMap::from([("region".to_owned(), "eu".to_owned())]),
        durations_in_seconds: false,
        counters_total_suffix: false,
        unit_suffix: false,
        buckets: BTreeMap::from([("size".to_owned(), vec![1.0, 10.0]), ("latency".to_owned(), vec![5.0])]),
    }
}

fn instrument(kind: InstrumentKind, name: &str) -> Instrument {
    Instrument { kind, name: name.to_owned(), description: format!("About {name}"), unit: "{row}".to_owned() }
}

fn text(name: &str, value: &str) -> (String, AttributeValue) {
    (name.to_owned(), AttributeValue::Text(value.to_owned()))
}

/// What Prometheus gets.
async fn scraped(telemetry: &Telemetry) -> String {
    let mut stream = TcpStream::connect(telemetry.address().unwrap()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    body.to_owned()
}

#[tokio::test]
async fn every_kind_of_instrument_reaches_prometheus() {
    let telemetry = Telemetry::start(settings()).unwrap();
    let meter = telemetry.meter().unwrap();
    let record = |kind, name: &str, values: &[MeasuredValue]| {
        // Names that Prometheus does not take, and one that each line has already.
        let attributes = [text("from-where", "a \"b\"\n"), text("region", "other"), text("9", "x")];
        let series = meter.series(&instrument(kind, name), &attributes).unwrap();
        values.iter().for_each(|value| series.record(*value));
    };
    record(InstrumentKind::Counter, "rows.read", &[MeasuredValue::Integer(2), MeasuredValue::Integer(3)]);
    record(InstrumentKind::Histogram, "size", &[MeasuredValue::Integer(7)]);
    record(InstrumentKind::HistogramFloat, "size", &[MeasuredValue::Float(0.5)]);
    record(InstrumentKind::HistogramDuration, "latency", &[MeasuredValue::Duration(Duration::from_millis(7))]);
    record(InstrumentKind::Gauge, "depth", &[MeasuredValue::Integer(9), MeasuredValue::Integer(u64::MAX)]);
    record(InstrumentKind::GaugeFloat, "depth", &[MeasuredValue::Float(-0.25)]);
    expect![[r#"
        # HELP depth About depth
        # TYPE depth gauge
        depth{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu"} -0.25
        # HELP latency About latency
        # TYPE latency histogram
        latency_bucket{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu",le="5"} 0
        latency_bucket{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu",le="+Inf"} 1
        latency_sum{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu"} 7
        latency_count{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu"} 1
        # HELP rows_read About rows.read
        # TYPE rows_read counter
        rows_read{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu"} 5
        # HELP size About size
        # TYPE size histogram
        size_bucket{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu",le="1"} 1
        size_bucket{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu",le="10"} 2
        size_bucket{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu",le="+Inf"} 2
        size_sum{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu"} 7.5
        size_count{_9="x",from_where="a \"b\"\n",service_name="temporal-core-sdk",region="eu"} 2
    "#]]
    .assert_eq(&scraped(&telemetry).await);
}

#[tokio::test]
async fn a_name_belongs_to_the_first_that_takes_it() {
    let telemetry = Telemetry::start(settings()).unwrap();
    let meter = telemetry.meter().unwrap();
    let take = |kind, name: &str| match meter.series(&instrument(kind, name), &[]) {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(take(InstrumentKind::Counter, "rows"), "taken");
    assert_eq!(take(InstrumentKind::Counter, "rows"), "taken");
    assert_eq!(
        take(InstrumentKind::Gauge, "rows"),
        "make the gauge \"rows\": another metric of that name is a counter already"
    );
    assert_eq!(take(InstrumentKind::Histogram, "size"), "taken");
    assert_eq!(take(InstrumentKind::HistogramDuration, "size"), "taken");
    // A histogram has these names too.
    assert!(take(InstrumentKind::Counter, "size_count").contains("is a histogram already"));
    assert_eq!(take(InstrumentKind::Gauge, "length_sum"), "taken");
    assert!(take(InstrumentKind::Histogram, "length").contains("is a gauge already"));
}

#[tokio::test]
async fn names_end_as_the_settings_say() {
    let settings = TelemetrySettings {
        counters_total_suffix: true,
        unit_suffix: true,
        durations_in_seconds: true,
        tags: BTreeMap::new(),
        ..settings()
    };
    let telemetry = Telemetry::start(settings).unwrap();
    let meter = telemetry.meter().unwrap();
    let record = |kind, name: &str, value| meter.series(&instrument(kind, name), &[]).unwrap().record(value);
    record(InstrumentKind::Counter, "rows", MeasuredValue::Integer(1));
    record(InstrumentKind::HistogramDuration, "latency", MeasuredValue::Duration(Duration::from_millis(1_500)));
    record(InstrumentKind::Histogram, "size", MeasuredValue::Integer(1));
    assert!(meter.series(&instrument(InstrumentKind::Gauge, "rows_total"), &[]).is_err());
    let scraped = scraped(&telemetry).await;
    for line in [
        "rows_total{service_name=\"temporal-core-sdk\"} 1",
        "latency_seconds_sum{service_name=\"temporal-core-sdk\"} 1.5",
        "size__row__count{service_name=\"temporal-core-sdk\"} 1",
    ] {
        assert!(scraped.contains(line), "{line} in\n{scraped}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let first = Telemetry::start(settings()).unwrap();
    let address = first.address().unwrap();
    let again = TelemetrySettings { exporter: MetricExporter::Prometheus { address }, ..settings() };
    let error = Telemetry::start(again).unwrap_err();
    assert!(matches!(error, Error::MetricsPortInUse { .. }), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn without_an_exporter_nothing_is_measured() {
    let telemetry = Telemetry::default();
    assert!(telemetry.meter().is_none() && telemetry.address().is_none());
    assert!(telemetry.core_runtime(None).is_ok());
}
