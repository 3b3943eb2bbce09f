//! What is told in the words of Temporal's Go worker, where the conformance suite asks for others.

use expect_test::expect;
use serde_json::json;

use crate::support::{DevServer, Isolet, call::transcript, payload::encoded};

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
    expect![[r#"
        > greet []
        completed: "Hello, !"
        > greet [7]
        failed: wrapError: unable to decode the activity function input payload with error: payload item 0: unable to decode: json: cannot unmarshal number into Go value of type string for function name: greet
        caused by failed: wrapError: payload item 0: unable to decode: json: cannot unmarshal number into Go value of type string
        caused by failed: wrapError: unable to decode: json: cannot unmarshal number into Go value of type string
        caused by failed: : unable to decode
        not tried again: MaximumAttemptsReached
        > add [1,2,3]
        completed: 3
        > unencodable_result []
        failed: wrapError: values[0]: unable to encode: json: unsupported type: func()
        caused by failed: wrapError: unable to encode: json: unsupported type: func()
        caused by failed: : unable to encode
        not tried again: MaximumAttemptsReached
        > fail_with_bad_detail []
        failed: PanicError: values[0]: unable to encode: json: unsupported type: func()
        not tried again: MaximumAttemptsReached
        > heartbeat_unencodable_caught []
        completed: "panicked: values[0]: unable to encode: json: unsupported type: func()"
        > outside_of_activities []
        completed: ["in_activity: false","getActivityOutboundInterceptor: Not an activity context"]
        > fail_with_kind ["timeout"]
        failed: TimeoutError: Test timeout
        caused by timed out: StartToClose: Test timeout
        not tried again: MaximumAttemptsReached
    "#]].assert_eq(&outcomes.await);
    let outcome = worker.standalone("greet").payload(encoded("nobody/knows", *b"?")).run().await;
    expect![[r#"
        failed: wrapError: unable to decode the activity function input payload with error: payload item 0: encoding nobody/knows: payload encoding is not supported for function name: greet
        caused by failed: wrapError: payload item 0: encoding nobody/knows: payload encoding is not supported
        caused by failed: wrapError: encoding nobody/knows: payload encoding is not supported
        caused by failed: : payload encoding is not supported
        not tried again: MaximumAttemptsReached"#]].assert_eq(&outcome.to_string());
    worker.stop().await;
}
