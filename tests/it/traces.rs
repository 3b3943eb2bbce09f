//! Traces: spans of attempts in those of their callers, as a collector of OpenTelemetry gets them.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::Path,
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use rustix::process::Signal;
use serde_json::{Value, json};
use temporalio_client::tonic::IntoRequest as _;
use temporalio_common::protos::temporal::api::{
    common::v1::{Header, WorkflowExecution},
    history::v1::history_event::Attributes,
    workflowservice::v1::GetWorkflowExecutionHistoryRequest,
};
use tokio::sync::mpsc;

use crate::support::{
    DevServer, Isolet, Worker,
    call::{NAMESPACE, unique},
    collector::{Collector, Traced, traced},
    connections,
    dev_server::connect,
    http_server::HttpServer,
    isolet::{repository, target},
    process::Process,
    worker::WorkerBuilder,
    workflow_worker::WorkflowWorker,
};

/// A worker that exports spans to the collector soon.
fn traced_worker(worker: WorkerBuilder<'_>, collector: &str) -> Isolet {
    worker.isolet().env("OTEL_EXPORTER_OTLP_ENDPOINT", collector).env("OTEL_SERVICE_NAME", "orders-worker")
}

/// The one of this name.
fn named<'a>(spans: &'a [Traced], name: &str) -> &'a Traced {
    let found: Vec<_> = spans.iter().filter(|traced| traced.span.name == name).collect();
    let [one] = found.as_slice() else { panic!("{} of {name} in {spans:#?}", found.len()) };
    one
}

/// What a client and a workflow with Temporal's own tracing interceptor see of these calls.
async fn called(address: &str, queue: &str, calls: &Value) -> Value {
    // Where `cargo xtask guests` installs them.
    let packages =
        ["temporalio-1.35.0", "opentelemetry-sdk-1.45.2"].map(|name| target().join("../.tools/pip").join(name));
    for each in &packages {
        assert!(each.is_dir(), "{} is missing: run `cargo xtask guests`", each.display());
    }
    let script = repository("tests/it/traces/official_client.py").display().to_string();
    let arguments = [script, address.to_owned(), queue.to_owned(), calls.to_string()];
    let packages = packages.map(|each| each.display().to_string()).join(":");
    let environment = [("PYTHONPATH".to_owned(), packages), ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())];
    let client = Process::start("Temporal's Python client", Path::new("python3"), arguments, &environment);
    client.find("what it saw", |line| serde_json::from_str::<Value>(line).ok()).await
}

#[tokio::test]
async fn an_attempt_is_a_part_of_its_caller_s_trace() {
    let server = DevServer::start().await;
    let (collector, web) = (Collector::start().await, HttpServer::start());
    let workflows = WorkflowWorker::start(connect(&server.address()).await);
    let grant = format!("{{ url = {:?}, trace-context = true }}", web.origin("localhost"));
    let builder = Isolet::worker(server).component("conformance").component("fetcher");
    let builder = builder.option("--http", &grant).option("--client", "methods=*").option("--client", "workflow-ids=*");
    let queue = unique("traces");
    let builder = builder.option("--client", "task-queues=*").queue(&queue);
    let endpoint = format!("http://{}", collector.address());
    let isolet = traced_worker(builder, &endpoint).env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer it");
    let worker = Worker::start(isolet, &queue).await;
    let order = unique("order");
    let calls = json!([
        ["fetch", {"url": format!("{}/echo/x?token=secret", web.origin("localhost"))}],
        ["client_drive_workflow", order, workflows.queue()],
        ["fail_application", "OutOfStock", false, null],
    ]);
    let seen = called(&server.address(), &queue, &calls).await;
    let attempts = collector.spans(4, |traced| traced.span.name.starts_with("RunActivity:")).await;
    let official = |name: &str| seen["spans"].as_array().unwrap().iter().find(|span| span["name"] == name).unwrap();
    let trace_id = official("StartWorkflow:Calls")["trace_id"].as_str().unwrap();
    for (at, name) in [(0, "fetch"), (1, "client_drive_workflow"), (2, "fail_application"), (3, "fail_application")] {
        let attempt = &attempts[at];
        assert_eq!(attempt.span.name, format!("RunActivity:{name}"));
        assert_eq!(attempt.trace_id(), trace_id);
        assert_eq!(attempt.parent(), official(&format!("StartActivity:{name}"))["id"].as_str().unwrap());
        assert!(attempt.resource.contains("service.name=orders-worker"), "{}", attempt.resource);
        let attributes = attempt.attributes();
        for wanted in [
            &format!("temporalWorkflowID={}", seen["workflow_id"].as_str().unwrap()),
            "temporalRunID=",
            "temporalActivityID=",
            "isolet.tenant=default",
            "isolet.digest=",
            &format!("isolet.attempt={}", if at == 3 { 2 } else { 1 }),
            &format!("isolet.task_queue={queue}"),
        ] {
            assert!(attributes.contains(wanted), "{wanted} in {attributes}");
        }
    }
    assert_eq!(collector.authorization(), "Bearer it");
    let below = |attempt: &Traced| {
        let id = attempt.id();
        move |traced: &Traced| traced.parent() == id
    };
    requested(&collector.spans(2, below(&attempts[0])).await, &attempts[0], &seen["results"][0]);
    asked(&collector.spans(11, below(&attempts[1])).await, &order);
    for attempt in &attempts[2..] {
        let came_to = attempt.came_to();
        assert!(came_to.starts_with("2 OutOfStock: "), "{came_to}");
        assert!(came_to.contains("exception exception.message=") && came_to.contains("exception.type=OutOfStock"));
        assert!(attempt.attributes().contains("isolet.outcome=failed"));
    }
    logged(&worker, &attempts[2]).await;
    worker.stop().await;
}

