//! Rust projects: compiled by the user's own cargo, for the target whose output is a component.
//!
//! Until the SDK is published, its sources are in this program: they are written to the cache directory, and cargo is told
//! to take them for what it would look for on crates.io. A project names the SDK as it will do for ever.

mod cargo;
mod sdk;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, anyhow};

use self::cargo::{Package, Said};
use super::{
    Built, Checked, Language, Leavings, Task, Template,
    builder::{is_missing, ran},
    template::files,
};
use crate::{
    exit::{Exit, OrExit as _, Problem},
    output::progress::Progress,
};

/// What is compiled for.
const TARGET: &str = "wasm32-wasip2";

/// Rust.
#[derive(Debug)]
pub(super) struct Rust;

impl Language for Rust {
    fn name(&self) -> &'static str {
        "Rust"
    }

    fn declaring(&self) -> &'static [&'static str] {
        &["Cargo.toml"]
    }

    fn endings(&self) -> &'static [&'static str] {
        &["rs"]
    }

    fn cure_without_activities(&self) -> &'static str {
        "name functions with #[activity] at the end of src/lib.rs, isolet_sdk::export!(greet), or export an interface in WIT"
    }

    fn templates(&self) -> &'static [Template] {
        &TEMPLATES
    }

    fn leavings(&self) -> Leavings {
        Leavings { folders: &["target"], endings: &[] }
    }

    /// Lets cargo find the SDK also when this program does not run it.
    fn begin(&self, project: &Path, cache: &Path) -> Result<(), Problem> {
        if sdk::is_named(project)? { sdk::settings(project, cache) } else { Ok(()) }
    }

    fn build(&self, task: &Task<'_>, component: &Path) -> Result<Built, Problem> {
        let (package, mut said) = compile(task, "build", &["--release"])?;
        let made = said.component.take().ok_or_else(|| anyhow!("cargo made no component of {}", package.name))?;
        fs::copy(&made, component).with_context(|| format!("failed to write {}", component.display()))?;
        Ok(Built { modules: vec![package.name], warnings: said.warnings })
    }

    /// What the compiler complains of; the types are its own matter.
    fn check(&self, task: &Task<'_>) -> Result<(Checked, Vec<String>), Problem> {
        let (package, said) = compile(task, "check", &[])?;
        Ok((Checked { modules: vec![package.name], problems: said.problems, ..Checked::default() }, said.warnings))
    }
}

static TEMPLATES: [Template; 2] = [RUST, WIT];

/// Activities with the SDK.
const RUST: Template = Template {
    lang: "rust",
    alias: Some("rs"),
    language: "Rust",
    test: &["cargo test"],
    activities: "They are the functions with `#[activity]` in `src/lib.rs` that `isolet_sdk::export!` names.",
    tests: "the tests in `src/lib.rs`, natively, where `TestContext` stands for the worker",
    files: files![
        ".gitignore": "rust/gitignore",
        "Cargo.toml": "rust/Cargo.toml.in",
        "src/lib.rs": "rust/src/lib.rs",
    ],
};

/// Functions of an interface of the project's own, without an SDK.
const WIT: Template = Template {
    lang: "wit",
    alias: None,
    language: "Rust, from an interface in WIT",
    test: &["cargo test"],
    activities: "They are what `wit/activities.wit` exports, and `src/lib.rs` has in Rust, without an SDK.",
    tests: "the tests in `src/lib.rs`, natively, as functions",
    files: files![
        ".gitignore": "wit/gitignore",
        "Cargo.toml": "wit/Cargo.toml.in",
        "isolet-test.toml": "wit/isolet-test.toml",
        "src/lib.rs": "wit/src/lib.rs",
        "wit/activities.wit": "wit/wit/activities.wit",
    ],
};

/// Has cargo do something with the project's package. What the compiler refuses is an error of a build, and what a check
/// tells.
fn compile(task: &Task<'_>, command: &str, options: &[&str]) -> Result<(Package, Said), Problem> {
    let folder = folder(task.project)?;
    let program = &task.programs.cargo;
    has_cargo(program)?;
    let package = cargo::package(program, &folder)?;
    has_target(program, &folder)?;
    let _progress = Progress::start(format!("compiling {}", package.name));
    let mut cargo = Command::new(program);
    cargo.arg(command).args(["--target", TARGET, "--message-format=json", "--package", &package.name]).args(options);
    cargo.args(sdk::patch(&package, task.cache)?).current_dir(&folder);
    let said = cargo::listen(&mut cargo, &package)?;
    if command == "build" && !said.problems.is_empty() {
        return Err(Problem::new(Exit::Usage, anyhow!("{} does not compile\n{}", package.name, said.rendered)));
    }
    Ok((package, said))
}

/// The folder of a project, which is no single file.
fn folder(project: &Path) -> Result<PathBuf, Problem> {
    if project.is_dir() {
        return project.canonicalize().or_exit(Exit::Usage);
    }
    let error = anyhow!("{} is a file: a project in Rust is a folder", project.display());
    Err(Problem::new(Exit::Usage, error).cure("name the folder that has its Cargo.toml"))
}

fn has_cargo(cargo: &Path) -> Result<(), Problem> {
    ran(Command::new(cargo).arg("--version")).map_err(|error| {
        let missing = is_missing(&error);
        let error = error.context(format!("there is no cargo to build Rust projects with: {}", cargo.display()));
        let cure = if missing {
            "install Rust 1.92 or newer from https://rustup.rs, or name its cargo with --cargo"
        } else {
            "name another with --cargo"
        };
        Problem::new(Exit::Other, error).cure(cure)
    })
}

/// Refuses a toolchain without the target's standard library, unless it is told to look for that elsewhere.
fn has_target(cargo: &Path, folder: &Path) -> Result<(), Problem> {
    const FLAGS: [&str; 2] = ["CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "RUSTFLAGS"];
    if FLAGS.iter().any(|name| std::env::var(name).is_ok_and(|flags| flags.contains("--sysroot"))) {
        return Ok(());
    }
    let asked = cargo::rustc(cargo).args(["--print", "target-libdir", "--target", TARGET]).current_dir(folder).output();
    let asked = asked.context("failed to start rustc")?;
    let libraries = String::from_utf8_lossy(&asked.stdout);
    let has_std = asked.status.success() && has_std(Path::new(libraries.trim()));
    if has_std {
        return Ok(());
    }
    let error = anyhow!("the toolchain of this project has no standard library for {TARGET}");
    Err(Problem::new(Exit::Other, error).cure(format!("run `rustup target add {TARGET}` in the project's folder")))
}

/// Whether a folder of libraries holds a standard library.
fn has_std(libraries: &Path) -> bool {
    fs::read_dir(libraries)
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}
