//! Activities that try to harm the host or their neighbours, and one good one. Tests look that each is contained.
//!
//! What takes hand-written Wasm (loops at instantiation or in `realloc`, lying pointers) is not here.

mod reach;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::task::Poll;
use std::time::{Duration, Instant};

use isolet_sdk::bindings::isolet::activity::{
    cancellation, cancellation_pollable, client, heartbeat, info, log, types,
};
use isolet_sdk::{ActivityContext, ActivityError, Attribute, Bytes, Level, activity};

isolet_sdk::export!(
    busy_polling,
    deep_recursion,
    empty_payloads,
    endless_instruments,
    exit,
    flood,
    good,
    heartbeat_flood,
    huge_failure,
    huge_heartbeat,
    huge_log_line,
    huge_result,
    log_flood,
    memory_bomb,
    metric_flood,
    never_woken,
    resource_flood,
    scratch,
    shadow_stack_overflow,
    spin,
    stdout_flood,
    unreachable,
    reach::ask_temporal,
    reach::endless_line,
    reach::leave_marks,
    reach::look_for_marks,
    reach::read_input,
    reach::sleep_for_ever,
    reach::socket,
    reach::start_program,
    reach::start_thread,
    reach::touch,
    reach::variables,
);

const MIB: usize = 1 << 20;

/// Does no harm: runs beside the others.
#[activity]
fn good(text: String) -> String {
    text
}

/// Never ends and calls nothing.
#[activity]
fn spin() {
    let mut count = 0_u64;
    loop {
        count = black_box(count.wrapping_add(1));
    }
}

/// Is never done, and always ready to be asked again.
#[activity]
async fn busy_polling() {
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    })
    .await;
}

/// Waits for what nobody will ever tell.
#[activity]
async fn never_woken() {
    std::future::pending::<()>().await;
}

/// Takes memory until there is none.
#[activity]
fn memory_bomb() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; MIB]));
    }
}

/// Uses up the engine's stack.
#[activity]
fn deep_recursion() -> u64 {
    fn descend(depth: u64) -> u64 {
        if black_box(depth) == u64::MAX { 0 } else { 1 + descend(depth + 1) }
    }
    descend(0)
}

/// Uses up the stack that the guest keeps in its own memory.
#[activity]
fn shadow_stack_overflow() -> u64 {
    fn descend(depth: u64) -> u64 {
        let frame = black_box([depth; 1024]);
        if depth == u64::MAX { 0 } else { descend(depth + 1) + frame.iter().sum::<u64>() }
    }
    descend(0)
}

/// Traps.
#[activity]
fn unreachable() {
    #[cfg(target_family = "wasm")]
    std::arch::wasm32::unreachable();
}

/// Returns this many MiB.
#[activity]
fn huge_result(mib: usize) -> Bytes {
    Bytes(vec![7; mib * MIB])
}

/// Fails with a message of this many MiB.
#[activity]
fn huge_failure(mib: usize) -> Result<(), String> {
    Err("x".repeat(mib * MIB))
}

/// Sends a heartbeat of this many MiB.
#[activity]
fn huge_heartbeat(context: &ActivityContext, mib: usize) {
    context.heartbeat(Bytes(vec![7; mib * MIB]));
}

/// Sends this many heartbeats.
#[activity]
fn heartbeat_flood(context: &ActivityContext, count: u64) -> u64 {
    for number in 0..count {
        context.heartbeat(number);
    }
    count
}

/// Writes this many log lines.
#[activity]
fn log_flood(context: &ActivityContext, lines: u64) -> u64 {
    for line in 0..lines {
        context.log(Level::Info, format!("line {line}"));
    }
    lines
}

/// Writes one log line of this many MiB.
#[activity]
fn huge_log_line(context: &ActivityContext, mib: usize) {
    context.log(Level::Info, "x".repeat(mib * MIB));
}

/// Writes this many lines on standard output.
#[activity]
fn stdout_flood(lines: u64) -> Result<u64, std::io::Error> {
    let mut output = std::io::stdout().lock();
    for line in 0..lines {
        writeln!(output, "line {line}")?;
    }
    Ok(lines)
}

/// Ends the process, as it thinks.
#[activity]
fn exit() {
    #[expect(clippy::exit, clippy::disallowed_methods, reason = "this is what the test is about")]
    std::process::exit(3)
}

/// Holds host resources without end.
#[activity]
fn resource_flood() {
    loop {
        std::mem::forget(cancellation_pollable::subscribe(cancellation::Event::CANCELLED));
    }
}

/// Records values without end, each with attributes that are too large and too many.
#[activity]
fn metric_flood(context: &ActivityContext) -> Result<(), ActivityError> {
    let counter = context.metrics().counter("hostile_flood").make()?;
    let (names, text): (Vec<String>, _) =
        ((0..100).map(|number| format!("attribute{number}")).collect(), "x".repeat(10_000));
    for number in 0_u32.. {
        let large = names.iter().map(|name| (name.as_str(), &text as &dyn Attribute));
        let attributes: Vec<_> = [("a", &number as &dyn Attribute)].into_iter().chain(large).collect();
        counter.add_with(1, &attributes);
    }
    Ok(())
}

/// Makes instruments without end.
#[activity]
fn endless_instruments(context: &ActivityContext) -> Result<(), ActivityError> {
    for number in 0_u32.. {
        context.metrics().counter(format!("hostile_{number}")).make()?.add(1);
    }
    Ok(())
}

/// Sends a heartbeat of so many payloads with nothing in them.
#[activity]
fn empty_payloads(count: usize) {
    heartbeat::record(&vec![types::Payload { metadata: Vec::new(), data: Vec::new() }; count]);
}