/// The request of an attempt is a span of its, and its server was told by which.
fn requested(parts: &[Traced], attempt: &Traced, answer: &Value) {
    named(parts, "StartSandbox");
    let request = named(parts, "GET");
    let attributes = request.attributes();
    assert!(attributes.contains("http.response.status_code=200") && attributes.contains("server.address=localhost"));
    assert!(attributes.contains("/echo/x,") || attributes.ends_with("/echo/x"), "{attributes}");
    assert!(!attributes.contains("secret"), "{attributes}");
    let told = format!("traceparent: 00-{}-{}-01", attempt.trace_id(), request.id());
    assert!(answer["body"].as_str().unwrap().contains(&told), "{told} in {answer}");
}

/// The calls of Temporal's client are spans, with the names that the interceptors use.
fn asked(parts: &[Traced], order: &str) {
    let names: Vec<_> = parts.iter().map(|traced| traced.span.name.as_str()).collect();
    for wanted in ["StartSandbox", "QueryWorkflow:all", "StartWorkflowUpdate:count", "SignalWorkflow:finish"] {
        assert!(names.contains(&wanted), "{wanted} in {names:?}");
    }
    let starts: Vec<_> = parts.iter().filter(|traced| traced.span.name == "StartWorkflow:Collect").collect();
    assert_eq!(starts.len(), 3, "{names:?}");
    assert!(starts[0].attributes().contains(&format!("temporalWorkflowID={order}")));
    assert_eq!(starts[0].came_to(), "0 ");
    // It was there already.
    assert!(starts[1].attributes().contains("rpc.grpc.status_code=6"), "{}", starts[1].attributes());
}

/// What is told of an attempt has the ids of its span.
async fn logged(worker: &Worker, attempt: &Traced) {
    let told =
        worker.event("its end", |event| event["event"] == "attempt-finished" && event["span_id"] == attempt.id()).await;
    assert_eq!(told["trace_id"], attempt.trace_id());
}

/// The header that a workflow was started with.
async fn header_of(server: &DevServer, workflow_id: &str) -> Header {
    let execution = WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: String::new() };
    let request = GetWorkflowExecutionHistoryRequest {
        namespace: NAMESPACE.to_owned(),
        execution: Some(execution),
        ..GetWorkflowExecutionHistoryRequest::default()
    };
    let connection = connect(&server.address()).await;
    let history = connection.workflow_service().get_workflow_execution_history(request.into_request()).await.unwrap();
    let first = history.into_inner().history.unwrap().events.remove(0);
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = first.attributes else {
        panic!("{first:?}")
    };
    started.header.unwrap()
}

/// The header of a request that reached the workflow has the context of the call's span.
#[tokio::test]
async fn a_workflow_that_an_activity_starts_is_told_by_which_span() {
    let server = DevServer::start().await;
    let collector = Collector::start().await;
    let workflows = WorkflowWorker::start(connect(&server.address()).await);
    let queue = unique("traces");
    let builder = Isolet::worker(server).component("conformance").queue(&queue).option("--client", "methods=*");
    let builder = builder.option("--client", "workflow-ids=*").option("--client", "task-queues=*");
    let worker = Worker::start(traced_worker(builder, &format!("http://{}", collector.address())), &queue).await;
    let order = unique("order");
    worker.standalone("client_drive_workflow").arg(&order).arg(workflows.queue()).run().await;
    let started = collector.spans(1, |traced| traced.span.name == "StartWorkflow:Collect").await;
    let context = header_of(server, &order).await.fields["_tracer-data"].clone();
    let context: Value = serde_json::from_slice(&context.data).unwrap();
    let wanted = format!("00-{}-{}-01", started[0].trace_id(), started[0].id());
    assert_eq!(context, json!({"traceparent": wanted}));
    worker.stop().await;
}

