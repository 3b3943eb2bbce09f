//! What Python code does where there is one thread, one stack and no disk, within the default limits:
//! `tests/guests-python/ways`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{
    DevServer, Isolet,
    call::transcript,
    worker::{WorkerBuilder, is_about},
};

async fn ways() -> WorkerBuilder<'static> {
    Isolet::worker(DevServer::start().await).component("ways-python")
}

#[tokio::test]
async fn a_cancellation_ends_waits_for_other_threads() {
    let worker = ways().await.cancel_check("300ms").start().await;
    for kind in
        ["event", "condition", "lock", "semaphore", "barrier", "future", "futures", "queue to get", "simple queue"]
    {
        let call = worker.standalone("waits_for_a_cancellation").args(&json!([kind])).start().await;
        worker.event("a heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
        call.cancel().await;
        assert_eq!(call.outcome().await.to_string(), r#"completed: "interrupted""#, "{kind}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn who_would_wait_for_ever_is_told() {
    let worker = ways().await.start().await;
    for kind in ["event", "lock", "future", "queue", "simple queue"] {
        let outcome = worker.standalone("waits_for_ever").args(&json!([kind])).run().await.to_string();
        let told =
            "failed: RuntimeError: this would wait for ever: it waits for another thread, and a sandbox has only one";
        assert!(outcome.starts_with(told), "{kind}: {outcome}");
    }
    worker.stop().await;
}

/// Whatever the host's stack is used for: the interpreter's own limit comes first.
#[tokio::test]
async fn a_recursion_is_never_fatal() {
    let worker = ways().await.start().await;
    let kinds = [
        "read lists",
        "read objects",
        "write lists",
        "write objects",
        "write lists in lines",
        "repr",
        "repr of objects",
        "pickle",
        "deepcopy",
        "compare",
        "isinstance",
        "call",
        "source",
        "expression",
        "sign",
    ];
    let deep = |kind: &&str| [1_000, 2_500, 10_000, 100_000].map(|depth| ("recurses", json!([kind, depth])));
    let calls: Vec<(&str, Value)> = kinds.iter().flat_map(deep).collect();
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    let seen = transcript(&calls, outcome).await;
    assert!(!seen.contains("SandboxStackOverflow") && !seen.contains("SandboxTrap"), "{seen}");
    for done in ["read lists\",2500", "read objects\",2500", "repr\",2500", "write lists\",2500", "compare\",2500"] {
        let line = format!("[\"{done}]\ncompleted: \"done\"");
        assert!(seen.contains(&line), "{done}: {seen}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_an_error_that_code_expects() {
    let worker = ways().await.start().await;
    let modules = ["fcntl", "mmap", "resource", "ctypes", "lzma", "bz2", "curses", "tkinter", "readline", "termios"];
    let outcome = worker.standalone("can_not_be_there").args(&json!([modules])).run().await.to_string();
    expect![[r#"completed: ["FileNotFoundError","FileNotFoundError","FileNotFoundError","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected","expected"]"#]].assert_eq(&outcome);
    worker.stop().await;
}

#[tokio::test]
async fn memory_that_is_used_up_is_the_limit_s_matter() {
    let worker = ways().await.start().await;
    let outcome = async |kind: &str| worker.standalone("uses_memory").args(&json!([kind])).run().await.to_string();
    for kind in ["list", "bytes", "text", "file", "result"] {
        let outcome = outcome(kind).await;
        let told = "failed: SandboxMemoryLimit: the guest asked for more memory than its limit of 64 MiB";
        assert!(outcome.starts_with(told), "{kind}: {outcome}");
    }
    assert!(outcome("caught").await.starts_with(r#"completed: "caught""#));
    assert_eq!(outcome("own").await, r#"completed: "56 MiB""#, "the interpreter does not count");
    assert!(outcome("raised").await.starts_with("failed: MemoryError: "));
    worker.stop().await;
}
