//! A server that dies, and a worker that dies, in the middle of the work.

use std::{collections::HashMap, time::Duration};

use expect_test::expect;
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Caller, DevServer, Isolet, Worker, proxy::Proxy};

#[tokio::test]
async fn a_worker_survives_its_server() {
    let server = DevServer::start_persistent().await;
    let worker = Isolet::worker(&server).component("conformance").start().await;
    let calls =
        join_all(Caller::BOTH.map(|caller| {
            worker.called_by(caller, "sleep_with_heartbeats").arg(8_000).arg(100).heartbeat("6s").start()
        }))
        .await;
    for call in &calls {
        worker.started(call.id()).await;
    }
    server.restart().await;
    for call in &calls {
        expect!["completed: 80"].assert_eq(&call.outcome().await.to_string());
        assert_eq!(worker.finished(call.id(), 1).await["outcome"], "completed");
    }
    // It takes new tasks, too.
    let greeting = worker.standalone("greet").arg("again").run().await;
    expect![[r#"completed: "Hello, again!""#]].assert_eq(&greeting.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn no_task_is_lost_with_its_worker() {
    const CALLS: u64 = 20;
    let server = DevServer::start().await;
    let first = Isolet::worker(server).component("conformance").max_concurrent(5).start().await;
    let calls = join_all(
        (0..CALLS)
            .map(|number| first.standalone("sleep_ms").arg(300 + number).start_to_close("2s").attempts(0).start()),
    )
    .await;
    // Some are done, some run, some wait.
    first.nth_event(5, "end of an attempt", |event| event["event"] == "attempt-finished").await;
    first.signal(Signal::KILL);
    assert_eq!(first.exit().await.code, None);

    let second = Isolet::worker(server).queue(first.queue()).component("conformance").max_concurrent(5).start().await;
    for (number, call) in (0..CALLS).zip(&calls) {
        assert_eq!(call.outcome().await.json::<u64>(), 300 + number);
    }
    second.stop().await;
    let (by_first, by_second) = (completions(&first), completions(&second));
    assert!(!by_first.is_empty() && !by_second.is_empty(), "{by_first:?} {by_second:?}");
    for call in &calls {
        // The killed worker may have reported one and not lived to say so.
        let reports = by_first.get(call.id()).unwrap_or(&0) + by_second.get(call.id()).unwrap_or(&0);
        assert!(reports <= 1, "{} was reported {reports} times", call.id());
    }
}

#[tokio::test]
async fn a_report_that_does_not_arrive_in_time_is_told_as_that() {
    let server = DevServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let worker = Isolet::worker(server).through(&proxy).component("conformance").start().await;
    let call = worker.standalone("sleep_ms").arg(500).start_to_close("3s").start().await;
    worker.started(call.id()).await;
    // The server is away until the attempt's time is over.
    proxy.requests.shut();
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "unreported");
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
    proxy.requests.open();
    let greeting = worker.standalone("greet").arg("again").run().await;
    expect![[r#"completed: "Hello, again!""#]].assert_eq(&greeting.to_string());
    worker.stop().await;
    let [stopped] = worker.events_named("stopped").try_into().unwrap();
    assert_eq!((&stopped["completed"], &stopped["unreported"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_report_outlasts_a_server_that_is_away_for_long() {
    let server = DevServer::start_persistent().await;
    let worker = Isolet::worker(&server).component("conformance").start().await;
    let call = worker.standalone("sleep_ms").arg(1_000).start_to_close("120s").start().await;
    worker.started(call.id()).await;
    // Temporal's core would give up after ten seconds.
    server.restart_after(Duration::from_secs(13)).await;
    expect!["completed: 1000"].assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "completed");
    worker.stop().await;
}

#[tokio::test]
async fn a_result_that_the_server_does_not_wait_for_is_told_as_that() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").cancel_check("60s").start().await;
    let call = worker.standalone("sleep_ms").arg(1_500).start().await;
    worker.started(call.id()).await;
    call.standalone().terminate().await;
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "abandoned");
    worker.stop().await;
    let [stopped] = worker.events_named("stopped").try_into().unwrap();
    assert_eq!((&stopped["completed"], &stopped["abandoned"]), (&json!(0), &json!(1)));
}

/// How often the worker completed each activity.
fn completions(worker: &Worker) -> HashMap<String, u32> {
    let completed = |event: &Value| event["outcome"] == "completed";
    let mut completions = HashMap::new();
    for event in worker.events_named("attempt-finished").iter().filter(|event| completed(event)) {
        *completions.entry(event["activity_id"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    completions
}
