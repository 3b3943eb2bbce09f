//! What is released is kept across restarts and crashes: what happens to the files that keep it, and to those that it is of.

use std::fs;

use expect_test::expect;
use rustix::process::Signal;
use serde_json::json;

use super::{Released, configured, ids, start, version};
use crate::supervisor::{Configured, Queue};

#[tokio::test]
async fn a_version_that_somebody_has_changed_is_not_served_and_nor_is_an_old_one() {
    let released = Released::start("changed").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    let set = released.released(&["set", "version", &two, "--percent", "50"]).await;
    released.released(&["promote", "version"]).await;
    released.worker.stop().await;
    let digest = set["release"]["candidate"]["digest"].as_str().unwrap();
    let kept = format!("state/versions/{digest}/one.wasm");
    released.configured.write(&kept, version(3));
    let run = released.configured.isolet().run().await;
    let refusal = run.refusal().replace(&released.configured.path("").display().to_string(), "DIR/");
    assert!(refusal.contains(&format!("and the one that was released has {digest}")), "{refusal}");
    let cure =
        format!("put the file with the digest {digest} there again, or let the configuration name another version");
    assert!(refusal.contains(&cure), "{refusal}");
    // Once it is mended it runs.
    released.configured.write(&kept, version(2));
    let worker = start(&released.configured, &released.queue).await;
    assert_eq!(worker.standalone("version").run().await.to_string(), "completed: 2");
    // Another file of the configuration is another component.
    released.configured.write("other.wasm", version(4));
    released.configured.configure(&[&released.queue.clone().component(&released.configured.path("other.wasm"))]);
    worker.nth(1, "release-over").await;
    worker.nth(1, "reloaded").await;
    assert_eq!(worker.standalone("version").run().await.to_string(), "completed: 4");
    assert!(!released.configured.path(&kept).exists());
    worker.stop().await;
}

