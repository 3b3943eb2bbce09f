//! Confined processes try to get out. This program is both: the test, and, started by it with an argument, the process
//! that confines itself and then plays native code of an attacker.

mod attempts;
mod scene;

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::{fd::OwnedFd, unix::process::parent_id},
    path::Path,
    process::{ExitCode, Stdio},
    thread,
};

use anyhow::{Context as _, bail, ensure};
use confinement::{Calls, Confinement, Directory, Error, Limits, Walls, check};
use rustix::fs::{CWD, mkfifoat};

use self::{
    attempts::{ATTEMPTS, Attempt, Needs},
    scene::Scene,
};

/// The arguments that make this program one that tries, behind which walls, and one that stays.
const TRIES: &str = "try";
const STAYS: &str = "stay";
/// The one that makes it one that works in directories.
const WORKS: &str = "work";
/// The one that makes it a program that does nothing.
pub(crate) const NOTHING: &str = "nothing";
/// The one that makes it the parent of one that stays.
const PARENT: &str = "have-a-child";

/// The document with the list of what is tried.
const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../SECURITY.md");

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(TRIES) => return tries(arguments.get(1..).unwrap_or_default()).map(|()| ExitCode::SUCCESS),
        Some(STAYS) => return stays().map(|()| ExitCode::SUCCESS),
        Some(WORKS) => return works(arguments.get(1).context("no folder")?.as_ref()).map(|()| ExitCode::SUCCESS),
        Some(NOTHING) => return Ok(ExitCode::SUCCESS),
        Some(PARENT) => return parent().map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    attempts_are_real().context("attempts_are_real")?;
    nothing_gets_out().context("nothing_gets_out")?;
    landlock_holds_alone().context("landlock_holds_alone")?;
    granted_directories_can_be_used().context("granted_directories_can_be_used")?;
    shows_what_it_is().context("shows_what_it_is")?;
    ends_with_its_parent().context("ends_with_its_parent")?;
    does_not_begin_without_its_parent().context("does_not_begin_without_its_parent")?;
    the_list_is_documented().context("the_list_is_documented")?;
    Ok(ExitCode::SUCCESS)
}

fn confinement(parent: u32, walls: Walls) -> Confinement {
    let limits = Limits { memory: Some(2 << 30), cpu_seconds: Some(60), open_files: Some(16), file_size: Some(0) };
    Confinement { parent, limits, directories: Vec::new(), calls: Calls::Compute, walls }
}

/// Which confinement an argument means.
fn kind_of(argument: &str, parent: u32) -> anyhow::Result<Option<Confinement>> {
    let computes = |walls| Some(confinement(parent, walls));
    let serves = |directories| {
        let (limits, calls) = (Limits::default(), Calls::Serve);
        Some(Confinement { limits, calls, directories, ..confinement(parent, Walls::ALL) })
    };
    Ok(match argument {
        "free" => None,
        "computes" => computes(Walls::ALL),
        "computes by Landlock" => computes(Walls { seccomp: false, ..Walls::ALL }),
        "computes by seccomp" => computes(Walls { landlock: false, ..Walls::ALL }),
        "serves" => serves(Vec::new()),
        "connects" => {
            let (limits, calls) = (Limits { file_size: Some(0), ..Limits::default() }, Calls::Connect);
            Some(Confinement { limits, calls, ..confinement(parent, Walls::ALL) })
        }
        "serves with files" => {
            // Where nothing is that is tried.
            let path = env!("CARGO_MANIFEST_DIR").into();
            serves(vec![Directory { path, writable: true }])
        }
        other => bail!("no walls: {other}"),
    })
}

/// Tries everything, and tells what came of it, a line each.
fn tries(arguments: &[String]) -> anyhow::Result<()> {
    let (kind, scene) = arguments.split_first().context("no walls")?;
    let scene = Scene::from_arguments(scene)?;
    let confinement = kind_of(kind, scene.parent)?;
    if let Some(confinement) = &confinement {
        confinement.enter()?;
    }
    for attempt in ATTEMPTS {
        if confinement.is_none() && attempt.needs != Needs::Nothing {
            continue;
        }
        let told = match (attempt.call)(&scene) {
            Ok(()) => "succeeded".to_owned(),
            Err(error) => format!("denied: {}", scene::name(&error)),
        };
        writeln!(io::stdout(), "{}\t{told}", attempt.what)?;
    }
    // What computing needs still works.
    let added = thread::spawn(|| vec![1_u8; 64 << 20].iter().map(|byte| u64::from(*byte)).sum::<u64>()).join();
    ensure!(added.ok() == Some(64 << 20), "a thread can't work");
    writeln!(io::stdout(), "end")?;
    Ok(())
}

