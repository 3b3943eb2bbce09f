//! What an attempt is given: arguments, info, details of the attempt before.

use serde_json::{Value, json};
use testing::{Error, Info, default_info, payload};

use crate::support::{conformance, report};

#[tokio::test]
async fn arguments_go_in_and_a_result_comes_out() {
    let run = conformance().activity("add").unwrap().argument(40).argument(2).run().await;
    assert_eq!(run.result::<i64>().unwrap(), 42);
    assert!(run.failure().is_none());
    assert!(0 < run.usage.peak_memory);
}

#[test]
fn a_test_need_not_be_asynchronous() {
    let run = conformance().activity("greet").unwrap().input([payload("Ada")]).run_blocking().unwrap();
    assert_eq!(run.result::<String>().unwrap(), "Hello, Ada!");
}

#[tokio::test]
async fn the_default_info_is_that_of_python() {
    let info: Value = conformance().activity("info").unwrap().run().await.result().unwrap();
    assert_eq!(info["activity_id"], "test");
    assert_eq!(info["activity_type"], "info");
    assert_eq!(info["attempt"], 1);
    assert_eq!(info["workflow"]["workflow_id"], "test");
    assert_eq!(info["scheduled_time"], 0.0);
    assert_eq!(info["start_to_close_timeout"], 1.0);
    assert_eq!(info["heartbeat_details"], json!([]));
}

#[tokio::test]
async fn info_is_what_the_test_says() {
    let info = Info { activity_id: "7".to_owned(), workflow: None, ..default_info() };
    let test = conformance().activity("info").unwrap().info(info).attempt(3).last_heartbeat([1, 2]);
    let test = test.with_info(|info| info.priority.fairness_key = Some("a".to_owned()));
    let info: Value = test.run().await.result().unwrap();
    assert_eq!(info["activity_id"], "7");
    assert_eq!(info["activity_type"], "info");
    assert_eq!(info["workflow"], Value::Null);
    assert_eq!(info["attempt"], 3);
    assert_eq!(info["heartbeat_details"], json!(["1", "2"]));
    assert_eq!(info["priority"]["fairness_key"], "a");
}

#[tokio::test]
async fn an_attempt_goes_on_where_the_last_one_stopped() {
    let test = conformance().activity("heartbeat_then_fail").unwrap().argument(3).attempt(2).last_heartbeat([17]);
    assert_eq!(report(&test.run().await), r#"completed: {"attempt":2,"details":17}"#);
}

#[test]
fn an_activity_that_is_not_there_is_named_with_those_that_are() {
    let error = conformance().activity("gret").unwrap_err();
    let Error::NoSuchActivity { name, available } = error else { panic!("{error}") };
    assert_eq!(name, "gret");
    assert!(available.contains(&"greet".to_owned()));
}
