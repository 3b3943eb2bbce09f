//! Building the guests that are Python projects, with Isolet itself.
//!
//! Each `guest-examples/python-*` is one project, whose component has its name, and each folder below
//! `tests/guests-python/`, whose component's name ends in `-python`. What has not changed since is not built again.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Context as _;

use crate::process::capture;
use crate::steps::Steps;
use crate::toolchain;
use crate::tools;
use crate::workspace;

/// What every component is made from, beside its project.
const SHARED: [&str; 2] = ["guest-sdk/python", "wit"];

/// The step from built Isolet to built components.
///
/// # Errors
/// When a project can't be built.
pub(crate) fn build_step(steps: &mut Steps) -> anyhow::Result<()> {
    let cure =
        "read the message above; `isolet build` needs Python 3.9 or newer, and Python's package index the first time";
    steps.run("building the Python guests (a minute each the first time)", cure, || {
        // Not needed to build them, but to test them.
        tools::temporal_python::ensure()?;
        let isolet = workspace::target().join("debug").join("isolet");
        let projects = projects()?;
        build_all(&isolet, &projects)?;
        println!("  {} components in {}", projects.len(), workspace::shown(&workspace::guests()));
        Ok(())
    })
}

/// How many are built at once: each of them runs on one processor for most of its minute, and takes about 1 GiB.
const AT_ONCE: usize = 2;

/// Builds the projects, and none more once one has failed.
fn build_all(isolet: &Path, projects: &[(String, PathBuf)]) -> anyhow::Result<()> {
    let next = Mutex::new(projects.iter());
    let build_some = || {
        let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some((name, project)) = take() {
            let built = build(isolet, name, project);
            if built.is_err() {
                *next.lock().unwrap_or_else(PoisonError::into_inner) = [].iter();
            }
            built?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let builders: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(build_some)).collect();
        builders.into_iter().try_for_each(|builder| builder.join().map_err(|_| anyhow::anyhow!("a build panicked"))?)
    })
}

/// Names and folders of the projects.
fn projects() -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut projects = Vec::new();
    for parent in ["tests/guests-python", "guest-examples"] {
        for entry in fs::read_dir(workspace::root().join(parent))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && parent != "guest-examples" {
                projects.push((format!("{name}-python"), path));
            } else if path.is_dir() && name.starts_with("python-") {
                projects.push((name, path));
            }
        }
    }
    projects.sort();
    Ok(projects)
}

fn build(isolet: &Path, name: &str, project: &Path) -> anyhow::Result<()> {
    let component = workspace::guests().join(name).with_extension("wasm");
    let stamp = workspace::guests().join(format!(".{name}.sources"));
    let sources = sources(project)?;
    if component.is_file() && fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == sources) {
        return Ok(());
    }
    println!("  {}", workspace::shown(project));
    fs::create_dir_all(workspace::guests())?;
    // Where the integration tests keep what they compile: they find this component compiled.
    let cache = workspace::target().join("it-home").join("cache");
    let mut command = Command::new(isolet);
    command.env("ISOLET_CACHE", cache).arg("build").arg(project).arg("-o").arg(&component);
    // What builds packages in Rust is what builds the guests in Rust.
    toolchain::choose_for(&mut command);
    tools::forget_own_toolchain(&mut command);
    // What it reports is of interest only when it fails.
    capture(&mut command)?;
    fs::write(stamp, sources)?;
    Ok(())
}

/// What tells one state of a component's sources from another.
fn sources(project: &Path) -> anyhow::Result<String> {
    let mut files = Vec::new();
    collect(project, &mut files)?;
    for shared in SHARED {
        collect(&workspace::root().join(shared), &mut files)?;
    }
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        file.hash(&mut hash);
        fs::read(&file).with_context(|| format!("failed to read {}", workspace::shown(&file)))?.hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("failed to read {}", workspace::shown(folder)))? {
        let path = entry?.path();
        if !path.is_dir() {
            files.push(path);
        } else if !is_left_by_a_build(&path) {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// Whether a folder is made by building the project, or by running it.
fn is_left_by_a_build(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    matches!(&*name, "__pycache__" | "build") || name.ends_with(".egg-info")
}
