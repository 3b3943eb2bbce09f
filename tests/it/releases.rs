//! Another version of a component runs a share of its attempts: who runs what is counted, and a candidate that does not
//! hold is rolled back, whatever happens to the worker meanwhile.

use std::fs;

use expect_test::expect;
use futures_util::{StreamExt as _, stream};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    supervisor::{Configured, Queue},
    support::{Isolet, Worker, call::unique, registry::Registry},
};

mod configured;

mod kept;

/// How many activities are under way at once.
const AT_ONCE: usize = 40;

/// A worker that can be asked, with one task queue that a component of two activities serves.
struct Released {
    configured: Configured,
    /// The component, and more keys of it.
    queue: Queue,
    worker: Worker,
}

impl Released {
    /// One that serves version 1, from a file.
    async fn start(name: &str) -> Self {
        let configured = configured().await;
        configured.write("one.wasm", version(1));
        let queue = Queue::new(name).component(&configured.path("one.wasm"));
        let worker = start(&configured, &queue).await;
        Self { configured, queue, worker }
    }

    /// What `isolet release` prints, and the exit code.
    async fn release(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let socket = self.configured.path("run/admin.sock").display().to_string();
        let run = Isolet::with([&["release"], arguments].concat()).env("ISOLET_ADMIN_SOCKET", socket).run().await;
        let said = format!("{}{}", run.stdout, run.stderr);
        (run.code, said.replace(&self.configured.path("").display().to_string(), "DIR/"))
    }

    /// The same as a document, of what can't fail.
    async fn released(&self, arguments: &[&str]) -> Value {
        let (code, said) = self.release(&[arguments, &["--output", "json"]].concat()).await;
        assert_eq!(code, Some(0), "{said}");
        serde_json::from_str(&said).unwrap()
    }

    /// The one release.
    async fn status(&self) -> Value {
        let status = self.released(&["status"]).await;
        let [release] = &status["releases"].as_array().unwrap()[..] else { panic!("{status}") };
        release.clone()
    }

    /// Sets a candidate that is in a file of this name, and returns why not.
    async fn refusal(&self, file: &str, options: &[&str]) -> String {
        let file = self.configured.path(file).display().to_string();
        let (code, said) = self.release(&[&["set", "version", &file], options].concat()).await;
        assert_eq!(code, Some(2), "{said}");
        said
    }

    /// Kills the worker and starts it again.
    async fn restart(&mut self) {
        self.worker.signal(Signal::KILL);
        self.worker.everything_ended().await;
        // What it still wrote to the disk holds its files open.
        self.worker.exit().await;
        self.worker = start(&self.configured, &self.queue).await;
    }

    /// Runs an activity of each of these ids, at some of which something happens, and counts by the rule: for those that
    /// are within the first `percent`, and for the others, how often each version has run them.
    async fn count(&self, ids: &[String], percent: u64) -> [[usize; 2]; 2] {
        self.count_of_three(ids, percent).await.map(|[one, two, three]| {
            assert_eq!(three, 0, "nobody has released version 3");
            [one, two]
        })
    }

    /// The same of three versions.
    async fn count_of_three(&self, ids: &[String], percent: u64) -> [[usize; 3]; 2] {
        let runs = stream::iter(ids).map(async |id| {
            let call = self.worker.standalone("version").activity_id(id).attempts(0).start_to_close("5s");
            (place(id) < percent, call.run().await.to_string())
        });
        let mut counts = [[0; 3]; 2];
        for (is_candidates, outcome) in runs.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
            let version: usize =
                outcome.strip_prefix("completed: ").unwrap_or_else(|| panic!("{outcome}")).parse().unwrap();
            counts[usize::from(!is_candidates)][version - 1] += 1;
        }
        counts
    }
}

/// A folder with a configuration whose worker can be asked, and keeps its releases there.
async fn configured() -> Configured {
    let mut configured = Configured::new().await;
    configured.connection += "\n[admin]\nsocket = \"run/admin.sock\"\nstate = \"state\"";
    configured
}

async fn start(configured: &Configured, queue: &Queue) -> Worker {
    configured.configure(&[queue]);
    let socket = configured.path("run/admin.sock");
    Worker::start(configured.isolet().env("ISOLET_ADMIN_SOCKET", socket.display()), &queue.name).await
}

