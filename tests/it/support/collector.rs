//! A collector of OpenTelemetry, by the official definitions of its services: keeps the metrics and spans that it gets.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{Metric, metric::Data, number_data_point},
    trace::v1::{Span, Status as SpanStatus, span::Event},
};
use tokio::{net::TcpListener, sync::Notify, task::AbortHandle};
use tonic::{Request, Response, Status, codec::CompressionEncoding, transport::server::TcpIncoming};

use super::process::GUARD;

/// A collector that listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    address: String,
    seen: Arc<Seen>,
    server: AbortHandle,
}

#[derive(Debug, Default)]
struct Seen {
    /// The newest value of each series, by a line that names it.
    values: Mutex<BTreeMap<String, String>>,
    /// The headers of the last request.
    headers: Mutex<String>,
    /// The spans, and what sent them.
    spans: Mutex<Vec<Traced>>,
    changed: Notify,
}

/// A span, and what sent it.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    /// The sender's attributes.
    pub(crate) resource: String,
    /// The span.
    pub(crate) span: Span,
}

impl Traced {
    /// Its trace, in hexadecimal.
    pub(crate) fn trace_id(&self) -> String {
        hex(&self.span.trace_id)
    }

    /// Its id, in hexadecimal.
    pub(crate) fn id(&self) -> String {
        hex(&self.span.span_id)
    }

    /// Its parent's id, in hexadecimal; empty for a span without any.
    pub(crate) fn parent(&self) -> String {
        hex(&self.span.parent_span_id)
    }

    /// Its attributes.
    pub(crate) fn attributes(&self) -> String {
        shown(&self.span.attributes)
    }

    /// Its status and events.
    pub(crate) fn came_to(&self) -> String {
        let SpanStatus { message, code } = self.span.status.clone().unwrap_or_default();
        let event = |event: &Event| format!("; {} {}", event.name, shown(&event.attributes));
        format!("{code} {message}{}", self.span.events.iter().map(event).collect::<String>())
    }
}

/// Spans out of a request.
pub(crate) fn traced(request: ExportTraceServiceRequest) -> Vec<Traced> {
    let of = |resource: opentelemetry_proto::tonic::trace::v1::ResourceSpans| {
        let tags = resource.resource.map(|resource| shown(&resource.attributes)).unwrap_or_default();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| Traced { resource: tags.clone(), span })
    };
    request.resource_spans.into_iter().flat_map(of).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::<Seen>::default();
        let service = MetricsServiceServer::new(Service(Arc::clone(&seen)));
        let spans = TraceServiceServer::new(Service(Arc::clone(&seen))).accept_compressed(CompressionEncoding::Gzip);
        let server = tonic::transport::Server::builder().add_service(service).add_service(spans);
        let server = tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener))).abort_handle();
        Self { address, seen, server }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until the series on this line has a value, and returns it.
    pub(crate) async fn value(&self, line: &str) -> String {
        let found = async {
            loop {
                let changed = self.seen.changed.notified();
                if let Some(value) = self.seen.values.lock().unwrap().get(line) {
                    return value.clone();
                }
                changed.await;
            }
        };
        match tokio::time::timeout(GUARD, found).await {
            Ok(value) => value,
            Err(_) => panic!("no {line} in {:#?}", self.seen.values.lock().unwrap()),
        }
    }

    /// Waits until so many spans of these names are there, and returns them in the order of their beginnings.
    pub(crate) async fn spans(&self, count: usize, is_wanted: impl Fn(&Traced) -> bool) -> Vec<Traced> {
        let seen = || -> Vec<_> {
            self.seen.spans.lock().unwrap().iter().filter(|traced| is_wanted(traced)).cloned().collect()
        };
        let found = async {
            loop {
                let changed = self.seen.changed.notified();
                let mut spans = seen();
                if count <= spans.len() {
                    spans.sort_by_key(|traced| traced.span.start_time_unix_nano);
                    return spans;
                }
                changed.await;
            }
        };
        match tokio::time::timeout(GUARD, found).await {
            Ok(spans) => spans,
            Err(_) => panic!("not {count} spans, but {:#?} of {:#?}", seen(), self.seen.spans.lock().unwrap()),
        }
    }

    /// The header `authorization` of the last request.
    pub(crate) fn authorization(&self) -> String {
        self.seen.headers.lock().unwrap().clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Service(Arc<Seen>);

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let authorization = request.metadata().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        *self.0.headers.lock().unwrap() = authorization.unwrap_or_default();
        for resource in request.into_inner().resource_metrics {
            let tags = resource.resource.map(|resource| shown(&resource.attributes)).unwrap_or_default();
            let mut values = self.0.values.lock().unwrap();
            values.insert("resource".to_owned(), tags);
            let metrics = resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
            values.extend(metrics.flat_map(lines));
        }
        self.0.changed.notify_waiters();
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let authorization = request.metadata().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        *self.0.headers.lock().unwrap() = authorization.unwrap_or_default();
        self.0.spans.lock().unwrap().extend(traced(request.into_inner()));
        self.0.changed.notify_waiters();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// A line and a value for each series of the metric.
fn lines(metric: Metric) -> Vec<(String, String)> {
    let line = |attributes: &[KeyValue]| format!("{}{{{}}}", metric.name, shown(attributes));
    let number = |value: Option<number_data_point::Value>| match value {
        Some(number_data_point::Value::AsInt(value)) => format!("{value}"),
        Some(number_data_point::Value::AsDouble(value)) => format!("{value:?}"),
        None => "nothing".to_owned(),
    };
    let about = format!("({}; {})", metric.description, metric.unit);
    match metric.data.unwrap() {
        Data::Sum(sum) => {
            let points = sum.data_points.into_iter();
            points.map(|point| (line(&point.attributes), format!("sum {} {about}", number(point.value)))).collect()
        }
        Data::Gauge(gauge) => {
            let points = gauge.data_points.into_iter();
            points.map(|point| (line(&point.attributes), format!("gauge {} {about}", number(point.value)))).collect()
        }
        Data::Histogram(histogram) => {
            let points = histogram.data_points.into_iter();
            let value = |count, sum: Option<f64>| format!("{count} values, together {:?} {about}", sum.unwrap());
            points.map(|point| (line(&point.attributes), value(point.count, point.sum))).collect()
        }
        other => vec![(metric.name.clone(), format!("{other:?}"))],
    }
}

fn shown(attributes: &[KeyValue]) -> String {
    let value = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => format!("{number}"),
        Some(any_value::Value::DoubleValue(number)) => format!("{number:?}"),
        Some(any_value::Value::BoolValue(truth)) => format!("{truth}"),
        other => format!("{other:?}"),
    };
    let mut shown: Vec<_> = attributes.iter().map(|each| format!("{}={}", each.key, value(&each.value))).collect();
    shown.sort();
    shown.join(",")
}
