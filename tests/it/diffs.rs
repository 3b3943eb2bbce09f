//! `isolet diff`: what changes with a new version of a component.

use expect_test::{Expect, expect};

use crate::support::{Isolet, component};

async fn check(old: &str, new: &str, expected: Expect) {
    let [old, new] = [old, new].map(|name| component(name).display().to_string());
    let run = Isolet::with(["diff", &old, &new]).run().await;
    let lines: Vec<&str> = run.stdout.lines().filter(|line| !line.contains("import is")).collect();
    expected.assert_eq(&format!("exit code {:?}\n{}\n", run.code, lines.join("\n")));
}

#[tokio::test]
async fn activities_that_go_break_callers_and_those_that_come_do_not() {
    check(
        "greeter",
        "greeter",
        expect![[r#"
            exit code Some(0)
            nothing that shows
        "#]],
    )
    .await;
    check(
        "rust-csv-report",
        "greeter",
        expect![[r#"
            exit code Some(1)
            breaks activity is gone: csv_report
                   activity is new: greet
        "#]],
    )
    .await;
    check(
        "greeter",
        "dynamic",
        expect![[r#"
            exit code Some(0)
                   activity is taken by the dynamic one: greet
                   activity is new: the dynamic one, which takes all others
        "#]],
    )
    .await;
    check(
        "dynamic",
        "greeter",
        expect![[r#"
            exit code Some(1)
            breaks activity is gone: the dynamic one, which took all others
                   activity is new: greet
        "#]],
    )
    .await;
}
