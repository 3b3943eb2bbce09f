//! What is known to differ, each with the row of `docs/python.md` in which it stands.

use expect_test::expect;
use rustix::process::Signal;
use serde_json::json;

use super::{PYTHON, all_modules, official_process};
use crate::{
    differential::{Known, Language as _, Log, Options, Pair, Then, call, differs},
    metrics::lines,
    support::{DevServer, call::unique, dev_server::free_port, repository},
};

/// The row on the worker's own lines.
const LAST_LINE: &str = "the worker logs how the activity ended";

const FAILED: &str =
    r#"warn temporalio.activity: Completing activity as failed {"__temporal_error_identifier":"ActivityFailure"}"#;

/// A timeout ended the attempt.
pub(super) static GIVEN_UP: Known = Known {
    row: LAST_LINE,
    ours: "warn temporalio.activity: Not completing, because the time of the attempt was over before it ended {}",
    theirs: FAILED,
};

/// A timeout ended the attempt, which returned all the same.
pub(super) static RETURNED_TOO_LATE: Known = Known {
    row: LAST_LINE,
    ours: "\n  1 warn temporalio.activity: Not completing, because the time of the attempt was over before it ended {}",
    theirs: "",
};

/// The worker's shutdown ended the attempt.
pub(super) static SHUT_DOWN: Known =
    Known { row: LAST_LINE, ours: FAILED, theirs: "debug temporalio.activity: Completing as cancelled {}" };

/// A heartbeat that could not be encoded ended the attempt.
pub(super) static HEARTBEAT_FAILED: Known = Known {
    row: LAST_LINE,
    ours: FAILED,
    theirs: "warn temporalio.activity: Completing as failure during heartbeat with error of type <class 'TypeError'>: \
             Object of type object is not JSON serializable {}",
};

/// The next attempt was asked for before now.
pub(super) static NEGATIVE_DELAY: Known = Known {
    row: "a negative `next_retry_delay`",
    ours: "next attempt in None",
    theirs: "next attempt in Some((-1, -500000000))",
};

/// A pair that is not asked to end: their worker waits for what it lost.
async fn pair() -> Pair {
    Pair::start(&PYTHON, Options { modules: &["conformance", "ways"], cancel_check: "300ms", ..all_modules() }).await
}

