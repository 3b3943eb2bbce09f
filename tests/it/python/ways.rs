//! Ways in which activities are written, and what they use of Python: `tests/guests-python/ways`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{
    DevServer, Isolet,
    call::transcript,
    component,
    worker::{WorkerBuilder, is_about},
};

async fn ways() -> WorkerBuilder<'static> {
    Isolet::worker(DevServer::start().await).component("ways-python").limit("memory=256MiB")
}

/// Temporary files are in the attempt's own memory, or in its scratch directory where that is granted.
#[tokio::test]
async fn temporary_files_may_be_in_a_scratch_directory() {
    let ways = component("ways-python").display().to_string();
    for activity in ["writes_temporary_files", "misuses_files"] {
        let own = Isolet::with(["run", &ways, activity]).run().await;
        let scratch = Isolet::with(["run", &ways, activity, "--scratch", "1MiB"]).run().await;
        assert_eq!((own.code, &own.stdout), (Some(0), &scratch.stdout), "{}{}", own.stderr, scratch.stderr);
    }
    let full = Isolet::with(["run", &ways, "uses_memory", "\"file\"", "--scratch", "1MiB"]).run().await;
    assert!(full.stderr.contains("I/O error"), "{}", full.stderr);
}

#[tokio::test]
async fn they_run_as_on_a_worker_process() {
    let worker = ways().await.start().await;
    let id = "0b1f0a52-6a0e-4a6e-9c55-3e0f6f1a7f00";
    let calls = [
        ("gathered", json!([])),
        ("grouped", json!([])),
        ("timed_out", json!([])),
        ("in_threads", json!([])),
        ("loop_of_its_own", json!([])),
        ("imports_late", json!([])),
        ("connects", json!([])),
        ("types", json!([{"x": 1, "unknown": 1}, id, {"a": [{"x": 0, "y": 7}]}])),
        ("method", json!(["Ada"])),
        ("static_method", json!(["Ada"])),
        ("callable_class", json!([2])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > gathered []
        completed: [[3,2,1],[1,2,3]]
        > grouped []
        completed: "other cancelled: True"
        > timed_out []
        completed: ["wait_for","timeout"]
        > in_threads []
        completed: [["here",true],3,[1,2],3]
        > loop_of_its_own []
        completed: "ran"
        > imports_late []
        completed: [1.0,"a"]
        > connects []
        completed: "gaierror"
        > types [{"unknown":1,"x":1},"0b1f0a52-6a0e-4a6e-9c55-3e0f6f1a7f00",{"a":[{"x":0,"y":7}]}]
        completed: [3,4,7]
        > method ["Ada"]
        completed: "Hello, Ada"
        > static_method ["Ada"]
        completed: "Ada"
        > callable_class [2]
        completed: 42
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}

#[tokio::test]
async fn a_cancellation_interrupts_loops_that_asked_for_it() {
    // They heartbeat once at most, so the worker must ask for the cancellation.
    let worker = ways().await.cancel_check("300ms").start().await;
    for activity in ["compute", "cancelled_in_a_loop_of_its_own"] {
        let call = worker.standalone(activity).start().await;
        worker.event("a heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
        call.cancel().await;
        assert_eq!(call.outcome().await.to_string(), r#"completed: "interrupted""#, "{activity}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn attempts_draw_different_numbers() {
    let worker = ways().await.start().await;
    let first: Vec<u64> = worker.standalone("draws").run().await.json();
    let second: Vec<u64> = worker.standalone("draws").run().await.json();
    assert!(first[0] != second[0] && first[1] != second[1], "{first:?} and {second:?}");
    worker.stop().await;
}

/// So that no attempt copies memory by looking at them.
#[tokio::test]
async fn references_to_objects_of_the_build_are_not_counted() {
    let worker = ways().await.start().await;
    let outcome = worker.standalone("immortal").run().await.to_string();
    assert_eq!(outcome, "completed: [true,true,true,true,true,false]");
    worker.stop().await;
}

#[tokio::test]
async fn a_stack_trace_shows_the_user_s_code() {
    let worker = ways().await.start().await;
    let outcome = worker.standalone("fails_deep").run().await;
    let cause = outcome.failure().cause.as_ref().unwrap();
    expect![[r#"
          File "ways.py", line 146, in fails_deep
            raise RuntimeError("outer") from error
        ---
          File "ways.py", line 144, in fails_deep
            inner({})
            ~~~~~^^^^

          File "ways.py", line 141, in inner
            value["missing"]
            ~~~~~^^^^^^^^^^^
    "#]]
    .assert_eq(&format!("{}---\n{}", outcome.failure().stack_trace, cause.stack_trace));
    worker.stop().await;
}
