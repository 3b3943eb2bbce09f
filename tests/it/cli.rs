//! The commands that need no server.

use expect_test::{Expect, expect};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Isolet, component, isolet::Run, repository};

/// One attempt without a server.
async fn run(arguments: &[&str]) -> Run {
    let component = component("conformance").display().to_string();
    Isolet::with([&["run", &component], arguments].concat()).run().await
}

#[tokio::test]
async fn run_prints_the_result_and_nothing_else() {
    let check = async |arguments: &[&str], expected: Expect| {
        let run = run(arguments).await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        expected.assert_eq(&run.stdout);
    };
    check(&["greet", r#""Ada""#], expect![[r#""Hello, Ada!""#]]).await;
    check(&["add", "40", "2"], expect!["42"]).await;
    check(&["nothing"], expect!["null"]).await;
    check(&["fail_until_attempt", "3", "null", "--attempt", "3"], expect!["3"]).await;
    check(&["log_lines", r#""a text""#], expect!["null"]).await;
}

#[tokio::test]
async fn run_tells_how_an_attempt_failed() {
    let check = async |arguments: &[&str], expected: Expect| {
        let run = run(&[arguments, &["--output", "json"]].concat()).await;
        let mut document: Value = serde_json::from_str(&run.stdout).unwrap();
        for cost in ["wall_ms", "cpu_ms", "sandbox_start_ms", "peak_memory_bytes"] {
            assert!(document[cost].take().as_f64().is_some_and(|cost| 0.0 < cost), "{cost} in {}", run.stdout);
            document.as_object_mut().unwrap().remove(cost);
        }
        for count in ["host_calls", "bytes_in", "bytes_out"] {
            assert!(document[count].is_u64(), "{count} in {}", run.stdout);
            document.as_object_mut().unwrap().remove(count);
        }
        expected.assert_eq(&format!("exit code {:?}\n{document}\n", run.code));
    };
    check(
        &["greet", r#""Ada""#],
        expect![[r#"
        exit code Some(0)
        {"outcome":"completed","result":"Hello, Ada!"}
    "#]],
    )
    .await;
    check(&["fail_application", r#""OutOfStock""#, "true", "1500"], expect![[r#"
        exit code Some(1)
        {"failure":{"details":["detail",42],"kind":"application","message":"failed on purpose","next_retry_delay_ms":1500.0,"non_retryable":true,"type":"OutOfStock"},"outcome":"failed"}
    "#]]).await;
    check(&["spin", "--limit", "cpu-time=200ms"], expect![[r#"
        exit code Some(1)
        {"failure":{"details":[],"kind":"application","message":"the guest used more processor time than its limit of 200ms: raise `limits.cpu-time`","non_retryable":true,"type":"SandboxCpuLimit"},"outcome":"failed"}
    "#]]).await;
    check(
        &["park", "--timeout", "200ms", "--kill-grace", "100ms"],
        expect![[r#"
        exit code Some(1)
        {"outcome":"timed-out","result":null}
    "#]],
    )
    .await;
    check(
        &["wait_cancel_uncaught", "--cancel-after", "100ms"],
        expect![[r#"
        exit code Some(1)
        {"details":[],"outcome":"cancelled"}
    "#]],
    )
    .await;
    check(
        &["complete_async"],
        expect![[r#"
        exit code Some(0)
        {"outcome":"will-complete-async","result":null}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_guest_reaches_only_what_it_was_granted() {
    let check = async |arguments: &[&str], expected: Expect| {
        let run = run(arguments).await;
        let stderr = run.stderr.lines().filter(|line| line.starts_with("failure: ")).collect::<String>();
        expected.assert_eq(&format!("{}{stderr}", run.stdout));
    };
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "content").unwrap();
    let (host, granted) = (folder.path().display(), format!("{}:/data", folder.path().display()));
    let on_host = format!("{:?}", format!("{host}/file"));
    check(&["read_file", &on_host], expect!["failure: No such file or directory (os error 44) (type Error)"]).await;
    check(
        &["read_file", &on_host, "--dir", &granted],
        expect!["failure: No such file or directory (os error 44) (type Error)"],
    )
    .await;
    check(&["read_file", r#""/data/file""#, "--dir", &granted], expect![[r#""content""#]]).await;
    check(
        &["read_file", r#""/data/../../etc/hostname""#, "--dir", &granted],
        expect!["failure: Operation not permitted (os error 63) (type Error)"],
    )
    .await;
    // What blocks whoever opens it is not opened.
    mknodat(CWD, folder.path().join("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    check(
        &["read_file", r#""/data/fifo""#, "--dir", &granted],
        expect!["failure: Operation not permitted (os error 63) (type Error)"],
    )
    .await;
    check(&["environment"], expect!["[]"]).await;
    check(&["environment", "--env", "STAGE=test"], expect![[r#"["STAGE"]"#]]).await;
}

#[tokio::test]
async fn secrets_of_a_guest_come_from_files_and_variables_and_are_not_told() {
    let folder = TempDir::new().unwrap();
    let (secret, config) = (folder.path().join("token"), folder.path().join("isolet.toml"));
    std::fs::write(&secret, "hunter2\n").unwrap();
    let component = component("speaker").display().to_string();
    let from_file = format!("--env-from-file=TOKEN={}", secret.display());
    let tell = async |variable: &str, arguments: &[&str]| {
        let called = ["run", &component, "tell", &format!("{variable:?}")];
        Isolet::with([&called, arguments].concat()).env("ORDERS_KEY", "hunter3").run().await
    };
    assert_eq!(tell("TOKEN", &[&from_file]).await.stdout, "\"hunter2\"");
    assert_eq!(tell("ORDERS_KEY", &["--env", "ORDERS_KEY"]).await.stdout, "\"hunter3\"");
    assert_eq!(tell("ORDERS_KEY", &[]).await.stdout, "null");
    let missing = tell("NO_KEY", &["--env", "NO_KEY"]).await;
    let refusal = missing.refusal().replace(&component, "COMPONENT");
    expect![[r#"
        exit code 2
        error: failed to read `grants.environment.NO_KEY` of component COMPONENT
          because: the environment variable NO_KEY: it is not set
          cure: a guest's variable is a text of at most 64KiB; see "Grants" in docs/configuration.md
    "#]]
    .assert_eq(&refusal);

    let environment = r#"{ A = "hunter1", B = { file = "token" }, C = { env = "ORDERS_KEY" } }"#;
    let text = format!(
        "[[tenants]]\nname = \"a\"\n[[tenants.workers]]\ntask-queue = \"q\"\n[[tenants.workers.components]]\n\
         path = \"a.wasm\"\ngrants.environment = {environment}\n"
    );
    std::fs::write(&config, text).unwrap();
    let checked = Isolet::with(["config", "check", &config.display().to_string()]).run().await;
    let line = checked.stdout.lines().find(|line| line.starts_with("environment")).unwrap_or_default();
    expect![[r#"environment = { A = "(not shown)", B = { file = "FOLDER/token" }, C = { env = "ORDERS_KEY" } }"#]]
        .assert_eq(&line.replace(&folder.path().display().to_string(), "FOLDER"));
    assert!(!format!("{}{}", checked.stdout, checked.stderr).contains("hunter"));
}

#[tokio::test]
async fn run_refuses_what_it_can_not_use() {
    let check = async |arguments: &[&str], expected: Expect| {
        let run = run(arguments).await;
        assert_eq!(run.stdout, "");
        let guests = component("conformance").display().to_string();
        let refusal = run.refusal().replace(&guests, "COMPONENT");
        // Of what it exports, only the beginning is of interest.
        let shown = refusal.split_once("nothing, ").map_or(refusal.clone(), |(before, _)| format!("{before}…\n"));
        expected.assert_eq(&shown);
    };
    check(
        &["gret", r#""Ada""#],
        expect![[r#"
        exit code 2
        error: COMPONENT exports no activity "gret"
          cure: did you mean "greet"? It exports add, echo, greet, …
    "#]],
    )
    .await;
    check(
        &["greet", "Ada"],
        expect![[r#"
        exit code 2
        error: Ada is not JSON
          because: expected value at line 1 column 1
          cure: a text needs quotes of its own, as in '"text"'; @FILE reads JSON from a file
    "#]],
    )
    .await;
    check(
        &["greet", "@/nowhere.json"],
        expect![[r#"
        exit code 2
        error: failed to read /nowhere.json
          because: No such file or directory (os error 2)
    "#]],
    )
    .await;
}

#[tokio::test]
async fn run_takes_and_writes_binary_files() {
    let folder = TempDir::new().unwrap();
    let small = folder.path().join("small.png").display().to_string();
    let photo = format!("binary/plain:@{}", repository("guest-examples/rust-thumbnail/data/rocket.jpg").display());
    let component = component("rust-thumbnail").display().to_string();
    let arguments = ["run", &component, "thumbnail", &photo, "64", "--output-file", &small, "--limit", "memory=256MiB"];
    let run = Isolet::with(arguments).run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    let small = image::open(&small).unwrap();
    assert_eq!(small.width().max(small.height()), 64);
}

#[tokio::test]
async fn inspect_tells_what_is_in_a_component() {
    let inspect = async |output: &str| {
        let component = component("dynamic").display().to_string();
        let run = Isolet::with(["inspect", &component, "--output", output]).run().await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    };
    let human = inspect("human").await;
    assert!(human.contains("isolet:activity/handler"), "{human}");
    let document: Value = serde_json::from_str(&inspect("json").await).unwrap();
    expect![[r#"[{"dynamic":true,"interruptible":true}]"#]].assert_eq(&document["activities"].to_string());
}

#[tokio::test]
async fn compile_makes_the_next_load_quick() {
    let folder = TempDir::new().unwrap();
    let component = component("dynamic").display().to_string();
    let compile = async || {
        let run = Isolet::with(["compile", &component])
            .env("ISOLET_CACHE", folder.path().join("cache").display())
            .run()
            .await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run
    };
    compile().await;
    // The seal beside it tells when it was last used.
    let code = || files(&folder).into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "cwasm"));
    let first: Vec<_> = code().collect();
    assert!(!first.is_empty());
    compile().await;
    assert_eq!(code().collect::<Vec<_>>(), first, "it was compiled twice");
}

/// The files below the folder, with the times of their last change.
fn files(folder: &TempDir) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    let mut folders = vec![folder.path().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => files.push((entry.path(), entry.metadata().unwrap().modified().unwrap())),
            }
        }
    }
    files.sort();
    files
}

#[tokio::test]
async fn help_teaches() {
    let help = async |arguments: &[&str]| {
        let run = Isolet::with(arguments).run().await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        run.stdout
    };
    let overview = help(&["--help"]).await;
    for part in ["isolet run orders.wasm", "isolet dev orders.wasm", "Exit codes:", "TEMPORAL_ADDRESS"] {
        assert!(overview.contains(part), "{part} is not in\n{overview}");
    }
    for command in ["dev", "worker", "run", "build", "wheel", "inspect", "compile", "config", "completions"] {
        assert!(overview.contains(command), "{command} is not in\n{overview}");
        let text = help(&[command, "--help"]).await;
        assert!(text.contains("Usage:"), "{text}");
    }
    assert_eq!(help(&["--version"]).await.split(' ').next(), Some("isolet"));
}

#[tokio::test]
async fn the_example_configuration_is_right() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    let example = Isolet::with(["config", "example"]).run().await;
    std::fs::write(&file, &example.stdout).unwrap();
    let check = Isolet::with(["config", "check", &file.display().to_string()]).run().await;
    assert_eq!(check.code, Some(0), "{}", check.stderr);
    assert!(check.stdout.contains("orders.wasm"), "{}", check.stdout);
}

#[tokio::test]
async fn a_configuration_is_checked_with_what_a_start_reads() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    let check = async |text: &str| {
        let tenants =
            "[[tenants]]\nname = \"a\"\n[[tenants.workers]]\ntask-queue = \"q\"\n[[tenants.workers.components]]";
        std::fs::write(&file, format!("{text}\n{tenants}\npath = \"a.wasm\"\n")).unwrap();
        let run = Isolet::with(["config", "check", &file.display().to_string()]).run().await;
        let said = if run.code == Some(0) { run.stdout } else { run.refusal() };
        said.replace(&folder.path().display().to_string(), "FOLDER")
    };
    expect![[r#"
        exit code 2
        error: FOLDER/isolet.toml has problems
          because: FOLDER/isolet.toml:2: web.address: "127.0.0.1:" is not written HOST:PORT: there is no port; 0 is for any free one
          cure: correct them; `isolet config example` explains every key
    "#]]
    .assert_eq(&check("[web]\naddress = \"127.0.0.1:\"").await);

    let named = "[web]\naddress = \"127.0.0.1:0\"\ntoken-file = \"token\"\n[metrics]\notlp-headers-file = \"a\"\n\
                 [traces]\notlp-headers-file = \"b\"\notlp-ca-file = \"c\"";
    let right = check(named).await;
    assert!(right.starts_with("# FOLDER/isolet.toml is right."), "{right}");
    for key in ["web.token-file", "metrics.otlp-headers-file", "traces.otlp-headers-file", "traces.otlp-ca-file"] {
        assert_eq!(right.matches(&format!("# {key} names FOLDER/")).count(), 1, "{right}");
    }
    for (name, content) in
        [("token", "short"), ("a", "authorization secret"), ("b", "a: b\na key: secret"), ("c", "none")]
    {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    expect![[r#"
        exit code 2
        error: FOLDER/isolet.toml has problems
          because: FOLDER/isolet.toml:5: metrics.otlp-headers-file: FOLDER/a:1: a header is written `name: value`
            FOLDER/isolet.toml:7: traces.otlp-headers-file: FOLDER/b:2: before the colon is no name of a header
            FOLDER/isolet.toml:8: traces.otlp-ca-file: FOLDER/c has no certificate in PEM
            FOLDER/isolet.toml:3: web.token-file: failed to take the token in FOLDER/token for status and the web page: it has fewer than 16 characters
          cure: correct them; `isolet config example` explains every key
    "#]].assert_eq(&check(named).await);
}

#[tokio::test]
async fn a_wrong_command_is_refused_with_a_hint() {
    let run = Isolet::with(["wroker"]).run().await;
    assert_eq!(json!(run.code), json!(2));
    assert!(run.stderr.contains("worker"), "{}", run.stderr);
}