/// A component whose activity `version` returns this number, and whose other one is called `other`.
fn version(number: u32) -> Vec<u8> {
    component(&format!("i32.const {number}"), "u32", "other")
}

/// The same, which fails instead.
fn failing() -> Vec<u8> {
    component("unreachable", "u32", "other")
}

fn component(code: &str, result: &str, other: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $code
                (func (export "version") (result i32) {code})
                (func (export "other") (result i32) i32.const 7))
            (core instance $code (instantiate $code))
            (func (export "version") (result {result}) (canon lift (core func $code "version")))
            (func (export "{other}") (result u32) (canon lift (core func $code "other"))))"#
    );
    wat::parse_str(text).unwrap()
}

/// So many ids that nobody else has.
fn ids(count: usize) -> Vec<String> {
    (0..count).map(|_| unique("released")).collect()
}

/// The place of an id among a hundred, as docs/releases.md has it.
fn place(id: &str) -> u64 {
    u64::from_be_bytes(Sha256::digest(id)[..8].try_into().unwrap()) % 100
}

/// A worker that serves version 1 by a tag, and its registry.
async fn tagged(name: &str) -> (Released, Registry) {
    let (mut configured, registry) = (configured().await, Registry::start().await);
    let live = push(&configured, &registry, 1).await;
    configured.connection += &format!("\n[registry]\nplain-http = [{:?}]", registry.address());
    let queue = Queue::new(name).component(live.as_ref());
    let worker = start(&configured, &queue).await;
    (Released { configured, queue, worker }, registry)
}

/// Lets the tag stand for this version.
async fn push(configured: &Configured, registry: &Registry, number: u32) -> String {
    configured.write("pushed.wasm", version(number));
    let file = configured.path("pushed.wasm").display().to_string();
    let reference = registry.reference("acme/versions:live");
    let pushed = Isolet::with(["push", "--plain-http", registry.address(), &file, &reference]).run().await;
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    reference
}