/// Says the same for so many milliseconds, as often as it can, and returns how often.
///
/// `lines` are short, `control` lines of 16 KiB that are escaped, `fields` lines with 5,000 of them; `heartbeats` have
/// 2 MB, and `empty-payloads` are heartbeats of 10,000 of them; `failed-heartbeats` and `metrics` are what they are
/// called; `client-calls` are signals of 2 MB to a workflow that there is not; `clock`, `cancelled` and `info`
/// ask for the time, whether it is cancelled, and who it is.
#[activity]
fn flood(context: &ActivityContext, what: String, milliseconds: u64) -> Result<u64, ActivityError> {
    let say: Box<dyn Fn(u64)> = match what.as_str() {
        "lines" => Box::new(|number| context.log(Level::Info, format!("line {number}"))),
        "control" => {
            let text = "\u{1b}".repeat(16 << 10);
            Box::new(move |_| context.log(Level::Info, &text))
        }
        "fields" => {
            let fields = (0..5_000).map(|number| (format!("f{number}"), "1".to_owned())).collect();
            let (logger, message) = (String::new(), "fields".to_owned());
            let line = log::LogRecord { level: log::Level::Info, logger, message, fields };
            Box::new(move |_| log::write(&line))
        }
        "heartbeats" => {
            let details = [types::Payload { metadata: Vec::new(), data: vec![7; 2_000_000] }];
            Box::new(move |_| heartbeat::record(&details))
        }
        "empty-payloads" => {
            let details = vec![types::Payload { metadata: Vec::new(), data: Vec::new() }; 10_000];
            Box::new(move |_| heartbeat::record(&details))
        }
        "client-calls" => {
            let workflow =
                client::WorkflowReference { namespace: None, workflow_id: "nobody".to_owned(), run_id: None };
            let input = [types::Payload { metadata: Vec::new(), data: vec![7; 2_000_000] }];
            Box::new(move |_| drop(client::signal_workflow(&workflow, "hear", &input)))
        }
        "failed-heartbeats" => {
            let reason = [types::Failure {
                message: "x".repeat(1_900_000),
                stack_trace: String::new(),
                kind: types::FailureKind::Terminated,
                encoded_attributes: None,
            }];
            Box::new(move |_| heartbeat::record_failed(&reason))
        }
        "clock" => Box::new(|_| _ = black_box(Instant::now())),
        "cancelled" => Box::new(|_| _ = black_box(cancellation::is_cancelled())),
        "info" => Box::new(|_| drop(black_box(info::get()))),
        "metrics" => {
            let histogram = context.metrics().histogram("hostile_values").make()?;
            Box::new(move |number| {
                histogram.record_with(number, &[("a", &u32::try_from(number % 500).unwrap_or_default())]);
            })
        }
        other => return Err(isolet_sdk::ApplicationFailure::new(format!("no flood is called {other:?}")).into()),
    };
    let (begun, time) = (Instant::now(), Duration::from_millis(milliseconds));
    let mut count = 0;
    while begun.elapsed() < time {
        say(count);
        count += 1;
    }
    Ok(count)
}

/// Tries something with its scratch directory, and tells what came of it.
#[activity]
fn scratch(attack: String) -> String {
    let tmp = Path::new("/tmp");
    match attack.as_str() {
        "use" => told(used(tmp)),
        "fill" => {
            let Ok(mut file) = File::create(tmp.join("full")) else { return "no file".to_owned() };
            let mut written = 0;
            loop {
                match file.write(&[7; 1 << 16]) {
                    Ok(more) => written += more,
                    Err(error) => return format!("{written} bytes, then {}", told::<()>(Err(error))),
                }
            }
        }
        "entries" => {
            for number in 0.. {
                if let Err(error) = File::create(tmp.join(format!("{number}"))) {
                    return format!("{number} files, then {}", told::<()>(Err(error)));
                }
            }
            String::new()
        }
        "hole" => {
            let hole = || {
                let mut file = File::create_new(tmp.join("hole"))?;
                file.set_len(1 << 40)?;
                file.seek(SeekFrom::End(-1))?;
                file.write_all(b"x")?;
                file.metadata()
            };
            told(hole().map(|metadata| metadata.len()))
        }
        "hard link" => told(File::create(tmp.join("a")).and_then(|_| fs::hard_link(tmp.join("a"), tmp.join("b")))),
        #[expect(deprecated, reason = "the other one is not stable")]
        "symbolic link" => told(fs::soft_link("/etc/passwd", tmp.join("passwd"))),
        "handles" => {
            let mut held = Vec::new();
            loop {
                match File::create(tmp.join("one")) {
                    Ok(file) => held.push(file),
                    Err(error) => return format!("{} files, then {}", held.len(), told::<()>(Err(error))),
                }
            }
        }
        "spin" => {
            let _ = fs::write(tmp.join("left"), "behind");
            loop {
                black_box(());
            }
        }
        path => told(File::open(path).and_then(|mut file| {
            let mut text = String::new();
            file.read_to_string(&mut text)
        })),
    }
}

/// What a good activity does with it.
fn used(tmp: &Path) -> io::Result<Vec<String>> {
    let work = tmp.join("work");
    fs::create_dir_all(work.join("deep"))?;
    fs::write(work.join("deep/draft"), "report")?;
    fs::rename(work.join("deep/draft"), work.join("report"))?;
    let report = fs::read_to_string(work.join("report"))?;
    fs::remove_dir(work.join("deep"))?;
    let mut found: Vec<_> = fs::read_dir(&work)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    found.push(report);
    fs::remove_dir_all(&work)?;
    let left = fs::read_dir(tmp)?.count();
    found.push(format!("{left} left"));
    Ok(found)
}

fn told<T: std::fmt::Debug>(result: io::Result<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error}"),
    }
}