#[tokio::test]
async fn a_collector_that_is_away_costs_no_attempt_anything() {
    let server = DevServer::start().await;
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let queue = unique("traces");
    let builder = Isolet::worker(server).component("conformance").queue(&queue);
    let builder = builder.option("--metrics-address", "127.0.0.1:0");
    let worker = Worker::start(traced_worker(builder, &format!("http://{gone}")), &queue).await;
    for _ in 0..20 {
        assert_eq!(worker.standalone("echo").arg(1).run().await.to_string(), "completed: 1");
    }
    worker.signal(rustix::process::Signal::TERM);
    let exit = worker.exit().await;
    assert_eq!(exit.code, Some(0));
    assert!(exit.stderr.contains("failed to send spans to"), "{}", exit.stderr);
    assert!(exit.stderr.contains("spans were lost"), "{}", exit.stderr);
}

/// Receives OTLP by HTTP until the tests end: what it is asked, and the spans.
fn receive_by_http() -> (String, mpsc::UnboundedReceiver<(String, Vec<Traced>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, (sender, receiver)) = (listener.local_addr().unwrap(), mpsc::unbounded_channel());
    connections::serve(listener, move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_lowercase();
            length = line.strip_prefix("content-length: ").map_or(length, |value| value.parse().unwrap());
            if line.is_empty() {
                break;
            }
            head.push_str(&format!("{line}\n"));
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let spans = traced(ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
        let _ = sender.send((head, spans));
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    });
    (format!("http://{address}"), receiver)
}

#[tokio::test]
async fn spans_go_by_http_too_and_only_those_that_are_sampled() {
    let server = DevServer::start().await;
    let (address, mut received) = receive_by_http();
    let folder = tempfile::TempDir::new().unwrap();
    let queue = unique("traces");
    let headers = folder.path().join("headers");
    std::fs::write(&headers, "x-key: hunter2\n").unwrap();
    let config = folder.path().join("isolet.toml");
    let text = format!(
        "[traces]\notlp-url = \"{address}/v1/traces\"\notlp-protocol = \"http\"\notlp-headers-file = {headers:?}\notlp-interval = \"100ms\"\n\
         [connection]\naddress = {:?}\n[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-queue = {queue:?}\n\
         [[tenants.workers.components]]\npath = {:?}\n",
        server.address(),
        crate::support::component("conformance").display().to_string(),
    );
    std::fs::write(&config, text).unwrap();
    let arguments = ["worker", "--output", "json", "--config", &config.display().to_string()].map(str::to_owned);
    let isolet = Isolet::with(arguments);
    let worker = Worker::start(isolet, &queue).await;
    worker.standalone("echo").arg(1).run().await;
    let (head, spans) = received.recv().await.unwrap();
    assert!(head.starts_with("post /v1/traces http/1.1\n") && head.contains("x-key: hunter2"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    let attempt = named(&spans, "RunActivity:echo");
    assert!(attempt.resource.contains("service.name=isolet") && attempt.attributes().contains("isolet.tenant=acme"));
    assert_eq!(attempt.parent(), "");
    worker.stop().await;
}

/// They may be meant for other programs.
#[tokio::test]
async fn variables_that_make_no_sense_end_no_start() {
    let (server, collector, queue) = (DevServer::start().await, Collector::start().await, unique("odd"));
    let builder = Isolet::worker(server).component("conformance").queue(&queue);
    let odd = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4317", "it is no URL that begins with http:// or https://"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem", "failed to read the certificates in /nowhere/ca.pem"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "it is no number of milliseconds"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none", "spans are compressed by gzip"),
    ];
    let isolet = traced_worker(builder, &format!("http://{}", collector.address()));
    let isolet = odd.iter().fold(isolet, |isolet, (name, value, _)| isolet.env(name, value));
    let worker = Worker::start(isolet, &queue).await;
    assert_eq!(worker.standalone("echo").arg(1).run().await.to_string(), "completed: 1");
    collector.spans(1, |traced| traced.span.name == "RunActivity:echo").await;
    worker.signal(Signal::TERM);
    let exit = worker.exit().await;
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    for (name, _, why) in odd {
        let is_told = exit.stderr.lines().any(|line| line.contains(name) && line.contains(why));
        assert!(is_told, "{name}: {why} in {}", exit.stderr);
    }
}
