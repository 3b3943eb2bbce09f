//! The same modules on Temporal's own TypeScript worker and in the sandbox, each activity called on both.
//!
//! # Layout
//! - [`cases`]: what is called.
//! - [`traces`]: what is compared of stack traces.
//! - [`differences`]: what is known to differ, by `docs/javascript.md`.
//! - [`requests`]: what is sent to a server, and comes back.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    differential::{Language, Line, Log, Options, Pair, call, collected, compare, compare_shutdown},
    metrics::lines,
    support::{dev_server::free_port, isolet::target, process::Process, repository},
};

mod cases;

mod traces;

mod differences;

mod requests;

/// The language that this is about.
#[derive(Debug)]
struct TypeScript;

static TYPESCRIPT: TypeScript = TypeScript;

impl Language for TypeScript {
    fn suffix(&self) -> &'static str {
        "-typescript"
    }

    fn document(&self) -> &'static str {
        "docs/javascript.md"
    }

    fn official(&self, address: &str, queue: &str, options: Options) -> Process {
        // Where `cargo xtask guests` installs it.
        let packages = target().join("../.tools/npm/temporal-worker");
        assert!(packages.is_dir(), "{} is missing: run `cargo xtask guests`", packages.display());
        let modules =
            options.modules.iter().map(|folder| format!("tests/guests-typescript/{folder}/src/activities.ts"));
        let script = repository("tests/it/typescript/official/worker.mjs").display().to_string();
        let arguments = [script, address.to_owned(), queue.to_owned()].into_iter();
        let arguments = arguments.chain(modules.map(|module| repository(&module).display().to_string()));
        let mut environment = vec![
            ("PACKAGES".to_owned(), packages.display().to_string()),
            ("SHUTDOWN_GRACE".to_owned(), options.grace.to_owned()),
        ];
        if let Some([_, port]) = options.metrics {
            environment.push(("METRICS_ADDRESS".to_owned(), format!("127.0.0.1:{port}")));
        }
        if let Some(throttle) = options.heartbeat_throttle {
            environment.push(("HEARTBEAT_THROTTLE".to_owned(), format!("{throttle}ms")));
        }
        Process::start("Temporal's TypeScript worker", Path::new("node"), arguments, &environment)
    }

    fn users(&self, trace: &str) -> Vec<String> {
        traces::users(trace)
    }

    fn replaced(&self, text: &str) -> String {
        text.to_owned()
    }

    fn read(&self, logs: [&str; 2]) -> [Log; 2] {
        // What their workers say of their own has other fields and other words.
        self.assert_documented("lines of the worker's own");
        logs.map(|log| collected(log, |_, line| (line.logger == "activity").then(|| self.with_users_frames(line))))
    }
}

impl TypeScript {
    /// The line, whose fields may have stacks in them.
    fn with_users_frames(&self, mut line: Line) -> Line {
        line.fields.values_mut().for_each(|value| self.leave_users_frames(value));
        line
    }

    fn leave_users_frames(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.users(text).join("\n"),
            Value::Array(values) => values.iter_mut().for_each(|value| self.leave_users_frames(value)),
            Value::Object(values) => values.values_mut().for_each(|value| self.leave_users_frames(value)),
            _ => {}
        }
    }
}

/// Both run with the modules that were written for this, and learn of a cancellation soon.
const fn own_modules() -> Options {
    Options { heartbeat_throttle: Some(200), ..Options::of(&["differential"]) }
}

#[tokio::test]
async fn activities_come_to_the_same() {
    let cases = cases::all();
    assert!(120 <= cases.len(), "{} calls", cases.len());
    compare(Pair::start(&TYPESCRIPT, own_modules()).await, &cases).await;
}

#[tokio::test]
async fn a_shutdown_ends_them_the_same() {
    let cases = [call("waits_for_the_shutdown", json!([])), call("lets_the_shutdown_out", json!([]))];
    compare_shutdown(Pair::start(&TYPESCRIPT, own_modules()).await, &cases).await;
}

#[tokio::test]
async fn what_they_measure_is_the_same() {
    let ports = [free_port(), free_port()];
    let pair = Pair::start(&TYPESCRIPT, Options { metrics: Some(ports), ..own_modules() }).await;
    for case in [call("measures", json!([])), call("measures_wrongly", json!([]))] {
        let [ours, theirs] = pair.play(&case).await.map(|seen| seen.outcome.to_string());
        assert_eq!(ours, theirs, "{case}");
    }
    let [ours, theirs] = pair.measured(ports).await.map(|seen| lines(&seen, "diff_"));
    assert!(ours.contains("diff_counter{"), "{ours}");
    TYPESCRIPT.assert_documented("metric names and tags");
    let theirs = theirs.replace("activityType=", "activity_type=").replace("taskQueue=", "task_queue=");
    assert_eq!(ours.replace("service_name=\"temporal-core-sdk\",", ""), theirs);
}
