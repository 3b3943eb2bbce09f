//! Log lines of guests, as the worker passes them on.

use expect_test::expect;

use crate::support::{DevServer, Isolet};

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
