//! Activities in C and C++: how projects are built, what goes wrong in them, and the examples.

mod http;

mod toolchains;

use std::{fs, path::Path, time::Duration};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    DevServer, Isolet, Worker, call::transcript, component, isolet::Run, payload::encoded, repository,
};

/// How long a build may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

async fn build(project: &Path, arguments: &[&str]) -> Run {
    let arguments = ["build"].iter().chain(arguments).copied();
    Isolet::with(arguments).within(project).run_within(PATIENCE).await
}

/// What a build of these files is refused with.
async fn refused(files: &[(&str, &str)], expected: Expect) {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let refusal = build(folder.path(), &[]).await.refusal();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    expected.assert_eq(&refusal.replace(&folder.path().display().to_string(), "FOLDER").replace(name, "FOLDER"));
}

#[tokio::test]
async fn what_is_wrong_with_a_project_is_told() {
    refused(
        &[("activities.c", "#include <isolet.h>\nint rows;\n")],
        expect![[r#"
            exit code 2
            error: FOLDER has no activities
              cure: declare them at the end of a file: ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, "name"))
        "#]],
    )
    .await;
    refused(
        &[("CMakeLists.txt", "")],
        expect![[r#"
            exit code 2
            error: FOLDER has no sources in C or C++, neither itself nor in src
              cure: build it with CMake, and a component of its module by `isolet build MODULE.wasm`: docs/writing-activities-c.md
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_compiler_tells_of_wrong_signatures() {
    let folder = TempDir::new().unwrap();
    let said = async |text: &str| {
        fs::write(folder.path().join("activities.c"), text).unwrap();
        build(folder.path(), &["--check"]).await.stderr
    };
    let wrong = "#include <isolet.h>\nstatic int greet(char *name) { return *name; }\n\
                 ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet, \"name\"))\n";
    let told = said(wrong).await;
    assert!(told.contains("activities.c:3:") && told.contains("incompatible function pointer"), "{told}");
    assert!(told.contains("error: a file of the project can't be compiled"), "{told}");
}

#[tokio::test]
async fn a_name_that_occurs_twice_is_refused() {
    let folder = TempDir::new().unwrap();
    let text = "#include <isolet.h>\nstatic isolet_status greet(void) { return ISOLET_OK; }\n\
                ISOLET_ACTIVITIES(ISOLET_ACTIVITY(greet), ISOLET_NAMED(\"greet\", greet))\n";
    fs::write(folder.path().join("activities.c"), text).unwrap();
    let refusal = build(folder.path(), &[]).await.refusal();
    assert!(refusal.contains("greet"), "{refusal}");
}

#[tokio::test]
async fn a_module_of_somebody_s_compiler_becomes_a_component() {
    let folder = TempDir::new().unwrap();
    let module = wat_component::activity_module("", "i32.const 0");
    fs::write(folder.path().join("module.wasm"), wat::parse_str(module).unwrap()).unwrap();
    let over = build(folder.path(), &["module.wasm"]).await.refusal();
    assert!(over.contains("would be written over it"), "{over}");
    let built = build(folder.path(), &["module.wasm", "-o", "activities.wasm"]).await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let again = build(folder.path(), &["activities.wasm", "-o", "again.wasm"]).await.refusal();
    assert!(again.contains("it is a component already"), "{again}");
}

async fn check(worker: &Worker, calls: &[(&str, Value)], expected: Expect) {
    let outcomes = transcript(calls, async |activity, arguments| {
        worker.standalone(activity).args(arguments).start_to_close("20s").run().await.to_string()
    });
    expected.assert_eq(&outcomes.await);
}

#[tokio::test]
async fn what_goes_wrong_in_c_ends_its_own_attempt() {
    let worker = Isolet::worker(DevServer::start().await).component("hostile-c").limit("memory=16MiB").start().await;
    let calls = [
        "deep_recursion",
        "stack_overflow",
        "aborts",
        "fails_an_assertion",
        "panics",
        "reads_null",
        "writes_null",
        "calls_null",
        "allocates",
        "allocates_and_looks",
        "exits",
        "says_nothing_of_its_failure",
    ];
    let calls = calls.map(|name| (name, json!([])));
    check(&worker, &calls, expect![[r#"
        > deep_recursion []
        failed: SandboxStackOverflow: the guest's stack is used up: recurse less deeply, or build the guest with a larger stack
          non-retryable
        not tried again: NonRetryableFailure
        > stack_overflow []
        failed: SandboxStackOverflow: the guest's stack is used up: recurse less deeply, or build the guest with a larger stack
          non-retryable
        not tried again: NonRetryableFailure
        > aborts []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > fails_an_assertion []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > panics []
        failed: SandboxTrap: the guest panicked: row 7 is broken
        not tried again: MaximumAttemptsReached
        > reads_null []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > writes_null []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > calls_null []
        failed: SandboxTrap: the guest trapped: uninitialized element
        not tried again: MaximumAttemptsReached
        > allocates []
        failed: SandboxMemoryLimit: the guest asked for more memory than its limit of 16 MiB: raise `limits.memory`
          non-retryable
        not tried again: NonRetryableFailure
        > allocates_and_looks []
        failed: OutOfMemory: no memory
        not tried again: MaximumAttemptsReached
        > exits []
        failed: SandboxTrap: the guest exited with code 1
        not tried again: MaximumAttemptsReached
        > says_nothing_of_its_failure []
        failed: : the activity failed and did not say why
        not tried again: MaximumAttemptsReached
    "#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn two_attempts_differ_in_randomness_and_know_the_time() {
    for guest in ["conformance-c", "conformance-cpp"] {
        let worker = Isolet::worker(DevServer::start().await).component(guest).start().await;
        let [one, other] = [worker.standalone("random").run().await, worker.standalone("random").run().await];
        assert_ne!(one.to_string(), other.to_string());
        let before = since_epoch();
        let told: u128 = worker.standalone("clock").run().await.json();
        assert!((before..=since_epoch()).contains(&told), "{told}");
        worker.stop().await;
    }
}

fn since_epoch() -> u128 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()
}

#[tokio::test]
async fn the_examples_work_on_real_input() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("c-jpeg-info").component("cpp-weather").start().await;
    let call = async |activity: &str, path: &str| {
        let file = fs::read(repository(path)).unwrap();
        worker.standalone(activity).payload(encoded("binary/plain", file)).run().await
    };
    let picture = call("jpeg_info", "guest-examples/rust-thumbnail/data/rocket.jpg").await.to_string();
    expect![[r#"completed: {"bits":8,"colours":"colour","height":427,"progressive":false,"width":640}"#]]
        .assert_eq(&picture);
    let broken = call("jpeg_info", "guest-examples/rust-csv-report/data/weather.csv").await.to_string();
    assert!(broken.starts_with("failed: BrokenPicture: no JPEG: it does not begin as one"), "{broken}");
    let weather: Value = call("weather_extremes", "guest-examples/rust-csv-report/data/weather.csv").await.json();
    expect![[r#"{"coldest":{"date":"2013-12-07","temperature":-7.1},"days":1461,"warmest":{"date":"2014-08-11","temperature":35.6}}"#]]
        .assert_eq(&weather["Seattle"].to_string());
    worker.stop().await;
}

#[test]
fn components_in_c_are_small() {
    for (name, most) in [("c-jpeg-info", 300), ("cpp-weather", 700)] {
        let size = fs::metadata(component(name)).unwrap().len() / 1024;
        assert!(size <= most, "{name} has {size} KiB");
    }
}
