//! `isolet test`: activities against a file of cases.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Isolet, component, isolet::Run};

/// Runs a file of cases with the component of the conformance suite.
async fn tried(name: &str, text: &str, arguments: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    let text = text.replace("COMPONENT", &component("conformance").display().to_string());
    fs::write(folder.path().join(name), text).unwrap();
    let mut run = Isolet::with([&["test"], arguments].concat()).within(folder.path()).run().await;
    run.stderr = run.stderr.replace(&folder.path().display().to_string(), "FOLDER");
    run
}

/// What people are shown, without how long each case took.
async fn shown(name: &str, text: &str, arguments: &[&str]) -> String {
    let run = tried(name, text, arguments).await;
    let lines = run.stdout.lines().map(|line| line.split_once(" (").map_or(line, |(case, _)| case));
    format!("exit code {:?}\n{}\n{}", run.code, lines.collect::<Vec<_>>().join("\n"), run.stderr)
}

/// What one component comes to in many ways.
const CASES: &str = r#"
        component = "COMPONENT"
        [[case]]
        name = "adds"
        activity = "add"
        input = [40, 2]
        expect = { result = 42 }
        [[case]]
        name = "fails for good"
        activity = "fail_application"
        input = ["OutOfStock", true, 1500]
        expect = { failure = { type = "OutOfStock", non_retryable = true, details = ["detail", 42] } }
        [[case]]
        name = "goes on"
        activity = "fail_until_attempt"
        input = [3, 0]
        options = { attempt = 3 }
        expect = { result = 3 }
        [[case]]
        name = "is cancelled"
        activity = "wait_cancel_uncaught"
        options = { cancel-after = "10ms" }
        expect = { outcome = "cancelled" }
        [[case]]
        name = "hits its limit"
        activity = "spin"
        options = { limit = ["cpu-time=50ms"], timeout = "1m" }
        expect = { failure = { type = "SandboxCpuLimit" } }
        [[case]]
        name = "never ends"
        activity = "park"
        options = { kill-grace = "10ms" }
        expect = { outcome = "timed-out" }
        [[case]]
        name = "greets somebody else"
        activity = "greet"
        input = ["Ada"]
        expect = { result = "Hello, Grace!", logged = ["greeted"] }
        [[case]]
        name = "fails all the same"
        activity = "log_lines"
        input = ["a text"]
        expect = { outcome = "failed" }
"#;

#[tokio::test]
async fn cases_are_as_expected_or_it_is_shown_how_they_are_not() {
    expect![[r#"
        exit code Some(1)
        ok      adds
        ok      fails for good
        ok      goes on
        ok      is cancelled
        ok      hits its limit
        ok      never ends
        FAILED  greets somebody else
              {
            -   "logged": [
            -     "greeted"
            -   ],
            +   "logged": [],
                "outcome": "completed",
            -   "result": "Hello, Grace!"
            +   "result": "Hello, Ada!"
              }
        FAILED  fails all the same
              {
            -   "outcome": "failed"
            +   "outcome": "completed"
              }
            trace trace line
            debug debug line
            info info line
            warn warn line
            error error line
            info output line
            warn error output line
        6 as expected, 2 not
    "#]]
    .assert_eq(&shown("isolet-test.toml", CASES, &["--case-timeout", "200ms"]).await);
    expect![[r#"
        exit code Some(0)
        ok      adds
        ok      hits its limit
        2 as expected, 0 not
    "#]]
    .assert_eq(&shown("isolet-test.toml", CASES, &["--filter", "limit", "--filter", "adds"]).await);
}

#[tokio::test]
async fn scripts_get_a_document_and_json_has_what_toml_has_not() {
    let cases = r#"{"component": "COMPONENT", "case": [
        {"name": "nothing", "activity": "nothing", "expect": {"result": null}},
        {"name": "too much", "activity": "add", "input": [1, 2], "expect": {"result": 4}}
    ]}"#;
    let run = tried("cases.json", cases, &["cases.json", "--output", "json"]).await;
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    assert_eq!((run.code, &document["failed"]), (Some(1), &1.into()), "{document}");
    assert_eq!(document["cases"][0]["as_expected"], true, "{document}");
    assert_eq!(document["cases"][1]["attempt"]["result"], 3, "{document}");
    assert!(document["cases"][1]["difference"].as_str().unwrap().contains("-   \"result\": 4"), "{document}");
}

#[tokio::test]
async fn what_can_t_be_tried_is_told_with_its_case() {
    let check = async |text: &str, arguments: &[&str], expected: Expect| {
        let refusal = tried("isolet-test.toml", text, arguments).await.refusal();
        expected.assert_eq(&refusal.replace(&component("conformance").display().to_string(), "COMPONENT"));
    };
    let case = |more: &str| format!("component = 'COMPONENT'\n[[case]]\nname = 'one'\n{more}");
    check(&case("activity = 'ad'"), &[], expect![[r#"
        exit code 2
        error: FOLDER/isolet-test.toml: case "one" can't be run
          because: COMPONENT exports no activity "ad"
          cure: did you mean "add"? It exports add, echo, greet, nothing, recode, reverse_bytes, unencodable_result, with_default, fail, fail_application, fail_benign, fail_empty, fail_until_attempt, fail_with_bad_detail, fail_with_cause, panic, heartbeat_details, heartbeat_then_fail, heartbeat_then_hang, heartbeat_unencodable, and 52 more
    "#]]).await;
    check(
        &case("activity = 'add'\noptions = { atempt = 2 }"),
        &[],
        expect![[r#"
            exit code 2
            error: FOLDER/isolet-test.toml: case "one" can't be read
              because: unexpected argument '--atempt' found
              cure: options are those of `isolet run`, without their dashes: see its --help
        "#]],
    )
    .await;
    check(
        &case("activity = 'add'"),
        &["--filter", "two"],
        expect![[r#"
        exit code 2
        error: there is no case with two in its name
    "#]],
    )
    .await;
    check(
        "component = 'none.wasm'\n[[case]]\nname = 'one'\nactivity = 'add'",
        &[],
        expect![[r#"
            exit code 3
            error: FOLDER/isolet-test.toml: case "one" can't be run
              because: failed to find component FOLDER/none.wasm: no such file
              cure: check the path; a component is a file that ends in .wasm
        "#]],
    )
    .await;
    check(
        "",
        &["other.toml"],
        expect![[r#"
            exit code 2
            error: failed to read FOLDER/other.toml
              because: No such file or directory (os error 2)
              cure: docs/testing-activities.md, "isolet test", says what is in such a file
        "#]],
    )
    .await;
}
