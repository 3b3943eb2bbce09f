//! What the configuration says is released: on one worker, and on all that read the same.

use std::collections::BTreeSet;

use rustix::process::Signal;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Released, component, configured, ids, place, start, version};
use crate::supervisor::Queue;

#[tokio::test]
async fn the_configuration_releases_too_and_comes_first() {
    let configured = configured().await;
    for (name, number) in [("one.wasm", 1), ("two.wasm", 2)] {
        configured.write(name, version(number));
    }
    let plain = Queue::new("written").component(&configured.path("one.wasm"));
    let release = |percent: u32| {
        plain.clone().with("", &format!("release = {{ candidate = \"two.wasm\", percent = {percent} }}"))
    };
    let worker = start(&configured, &release(30)).await;
    let released = Released { configured, queue: release(30), worker };
    let [candidates, others] = released.count(&ids(100), 30).await;
    assert!(candidates[0] == 0 && others[1] == 0 && 0 < candidates[1], "{candidates:?}, {others:?}");
    assert_eq!(released.status().await["set_by"], "configuration");
    let refused = released.refusal("two.wasm", &["--percent", "50"]).await;
    assert!(refused.contains("the configuration says what is released"), "{refused}");
    // More of it.
    released.configured.configure(&[&release(60)]);
    released.worker.nth(1, "reconfigured").await;
    let [candidates, others] = released.count(&ids(100), 60).await;
    assert!(candidates[0] == 0 && others[1] == 0, "{candidates:?}, {others:?}");
    released.released(&["rollback", "version"]).await;
    assert_eq!(released.count(&ids(50), 0).await, [[0, 0], [50, 0]]);
    // What was rolled back stays so, whatever its share is to be.
    released.configured.configure(&[&release(90)]);
    released.worker.nth(2, "reconfigured").await;
    assert_eq!(released.count(&ids(50), 0).await, [[0, 0], [50, 0]]);
    // A candidate that can't be served leaves the stable version where it is.
    released.configured.write("two.wasm", component("i32.const 2", "u32", "another"));
    let told = released.worker.nth(1, "release-refused").await;
    assert!(told["message"].as_str().unwrap().contains("activity is gone: other"), "{told}");
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    let refused = released.released(&["status"]).await;
    let phases: Vec<_> = refused["releases"].as_array().unwrap().iter().map(|release| &release["phase"]).collect();
    assert!(phases.contains(&&json!("refused")), "{refused}");
    released.worker.stop().await;
}

/// Each has a folder of its own, and none knows of the other.
#[tokio::test]
async fn workers_that_read_the_same_release_agree_on_who_runs_what() {
    let (queue, percent) = (Queue::new("agreed"), 30);
    let mut workers = Vec::new();
    for _ in 0..2 {
        let configured = configured().await;
        for (name, number) in [("one.wasm", 1), ("two.wasm", 2)] {
            configured.write(name, version(number));
        }
        let release = format!("release = {{ candidate = \"two.wasm\", percent = {percent} }}");
        // So few at once that neither has room for all.
        let queue = queue.clone().component(&configured.path("one.wasm")).with("max-concurrent = 4", &release);
        let worker = start(&configured, &queue).await;
        workers.push(Released { configured, queue, worker });
    }
    let ids = ids(200);
    let [candidates, others] = workers[0].count(&ids, percent).await;
    assert!(candidates[0] == 0 && others[1] == 0 && candidates[1] + others[0] == 200, "{candidates:?}, {others:?}");
    assert!(20 < candidates[1], "{candidates:?}, {others:?}");
    let digest = |number| format!("{:x}", Sha256::digest(version(number)));
    let mut ran = BTreeSet::new();
    for Released { worker, .. } in &workers {
        worker.stop().await;
        let ended = worker.events_named("attempt-finished");
        assert!(!ended.is_empty(), "one of the workers has run all of them");
        for event in ended {
            let id = event["activity_id"].as_str().unwrap().to_owned();
            let expected = if place(&id) < percent { digest(2) } else { digest(1) };
            assert_eq!(event["digest"], expected, "{event}");
            assert!(ran.insert(id), "it was run twice: {event}");
        }
    }
    assert_eq!(ran.len(), 200);
}

/// A release is of a task queue in a namespace, however that is written.
#[tokio::test]
async fn a_namespace_that_is_written_where_it_was_implied_ends_no_release() {
    let mut released = Released::start("implied").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    released.released(&["set", "version", &two, "--percent", "50"]).await;
    released.released(&["promote", "version"]).await;
    let implied = released.queue.clone();
    for queue in [implied.clone().with("namespace = \"default\"", ""), implied] {
        released.configured.configure(&[&queue]);
        released.worker.nth(1, "reconfigured").await;
        assert_eq!(released.status().await["phase"], "promoted");
        assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
        // And by the next start.
        released.queue = queue;
        released.restart().await;
        assert_eq!(released.status().await["phase"], "promoted");
        assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    }
    assert!(released.worker.events_named("release-over").is_empty());
    released.worker.stop().await;
}

#[tokio::test]
async fn what_the_configuration_names_is_tried_in_place_of_what_was_promoted() {
    let mut released = Released::start("returned").await;
    released.configured.write("two.wasm", version(2));
    let [one, two] = ["one.wasm", "two.wasm"].map(|name| released.configured.path(name).display().to_string());
    released.released(&["set", "version", &two, "--percent", "50"]).await;
    released.released(&["promote", "version"]).await;
    released.released(&["set", "version", &one, "--percent", "30"]).await;
    let [candidates, others] = released.count(&ids(100), 30).await;
    assert!(candidates[1] == 0 && others[0] == 0 && 0 < candidates[0], "{candidates:?}, {others:?}");
    released.restart().await;
    let [candidates, others] = released.count(&ids(100), 30).await;
    assert!(candidates[1] == 0 && others[0] == 0 && 0 < candidates[0], "{candidates:?}, {others:?}");
    assert_eq!(released.status().await["phase"], "rolling");
    released.released(&["rollback", "version"]).await;
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [0, 20]]);
    released.worker.stop().await;
}

#[tokio::test]
async fn a_file_that_can_not_be_loaded_brings_no_rolled_back_candidate_of_the_configuration_back() {
    let configured = configured().await;
    for (name, number) in [("one.wasm", 1), ("two.wasm", 2)] {
        configured.write(name, version(number));
    }
    let release = "release = { candidate = \"two.wasm\", percent = 50 }";
    let queue = Queue::new("restored").component(&configured.path("one.wasm")).with("", release);
    let worker = start(&configured, &queue).await;
    let mut released = Released { configured, queue, worker };
    released.released(&["rollback", "version"]).await;
    for (turn, (name, number, told)) in
        [("one.wasm", 1, "reload-failed"), ("two.wasm", 2, "release-refused")].into_iter().enumerate()
    {
        released.configured.write(name, "no component");
        released.worker.nth(1, told).await;
        released.configured.write(name, version(number));
        released.worker.signal(Signal::HUP);
        released.worker.nth(turn + 1, "reconfigured").await;
        assert_eq!(released.count(&ids(30), 0).await, [[0, 0], [30, 0]], "{name}");
    }
    released.restart().await;
    assert_eq!(released.status().await["phase"], "rolled-back");
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    released.worker.stop().await;
}
