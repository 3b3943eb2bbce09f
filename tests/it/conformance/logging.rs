//! Log lines, as the worker passes them on.

use expect_test::expect;
use serde_json::{Value, json};

use super::Guest;

pub(super) async fn lines_come_with_level_fields_and_identity(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = worker.standalone("log_lines").arg("of the test").start().await;
    call.outcome().await;
    worker.stop().await;
    let lines = worker.events_named("log");
    // The guest tried to forge the id.
    assert!(lines.iter().all(|line| line["activity_id"] == call.id() && line["attempt"] == 1), "{lines:#?}");
    assert!(lines.iter().all(|line| line["activity_type"] == "log_lines"), "{lines:#?}");
    // The logger is named as the language names its loggers; the standard streams are the host's.
    let streams = [json!("stdout"), json!("stderr")];
    let logger = |line: &Value| if streams.contains(&line["logger"]) { line["logger"].clone() } else { json!("…") };
    let shown: String = lines
        .iter()
        .map(|line| format!("{} {} {} {}\n", line["level"], logger(line), line["message"], line["fields"]))
        .collect();
    expect![[r#"
        "trace" "…" "trace line" {"number":42,"text":"of the test"}
        "debug" "…" "debug line" {"number":42,"text":"of the test"}
        "info" "…" "info line" {"number":42,"text":"of the test"}
        "warn" "…" "warn line" {"number":42,"text":"of the test"}
        "error" "…" "error line" {"number":42,"text":"of the test"}
        "info" "stdout" "output line" {}
        "warn" "stderr" "error output line" {}
    "#]]
    .assert_eq(&shown);
}
