//! What is told in the words of Temporal's Go worker, where the conformance suite asks for others.

use expect_test::expect;
use serde_json::json;

use crate::support::{
    DevServer, Isolet,
    call::transcript,
    payload::encoded,
};

#[tokio::test]
async fn errors_are_told_as_temporal_s_worker_tells_them() {
    let worker = Isolet::worker(DevServer::start().await).component("conformance-go").start().await;
    let calls = [
        ("greet", json!([])),
        ("greet", json!([7])),
        ("add", json!([1, 2, 3])),
        ("unencodable_result", json!([])),
        ("fail_with_bad_detail", json!([])),
        ("heartbeat_unencodable_caught", json!([])),
        ("outside_of_activities", json!([])),
        ("fail_with_kind", json!(["timeout"])),
    ];
    let outcomes = transcript(&calls, async |activity, arguments| {
        worker.standalone(activity).args(arguments).run().await.to_string()
    });
    expect![""].assert_eq(&outcomes.await);
    let outcome = worker.standalone("greet").payload(encoded("nobody/knows", *b"?")).run().await;
    expect![""].assert_eq(&outcome.to_string());
    worker.stop().await;
}
