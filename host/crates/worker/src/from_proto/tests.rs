//! What a leased task is told.

use std::collections::HashMap;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + SECOND * seconds
}

/// Scheduled at 100 s, this attempt at 130 s, started at 140 s.
fn start() -> Start {
    Start {
        attempt: 1,
        scheduled_time: Some(at(100).into()),
        current_attempt_scheduled_time: Some(at(130).into()),
        started_time: Some(at(140).into()),
        run_id: "run".to_owned(),
        ..Default::default()
    }
}

fn of_workflow(start: Start) -> Start {
    Start {
        workflow_namespace: "its own".to_owned(),
        workflow_type: "Order".to_owned(),
        workflow_execution: Some(v1::WorkflowExecution { workflow_id: "w".to_owned(), run_id: "r".to_owned() }),
        run_id: String::new(),
        ..start
    }
}

fn info(start: Start) -> Info {
    leased(Bytes::from_static(b"t"), start, "the namespace", "the queue").info
}

#[test]
fn a_standalone_activity_has_a_run_id_and_no_workflow() {
    // The server sends an empty execution.
    let info = info(Start { workflow_execution: Some(v1::WorkflowExecution::default()), ..start() });
    assert_eq!((info.workflow, info.activity_run_id), (None, Some("run".to_owned())));
    assert_eq!((info.namespace.as_str(), info.task_queue.as_str()), ("the namespace", "the queue"));
    assert_eq!((info.scheduled_time, info.started_time), (at(100), at(140)));
}

#[test]
fn a_workflows_activity_knows_its_workflow() {
    let info = info(of_workflow(start()));
    assert_eq!((info.namespace.as_str(), info.activity_run_id), ("its own", None));
    let workflow = info.workflow.unwrap();
    assert_eq!((workflow.workflow_id.as_str(), workflow.run_id.as_str()), ("w", "r"));
    assert_eq!((workflow.workflow_type.as_str(), workflow.namespace.as_str()), ("Order", "its own"));
}

#[test]
fn the_deadline_is_the_nearer_one_and_never_too_early() {
    let task = |schedule_to_close: u32, start_to_close: u32, attempt: u32| Start {
        schedule_to_close_timeout: (SECOND * schedule_to_close).try_into().ok(),
        start_to_close_timeout: (SECOND * start_to_close).try_into().ok(),
        attempt,
        ..start()
    };
    let cases = [
        (of_workflow(task(50, 20, 1)), Some(150)),
        (of_workflow(task(90, 20, 1)), Some(160)),
        (of_workflow(task(50, 20, 3)), Some(150)),
        (of_workflow(task(0, 20, 1)), Some(160)),
        (of_workflow(task(0, 0, 1)), None),
        // It waited for its start delay until 130 s.
        (task(25, 20, 1), Some(155)),
        // How long it waited then is not known any more.
        (task(25, 20, 2), Some(160)),
    ];
    for (task, deadline) in cases {
        let shown = format!("{task:?}");
        assert_eq!(info(task).deadline, deadline.map(at), "{shown}");
    }
}

#[test]
fn zero_means_unset() {
    let info = info(Start {
        heartbeat_timeout: Duration::ZERO.try_into().ok(),
        priority: Some(v1::Priority::default()),
        retry_policy: Some(v1::RetryPolicy { maximum_attempts: -1, ..Default::default() }),
        ..start()
    });
    assert_eq!((info.heartbeat_timeout, info.priority), (None, Priority::default()));
    assert_eq!(info.retry_policy.unwrap().maximum_attempts, 0);
}

#[test]
fn maps_get_an_order() {
    let value = |text: &str| v1::Payload {
        metadata: HashMap::from([("b".to_owned(), b"2".to_vec()), ("a".to_owned(), b"1".to_vec())]),
        data: text.as_bytes().to_vec(),
        ..Default::default()
    };
    let header_fields = HashMap::from([("y".to_owned(), value("2")), ("x".to_owned(), value("1"))]);
    let headers = info(Start { header_fields, ..start() }).headers;
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x", "y"]);
    let keys: Vec<_> = headers[0].1.metadata.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
}

#[test]
fn a_reason_without_details_is_understood() {
    let details = cancellation_details(Cancel { reason: ActivityCancelReason::Paused.into(), details: None });
    assert_eq!(details, CancellationDetails::PAUSED);
}
