//! Which activity takes a task, and where its context is.

use expect_test::expect;

use super::Guest;
use crate::support::{DevServer, Isolet, call::whoever_calls, worker::is_about};

pub(super) async fn an_unknown_type_is_not_registered(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let message = async |call: crate::support::call::Call| {
        let outcome = call.run().await;
        let failure = outcome.failure();
        let (before, available) = failure.message.split_once(", available activities: ").unwrap();
        let mut names: Vec<&str> = available.split(", ").collect();
        assert!(names.pop().is_some_and(|last| last.starts_with("and ") && last.ends_with(" more")), "{names:?}");
        assert!(names.is_sorted() && names.contains(&"allocate"), "{names:?}");
        assert!(outcome.to_string().starts_with("failed: NotFoundError: "), "{outcome}");
        before.to_owned()
    };
    expect!["Activity function no_such_activity for workflow  is not registered on this worker"]
        .assert_eq(&message(worker.standalone("no_such_activity")).await);
    let in_workflow = message(worker.in_workflow("no_such_activity")).await;
    assert!(in_workflow.starts_with("Activity function no_such_activity for workflow workflow-"), "{in_workflow}");
    assert!(in_workflow.ends_with(" is not registered on this worker"), "{in_workflow}");
    // Nothing was started for it.
    assert_eq!(worker.events_named("attempt-started").len(), 0);
    worker.stop().await;
}

pub(super) async fn an_unknown_type_is_tried_again(guest: Guest) {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("rust-thumbnail").start().await;
    let call = worker.standalone("greet").arg("Ada").attempts(0).start().await;
    worker.event("failed attempt", |event| is_about(event, "attempt-finished", call.id())).await;
    // A worker that has it comes to help.
    let other = guest.worker().await.queue(worker.queue()).start().await;
    worker.stop().await;
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&call.outcome().await.to_string());
    other.stop().await;
}

pub(super) async fn a_named_activity_comes_before_a_dynamic_one(guest: Guest) {
    let worker = guest.worker().await.component_file(&guest.dynamic()).start().await;
    let greeting = async |caller| worker.called_by(caller, "greet").arg("Ada").run().await.to_string();
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&whoever_calls(greeting).await);
    let anything = async |caller| worker.called_by(caller, "whatever it is").arg(1).arg(2).run().await.to_string();
    expect![[r#"completed: "whatever it is with 2 arguments""#]].assert_eq(&whoever_calls(anything).await);
    worker.stop().await;
}

pub(super) async fn a_dynamic_activity_decodes_its_arguments(guest: Guest) {
    let worker = guest.worker().await.component_file(&guest.dynamic()).start().await;
    let sum = async |caller| worker.called_by(caller, "sum").arg(40).arg(2).run().await.to_string();
    expect![[r#"completed: "sum is 42""#]].assert_eq(&whoever_calls(sum).await);
    worker.stop().await;
}

pub(super) async fn the_context_is_only_for_activities(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.standalone("outside_of_activities").run().await;
    expect![[r#"completed: ["in_activity: false","Not in activity context"]"#]].assert_eq(&outcome.to_string());
    worker.stop().await;
}