#[tokio::test]
async fn of_cancellations_and_waits() {
    let pair = pair().await;
    differs(
        &pair,
        "an activity without heartbeats does not learn of a cancellation",
        call("sleeps", json!([3])).then(Then::Cancel),
        expect!["cancelled: Activity canceled []"],
        expect![[r#"completed: "slept""#]],
    )
    .await;
    differs(
        &pair,
        "`activity.heartbeat` in a thread of an `async def` activity",
        call("beats_in_a_thread", json!([])),
        expect![[r#"completed: "recorded""#]],
        expect![[r#"
            failed: RuntimeError: no running event loop
            not tried again: MaximumAttemptsReached"#]],
    )
    .await;
}

#[tokio::test]
async fn of_failures() {
    let pair = pair().await;
    let another = |kind: &str| call("raises_another_failure", json!([kind]));
    let lost = "a failure that the server does not take loses the completion";
    let cases = [
        (
            lost,
            another("cancelled"),
            expect![[r#"
                failed: CancelledError: the activity ended as cancelled, but its cancellation was not requested
                not tried again: MaximumAttemptsReached"#]],
        ),
        (
            lost,
            another("timeout"),
            expect![[r#"
                failed: TimeoutError: late
                caused by timed out: StartToClose: late
                  last heartbeat: [1]
                not tried again: MaximumAttemptsReached"#]],
        ),
        (
            lost,
            another("terminated"),
            expect![[r#"
                failed: TerminatedError: ended
                caused by terminated: ended
                not tried again: MaximumAttemptsReached"#]],
        ),
        (
            lost,
            another("server"),
            expect![[r#"
                failed: ServerError: broken
                caused by broken (Some(ServerFailureInfo(ServerFailureInfo { non_retryable: true })))
                not tried again: MaximumAttemptsReached"#]],
        ),
        (
            "an exception whose `str()` fails",
            call("raises_undescribed", json!([])),
            expect![[r#"
                failed: Undescribed: <exception str() failed>
                not tried again: MaximumAttemptsReached"#]],
        ),
    ];
    for (row, case, ours) in cases {
        let theirs = expect![[r#"
            timed out: StartToClose: activity StartToClose timeout
            not tried again: MaximumAttemptsReached"#]];
        differs(&pair, row, case.theirs_hangs(), ours, theirs).await;
    }
}

/// Whether the official worker's completion gets through is a matter of chance.
#[tokio::test]
async fn of_activities_that_cancel_themselves() {
    let pair = pair().await;
    PYTHON.assert_documented("an activity that cancels its own task, and ends without another wait");
    for (kind, expected) in [("and returns", "completed: \"returned\""), ("and raises", "failed: ValueError: raised")] {
        let [ours, theirs] = pair.play_patiently(&call("cancels_itself", json!([kind])).theirs_hangs()).await;
        assert!(ours.outcome.to_string().starts_with(expected), "{}", ours.outcome);
        let theirs = theirs.outcome.to_string();
        let is_lost = theirs.starts_with("timed out: StartToClose: activity StartToClose timeout");
        assert!(is_lost || theirs.starts_with(expected), "{theirs}");
    }
}

#[tokio::test]
async fn of_what_a_failure_says_of_its_worker() {
    let pair = pair().await;
    PYTHON.assert_documented("stack traces have the worker's frames");
    PYTHON.assert_documented("the source of a failure is empty");
    let [ours, theirs] = pair.play(&call("fails_deep", json!([]))).await.map(|seen| seen.outcome.failure().clone());
    assert!(ours.stack_trace.starts_with("  File \"ways.py\""), "{}", ours.stack_trace);
    assert!(theirs.stack_trace.contains("worker/_activity.py"), "{}", theirs.stack_trace);
    assert!(ours.source.starts_with("Isolet sha256:") && theirs.source.is_empty(), "{} {}", ours.source, theirs.source);
}

#[tokio::test]
async fn of_processes() {
    let pair = pair().await;
    let shared = "module state is shared by all attempts of a process";
    differs(&pair, shared, call("counts_starts", json!([])), expect!["completed: 1"], expect!["completed: 1"]).await;
    differs(&pair, shared, call("counts_starts", json!([])), expect!["completed: 1"], expect!["completed: 2"]).await;
    let numbers = "error numbers are the system's";
    differs(
        &pair,
        numbers,
        call("error_numbers", json!([])),
        expect!["completed: [44,true,68]"],
        expect!["completed: [2,true,34]"],
    )
    .await;
    let threads = "threads | starting one";
    differs(
        &pair,
        threads,
        call("starts_a_thread", json!([])),
        expect![[r#"completed: "can't start new thread""#]],
        expect![[r#"completed: "ran""#]],
    )
    .await;
    let machine = "`sys.platform` is the system's";
    differs(
        &pair,
        machine,
        call("machine", json!([])),
        expect![[r#"completed: ["wasi",2147483647,1073741824]"#]],
        expect![[r#"completed: ["linux",9223372036854775807,1152921504606846976]"#]],
    )
    .await;

    let refused = "a value or a name that no metric takes";
    differs(&pair, refused, call("measures_wrongly", json!([])), expect![[r#"completed: ["ValueError: Metric value cannot be negative","TypeError: '<' not supported between instances of 'str' and 'int'","TypeError: Invalid value type for key key, must be str, int, float, or bool","TypeError: 'float' object cannot be interpreted as an integer","ValueError: Metric value cannot be negative","ValueError: Metric value cannot be negative"]"#]], expect![[r#"completed: ["no error","no error","no error","no error","no error","no error"]"#]]).await;

    PYTHON.assert_documented("tasks that an `async def` activity leaves running go on");
    pair.play(&call("leaves_a_task_behind", json!([]))).await;
    pair.their_line("still there").await;
    pair.signal(Signal::TERM);
    let [ours, theirs] = pair.exit().await;
    let said = |log: &Log| log.values().flatten().filter(|line| line.message.contains("still there")).count();
    assert_eq!((said(&ours), said(&theirs)), (0, 1));
}

#[tokio::test]
async fn of_dynamic_activities() {
    PYTHON.assert_documented("`typing.Sequence[RawValue]` is refused");
    let folder = repository("tests/guests-python/dynamic").display().to_string();
    let address = DevServer::start().await.address();
    let exit = official_process(&address, &unique("theirs"), [format!("{folder}:anything")], Vec::new()).exit().await;
    assert_eq!(exit.code, Some(1));
    assert!(exit.stderr.contains("Dynamic activity must accept a single Sequence"), "{}", exit.stderr);
}

#[tokio::test]
async fn of_what_is_measured() {
    let ports = [free_port(), free_port()];
    let pair =
        Pair::start(&PYTHON, Options { modules: &["ways", "strict-metrics"], metrics: Some(ports), ..all_modules() })
            .await;
    differs(
        &pair,
        "a float recorded in an integer histogram or gauge is a `TypeError`",
        call("measures_floats", json!([])),
        expect![[r#"completed: "recorded""#]],
        expect![[r#"
            failed: TypeError: 'float' object cannot be interpreted as an integer
            not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    // All else is refused and exported the same, and that, too, with `strict-metrics`.
    let strictly = ["histogram", "gauge", "other"].map(|kind| call("measures_floats_strictly", json!([kind])));
    for case in strictly.iter().chain(&[
        call("measures", json!([])),
        call("measures_wrongly", json!([])),
        call("measures_halves", json!([])),
    ]) {
        let [ours, theirs] = pair.play(case).await.map(|seen| seen.outcome.to_string());
        assert_eq!(ours, theirs, "{case}");
    }
    let exported = pair.measured(ports).await;
    for prefix in ["ways_", "strict_"] {
        let [ours, theirs] = exported.each_ref().map(|seen| lines(seen, prefix));
        assert!(ours.contains("counter{"), "{ours}");
        let known = |line: &&str| !line.contains("ways_floats");
        assert_eq!(ours.lines().filter(known).collect::<Vec<_>>(), theirs.lines().collect::<Vec<_>>());
    }
}
