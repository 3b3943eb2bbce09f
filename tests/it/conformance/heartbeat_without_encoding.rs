//! A heartbeat whose details can't be encoded: it does not fail there and then, but cancels the attempt.

use expect_test::expect;

use super::Guest;

pub(super) async fn it_fails_an_activity_that_obeys(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("heartbeat_unencodable").run().await.to_string();
    // Why it can't be encoded is said in the language's own words.
    assert!(outcome.starts_with("failed: TypeError: "), "{outcome}");
    assert!(outcome.ends_with("\nnot tried again: MaximumAttemptsReached"), "{outcome}");
    worker.stop().await;
}

pub(super) async fn it_spares_an_activity_that_returns(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("heartbeat_unencodable_returned").run().await;
    expect![[r#"completed: "returned""#]].assert_eq(&outcome.to_string());
    worker.stop().await;
}

pub(super) async fn it_cancels_without_details(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("heartbeat_unencodable_caught").run().await;
    expect![[r#"completed: "interrupted: true, cancelled: true, details: none""#]].assert_eq(&outcome.to_string());
    worker.stop().await;
}