#[tokio::test]
async fn a_thousand_activities_are_each_run_by_the_version_that_the_rule_says() {
    let (mut released, registry) = tagged("counted").await;
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    // What the tag stands for by now is released, and not simply served.
    let live = push(&released.configured, &registry, 2).await;
    let set = released.released(&["set", "version", &live, "--percent", "10"]).await;
    assert_eq!((&set["release"]["phase"], &set["release"]["percent"]), (&json!("rolling"), &json!(10)));
    let ids = ids(1_000);
    let (first, second) = ids.split_at(500);
    let [candidates, others] = released.count(first, 10).await;
    assert!(candidates[0] == 0 && others[1] == 0 && 20 < candidates[1], "{candidates:?}, {others:?}");
    // What the worker was doing when it is killed is done by the one after it, by the same rule.
    let waiting: Vec<_> = stream::iter(second)
        .map(async |id| {
            released.worker.standalone("version").activity_id(id).attempts(0).start_to_close("3s").start().await
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    released.restart().await;
    let mut counted = [[0; 2]; 2];
    for started in waiting {
        let outcome = started.outcome().await.to_string();
        let version: usize = outcome.strip_prefix("completed: ").unwrap().parse().unwrap();
        counted[usize::from(10 <= place(started.id()))][version - 1] += 1;
    }
    let [candidates, others] = counted;
    assert!(candidates[0] == 0 && others[1] == 0 && candidates[1] + others[0] == 500, "{counted:?}");
    let status = released.status().await;
    assert!(status["candidate"]["ended"].as_u64() >= Some(20), "it is counted across the restart: {status}");

    // All activities of one workflow go to one version.
    for _ in 0..10 {
        let started = released.worker.in_workflow("version").start().await;
        let expected = if place(started.workflow_id().unwrap()) < 10 { "completed: 2" } else { "completed: 1" };
        assert_eq!(started.outcome().await.to_string(), expected);
    }
    let promoted = released.released(&["promote", "version"]).await;
    assert_eq!(promoted["release"]["phase"], "promoted");
    assert_eq!(released.count(&self::ids(20), 100).await, [[0, 20], [0, 0]]);
    released.restart().await;
    assert_eq!(released.count(&self::ids(20), 100).await, [[0, 20], [0, 0]], "the old version is back");
    released.worker.stop().await;
}

#[tokio::test]
async fn a_tag_that_was_moved_does_not_bring_back_what_was_rolled_back() {
    let (mut released, registry) = tagged("moved").await;
    let live = push(&released.configured, &registry, 2).await;
    released.released(&["set", "version", &live, "--percent", "50"]).await;
    released.released(&["rollback", "version"]).await;
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    // Everything is looked at again, as at the next start.
    released.worker.signal(Signal::HUP);
    released.worker.nth(1, "reconfigured").await;
    released.restart().await;
    assert_eq!(released.count(&ids(20), 0).await, [[0, 0], [20, 0]]);
    assert_eq!(released.status().await["phase"], "rolled-back");
    // Another version is what an operator has put there.
    push(&released.configured, &registry, 3).await;
    released.worker.signal(Signal::HUP);
    released.worker.nth(1, "release-over").await;
    released.worker.nth(1, "reloaded").await;
    assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 3");
    released.worker.stop().await;
}

#[tokio::test]
async fn a_candidate_that_fails_is_rolled_back_by_its_gate_and_no_activity_is_lost() {
    let mut released = Released::start("gated").await;
    released.configured.write("bad.wasm", failing());
    let bad = released.configured.path("bad.wasm").display().to_string();
    let gate = ["--percent", "10", "--gate", "failures<5%,p99<50x", "--min-attempts", "10"];
    released.released(&[&["set", "version", &bad], &gate[..]].concat()).await;
    // Attempts of the candidate fail until it is rolled back, and are tried again by the stable version.
    assert_eq!(released.count(&ids(200), 0).await, [[0, 0], [200, 0]]);
    let told = released.worker.nth(1, "release-rolled-back").await;
    let reason = told["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("attempts of the candidate failed (100.00 %)"), "{reason}");
    let status = released.status().await;
    assert_eq!((&status["phase"], &status["reason"]), (&json!("rolled-back"), &json!(reason)));
    let [ended, failed] = ["ended", "failed"].map(|key| status["candidate"][key].as_u64().unwrap());
    assert!(10 <= ended && ended == failed, "{status}");
    released.restart().await;
    assert_eq!(released.status().await["phase"], "rolled-back");
    assert_eq!(released.count(&ids(50), 0).await, [[0, 0], [50, 0]]);
    released.worker.stop().await;
}

#[tokio::test]
async fn a_candidate_that_holds_takes_over_and_can_be_taken_back() {
    let released = Released::start("held").await;
    released.configured.write("two.wasm", version(2));
    released.configured.write("three.wasm", version(3));
    let [two, three] = ["two.wasm", "three.wasm"].map(|name| released.configured.path(name).display().to_string());
    let gate = ["--percent", "50", "--gate", "failures<5%", "--min-attempts", "5", "--attempts", "5", "--hold", "0s"];
    released.released(&[&["set", "version", &two], &gate[..]].concat()).await;
    // It is kept, wherever it came from.
    fs::remove_file(&two).unwrap();
    released.count(&ids(40), 50).await;
    released.worker.nth(1, "release-promoted").await;

    assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    // The next one is beside that.
    let set = released.released(&["set", "version", &three, "--percent", "1"]).await;
    let digests = ["stable", "candidate"].map(|which| set["release"][which]["digest"].as_str().unwrap().to_owned());
    let [[one, two, _], _] = released.count_of_three(&ids(20), 100).await;
    assert!(one == 0 && 0 < two, "{one}, {two}");
    let rolled_back = released.released(&["rollback", "other"]).await;
    assert_eq!(rolled_back["release"]["phase"], "rolled-back");
    assert_eq!(released.count(&ids(20), 100).await, [[0, 20], [0, 0]]);
    // By a digest that it knows; and what was promoted is rolled back, too.
    let set = released.released(&["set", "version", &digests[1][..16], "--percent", "99"]).await;
    assert_eq!(set["release"]["candidate"]["digest"], json!(digests[1]));
    released.released(&["promote", "version"]).await;
    assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 3");
    released.released(&["rollback", "version"]).await;
    assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 2");
    assert_eq!(released.released(&["rollback", "version"]).await["changed"], false);
    released.worker.stop().await;
}

#[tokio::test]
async fn what_can_not_be_released_is_refused_with_what_and_why() {
    let released = Released::start("refused").await;
    released.configured.write("two.wasm", version(2));
    released.configured.write("gone.wasm", component("i32.const 2", "u32", "another"));
    released.configured.write("typed.wasm", component("i32.const 2", "s32", "other"));
    released.configured.write("no.wasm", "no component");
    let ten = ["--percent", "10"];
    let percent = async |percent: &str| released.refusal("two.wasm", &["--percent", percent]).await;
    expect!["error: the worker refuses: --percent: 0 is no share of a candidate: it has from 1 to 99 percent; what is to have nothing is rolled back"]
    .assert_eq(&percent("0").await);
    expect!["error: the worker refuses: --percent: 100 is no share of a candidate: it has from 1 to 99 percent; what is to have all is promoted"]
    .assert_eq(&percent("100").await);
    expect!["error: the worker refuses: --percent: 101 is no share of a candidate: it has from 1 to 99 percent"]
        .assert_eq(&percent("101").await);
    expect![[r#"error: the worker refuses: --gate: "errors<1%" is no condition: there is `failures<NUMBER%`, such as `failures<1%`, and `p99<NUMBERx`, such as `p99<2x`"#]].assert_eq(&released.refusal("two.wasm", &["--percent", "10", "--gate", "errors<1%"]).await);
    expect![[r#"
        error: the worker refuses: the candidate can't take the place of the stable version: activity is gone: other
          cure: `isolet diff` tells all that changes; serve what breaks callers on a task queue of its own"#]]
    .assert_eq(&released.refusal("gone.wasm", &ten).await);
    expect![[r#"
        error: the worker refuses: the candidate can't take the place of the stable version: activity has other types: version: func() -> u32 became func() -> s32
          cure: `isolet diff` tells all that changes; serve what breaks callers on a task queue of its own"#]].assert_eq(&released.refusal("typed.wasm", &ten).await);
    expect!["error: the worker refuses: failed to release DIR/no.wasm: failed to load component DIR/state/versions/809a2841a76367cf095551e1442260747ed151c15d6fe1a257ea2acbe721eb16/one.wasm: it is not a WebAssembly component but a file that begins with the bytes 6e 6f 20 63 6f 6d 70 6f"].assert_eq(&released.refusal("no.wasm", &ten).await);
    expect!["error: the worker refuses: failed to find component DIR/missing.wasm: no such file"]
        .assert_eq(&released.refusal("missing.wasm", &ten).await);
    expect!["error: the worker refuses: DIR/one.wasm has the digest 97c6e0f8063148c3f894f048c509090aa23e45973531a9eda9c4289c9189d0d2, and runs already"].assert_eq(&released.refusal("one.wasm", &ten).await);
    let other = async |arguments: &[&str]| {
        let (code, said) = released.release(arguments).await;
        assert_eq!(code, Some(2), "{said}");
        said
    };
    expect![[r#"
        error: the worker refuses: no task queue that this worker serves has activity "unknown"
          cure: `isolet status --output json` tells the activities of each"#]]
    .assert_eq(&other(&["set", "unknown", "0123456789ab", "--percent", "10"]).await);
    expect![[r#"
        error: the worker refuses: this worker knows no version with the digest 0123456789ab
          cure: name its file or an oci:// reference; `isolet status` tells the digests that it knows"#]]
    .assert_eq(&other(&["set", "version", "0123456789ab", "--percent", "10"]).await);
    expect![[r#"
        error: the worker refuses: nothing is released of activity "version"
          cure: `isolet release status` tells what is"#]]
    .assert_eq(&other(&["rollback", "version"]).await);
    assert_eq!(released.released(&["status"]).await, json!({ "releases": [] }));
    assert_eq!(released.worker.standalone("version").run().await.to_string(), "completed: 1");
    released.worker.stop().await;
}
