//! Log lines of guests, as the worker passes them on.

use expect_test::expect;
use rustix::process::Signal;
use serde_json::Value;
use temporalio_client::Connection;

use crate::support::{
    DevServer, Isolet,
    call::{Call, Caller, unique},
    component,
    dev_server::connect,
};

#[tokio::test]
async fn lines_come_with_level_fields_and_the_hosts_identity() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let call = worker.standalone("log_lines").arg("of the test").start().await;
    call.outcome().await;
    worker.stop().await;
    let lines = worker.events_named("log");
    assert!(lines.iter().all(|line| line["activity_id"] == call.id() && line["attempt"] == 1), "{lines:#?}");
    let shown: String = lines
        .iter()
        .map(|line| format!("{} {} {} {}\n", line["level"], line["logger"], line["message"], line["fields"]))
        .collect();
    expect![[r#"
        "trace" "conformance::attempt" "trace line" {"number":42,"text":"of the test"}
        "debug" "conformance::attempt" "debug line" {"number":42,"text":"of the test"}
        "info" "conformance::attempt" "info line" {"number":42,"text":"of the test"}
        "warn" "conformance::attempt" "warn line" {"number":42,"text":"of the test"}
        "error" "conformance::attempt" "error line" {"number":42,"text":"of the test"}
        "info" "stdout" "output line" {}
        "warn" "stderr" "error output line" {}
    "#]]
    .assert_eq(&shown);
}

/// The log of a worker, in this format and with all that is logged about activities, while these calls are made.
async fn log(format: &str, calls: impl AsyncFnOnce(&Connection, &str)) -> String {
    log_of("speaker", format, "warn,activity=debug", calls).await
}

/// The same of a worker that serves `guest`, with another filter.
async fn log_of(guest: &str, format: &str, filter: &str, calls: impl AsyncFnOnce(&Connection, &str)) -> String {
    let server = DevServer::start().await;
    let (address, queue) = (server.address(), unique("logs"));
    let component = component(guest).display().to_string();
    let arguments = ["worker", "--address", &address, "--task-queue", &queue, "--log-format", format, &component];
    let arguments = [&arguments[..], &["--limit", "log-rate=10", "--kill-grace", "30s"]].concat();
    let worker = Isolet::with(arguments).env("ISOLET_LOG", filter).start();
    // Tasks wait for the worker.
    calls(&connect(&address).await, &queue).await;
    worker.signal(Signal::TERM);
    let exit = worker.exit().await;
    assert_eq!((exit.code, exit.stdout.as_str()), (Some(0), ""), "{}", exit.stderr);
    exit.stderr
}

/// The lines of a log that are about this activity type, each by what is always the same.
fn lines_about(log: &str, activity_type: &str) -> String {
    lines_of("speaker", log, activity_type)
}

fn lines_of(guest: &str, log: &str, activity_type: &str) -> String {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line}")));
    let ours = lines.filter(|line| line["temporal_activity"]["activity_type"] == activity_type);
    let shown = ours.map(|line| {
        assert_eq!(line["temporal_activity"]["component"], guest, "{line}");
        assert_eq!(line["temporal_activity"]["tenant"], "default", "{line}");
        let identifier = line["__temporal_error_identifier"].as_str().unwrap_or_default();
        format!("{} {} {} {identifier}\n", line["level"], line["logger"], line["message"])
    });
    shown.collect()
}

#[tokio::test]
async fn the_worker_tells_what_the_python_worker_tells() {
    let log = log("json", async |connection, queue| {
        let call = |activity| Call::new(connection.clone(), queue, Caller::Client, activity);
        call("beat").arg("a secret").run().await;
        call("complain").arg("out of stock").arg(false).run().await;
        call("measure").arg(1).run().await;
        call("chatter").arg(100).run().await;
    });
    let log = log.await;
    assert!(!log.contains("a secret"), "details of a heartbeat are logged: {log}");
    let beat = [
        r#""debug" "temporalio.activity" "Starting activity" "#,
        r#""debug" "temporalio.activity" "Recording heartbeat with details of 1 values and 10 bytes" "#,
        r#""info" "temporalio.activity" "Completed activity" "#,
    ];
    assert_eq!(lines_about(&log, "beat").lines().collect::<Vec<_>>(), beat);
    let complain = [
        r#""debug" "temporalio.activity" "Starting activity" "#,
        r#""warn" "temporalio.activity" "Completing activity as failed" ActivityFailure"#,
    ];
    assert_eq!(lines_about(&log, "complain").lines().collect::<Vec<_>>(), complain);
    let chatter = lines_about(&log, "chatter");
    let dropped = chatter.lines().filter(|line| line.contains("log lines of this activity were dropped")).count();
    assert!(1 <= dropped, "{chatter}");
}

