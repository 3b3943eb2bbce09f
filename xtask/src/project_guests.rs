//! Building the guests that are projects in Python, TypeScript, C, C++ or Go, with Isolet itself.
//!
//! Each folder below `tests/guests-python/`, `tests/guests-typescript/`, `tests/guests-c/`, `tests/guests-cpp/` and
//! `tests/guests-go/` is one project, whose component's name ends in the language, and so is each such example, whose
//! component has its own name. What has not changed since is not built again.

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

/// A language of projects.
struct Language {
    /// Below this folder are the tests' own projects.
    tests: &'static str,
    /// What their components' names end in.
    suffix: &'static str,
    /// What the names of examples begin with.
    examples: &'static [&'static str],
    /// What every component is made from, beside its project.
    shared: &'static [&'static str],
}

const LANGUAGES: [Language; 5] = [
    Language {
        tests: "tests/guests-python",
        suffix: "-python",
        examples: &["python-"],
        shared: &["guest-sdk/python", "wit"],
    },
    Language {
        tests: "tests/guests-typescript",
        suffix: "-typescript",
        examples: &["ts-", "js-"],
        shared: &["guest-sdk/js", "wit"],
    },
    Language { tests: "tests/guests-c", suffix: "-c", examples: &["c-"], shared: &["guest-sdk/c", "wit"] },
    Language { tests: "tests/guests-cpp", suffix: "-cpp", examples: &["cpp-"], shared: &["guest-sdk/c", "wit"] },
    Language { tests: "tests/guests-go", suffix: "-go", examples: &["go-"], shared: &["guest-sdk/go"] },
];

/// A project to build.
struct Project {
    name: String,
    folder: PathBuf,
    language: &'static Language,
}

/// The step from built Isolet to built components.
///
/// # Errors
/// When a project can't be built.
pub(crate) fn build_step(steps: &mut Steps) -> anyhow::Result<()> {
    let cure = "read the message above; `isolet build` needs Python 3.9 or newer and Node 20 or newer, and their package \
                indexes the first time";
    steps.run("building the guests in Python, TypeScript, C, C++ and Go (minutes the first time)", cure, || {
        // Not needed to build them, but to test them.
        tools::python_checkers::ensure()?;
        tools::temporal_python::ensure()?;
        tools::temporal_typescript::ensure()?;
        let isolet = workspace::target().join("debug").join("isolet");
        let projects = projects()?;
        build_all(&isolet, &projects)?;
        println!("  {} components in {}", projects.len(), workspace::shown(&workspace::guests()));
        Ok(())
    })
}

/// The step that builds these examples alone.
///
/// # Errors
/// When one can't be built.
pub(crate) fn build_examples(steps: &mut Steps, names: &[&str]) -> anyhow::Result<()> {
    let cure = "read the message above; `isolet build` needs Node 20 or newer, and npm's registry the first time";
    steps.run("building the examples in Python, TypeScript and JavaScript", cure, || {
        let mut projects = projects()?;
        projects.retain(|project| names.contains(&project.name.as_str()));
        build_all(&workspace::target().join("debug").join("isolet"), &projects)
    })
}

/// How many are built at once: each of them runs on one processor for most of its minute, and takes about 1 GiB.
const AT_ONCE: usize = 2;

/// Builds the projects, and none more once one has failed.
fn build_all(isolet: &Path, projects: &[Project]) -> anyhow::Result<()> {
    let next = Mutex::new(projects.iter());
    let build_some = || {
        let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some(project) = take() {
            let built = build(isolet, project);
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

/// The projects, by name.
fn projects() -> anyhow::Result<Vec<Project>> {
    let mut projects = Vec::new();
    for language in &LANGUAGES {
        let mut add = |parent: &str, name_of: &dyn Fn(String) -> Option<String>| {
            for entry in fs::read_dir(workspace::root().join(parent))? {
                let folder = entry?.path();
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if let Some(name) = name_of(name).filter(|_| folder.is_dir()) {
                    projects.push(Project { name, folder, language });
                }
            }
            anyhow::Ok(())
        };
        add(language.tests, &|name| Some(name + language.suffix))?;
        let is_example = |name: &str| language.examples.iter().any(|start| name.starts_with(start));
        add("guest-examples", &|name| is_example(&name).then_some(name))?;
    }
    projects.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(projects)
}

fn build(isolet: &Path, project: &Project) -> anyhow::Result<()> {
    let Project { name, folder, .. } = project;
    let component = workspace::guests().join(name).with_extension("wasm");
    let stamp = workspace::guests().join(format!(".{name}.sources"));
    let sources = sources(project)?;
    if component.is_file() && fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == sources) {
        return Ok(());
    }
    println!("  {}", workspace::shown(folder));
    fs::create_dir_all(workspace::guests())?;
    let mut command = Command::new(isolet);
    command.env("ISOLET_CACHE", cache()).arg("build").arg(folder).arg("-o").arg(&component);
    // What builds packages in Rust is what builds the guests in Rust.
    toolchain::choose_for(&mut command);
    tools::forget_own_toolchain(&mut command);
    // What it reports is of interest only when it fails.
    capture(&mut command)?;
    fs::write(stamp, sources)?;
    Ok(())
}

/// Where the integration tests and the demo keep what they compile: they find these components compiled.
pub(crate) fn cache() -> PathBuf {
    workspace::target().join("it-home").join("cache")
}

/// What tells one state of a component's sources from another.
fn sources(project: &Project) -> anyhow::Result<String> {
    let mut files = Vec::new();
    collect(&project.folder, &mut files)?;
    for shared in project.language.shared {
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
    matches!(&*name, "__pycache__" | "node_modules") || is_output(folder) || name.ends_with(".egg-info")
}

/// Python's packages leave a folder of this name; the builder of JavaScript projects is in one, too.
fn is_output(folder: &Path) -> bool {
    folder.ends_with("build") && !folder.starts_with(workspace::root().join("guest-sdk"))
}
