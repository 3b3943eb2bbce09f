//! Components are compiled in a process of their own, within limits. This program is both: the test, and, started by
//! it with an argument, the process that compiles.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::{net::UnixDatagram, process::parent_id},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use engine::{CompileError, CompileLimits, Compiler, Confinement, Engine, EngineSettings, LoadError, Source};

/// The argument that makes this program the process that compiles.
const CHILD: &str = "compile";
/// And the one that makes it a process that never answers.
const STUCK: &str = "get-stuck";
/// And the ones that make it a process that confines itself, and then tries what it can't do any more, or stays.
const TRIES: &str = "confine-and-try";
const STAYS: &str = "confine-and-stay";
/// And the one that makes it the parent of one that stays.
const PARENT: &str = "have-a-child";

fn main() -> anyhow::Result<ExitCode> {
    match env::args().nth(1).as_deref() {
        Some(CHILD) => return Ok(engine::compile_child()),
        Some(STUCK) => loop {
            std::thread::park();
        },
        Some(TRIES) => return tries().map(|()| ExitCode::SUCCESS),
        Some(STAYS) => return stays().map(|()| ExitCode::SUCCESS),
        Some(PARENT) => return parent().map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    compiles_once().context("compiles_once")?;
    refuses_what_is_broken().context("refuses_what_is_broken")?;
    stops_what_takes_too_long().context("stops_what_takes_too_long")?;
    stops_what_takes_too_much().context("stops_what_takes_too_much")?;
    reports_a_missing_compiler().context("reports_a_missing_compiler")?;
    refuses_what_has_too_many_parts().context("refuses_what_has_too_many_parts")?;
    reaches_nothing_once_it_is_confined().context("reaches_nothing_once_it_is_confined")?;
    ends_with_its_parent().context("ends_with_its_parent")?;
    does_not_begin_without_its_parent().context("does_not_begin_without_its_parent")?;
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

fn confinement(parent: u32) -> Confinement {
    Confinement { memory: 2 << 30, cpu_seconds: 60, parent, calls: true }
}

/// Tries what must fail, and tells what did not, or that all did.
fn tries() -> anyhow::Result<()> {
    let before = File::open("/proc/self/status")?;
    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = server.local_addr()?;
    let program = env::current_exe()?;
    engine::confine(&confinement(parent_id()))?;
    let tried: [(&str, io::Result<()>); 10] = [
        ("open a file", File::open(&program).map(drop)),
        ("make a file", File::create("made").map(drop)),
        ("list a directory", fs::read_dir("/").map(drop)),
        ("remove a file", fs::remove_file(&program)),
        ("read a file that was open", (&before).read(&mut [0; 16]).map(drop)),
        ("connect", TcpStream::connect(address).map(drop)),
        ("accept", server.accept().map(drop)),
        ("make a socket", UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("make a local socket", UnixDatagram::unbound().map(drop)),
        ("start a program", Command::new(&program).arg(STUCK).spawn().map(drop)),
    ];
    let succeeded: Vec<_> = tried.iter().filter(|(_, result)| result.is_ok()).map(|(what, _)| *what).collect();
    // What compiling needs still works.
    let added = thread::spawn(|| vec![1_u8; 64 << 20].iter().map(|byte| u64::from(*byte)).sum::<u64>()).join();
    ensure!(added.ok() == Some(64 << 20), "a thread can't work");
    writeln!(io::stdout(), "succeeded: {succeeded:?}")?;
    Ok(())
}

fn stays() -> anyhow::Result<()> {
    engine::confine(&confinement(parent_id()))?;
    writeln!(io::stdout(), "confined")?;
    loop {
        thread::park();
    }
}

fn parent() -> anyhow::Result<()> {
    // It writes to the same output.
    let mut child = Command::new(env::current_exe()?).arg(STAYS).spawn()?;
    child.wait()?;
    Ok(())
}

fn reaches_nothing_once_it_is_confined() -> anyhow::Result<()> {
    let output = Command::new(env::current_exe()?).arg(TRIES).stderr(Stdio::inherit()).output()?;
    let told = String::from_utf8(output.stdout)?;
    ensure!(told == "succeeded: []\n", "{told}");
    Ok(())
}

fn ends_with_its_parent() -> anyhow::Result<()> {
    let mut parent = Command::new(env::current_exe()?).arg(PARENT).stdout(Stdio::piped()).spawn()?;
    let mut output = BufReader::new(parent.stdout.take().context("no output")?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    ensure!(line == "confined\n", "{line}");
    parent.kill()?;
    parent.wait()?;
    // Ends once nobody can write to it any more.
    output.read_to_string(&mut line)?;
    Ok(())
}

fn does_not_begin_without_its_parent() -> anyhow::Result<()> {
    // Of another process than the one that asks.
    let refused = engine::confine(&confinement(parent_id() + 1)).err().context("it began")?;
    ensure!(refused.to_string().contains("has ended"), "{refused}");
    Ok(())
}
