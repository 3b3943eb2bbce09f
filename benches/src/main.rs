//! Isolet measured against controls, all in one run: `cargo run --release --bin isolet-benches`.
//!
//! Not a test: nothing here fails because a machine is slow. Each benchmark runs what it measures and its control in
//! turns within the same minutes, so that drift of the machine meets both, and says next to each figure whether its
//! target was reached. What was measured last of each benchmark is kept under `target/benchmarks`, and
//! `docs/benchmarks.md` is written from all of it.
//!
//! # Layout
//! - [`fresh_sandbox`]: (a) a sandbox per attempt, against bare wasmtime.
//! - [`end_to_end`]: (b) whole workers, against a native Rust worker and the official Python worker.
//! - [`kill_latency`]: (c) stopping guests on saturated cores.
//! - [`idle_memory`]: (d) what a live idle instance holds.
//! - [`load_time`]: (e) loading from the store of compiled components.
//! - [`host_calls`]: (f) what a host call costs its guest.
//! - [`floods`]: (g) what a tenant notices of another that floods the worker.
//! - [`cells`]: (h) guests in cells, against the engine in one process.
//! - [`many_tenants`]: (i) a thousand tenants on one host; [`greedy`]: one that wants all its memory; [`tenants_host`]: their
//!   worker and files.
//! - [`soak`]: (j) whether anything grows in half an hour.
//! - [`settings`]: the command line, and the sizes of a run.
//! - [`sandboxes`]: an engine of Isolet's and the guests that all of them run.
//! - [`prepare`]: builds what is measured.
//! - [`report`], [`machine`], [`samples`], [`processes`]: the document, its facts, its figures, what is started.

mod cells;
mod end_to_end;
mod floods;
mod fresh_sandbox;
mod greedy;
mod host_calls;
mod idle_memory;
mod kill_latency;
mod load_time;
mod machine;
mod many_tenants;
mod prepare;
mod processes;
mod progress;
mod report;
mod samples;
mod sandboxes;
mod settings;
mod soak;
mod tenants_host;

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser as _;

use crate::{
    report::{Section, Store},
    settings::{Arguments, Benchmark, Role, Settings},
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .on_thread_start(engine::take_short_slices)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let ended = runtime.block_on(async {
        // On a thread of the runtime, where what it waits for wakes it without another thread in between.
        let mut work = tokio::spawn(dispatch(arguments));
        tokio::select! {
            ended = &mut work => ended.map_err(Into::into).flatten(),
            interrupted = interrupted() => {
                work.abort();
                // Dropped by then, and with it what it started.
                let _ = work.await;
                Err(interrupted)
            }
        }
    });
    // Benchmarks run bounded loops on blocking threads; an interrupted one is not waited for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    progress::say(format!("error: {error:#}"));
    ExitCode::FAILURE
}

/// Ends with an error on SIGINT or SIGTERM.
async fn interrupted() -> anyhow::Error {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    anyhow::anyhow!("interrupted")
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.role {
        Some(Role::NativeWorker(worker)) => end_to_end::native_worker::run(worker).await,
        Some(Role::IdleInstances(instances)) => idle_memory::serve(instances).await,
        None => run(&Settings::validated(arguments.options)?).await,
    }
}

/// Runs the chosen benchmarks. One that fails does not keep the others from running.
async fn run(settings: &Settings) -> anyhow::Result<()> {
    prepare::build(settings).await.context("failed to build what is measured")?;
    let store = Store::open(settings)?;
    let mut failures = Vec::new();
    for benchmark in settings.benchmarks.iter().copied() {
        progress::say(format!("({}) {}", benchmark.letter(), benchmark.title()));
        let mut section = Section::begin(benchmark, settings);
        match measure(benchmark, settings, &mut section).await {
            Ok(()) => {
                section.targets.iter().for_each(|target| progress::say(target.line()));
                store.keep(&section)?;
            }
            Err(error) => {
                progress::say(format!("({}) failed: {error:#}", benchmark.letter()));
                failures.push(benchmark.letter());
            }
        }
    }
    let document = store.write_document().context("failed to write the document")?;
    progress::say(format!("written: {}", document.display()));
    anyhow::ensure!(failures.is_empty(), "not measured: {}", failures.join(", "));
    Ok(())
}

async fn measure(benchmark: Benchmark, settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    match benchmark {
        Benchmark::FreshSandbox => fresh_sandbox::measure(settings, section).await,
        Benchmark::EndToEnd => end_to_end::measure(settings, section).await,
        Benchmark::KillLatency => kill_latency::measure(settings, section).await,
        Benchmark::IdleMemory => idle_memory::measure(settings, section).await,
        Benchmark::LoadTime => load_time::measure(settings, section).await,
        Benchmark::HostCalls => host_calls::measure(settings, section).await,
        Benchmark::Floods => floods::measure(settings, section).await,
        Benchmark::Soak => soak::measure(settings, section).await,
        Benchmark::ManyTenants => many_tenants::measure(settings, section).await,
        Benchmark::Cells => cells::measure(settings, section).await,
    }
}
