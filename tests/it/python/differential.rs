//! The same modules on Temporal's own Python worker and in the sandbox, each activity called on both.
//!
//! Compared are results to the byte, failures with their chains and the user's part of their stack traces, what the
//! server holds of heartbeats, and what the activities log. `docs/python.md` lists what differs on purpose; nothing of
//! that is let pass here but what [`differences`] tests, call by call, against the row that it stands in.
//!
//! How many heartbeats reach the server is not compared: Temporal's core holds them back as time passes, and sends the
//! newest. What counts is what it has in the end, and what the next attempt is given.
//!
//! # Layout
//! - [`pair`]: both workers, and a call on both.
//! - [`cases`], [`ways`]: what is called.
//! - [`seen`], [`lines`], [`traces`]: what is compared, and what of it must differ.
//! - [`differences`]: what is known to differ.

use std::collections::HashSet;

use futures_util::{StreamExt as _, stream};
use rustix::process::Signal;
use serde_json::json;

use self::{
    cases::{Case, call},
    pair::{Options, Pair},
};

mod pair;

mod cases;

mod ways;

mod seen;

mod lines;

mod traces;

mod differences;

/// How many calls are made on both workers at once.
const AT_ONCE: usize = 6;

/// Makes the calls on both workers, ends them, and compares what was seen of each.
async fn compare(pair: Pair, cases: &[Case]) {
    let played = stream::iter(cases).map(|case| pair.play(case)).buffered(AT_ONCE).collect::<Vec<_>>().await;
    pair.signal(Signal::TERM);
    let logs = pair.exit().await;
    check(cases, played.iter().map(|both| pair.shown(both, &logs)).collect());
}

/// Fails with all that differs.
fn check(cases: &[Case], seen: Vec<[String; 2]>) {
    let all = cases.len();
    let seen =
        cases.iter().zip(seen).map(|(case, both)| (case, case.known.map_or(both.clone(), |known| known.settle(both))));
    let differences: Vec<String> = seen
        .filter(|(_, [ours, theirs])| ours != theirs)
        .map(|(case, [ours, theirs])| format!("> {case}\n--- ours\n{ours}\n--- theirs\n{theirs}\n"))
        .collect();
    assert!(differences.is_empty(), "{} of {all} differ:\n{}", differences.len(), differences.concat());
}

#[tokio::test]
async fn modules_of_other_tests_come_to_the_same() {
    let cases = cases::all();
    compare(Pair::start(Options::default()).await, &cases).await;
}

#[tokio::test]
async fn ways_of_writing_them_come_to_the_same() {
    let cases = ways::all();
    let types: HashSet<&str> = cases.iter().map(|case| case.activity).collect();
    assert!(60 <= types.len(), "{} activities", types.len());
    compare(Pair::start(Options::default()).await, &cases).await;
}

#[tokio::test]
async fn an_activity_that_nobody_has_fails_the_same() {
    let options = Options { modules: &["examples"], ..Options::default() };
    compare(Pair::start(options).await, &[call("nobody", json!([])), call("nobody", json!([1]))]).await;
}

#[tokio::test]
async fn a_shutdown_ends_them_the_same() {
    let stopped = async |grace: &'static str, cases: Vec<Case>| {
        let pair = Pair::start(Options { modules: &["ways"], grace, ..Options::default() }).await;
        let started = stream::iter(&cases).then(|case| pair.start_waiting(case)).collect::<Vec<_>>().await;
        pair.signal(Signal::TERM);
        let played = stream::iter(&started).then(|both| pair.ended(both)).collect::<Vec<_>>().await;
        let logs = pair.exit().await;
        check(&cases, played.iter().map(|both| pair.shown(both, &logs)).collect());
    };
    let ignoring = || {
        [
            call("ignores_the_shutdown", json!([])).knowing(&differences::SHUT_DOWN),
            call("ignores_the_shutdown_synchronously", json!([])),
            call("is_not_interrupted", json!([])),
        ]
        .map(|case| case.heartbeat("20s"))
    };
    let waiting = ["waits_for_the_shutdown", "waits_for_the_shutdown_synchronously"];
    let waiting = waiting.map(|activity| call(activity, json!([])));
    tokio::join!(stopped("0", ignoring().to_vec()), stopped("2", ignoring().into_iter().chain(waiting).collect()));
}
