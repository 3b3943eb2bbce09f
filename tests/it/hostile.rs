//! Guests that try to harm: each is contained with its own failure, while a good activity on the same worker goes on.
//!
//! What a compiler would not produce is written in the text form of Wasm: see `wat_component`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    DevServer, Isolet, Worker,
    call::{Started, transcript},
    component,
    payload::encoded,
    repository,
    worker::WorkerBuilder,
};

/// A worker that serves a hostile component, and in the middle of something good.
struct Attacked {
    worker: Worker,
    good: Started,
}

impl Attacked {
    async fn start(worker: WorkerBuilder<'_>) -> Self {
        let worker = worker.component("rust-csv-report").limit("memory=16MiB").start().await;
        let table = fs::read(repository("guest-examples/rust-csv-report/data/weather.csv")).unwrap();
        let options = json!({"group_by": "location", "measure": "wind", "pause_per_chunk_ms": 150});
        let call = worker.standalone("csv_report").payload(encoded("binary/plain", table)).arg(options);
        let good = call.heartbeat("10s").start().await;
        worker.started(good.id()).await;
        Self { worker, good }
    }

    /// Calls the hostile activities.
    async fn check(&self, calls: &[(&str, Value)], expected: Expect) {
        let outcomes = transcript(calls, async |activity, arguments| {
            self.worker.standalone(activity).args(arguments).start_to_close("20s").run().await.to_string()
        });
        expected.assert_eq(&outcomes.await);
    }

    /// The good activity must have come through it all, at its first attempt.
    async fn stop(self) -> Worker {
        let report: Value = self.good.outcome().await.json();
        assert_eq!((&report["rows"], &report["attempt"]), (&json!(2922), &json!(1)));
        self.worker.stop().await;
        self.worker
    }
}

