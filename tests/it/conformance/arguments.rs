//! Arguments that do not fit.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::Guest;
use crate::support::{
    call::{transcript, whoever_calls},
    payload::encoded,
};

/// What a client sees of each call, and a workflow too.
async fn check(guest: Guest, calls: &[(&str, Value)], expected: Expect) {
    let worker = guest.worker().await.start().await;
    let outcomes = transcript(calls, async |activity, arguments| {
        whoever_calls(async |caller| worker.called_by(caller, activity).args(arguments).run().await.to_string()).await
    });
    expected.assert_eq(&outcomes.await);
    worker.stop().await;
}

pub(super) async fn too_few_and_too_many_are_a_type_error(guest: Guest) {
    let calls = [("greet", json!([])), ("add", json!([])), ("add", json!([1, 2, 3]))];
    check(
        guest,
        &calls,
        expect![[r#"
        > greet []
        failed: TypeError: greet() missing 1 required positional argument: 'name'
        not tried again: MaximumAttemptsReached
        > add []
        failed: TypeError: add() missing 2 required positional arguments: 'a' and 'b'
        not tried again: MaximumAttemptsReached
        > add [1,2,3]
        failed: TypeError: add() takes 2 positional arguments but 3 were given
        not tried again: MaximumAttemptsReached
    "#]],
    )
    .await;
}

pub(super) async fn one_of_the_wrong_type_fails_the_attempt(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for call in [worker.standalone("greet").arg(7), worker.in_workflow("add").arg(1).arg("two")] {
        let outcome = call.run().await;
        // What exactly is wrong is said in the language's own words.
        let shown = outcome.to_string();
        assert!(shown.starts_with("failed: : Failed decoding arguments\ncaused by failed: TypeError: "), "{shown}");
        assert!(shown.ends_with("not tried again: MaximumAttemptsReached"), "{shown}");
    }
    worker.stop().await;
}

pub(super) async fn one_of_an_unknown_encoding_fails_the_attempt(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("greet").payload(encoded("nobody/knows", *b"?")).run().await;
    let shown = outcome.to_string();
    assert!(shown.starts_with("failed: : Failed decoding arguments\ncaused by failed: "), "{shown}");
    assert!(shown.contains("Unknown payload encoding nobody/knows"), "{shown}");
    worker.stop().await;
}

pub(super) async fn one_with_a_default_may_be_left_out(guest: Guest) {
    let calls = [("with_default", json!([1])), ("with_default", json!([1, 2])), ("with_default", json!([1, null]))];
    check(
        guest,
        &calls,
        expect![[r#"
        > with_default [1]
        completed: [1,5]
        > with_default [1,2]
        completed: [1,2]
        > with_default [1,null]
        completed: [1,5]
    "#]],
    )
    .await;
}
