//! Values that come back.

use expect_test::expect;
use serde_json::json;

use super::Guest;
use crate::support::{
    call::{transcript, whoever_calls},
    payload::{self, encoded, encoding},
};

pub(super) async fn values_go_in_and_come_out(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let calls = [
        ("greet", json!(["Ada"])),
        ("add", json!([40, 2])),
        ("echo", json!([{"b": [1.5, null], "a": "ü"}])),
        ("recode", json!([{"a": [1.5, null, true], "b": "ü"}])),
        ("recode", json!([null])),
    ];
    let outcomes = transcript(&calls, async |activity, arguments| {
        whoever_calls(async |caller| worker.called_by(caller, activity).args(arguments).run().await.to_string()).await
    });
    expect![[r#"
        > greet ["Ada"]
        completed: "Hello, Ada!"
        > add [40,2]
        completed: 42
        > echo [{"a":"ü","b":[1.5,null]}]
        completed: {"a":"ü","b":[1.5,null]}
        > recode [{"a":[1.5,null,true],"b":"ü"}]
        completed: {"a":[1.5,null,true],"b":"ü"}
        > recode [null]
        completed: null
    "#]]
    .assert_eq(&outcomes.await);
    worker.stop().await;
}

pub(super) async fn bytes_are_binary(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("reverse_bytes").payload(encoded("binary/plain", [1, 2, 255])).run().await;
    assert_eq!(
        (encoding(outcome.payload()).as_str(), outcome.payload().data.as_slice()),
        ("binary/plain", &[255, 2, 1][..])
    );
    worker.stop().await;
}

pub(super) async fn nothing_is_null(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for call in [
        worker.standalone("nothing"),
        worker.in_workflow("nothing"),
        worker.standalone("recode").payload(encoded("binary/null", [])),
    ] {
        let outcome = call.run().await;
        let result = outcome.payload();
        assert_eq!((encoding(result).as_str(), result.data.len()), ("binary/null", 0));
    }
    worker.stop().await;
}

pub(super) async fn raw_values_pass_through_untouched(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let mut tagged = encoded("json/plain", *b" {\"spaces\" :  1} ");
    tagged.metadata.insert("of-the-user".to_owned(), vec![0, 255]);
    for value in [
        tagged,
        encoded("binary/null", []),
        encoded("binary/plain", (0..=255).collect::<Vec<u8>>()),
        encoded("binary/plain", vec![7; 1 << 20]),
        encoded("json/protobuf", *b"{}"),
        encoded("binary/protobuf", *b"\x0a\x01a"),
        encoded("nobody/knows", *b"?"),
    ] {
        let outcome = worker.standalone("echo").payload(value.clone()).run().await;
        assert!(outcome.payload() == &value, "{} came back as {outcome}", payload::shown(&value));
    }
    worker.stop().await;
}

pub(super) async fn one_without_an_encoding_fails_the_attempt(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("unencodable_result").run().await.to_string();
    assert!(outcome.starts_with("failed: TypeError: "), "{outcome}");
    worker.stop().await;
}