/// What came of each attempt behind these walls.
fn results(kind: &str) -> anyhow::Result<Vec<(&'static Attempt, String)>> {
    let stage = scene::Stage::new()?;
    let output = confinement::command(env::current_exe()?)
        .arg(TRIES)
        .arg(kind)
        .args(stage.scene.arguments())
        .stdin(Stdio::from(OwnedFd::from(TcpStream::connect(stage.scene.server)?)))
        .stderr(Stdio::inherit())
        .output()?;
    let told = String::from_utf8(output.stdout)?;
    ensure!(told.ends_with("end\n"), "it did not come to its end ({}): {told}", output.status);
    let result = |attempt: &'static Attempt| {
        let line = told.lines().find_map(|line| line.strip_prefix(attempt.what)?.strip_prefix('\t'));
        Some((attempt, line?.to_owned()))
    };
    Ok(ATTEMPTS.iter().filter_map(result).collect())
}

/// Without walls, what needs no privilege does succeed: what is denied later is denied by the walls.
fn attempts_are_real() -> anyhow::Result<()> {
    let denied: Vec<_> = results("free")?.into_iter().filter(|(_, told)| told != "succeeded").collect();
    let denied: Vec<_> = denied.iter().map(|(attempt, told)| format!("{}: {told}", attempt.what)).collect();
    ensure!(denied.is_empty(), "of no use as attempts, they fail without walls, too: {denied:#?}");
    Ok(())
}

/// What connecting is, and looking names up.
const CONNECTING: [&str; 4] = [
    "connect to a server on this machine",
    "connect to the metadata server of a cloud",
    "send datagrams",
    "take a connection that it was given elsewhere",
];

fn nothing_gets_out() -> anyhow::Result<()> {
    // Seccomp alone is what is left where a kernel has no Landlock and the operator goes without.
    let kinds: &[&str] = match scene::landlock_version() {
        Some(_) => &["computes", "computes by seccomp", "serves", "serves with files", "connects"],
        None => &["computes by seccomp"],
    };
    for kind in kinds {
        let results = results(kind)?;
        ensure!(results.len() == ATTEMPTS.len(), "some were not tried");
        for (attempt, told) in results {
            let is_denied = match *kind {
                "serves" => told.starts_with("denied"),
                // What works on files asks for their sizes, and Landlock does not look at that.
                "serves with files" => told.starts_with("denied") || attempt.what == "ask for a file's size",
                "connects" => told.starts_with("denied") || CONNECTING.contains(&attempt.what),
                _ => told == "denied: ENOSYS",
            };
            ensure!(is_denied, "{kind}: {}: {told}", attempt.what);
        }
    }
    Ok(())
}

/// What Landlock is for is denied by it, too, should a call ever be missing from what seccomp refuses.
fn landlock_holds_alone() -> anyhow::Result<()> {
    let Some(version) = scene::landlock_version() else {
        let refused = confinement(parent_id(), Walls::ALL).enter();
        ensure!(matches!(refused, Err(Error::Landlock(_))), "{refused:?}");
        ensure!(matches!(check(Walls::ALL), Err(Error::Landlock(_))));
        writeln!(io::stderr(), "not shown: this kernel has no Landlock")?;
        return Ok(());
    };
    check(Walls::ALL)?;
    let (mut shown, mut beyond) = (0, Vec::new());
    for (attempt, told) in results("computes by Landlock")? {
        match attempt.landlock {
            Some(since) if since <= version => {
                ensure!(told.starts_with("denied"), "{}: {told}", attempt.what);
                shown += 1;
            }
            Some(_) => beyond.push(attempt.what),
            None => {}
        }
    }
    ensure!(20 <= shown, "only {shown} were shown");
    if !beyond.is_empty() {
        writeln!(io::stderr(), "not shown with Landlock of version {version}: {beyond:?}")?;
    }
    Ok(())
}

