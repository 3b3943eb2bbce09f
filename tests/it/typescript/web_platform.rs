//! web-platform-tests' own files, run in the sandbox by their own harness: `tests/guests-typescript/platform`.
//!
//! The files are those that Node has in its sources (`xtask/src/tools/web_platform_tests.rs`). `web_platform/known.txt`
//! has what fails, and why: it is compared exactly, so that what passes from now on can't stay there.

mod files;
mod known;

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::support::{DevServer, Isolet, Worker, outcome::Outcome};

use files::{Run, runs};
use known::Known;

/// What is run in each gate.
const QUICK: &[&str] = &[
    "FileAPI/blob",
    "FileAPI/file",
    "console",
    "data-urls",
    "dom",
    "encoding/",
    "hr-time",
    "html",
    "streams",
    "url",
    "user-timing",
    "webidl",
];

/// What takes longer.
const LONG: &[&str] = &["WebCryptoAPI", "encoding/legacy-mb-schinese", "encoding/textdecoder-fatal-single-byte"];

/// How many files are run at once.
const AT_ONCE: usize = 4;

/// How long a file may take beside others, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(900);

/// How one of the harness's tests ended: none if it passed, else why it did not.
type Ended = BTreeMap<String, Option<String>>;

async fn check(belongs: impl Fn(&str) -> bool) {
    let known = Known::read();
    let worker = Isolet::worker(DevServer::start().await).component("platform-typescript").start().await;
    let mut files = BTreeMap::<String, Vec<Run>>::new();
    for run in runs().into_iter().filter(|run| belongs(&run.file) && !known.is_left_out(&run.file)) {
        files.entry(run.file.clone()).or_default().push(run);
    }
    assert!(!files.is_empty(), "there are no files");
    let ended = stream::iter(&files).map(async |(file, runs)| (file, all_of(&worker, runs).await));
    let ended: BTreeMap<_, _> = ended.buffer_unordered(AT_ONCE).collect().await;
    worker.stop().await;
    let mut wrong = String::new();
    for (file, ended) in ended {
        known.compare(file, &ended, &mut wrong);
    }
    for file in known.files().filter(|file| belongs(file) && !known.is_left_out(file) && !files.contains_key(*file)) {
        writeln!(wrong, "there is no {file}").unwrap();
    }
    assert!(wrong.is_empty(), "what is in web_platform/known.txt is not what was seen:\n{wrong}");
}

/// How the tests of a file ended, in all of its variants.
async fn all_of(worker: &Worker, runs: &[Run]) -> Ended {
    let mut all = Ended::new();
    for run in runs {
        let arguments = json!([run.scripts, run.fetched, run.variant]);
        let call = worker.standalone("web_platform_test").args(&arguments).attempts(1).start_to_close("10m");
        let outcome = call.start().await.outcome_within(PATIENCE).await;
        let (passed, failed): (Vec<String>, Vec<(String, String)>) = if let Outcome::Completed(_) = outcome {
            outcome.json()
        } else {
            (Vec::new(), vec![("(the file)".to_owned(), outcome.to_string())])
        };
        all.extend(passed.into_iter().map(|name| (name, None)));
        all.extend(failed.into_iter().map(|(name, why)| (name, Some(why))));
    }
    all
}

fn is_long(file: &str) -> bool {
    LONG.iter().any(|start| file.starts_with(start))
}

#[tokio::test]
async fn what_there_is_of_the_web_is_as_its_tests_want_it() {
    check(|file| QUICK.iter().any(|start| file.starts_with(start)) && !is_long(file)).await;
}

#[tokio::test]
#[ignore = "computes for minutes: `cargo xtask ci-full` runs it"]
async fn keys_and_encodings_are_as_the_web_s_tests_want_them() {
    check(is_long).await;
}
