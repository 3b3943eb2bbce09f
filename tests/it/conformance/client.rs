//! Temporal's client in an activity.

use expect_test::expect;
use serde_json::{Value, json};

use super::Guest;
use crate::support::{Caller, call::unique, worker::WorkerBuilder};

/// A worker whose guest may ask for all that concerns activities.
async fn granted(guest: Guest) -> WorkerBuilder<'static> {
    let worker = guest.worker().await.option("--client", "methods=*Activity*").option("--client", "activity-ids=*");
    let worker = worker.option("--client", "workflow-ids=*").option("--client", "task-queues=*");
    worker.option("--client", "task-tokens=true")
}

pub(super) async fn an_activity_is_started_and_awaited(guest: Guest) {
    let worker = granted(guest).await.start().await;
    let execute = async |activity: &str, arguments: Value| {
        let call = worker.standalone("client_execute_activity").arg(activity).arg(unique("called")).arg(arguments);
        call.run().await.to_string()
    };
    expect![[r#"completed: {"result":"Hello, Ada!","type":"greet"}"#]]
        .assert_eq(&execute("greet", json!(["Ada"])).await);
    let failed = execute("fail_application", json!(["OutOfStock", true, null])).await;
    assert!(failed.contains("failed on purpose"), "{failed}");
    worker.stop().await;
}

pub(super) async fn an_activity_is_cancelled_and_terminated(guest: Guest) {
    let worker = granted(guest).await.start().await;
    for how in ["cancel", "terminate"] {
        let outcome = worker.standalone("client_stop_activity").arg(how).arg(unique("stopped")).run().await;
        let told: String = outcome.json();
        let expected = if how == "cancel" { "Cancelled" } else { "Terminated" };
        assert!(told.starts_with(expected), "{how}: {told}");
    }
    worker.stop().await;
}

pub(super) async fn another_activity_is_completed(guest: Guest) {
    let worker = granted(guest).await.start().await;
    for caller in Caller::BOTH {
        let other = worker.called_by(caller, "complete_async").start().await;
        worker.finished(other.id(), 1).await;
        let (workflow_id, _) = other.ids();
        let call = worker.standalone("client_complete_by_id").arg("complete").arg(workflow_id).arg(other.id());
        expect!["completed: null"].assert_eq(&call.run().await.to_string());
        expect![[r#"completed: "by id""#]].assert_eq(&other.outcome().await.to_string());

        let other = worker.called_by(caller, "client_tell_token").start().await;
        let told = |event: &Value| event["message"] == "token" && event["activity_id"] == other.id();
        let token = worker.event("token", told).await["fields"]["token"].clone();
        worker.finished(other.id(), 1).await;
        let call = worker.standalone("client_complete_by_token").arg(token);
        expect!["completed: null"].assert_eq(&call.run().await.to_string());
        expect![[r#"completed: "by token""#]].assert_eq(&other.outcome().await.to_string());
    }
    worker.stop().await;
}

pub(super) async fn without_a_grant_the_missing_one_is_named(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let told: String = worker.standalone("client_describe").arg("some-workflow").arg(json!(null)).run().await.json();
    assert!(told.starts_with("not granted: "), "{told}");
    assert!(told.contains("client"), "{told}");
    worker.stop().await;
}
