//! What is known to differ, each with the row of `docs/javascript.md` in which it stands.

use expect_test::expect;
use serde_json::json;

use super::{TYPESCRIPT, own_modules};
use crate::{
    differential::{Known, Language as _, Options, Pair, Then, call, differs},
    support::payload::encoded,
};

/// The next attempt was asked for at once.
pub(super) static NO_DELAY: Known =
    Known { row: "a `nextRetryDelay` of 0", ours: "next attempt in None", theirs: "next attempt in Some((0, 0))" };

/// Why something that was called was not tried again.
pub(super) static RETRY_STATE: Known = Known {
    row: "the `retryState` of an `ActivityFailure`",
    ours: "retry_state: Unspecified",
    theirs: "retry_state: Timeout",
};

#[tokio::test]
async fn of_texts() {
    let pair = Pair::start(&TYPESCRIPT, own_modules()).await;
    let engine = "the text of an error that the engine throws";
    let kinds = [
        (
            "property of undefined",
            expect![[r#"
            failed: TypeError: cannot read property 'b' of undefined
            not tried again: MaximumAttemptsReached"#]],
            expect![[r#"
            failed: TypeError: Cannot read properties of undefined (reading 'b')
            not tried again: MaximumAttemptsReached"#]],
        ),
        (
            "call of no function",
            expect![[r#"
            failed: TypeError: not a function
            not tried again: MaximumAttemptsReached"#]],
            expect![[r#"
            failed: TypeError: wrong.a is not a function
            not tried again: MaximumAttemptsReached"#]],
        ),
        (
            "not iterable",
            expect![[r#"
            failed: TypeError: value is not iterable
            not tried again: MaximumAttemptsReached"#]],
            expect![[r#"
            failed: TypeError: wrong is not iterable
            not tried again: MaximumAttemptsReached"#]],
        ),
    ];
    for (kind, ours, theirs) in kinds {
        differs(&pair, engine, call("engine_error", json!([kind])), ours, theirs).await;
    }
    let broken = call("first", json!([])).payload(encoded("json/plain", b"{".as_slice()));
    differs(&pair, engine, broken, expect![[r#"
        failed: SyntaxError: Failed to parse activity args for activity first: Expected property name or '}' in JSON at position 1 (line 1 column 2)
        not tried again: MaximumAttemptsReached"#]], expect![[r#"
        failed: SyntaxError: Failed to parse activity args for activity first: Expected property name or '}' in JSON at position 1
        not tried again: MaximumAttemptsReached"#]]).await;
}

#[tokio::test]
async fn of_modules_and_sources() {
    let pair = Pair::start(&TYPESCRIPT, own_modules()).await;
    let node = "the text and the `code` of an error that Node's modules throw";
    differs(
        &pair,
        node,
        call("platform_error", json!(["read beyond a buffer"])),
        expect![[r#"
        failed: RangeError: Trying to access beyond buffer length
        not tried again: MaximumAttemptsReached"#]],
        expect![[r#"
        failed: RangeError: Attempt to access memory outside buffer bounds
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    let sources = "the source text of a function";
    differs(&pair, sources, call("throws", json!(["function"])), expect![[r#"
        failed: : function caused(){const innermost=new RangeError("innermost");const middle2=new TypeError("middle",{cause:innermost});return new Error("outermost",{cause:middle2})}
        not tried again: MaximumAttemptsReached"#]], expect![[r#"
        failed: : function caused()        {
          const innermost = new RangeError('innermost');
          const middle = new TypeError('middle', { cause: innermost });
          return new Error('outermost', { cause: middle });
        }
        not tried again: MaximumAttemptsReached"#]]).await;
}

#[tokio::test]
async fn of_an_activity_that_nobody_has() {
    let pair = Pair::start(&TYPESCRIPT, Options::of(&["conformance"])).await;
    TYPESCRIPT.assert_documented("the message about an activity type that nobody serves");
    let [ours, theirs] = pair.play(&call("nobody", json!([1]))).await.map(|seen| seen.outcome.to_string());
    // The list is the host's, and is cut.
    let beginning = |text: &str| text.split("available activities: ").next().unwrap().to_owned();
    expect!["failed: NotFoundError: Activity function nobody for workflow  is not registered on this worker, "]
        .assert_eq(&beginning(&ours));
    expect!["failed: NotFoundError: Activity function nobody is not registered on this Worker, "]
        .assert_eq(&beginning(&theirs));
}

#[tokio::test]
async fn of_cancellations() {
    let pair = Pair::start(&TYPESCRIPT, Options { cancel_check: "300ms", ..own_modules() }).await;
    let unheard = "an activity without heartbeats does not learn of a cancellation";
    let case = call("never_beats", json!([])).then(Then::Cancel);
    differs(&pair, unheard, case, expect!["cancelled: Activity canceled []"], expect!["completed: false"]).await;
}

#[tokio::test]
async fn of_what_ends_their_worker() {
    let kinds = [
        (
            "no encoding",
            expect![[r#"
        failed: ValueError: Unable to convert 1 to payload
        not tried again: MaximumAttemptsReached"#]],
        ),
        (
            "half a message",
            expect![[r#"
        failed: Error: half �
        not tried again: MaximumAttemptsReached"#]],
        ),
    ];
    for (kind, ours) in kinds {
        // Nobody serves theirs any more afterwards.
        let pair = Pair::start(&TYPESCRIPT, own_modules()).await;
        let case = call("fails_unencodably", json!([kind])).theirs_hangs();
        differs(
            &pair,
            "a failure that can't be encoded",
            case,
            ours,
            expect![[r#"
            timed out: StartToClose: activity StartToClose timeout
            not tried again: MaximumAttemptsReached"#]],
        )
        .await;
    }
}
