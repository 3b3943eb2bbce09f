//! Panics of Rust guests.

use expect_test::expect;

use crate::support::{DevServer, Isolet};

#[tokio::test]
async fn a_panic_is_a_failure_with_its_message_and_place() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let outcome = worker.standalone("panic").arg("no more tea").run().await;
    expect![[r#"
        failed: SandboxTrap: the guest panicked: no more tea at tests/guests/conformance/src/failures.rs:74:5
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&outcome.to_string());
    assert!(outcome.failure().stack_trace.contains("panic"), "{:?}", outcome.failure());
    worker.stop().await;
}
