//! Components are compiled in a process of their own, within limits. This program is both: the test, and, started by
//! it with an argument, the process that compiles.

use std::{
    env,
    ffi::OsString,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use engine::{CompileError, CompileLimits, Compiler, Engine, EngineSettings, LoadError, Source};

/// The argument that makes this program the process that compiles.
const CHILD: &str = "compile";
/// And the one that makes it a process that never answers.
const STUCK: &str = "get-stuck";

fn main() -> anyhow::Result<ExitCode> {
    match env::args().nth(1).as_deref() {
        Some(CHILD) => return Ok(engine::compile_child()),
        Some(STUCK) => loop {
            std::thread::park();
        },
        _ => {}
    }
    compiles_once().context("compiles_once")?;
    refuses_what_is_broken().context("refuses_what_is_broken")?;
    stops_what_takes_too_long().context("stops_what_takes_too_long")?;
    stops_what_takes_too_much().context("stops_what_takes_too_much")?;
    reports_a_missing_compiler().context("reports_a_missing_compiler")?;
    refuses_what_has_too_many_parts().context("refuses_what_has_too_many_parts")?;
    Ok(ExitCode::SUCCESS)
}

fn settings(argument: &str) -> anyhow::Result<EngineSettings> {
    let compiler = Compiler::Child { program: env::current_exe()?, arguments: vec![OsString::from(argument)] };
    Ok(EngineSettings { compiler, pool_slots: 4, guest_threads: 1, ..EngineSettings::default() })
}

fn refusal(engine: &Engine, component: &[u8]) -> anyhow::Result<LoadError> {
    let loaded = engine.load(&Source::new("x", component), Arc::default());
    loaded.err().context("it was loaded")
}

fn compiles_once() -> anyhow::Result<()> {
    let component = wat_component::activity("", "i32.const 0")?;
    let dir = tempfile::tempdir()?;
    let cache_dir = Some(dir.path().join("store"));
    let engine = Engine::new(EngineSettings { cache_dir: cache_dir.clone(), ..settings(CHILD)? })?;
    let loaded = engine.load(&Source::new("good", &component), Arc::default())?;
    ensure!(loaded.listing.activities.len() == 1);
    // Another engine finds it compiled: this one's compiler would never answer.
    let engine = Engine::new(EngineSettings { cache_dir, ..settings(STUCK)? })?;
    engine.load(&Source::new("good", &component), Arc::default())?;
    Ok(())
}

fn refuses_what_is_broken() -> anyhow::Result<()> {
    let engine = Engine::new(settings(CHILD)?)?;
    let component = wat_component::activity("", "i32.const 0")?;
    let refusal = refusal(&engine, component.get(..component.len() / 2).context("no half")?)?;
    ensure!(matches!(&refusal, LoadError::Invalid { reason } if reason.contains("end")), "{refusal}");
    Ok(())
}

fn stops_what_takes_too_long() -> anyhow::Result<()> {
    let compile_limits = CompileLimits { time: Duration::from_millis(300), ..CompileLimits::default() };
    let engine = Engine::new(EngineSettings { compile_limits, ..settings(STUCK)? })?;
    let began = Instant::now();
    let refusal = refusal(&engine, b"\0asm\x0d\0\x01\0")?;
    ensure!(matches!(refusal, LoadError::Compile(CompileError::TooSlow(_))), "{refusal}");
    ensure!(began.elapsed() < Duration::from_secs(10));
    Ok(())
}

fn stops_what_takes_too_much() -> anyhow::Result<()> {
    // Less than the program itself has mapped, so that it can't even read the component.
    let compile_limits = CompileLimits { memory: 1 << 20, ..CompileLimits::default() };
    let engine = Engine::new(EngineSettings { compile_limits, ..settings(CHILD)? })?;
    let component = wat_component::activity("", "i32.const 0")?;
    let refusal = refusal(&engine, &component)?;
    ensure!(
        matches!(refusal, LoadError::Compile(CompileError::Stopped { .. } | CompileError::OtherVersion { .. })),
        "{refusal}"
    );
    Ok(())
}

fn reports_a_missing_compiler() -> anyhow::Result<()> {
    let compiler = Compiler::Child { program: "/nonexistent/isolet".into(), arguments: Vec::new() };
    let engine = Engine::new(EngineSettings { compiler, ..settings(CHILD)? })?;
    let refusal = refusal(&engine, b"\0asm\x0d\0\x01\0")?;
    ensure!(matches!(refusal, LoadError::Compile(CompileError::Program { .. })), "{refusal}");
    Ok(())
}

fn refuses_what_has_too_many_parts() -> anyhow::Result<()> {
    // Its compiler would never answer.
    let engine = Engine::new(settings(STUCK)?)?;
    let inner = "(component)".repeat(100);
    let text = format!("(component {})", format!("(component {inner})").repeat(1_000));
    let refusal = refusal(&engine, &wat::parse_str(text)?)?;
    ensure!(refusal.to_string().contains("more than 1000 modules and components"), "{refusal}");
    Ok(())
}