#[tokio::test]
async fn lines_that_nobody_wants_do_not_count() {
    let log = log_of("speaker", "json", "warn", async |connection, queue| {
        Call::new(connection.clone(), queue, Caller::Client, "chatter").arg(100).run().await;
    });
    assert_eq!(lines_about(&log.await, "chatter"), "");
}

#[tokio::test]
async fn rarer_ends_are_told_as_the_python_worker_tells_them() {
    let log = log_of("conformance", "json", "warn,activity=debug", async |connection, queue| {
        let call = |activity| Call::new(connection.clone(), queue, Caller::Workflow, activity).attempts(1);
        call("heartbeat_unencodable").run().await;
        call("fail_cancelled").run().await;
        let asynchronous = call("complete_async").start_to_close("2s");
        asynchronous.run().await;
    });
    let log = log.await;
    let said = |activity: &str| {
        let lines = lines_of("conformance", &log, activity);
        lines.lines().filter(|line| line.contains(" \"C")).map(str::to_owned).collect::<Vec<_>>()
    };
    let failed = r#""warn" "temporalio.activity" "Completing activity as failed" ActivityFailure"#;
    let cancelling = r#""warn" "temporalio.activity" "Cancelling activity because failed recording heartbeat" "#;
    assert_eq!(said("heartbeat_unencodable"), [cancelling, failed]);
    assert_eq!(said("fail_cancelled"), [failed]);
    assert_eq!(said("complete_async"), [r#""debug" "temporalio.activity" "Completing asynchronously" "#]);
}

#[tokio::test]
async fn a_result_that_comes_too_late_is_no_result() {
    let log = log_of("conformance", "json", "warn,activity=debug", async |connection, queue| {
        let call = Call::new(connection.clone(), queue, Caller::Client, "cpu_ms").arg(3_000).start_to_close("1s");
        let outcome = call.run().await.to_string();
        assert!(outcome.contains("StartToClose"), "{outcome}");
    });
    let log = log.await;
    let expected = [
        r#""debug" "temporalio.activity" "Starting activity" "#,
        r#""warn" "temporalio.activity" "Not completing, because the time of the attempt was over before it ended" "#,
    ];
    assert_eq!(lines_of("conformance", &log, "cpu_ms").lines().collect::<Vec<_>>(), expected);
    // Nothing was sent that the server could have refused.
    assert!(!log.contains("temporalio_sdk_core::worker::activities"), "{log}");
}

#[tokio::test]
async fn a_benign_failure_is_told_quietly() {
    let log = log("json", async |connection, queue| {
        Call::new(connection.clone(), queue, Caller::Workflow, "complain").arg("later").arg(true).run().await;
    });
    let log = log.await;
    let expected = [
        r#""debug" "temporalio.activity" "Starting activity" "#,
        r#""debug" "temporalio.activity" "Completing activity as failed" ActivityFailure"#,
    ];
    assert_eq!(lines_about(&log, "complain").lines().collect::<Vec<_>>(), expected);
    let line: Value = log.lines().map(|line| serde_json::from_str(line).unwrap()).next_back().unwrap();
    assert_eq!(line["temporal_activity"]["workflow_type"].as_str().map(str::is_empty), Some(false), "{line}");
}

#[tokio::test]
async fn a_guest_can_neither_forge_lines_nor_drive_the_terminal() {
    let hostile = "ok\n2026-01-01T00:00:00.000Z ERROR isolet: forged\r\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\"}\u{7f}";
    let calls = async |connection: &Connection, queue: &str| {
        for activity in ["say", "shout", "complain"] {
            let call = Call::new(connection.clone(), queue, Caller::Client, activity).arg(hostile);
            let call = if activity == "complain" { call.arg(false) } else { call };
            call.run().await;
        }
    };
    let text = log("text", calls).await;
    for line in text.lines() {
        assert!(!line.starts_with("2026-01-01T"), "forged: {line:?} in\n{text}");
        assert!(line.starts_with("20") || line.starts_with("    "), "{line:?} in\n{text}");
        assert!(!line.contains(['\r', '\u{1b}', '\u{9b}', '\u{202e}', '\u{2028}', '\u{7f}']), "{line:?}");
    }
    assert!(text.contains("forged"), "{text}");
    let json = log("json", calls).await;
    assert!(
        json.lines().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line["time"].is_string())),
        "{json}"
    );
    assert_eq!(
        json.lines().filter(|line| line.contains("forged") && line.contains("\"logger\":\"isolet\"")).count(),
        0
    );
}