/// Futures of asynchronous activities: one that is never done, and one that nothing will ever wake.
#[tokio::test]
async fn a_future_without_an_end_holds_nobody_up() {
    let server = DevServer::start().await;
    let attacked = Attacked::start(Isolet::worker(server).component("hostile").kill_grace("0s")).await;
    let busy = attacked.worker.standalone("busy_polling").start_to_close("2s").run().await;
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&busy.to_string());
    attacked
        .check(
            &[("never_woken", json!([])), ("good", json!(["still here"]))],
            expect![[r#"
        > never_woken []
        failed: NeverWoken: the activity waits for ever: it awaits a future that nothing will wake, such as `std::future::pending()` or a channel whose other end waits, too
        not tried again: MaximumAttemptsReached
        > good ["still here"]
        completed: "still here"
    "#]],
        )
        .await;
    attacked.stop().await;
}

#[tokio::test]
async fn a_guest_that_uses_too_much_is_stopped() {
    let server = DevServer::start().await;
    let attacked = Attacked::start(Isolet::worker(server).component("hostile").limit("resources=100")).await;
    let calls = [
        ("memory_bomb", json!([])),
        ("deep_recursion", json!([])),
        ("shadow_stack_overflow", json!([])),
        ("resource_flood", json!([])),
        ("unreachable", json!([])),
        ("exit", json!([])),
    ];
    attacked.check(&calls, expect![[r#"
        > memory_bomb []
        failed: SandboxMemoryLimit: the guest asked for more memory than its limit of 16 MiB: raise `limits.memory`
          non-retryable
        not tried again: NonRetryableFailure
        > deep_recursion []
        failed: SandboxStackOverflow: the guest's stack is used up: recurse less deeply, or build the guest with a larger stack
          non-retryable
        not tried again: NonRetryableFailure
        > shadow_stack_overflow []
        failed: SandboxStackOverflow: the guest's stack is used up: recurse less deeply, or build the guest with a larger stack
          non-retryable
        not tried again: NonRetryableFailure
        > resource_flood []
        failed: SandboxOutputLimit: the guest holds more resources than its limit of 100: drop some, or raise `limits.resources`
        not tried again: MaximumAttemptsReached
        > unreachable []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > exit []
        failed: SandboxTrap: the guest exited with code 1
        not tried again: MaximumAttemptsReached
    "#]]).await;
    attacked.stop().await;
}

#[tokio::test]
async fn a_guest_that_says_too_much_is_stopped() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").limit("result=1MiB").limit("heartbeat=64KiB");
    let attacked = Attacked::start(worker).await;
    let calls = [
        ("huge_result", json!([2])),
        ("huge_failure", json!([2])),
        ("huge_heartbeat", json!([1])),
        ("heartbeat_flood", json!([100_000])),
    ];
    attacked.check(&calls, expect![[r#"
        > huge_result [2]
        failed: SandboxOutputLimit: the result has 2097172 bytes and its limit is 1 MiB: return less, or raise `limits.result`
        not tried again: MaximumAttemptsReached
        > huge_failure [2]
        failed: SandboxOutputLimit: the failure has 2 MiB and its limit is 1 MiB: return less, or raise `limits.result`
        not tried again: MaximumAttemptsReached
        > huge_heartbeat [1]
        failed: SandboxOutputLimit: the details of a heartbeat have 1048596 bytes and their limit is 64 KiB: record less, or raise `limits.heartbeat`
        not tried again: MaximumAttemptsReached
        > heartbeat_flood [100000]
        completed: 100000
    "#]]).await;
    attacked.stop().await;
}

#[tokio::test]
async fn a_log_flood_costs_lines_and_nothing_else() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").limit("log-rate=100").limit("log-line=1KiB");
    let attacked = Attacked::start(worker).await;
    let calls = [("log_flood", json!([20_000])), ("stdout_flood", json!([20_000])), ("huge_log_line", json!([2]))];
    attacked
        .check(
            &calls,
            expect![[r#"
        > log_flood [20000]
        completed: 20000
        > stdout_flood [20000]
        completed: 20000
        > huge_log_line [2]
        completed: null
    "#]],
        )
        .await;
    let worker = attacked.stop().await;

    let lines = |event: &str| worker.events_named(event);
    let kept = lines("log").len();
    let dropped: u64 = lines("log-lines-dropped").iter().map(|event| event["count"].as_u64().unwrap()).sum();
    assert!((100..5_000).contains(&kept), "{kept} lines kept");
    assert_eq!(kept as u64 + dropped, 40_001);
    let longest = lines("log").iter().map(|event| event["message"].as_str().unwrap().len()).max();
    assert!(longest.is_some_and(|length| (512..=1_024).contains(&length)), "{longest:?}");
}

/// A name in C++'s mangling, of which each part stands for twice the one before, so that nobody can write it out.
fn doubling_cpp_name() -> String {
    let parts = (0..200).map(|level| format!("St4pairIS{level}_S{level}_E"));
    format!("_Z1fSt4pairIiiE{}", parts.collect::<String>())
}

#[tokio::test]
async fn a_name_without_end_is_no_trouble_to_whoever_shows_it() {
    let server = DevServer::start().await;
    let guests = Guests::default();
    let items = format!("(func $named (@name \"{}\") unreachable)", doubling_cpp_name());
    let file = guests.activity("trap_in_a_name", &items, "(call $named) i32.const 0");
    let shown = Isolet::with(["inspect", &file.display().to_string()]).run().await;
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("trap_in_a_name"), "{}", shown.stdout);

    let attacked = Attacked::start(Isolet::worker(server).component_file(&file)).await;
    let outcome = attacked.worker.standalone("trap_in_a_name").start_to_close("20s").run().await;
    let failure = outcome.failure();
    assert!(outcome.to_string().starts_with("failed: SandboxTrap: the guest trapped"), "{outcome}");
    assert!(failure.message.len() < 1_000 && failure.stack_trace.len() < 16 << 10, "{failure:?}");
    attacked.stop().await;
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_processor_time() {
    let server = DevServer::start().await;
    let guests = Guests::default();
    let in_realloc =
        guests.changed("realloc_without_end", "(local $at i32)", "(local $at i32) (loop $ever (br $ever))");
    let worker = Isolet::worker(server).component("hostile").component_file(&in_realloc).limit("cpu-time=400ms");
    let attacked = Attacked::start(worker).await;
    let calls = [("spin", json!([])), ("realloc_without_end", json!([]))];
    attacked
        .check(
            &calls,
            expect![[r#"
        > spin []
        failed: SandboxCpuLimit: the guest used more processor time than its limit of 400ms: raise `limits.cpu-time`
          non-retryable
        not tried again: NonRetryableFailure
        > realloc_without_end []
        failed: SandboxCpuLimit: the guest used more processor time than its limit of 400ms: raise `limits.cpu-time`
          non-retryable
        not tried again: NonRetryableFailure
    "#]],
        )
        .await;
    attacked.stop().await;
}

#[tokio::test]
async fn a_table_bomb_is_stopped() {
    let server = DevServer::start().await;
    let guests = Guests::default();
    let bomb = "(loop $more (br_if $more (i32.ne (i32.const -1)
        (table.grow $bomb (ref.null func) (i32.const 1000))))) unreachable";
    let bomb = guests.activity("table_bomb", "(table $bomb 1 funcref)", bomb);
    let attacked = Attacked::start(Isolet::worker(server).component_file(&bomb)).await;
    let calls = [("table_bomb", json!([]))];
    attacked.check(&calls, expect![[r#"
        > table_bomb []
        failed: SandboxMemoryLimit: the guest asked for more table elements than its limit of 20000: raise `limits.table-elements`
          non-retryable
        not tried again: NonRetryableFailure
    "#]]).await;
    attacked.stop().await;
}

/// Guests that return what does not fit the contract.
pub(crate) const LIES: [&str; 8] = [
    "outcome_outside_memory",
    "outcome_misaligned",
    "outcome_of_no_case",
    "message_that_is_no_text",
    "result_beyond_memory",
    "result_of_4_gib",
    "realloc_outside_memory",
    "realloc_misaligned",
];

/// Components of these names, each with one activity that is called the same.
pub(crate) fn liars(guests: &Guests) -> [PathBuf; 8] {
    let completed_with = |pointer: &str, length: &str| {
        format!(
            "(i32.store (i32.const 4) (i32.const 1)) (i32.store (i32.const 16) {pointer})
            (i32.store (i32.const 20) {length}) (i32.const 0)"
        )
    };
    let not_text = "(i32.store8 (i32.const 0) (i32.const 1)) (i32.store (i32.const 4) (i32.const 2048))
        (i32.store (i32.const 8) (i32.const 1)) (i32.store (i32.const 2048) (i32.const 4096))
        (i32.store (i32.const 2052) (i32.const 1)) (i32.store8 (i32.const 4096) (i32.const 255)) (i32.const 0)";
    let unknown_case = "(i32.store8 (i32.const 0) (i32.const 9)) (i32.const 0)";
    let last = "(local.get $at))";
    [
        guests.activity("outcome_outside_memory", "", "i32.const -16"),
        guests.activity("outcome_misaligned", "", "i32.const 2"),
        guests.activity("outcome_of_no_case", "", unknown_case),
        guests.activity("message_that_is_no_text", "", not_text),
        guests.activity("result_beyond_memory", "", &completed_with("(i32.const 65530)", "(i32.const 100)")),
        guests.activity("result_of_4_gib", "", &completed_with("(i32.const 0)", "(i32.const -1)")),
        guests.changed("realloc_outside_memory", last, "(i32.const -8))"),
        guests.changed("realloc_misaligned", last, "(i32.const 3))"),
    ]
}

#[tokio::test]
async fn lies_about_memory_are_seen_through() {
    let server = DevServer::start().await;
    let guests = Guests::default();
    let files = liars(&guests);
    let worker = files.iter().fold(Isolet::worker(server), |worker, file| worker.component_file(file));
    let attacked = Attacked::start(worker).await;
    let calls = LIES.map(|activity| (activity, json!([])));
    attacked
        .check(
            &calls,
            expect![[r#"
        > outcome_outside_memory []
        failed: SandboxTrap: the guest broke the contract: pointer out of bounds of memory
        not tried again: MaximumAttemptsReached
        > outcome_misaligned []
        failed: SandboxTrap: the guest broke the contract: return pointer not aligned
        not tried again: MaximumAttemptsReached
        > outcome_of_no_case []
        failed: SandboxTrap: the guest broke the contract: unexpected discriminant: 9
        not tried again: MaximumAttemptsReached
        > message_that_is_no_text []
        failed: SandboxTrap: the guest broke the contract: invalid utf-8 sequence of 1 bytes from index 0
        not tried again: MaximumAttemptsReached
        > result_beyond_memory []
        failed: SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory
        not tried again: MaximumAttemptsReached
        > result_of_4_gib []
        failed: SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory
        not tried again: MaximumAttemptsReached
        > realloc_outside_memory []
        failed: SandboxTrap: the guest broke the contract: realloc return: beyond end of memory
        not tried again: MaximumAttemptsReached
        > realloc_misaligned []
        failed: SandboxTrap: the guest broke the contract: realloc return: result not aligned
        not tried again: MaximumAttemptsReached
    "#]],
        )
        .await;
    attacked.stop().await;
}

/// The component is refused at load, with this on standard error.
async fn check_refused(guests: &Guests, file: &Path, expected: Expect) {
    expected.assert_eq(&refusal_of(guests, file).await);
}

/// What is said of the component, which is refused at load.
async fn refusal_of(guests: &Guests, file: &Path) -> String {
    let server = DevServer::start().await;
    let run = Isolet::worker(server).component_file(file).limit("memory=16MiB").isolet().run().await;
    assert_eq!(run.stdout, "");
    run.refusal().replace(&guests.folder.path().display().to_string(), "DIR")
}

#[tokio::test]
async fn a_guest_that_never_starts_is_not_served() {
    let guests = Guests::default();
    let endless =
        guests.activity("start_without_end", "(func $start (loop $ever (br $ever))) (start $start)", "i32.const 0");
    check_refused(
        &guests,
        &endless,
        expect![[r#"
        exit code 3
        error: failed to load component DIR/start_without_end.wasm
          because: it does not tell its activities: its start functions and `list-activities` did not end within 5s
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_guest_that_never_starts_when_it_is_called_is_killed() {
    let guests = Guests::default();
    // Starts after a second unless it is cancelled meanwhile, which it is not when it is loaded.
    let items = r#"(import "isolet:activity/cancellation@0.1.0" "wait"
      (func $wait (param i32 i32 i64 i32) (result i32)))
    (func $start (loop $ever (br_if $ever
      (i32.and (i32.const 1) (call $wait (i32.const 1) (i32.const 1) (i64.const 1) (i32.const 0))))))
    (start $start)"#;
    let endless = guests.activity("late_start", items, "i32.const 0");
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component_file(&endless).kill_grace("1s").start().await;
    expect!["completed: null"].assert_eq(&worker.standalone("late_start").run().await.to_string());
    let call = worker.standalone("late_start").start_to_close("500ms").start().await;
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "timed-out");
    worker.stop().await;
}

#[tokio::test]
async fn a_guest_that_never_tells_its_activities_is_not_served() {
    let guests = Guests::default();
    let endless = "(result i32) (loop $ever (br $ever)) unreachable)";
    let list = guests.changed("list_without_end", "(result i32) (i32.const 256))", endless);
    check_refused(
        &guests,
        &list,
        expect![[r#"
        exit code 3
        error: failed to load component DIR/list_without_end.wasm
          because: it does not tell its activities: its start functions and `list-activities` did not end within 5s
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_guest_that_misbehaves_at_its_start_is_not_served() {
    let guests = Guests::default();
    let trap = guests.activity("start_that_traps", "(func $start unreachable) (start $start)", "i32.const 0");
    check_refused(
        &guests,
        &trap,
        expect![[r#"
        exit code 3
        error: failed to load component DIR/start_that_traps.wasm
          because: it does not tell its activities: the guest trapped: wasm `unreachable` instruction executed
    "#]],
    )
    .await;
    let lying_list =
        guests.changed("list_outside_memory", "(result i32) (i32.const 256))", "(result i32) (i32.const -8))");
    check_refused(
        &guests,
        &lying_list,
        expect![[r#"
        exit code 3
        error: failed to load component DIR/list_outside_memory.wasm
          because: it does not tell its activities: the guest broke the contract: pointer out of bounds of memory
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_guest_that_begins_too_large_is_not_served() {
    let guests = Guests::default();
    let memory = guests.changed("huge_memory", r#"(memory (export "memory") 1)"#, r#"(memory (export "memory") 4096)"#);
    check_refused(&guests, &memory, expect![[r#"
        exit code 3
        error: failed to load component DIR/huge_memory.wasm
          because: it does not tell its activities: the guest asked for more memory than its limit of 16 MiB: raise `limits.memory`
    "#]]).await;
    let table = guests.activity("huge_table", "(table 1000000 funcref)", "i32.const 0");
    check_refused(&guests, &table, expect![[r#"
        exit code 3
        error: failed to load component DIR/huge_table.wasm
          because: it does not fit into a sandbox: table index 0 has a minimum element size of 1000000 which exceeds the limit of 100000
    "#]]).await;
}

#[tokio::test]
async fn what_is_no_component_of_activities_is_not_served() {
    let guests = Guests::default();
    check_refused(
        &guests,
        &guests.file("module.wasm", &wat::parse_str("(module)").unwrap()),
        expect![[r#"
        exit code 3
        error: failed to load component DIR/module.wasm
          because: it is a core WebAssembly module, not a component
          cure: build it for the target wasm32-wasip2, or make it a component with `wasm-tools component new`
    "#]],
    )
    .await;
    check_refused(
        &guests,
        &guests.file("no-exports.wasm", &wat::parse_str("(component)").unwrap()),
        expect![[r#"
        exit code 3
        error: failed to load component DIR/no-exports.wasm
          because: it exports no activities: there is no isolet:activity/handler@0.1 among its exports (none)
          cure: build it with one of Isolet's SDKs, or let it export a function
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_broken_or_no_component_at_all_is_not_served() {
    let guests = Guests::default();
    let whole = fs::read(component("hostile")).unwrap();
    let noise: Vec<u8> = (0..1_024_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();

    let truncated = refusal_of(&guests, &guests.file("truncated.wasm", &whole[..whole.len() / 2])).await;
    // The offsets in between are the built component's, which is not the same everywhere.
    assert!(truncated.starts_with("exit code 3\nerror: failed to load component DIR/truncated.wasm\n"), "{truncated}");
    assert!(truncated.contains("because: it is not a valid component: section range"), "{truncated}");
    assert!(truncated.ends_with("\n  cure: build or copy it again\n"), "{truncated}");
    check_refused(
        &guests,
        &guests.file("noise.wasm", &noise),
        expect![[r#"
        exit code 3
        error: failed to load component DIR/noise.wasm
          because: it is not a WebAssembly component but a file that begins with the bytes 00 00 00 00 b1 79 37 9e
    "#]],
    )
    .await;
    check_refused(
        &guests,
        &guests.file("noisy-header.wasm", &[&whole[..8], &noise].concat()),
        expect![[r#"
        exit code 3
        error: failed to load component DIR/noisy-header.wasm
          because: it is not a valid component: unexpected end-of-file (at offset 0xa)
          cure: build or copy it again
    "#]],
    )
    .await;
    check_refused(
        &guests,
        &guests.file("empty.wasm", b""),
        expect![[r#"
        exit code 3
        error: failed to load component DIR/empty.wasm
          because: it is not a WebAssembly component but an empty file
    "#]],
    )
    .await;
    check_refused(
        &guests,
        &guests.file("text.wasm", b"fn main() {}"),
        expect![[r#"
        exit code 3
        error: failed to load component DIR/text.wasm
          because: it is not a WebAssembly component but a file that begins with the bytes 66 6e 20 6d 61 69 6e 28
    "#]],
    )
    .await;
}

/// Components made for a test.
pub(crate) struct Guests {
    folder: TempDir,
}

impl Default for Guests {
    fn default() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }
}

impl Guests {
    /// A file with this content.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A component with one activity.
    pub(crate) fn activity(&self, name: &str, items: &str, body: &str) -> PathBuf {
        self.encoded(name, &wat_component::activity_module(items, body))
    }

    /// The same, doing no harm but for one change of the module's text.
    pub(crate) fn changed(&self, name: &str, from: &str, to: &str) -> PathBuf {
        let module = wat_component::activity_module("", "i32.const 0");
        assert!(module.contains(from), "{from} is not in {module}");
        self.encoded(name, &module.replacen(from, to, 1))
    }

    fn encoded(&self, name: &str, module: &str) -> PathBuf {
        let (old_name, old_length) = (r#""run""#, r"\03\00\00\00\01");
        assert!(module.contains(old_name) && module.contains(old_length), "{module}");
        let named = module.replace(old_name, &format!("{name:?}"));
        let named = named.replace(old_length, &format!(r"\{:02x}\00\00\00\01", name.len()));
        self.file(&format!("{name}.wasm"), &wat_component::encode(&named).unwrap())
    }
}

/// A scratch directory holds no more than it may, leads nowhere, and is another one for each attempt.
#[tokio::test]
async fn a_scratch_directory_is_an_attempt_s_own() {
    let server = DevServer::start().await;
    let hostile = Isolet::worker(server).component("hostile").option("--scratch", "4MiB").kill_grace("0s");
    let attacked = Attacked::start(hostile).await;
    let ended = attacked.worker.standalone("scratch").arg("spin").start_to_close("1s").run().await;
    assert!(ended.is_start_to_close_timeout(), "{ended}");
    let attacks = ["fill", "entries", "hole", "hard link", "symbolic link", "/tmp/../etc/passwd", "/etc/passwd"];
    let calls = attacks.into_iter().chain(["/tmp/left", "use", "handles"]).map(|attack| ("scratch", json!([attack])));
    attacked.check(&calls.collect::<Vec<_>>(), expect![[r#"
        > scratch ["fill"]
        completed: "4128768 bytes, then I/O error (os error 29)"
        > scratch ["entries"]
        completed: "4096 files, then No space left on device (os error 51)"
        > scratch ["hole"]
        completed: "1099511627776"
        > scratch ["hard link"]
        completed: "Operation not permitted (os error 63)"
        > scratch ["symbolic link"]
        completed: "Operation not permitted (os error 63)"
        > scratch ["/tmp/../etc/passwd"]
        completed: "Operation not permitted (os error 63)"
        > scratch ["/etc/passwd"]
        completed: "No such file or directory (os error 44)"
        > scratch ["/tmp/left"]
        completed: "No such file or directory (os error 44)"
        > scratch ["use"]
        completed: "[\"report\", \"report\", \"0 left\"]"
        > scratch ["handles"]
        failed: SandboxOutputLimit: the guest holds more resources than its limit of 1000: drop some, or raise `limits.resources`
        not tried again: MaximumAttemptsReached
    "#]]).await;
    attacked.stop().await;
}

/// Without the grant there is none.
#[tokio::test]
async fn nobody_has_a_scratch_directory_unless_it_is_granted() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").start().await;
    let outcome = worker.standalone("scratch").arg("hole").run().await;
    expect![[r#"completed: "No such file or directory (os error 44)""#]].assert_eq(&outcome.to_string());
    worker.stop().await;
}
