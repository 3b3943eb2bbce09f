//! The same modules on Temporal's own worker and in the sandbox, each activity called on both: what all languages
//! need for it.
//!
//! Compared are results to the byte, failures with their chains and the user's part of their stack traces, what the
//! server holds of heartbeats, and what the activities log. The document on a language lists what differs on purpose;
//! nothing of that is let pass but what a [`Known`] names, call by call, with the row that it stands in.
//!
//! How many heartbeats reach the server is not compared: Temporal's core holds them back as time passes, and sends the
//! newest. What counts is what it has in the end, and what the next attempt is given.
//!
//! # Layout
//! - [`pair`]: both workers, and a call on both.
//! - [`case`]: what is called.
//! - [`seen`], [`lines`]: what is compared.
//! - [`known`]: what of it must differ.

use std::fmt;

use futures_util::{StreamExt as _, stream};
use rustix::process::Signal;

pub(crate) use self::{
    case::{Case, Then, call, plain},
    known::{Known, differs},
    lines::{Line, Log, collected},
    pair::{Options, Pair},
    seen::without,
};
use crate::support::{process::Process, repository};

mod pair;

mod case;

mod seen;

mod lines;

mod known;

/// What is one language's own.
pub(crate) trait Language: fmt::Debug + Sync {
    /// What the names of its components end in.
    fn suffix(&self) -> &'static str;

    /// The document with the table of what differs.
    fn document(&self) -> &'static str;

    /// Starts Temporal's own worker, which tells on standard output that it is ready.
    fn official(&self, address: &str, queue: &str, options: Options) -> Process;

    /// The lines of a stack trace that show the user's code, the same on both sides.
    fn users(&self, trace: &str) -> Vec<String>;

    /// What was seen of a call, without what is different for each call.
    fn replaced(&self, text: &str) -> String;

    /// What Isolet logged of activities that is to be compared, and what Temporal's own worker did.
    fn read(&self, logs: [&str; 2]) -> [Log; 2];

    /// The lines about one activity on both sides, without those that only one of them can have.
    fn comparable<'a>(&self, lines: [&'a [Line]; 2]) -> [Vec<&'a Line>; 2] {
        lines.map(|lines| lines.iter().collect())
    }

    /// A row of the table begins like this.
    fn assert_documented(&self, row: &str) {
        let document = self.document();
        let table = std::fs::read_to_string(repository(document)).unwrap();
        assert!(table.lines().any(|line| line.starts_with(&format!("| {row}"))), "{document} has no row {row:?}");
    }
}

/// How many calls are made on both workers at once.
const AT_ONCE: usize = 6;

/// Makes the calls on both workers, ends them, and compares what was seen of each.
pub(crate) async fn compare(pair: Pair, cases: &[Case]) {
    let played = stream::iter(cases).map(|case| pair.play_patiently(case)).buffered(AT_ONCE).collect::<Vec<_>>().await;
    pair.signal(Signal::TERM);
    let logs = pair.exit().await;
    check(&pair, cases, played.iter().map(|both| pair.shown(both, &logs)).collect());
}

/// Makes the calls on both workers, and has them shut down once all of them wait.
pub(crate) async fn compare_shutdown(pair: Pair, cases: &[Case]) {
    let started = stream::iter(cases).then(|case| pair.start_waiting(case)).collect::<Vec<_>>().await;
    pair.signal(Signal::TERM);
    let played = stream::iter(&started).then(|both| pair.ended(both)).collect::<Vec<_>>().await;
    let logs = pair.exit().await;
    check(&pair, cases, played.iter().map(|both| pair.shown(both, &logs)).collect());
}

/// Fails with all that differs.
fn check(pair: &Pair, cases: &[Case], seen: Vec<[String; 2]>) {
    let all = cases.len();
    let settle = |case: &Case, both: [String; 2]| match case.known {
        Some(known) => known.settle(pair.language, both),
        None => both,
    };
    let differences: Vec<String> = cases
        .iter()
        .zip(seen)
        .map(|(case, both)| (case, settle(case, both)))
        .filter(|(_, [ours, theirs])| ours != theirs)
        .map(|(case, [ours, theirs])| format!("> {case}\n--- ours\n{ours}\n--- theirs\n{theirs}\n"))
        .collect();
    assert!(differences.is_empty(), "{} of {all} differ:\n{}", differences.len(), differences.concat());
}