#[tokio::test]
async fn a_file_that_was_cut_ends_the_start() {
    let configured = configured().await;
    configured.write("one.wasm", version(1));
    let queue = Queue::new("cut").component(&configured.path("one.wasm"));
    configured.configure(&[&queue]);
    configured.write("state/releases.json", "{\"version\": 1, \"releases\": [");
    let run = configured.isolet().run().await;
    let refusal = run.refusal().replace(&configured.path("").display().to_string(), "DIR/");
    expect![[r#"
        exit code 2
        error: failed to read what is released, in DIR/state/releases.json
          because: EOF while parsing a list at line 1 column 28
          cure: restore the file; or remove it, and what the configuration names runs; `isolet release` writes it
    "#]]
    .assert_eq(&refusal);
}

#[tokio::test]
async fn a_rollback_that_can_not_be_written_holds_and_is_written_once_it_can_be() {
    let mut released = Released::start("unkept").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    released.released(&["set", "version", &two, "--percent", "50"]).await;
    let [kept, aside] = ["state/releases.json", "aside.json"].map(|name| released.configured.path(name));
    fs::rename(&kept, &aside).unwrap();
    // No file takes the place of a folder that has one in it.
    released.configured.write("state/releases.json/in-the-way", "");
    for changed in [true, false] {
        let (code, said) = released.release(&["rollback", "version"]).await;
        assert!(code == Some(9) && said.contains(": rolled-back, since"), "{said}");
        assert!(
            said.contains("and would get them again after a restart: failed to keep what is released in"),
            "{said}"
        );
        assert_eq!(said.contains("it is so already"), !changed, "{said}");
    }
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    fs::remove_dir_all(&kept).unwrap();
    fs::rename(&aside, &kept).unwrap();
    assert_eq!(released.released(&["rollback", "version"]).await["changed"], false);
    released.restart().await;
    assert_eq!(released.status().await["phase"], "rolled-back");
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    released.worker.stop().await;
}

#[tokio::test]
async fn a_file_that_can_not_be_loaded_ends_no_release() {
    let mut released = Released::start("spoilt").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    released.released(&["set", "version", &two, "--percent", "50"]).await;
    released.released(&["promote", "version"]).await;
    released.configured.write("one.wasm", "no component");
    released.worker.nth(1, "reload-failed").await;
    assert_eq!(released.status().await["phase"], "promoted");
    released.configured.write("one.wasm", version(1));
    released.worker.signal(Signal::HUP);
    released.worker.nth(1, "reconfigured").await;
    assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    released.restart().await;
    assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    // One that can be is what the configuration names.
    released.configured.write("one.wasm", version(4));
    released.worker.nth(1, "release-over").await;
    assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 4");
    released.worker.stop().await;
}

#[tokio::test]
async fn a_rollback_of_what_was_promoted_is_not_done_while_the_version_before_it_is_gone() {
    let released = Released::start("missing").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    released.released(&["set", "version", &two, "--percent", "50"]).await;
    released.released(&["promote", "version"]).await;
    let [one, aside] = ["one.wasm", "aside.wasm"].map(|name| released.configured.path(name));
    fs::rename(&one, &aside).unwrap();
    for _ in 0..2 {
        let (code, said) = released.release(&["rollback", "version"]).await;
        assert!(code == Some(9) && said.contains("but what ran before runs on"), "{said}");
        assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 2");
    }
    fs::rename(&aside, &one).unwrap();
    released.worker.signal(Signal::HUP);
    released.worker.nth(1, "reloaded").await;
    assert_eq!(released.released(&["rollback", "version"]).await["changed"], false);
    assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 1");
    released.worker.stop().await;
}

#[tokio::test]
async fn what_is_refused_leaves_the_manifest_of_what_is_served_as_it_was() {
    let mut released = Released::start("manifests").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    released.released(&["set", "version", &two, "--percent", "50"]).await;
    released.released(&["promote", "version"]).await;
    let manifest = "[limits]\ntime = \"none at all\"\n";
    released.configured.write("two.isolet.toml", manifest);
    let refused = released.refusal("two.wasm", &["--percent", "50"]).await;
    assert!(refused.contains("runs already"), "{refused}");
    released.restart().await;
    assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    released.worker.stop().await;
}

#[tokio::test]
async fn a_candidate_that_is_lost_is_told_as_refused() {
    let mut released = Released::start("lost").await;
    released.configured.write("two.wasm", version(2));
    let two = released.configured.path("two.wasm").display().to_string();
    let set = released.released(&["set", "version", &two, "--percent", "50"]).await;
    let digest = set["release"]["candidate"]["digest"].as_str().unwrap();
    fs::remove_file(released.configured.path(&format!("state/versions/{digest}/one.wasm"))).unwrap();
    released.restart().await;
    let status = released.status().await;
    assert_eq!((&status["phase"], &status["candidate"]["digest"]), (&json!("refused"), &json!(digest)), "{status}");
    assert!(status["reason"].as_str().unwrap().contains("no such file"), "{status}");
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    released.worker.stop().await;
}

#[tokio::test]
async fn workers_with_one_folder_do_not_undo_the_releases_of_each_other() {
    let mut first = Released::start("first").await;
    first.configured.write("two.wasm", version(2));
    let two = first.configured.path("two.wasm").display().to_string();
    first.released(&["set", "version", &two, "--percent", "50"]).await;
    first.released(&["promote", "version"]).await;
    let mut configured = Configured::new().await;
    let state = first.configured.path("state").display().to_string();
    configured.connection += &format!("\n[admin]\nsocket = \"run/admin.sock\"\nstate = {state:?}");
    configured.write("two.wasm", version(2));
    // It might serve an old version of this.
    configured.configure(&[&first.queue]);
    let refusal = configured.isolet().run().await.refusal();
    let expected = "set admin.state to a folder that no other worker has, or stop that worker";
    assert!(refusal.starts_with("exit code 2\n") && refusal.contains(expected), "{refusal}");
    configured.write("one.wasm", version(1));
    let queue = Queue::new("second").component(&configured.path("one.wasm"));
    let worker = start(&configured, &queue).await;
    let second = Released { configured, queue, worker };
    let refused = second.refusal("two.wasm", &["--percent", "50"]).await;
    assert!(refused.contains("another worker keeps its releases in "), "{refused}");
    assert_eq!(second.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    second.worker.stop().await;
    first.restart().await;
    assert_eq!(first.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    first.worker.stop().await;
}