/// A process does in its directories what it may there, and nothing elsewhere.
fn granted_directories_can_be_used() -> anyhow::Result<()> {
    if scene::landlock_version().is_none() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    for name in ["readable", "writable", "other"] {
        fs::create_dir(folder.path().join(name))?;
        fs::write(folder.path().join(name).join("file"), "text")?;
    }
    let child = confinement::command(env::current_exe()?)
        .args([OsStr::new(WORKS), folder.path().as_os_str()])
        .stderr(Stdio::inherit())
        .status()?;
    ensure!(child.success());
    Ok(())
}

/// Confines itself to two directories in this folder, and works there.
fn works(folder: &Path) -> anyhow::Result<()> {
    let [readable, writable, other] = ["readable", "writable", "other"].map(|name| folder.join(name));
    let mut confinement = confinement(parent_id(), Walls { seccomp: false, ..Walls::ALL });
    confinement.limits.file_size = None;
    confinement.directories = vec![
        Directory { path: readable.clone(), writable: false },
        Directory { path: writable.clone(), writable: true },
    ];
    confinement.enter()?;
    ensure!(fs::read_to_string(readable.join("file"))? == "text");
    ensure!(fs::write(readable.join("file"), "changed").is_err());
    fs::write(writable.join("new"), "text")?;
    fs::rename(writable.join("new"), writable.join("newer"))?;
    fs::remove_file(writable.join("newer"))?;
    ensure!(fs::read(other.join("file")).is_err());
    ensure!(fs::read_dir(&other).is_err());
    ensure!(mkfifoat(CWD, writable.join("fifo"), 0o600.into()).is_err());
    Ok(())
}

/// What the system tells of a confined process.
fn shows_what_it_is() -> anyhow::Result<()> {
    if scene::landlock_version().is_none() {
        return Ok(());
    }
    let mut child = confinement::command(env::current_exe()?).arg(STAYS).spawn()?;
    let mut output = BufReader::new(child.stdout.take().context("no output")?);
    output.read_line(&mut String::new())?;
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id()))?;
    child.kill()?;
    child.wait()?;
    for line in
        ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "Threads:\t1"]
    {
        ensure!(status.lines().any(|told| told == line), "{line} is not in\n{status}");
    }
    let limit = |name: &str| limits.lines().find(|line| line.starts_with(name)).map(|line| line.split_whitespace());
    for (name, expected) in [("Max core file size", "0"), ("Max open files", "16"), ("Max file size", "0")] {
        let told = limit(name).into_iter().flatten().nth(name.split(' ').count()).context("no limit")?.to_owned();
        ensure!(told == expected, "{name}: {told}");
    }
    Ok(())
}

fn stays() -> anyhow::Result<()> {
    confinement(parent_id(), Walls { landlock: scene::landlock_version().is_some(), ..Walls::ALL }).enter()?;
    writeln!(io::stdout(), "confined")?;
    loop {
        thread::park();
    }
}

fn parent() -> anyhow::Result<()> {
    // It writes to the same output.
    confinement::command(env::current_exe()?).arg(STAYS).stdout(Stdio::inherit()).spawn()?.wait()?;
    Ok(())
}

fn ends_with_its_parent() -> anyhow::Result<()> {
    let mut parent = confinement::command(env::current_exe()?).arg(PARENT).spawn()?;
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
    let refused = confinement(parent_id() + 1, Walls::ALL).enter();
    ensure!(matches!(refused, Err(Error::NoParent)), "{refused:?}");
    Ok(())
}

/// Whoever reads what is denied reads what is tried here.
fn the_list_is_documented() -> anyhow::Result<()> {
    let mut rows = String::new();
    for attempt in ATTEMPTS {
        let twice = if attempt.landlock.is_some() { "yes" } else { "" };
        rows += &format!("| {} | {} | denied | {twice} |\n", attempt.about, attempt.what);
    }
    let list = fs::read_to_string(LIST)?;
    ensure!(list.contains(&rows), "SECURITY.md has another list than this:\n{rows}");
    Ok(())
}
