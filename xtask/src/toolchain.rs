//! The Rust toolchain that the workspace needs, found or installed.
//!
//! This program itself builds with older compilers: it is what a fresh machine begins with, and a toolchain file would
//! stop cargo before it could run where rustup does not install by itself. The version has one place, `rust-version` of
//! the workspace's manifest.

use std::process::Command;
use std::sync::OnceLock;

use crate::process;
use crate::steps::cured;
use crate::tools;
use crate::workspace;

/// The manifest that names the version.
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// What every installation needs: the compiler, and what checks and formats sources.
const COMPONENTS: [&str; 2] = ["clippy", "rustfmt"];

/// The toolchain in use from now on.
static CHOSEN: OnceLock<Toolchain> = OnceLock::new();

/// Who compiles the workspace.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Toolchain {
    /// The toolchain of this name, by rustup.
    Rustup(String),
    /// The one on `PATH`.
    Path,
}

/// Finds the toolchain that the workspace needs, installing it with rustup where it is missing.
///
/// # Errors
/// When there is none that is new enough and none can be installed; the cure lists the ways to get it.
pub(crate) fn ensure() -> anyhow::Result<()> {
    if CHOSEN.get().is_none() {
        let chosen = choose(wanted()?)?;
        CHOSEN.get_or_init(|| chosen);
    }
    Ok(())
}

/// The toolchain's `cargo`.
pub(crate) fn cargo() -> Command {
    command("cargo")
}

/// The toolchain's `rustc`.
pub(crate) fn rustc() -> Command {
    command("rustc")
}

/// `rustup` with these words, about the toolchain.
///
/// # Errors
/// When the toolchain is not rustup's.
pub(crate) fn rustup(words: &[&str]) -> anyhow::Result<Command> {
    let Some(Toolchain::Rustup(name)) = CHOSEN.get() else {
        anyhow::bail!("there is no rustup that could change the toolchain");
    };
    let mut command = Command::new("rustup");
    command.args(words).args(["--toolchain", name]).current_dir(workspace::root());
    Ok(command)
}

/// A program of the toolchain, in the workspace, with nothing of the toolchain that built us.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    choose_for(&mut command);
    tools::forget_own_toolchain(&mut command);
    tools::forget_own_package(&mut command);
    command
}

/// Has a program that calls cargo use the toolchain.
pub(crate) fn choose_for(command: &mut Command) {
    if let Some(Toolchain::Rustup(name)) = CHOSEN.get() {
        command.env("RUSTUP_TOOLCHAIN", name);
    }
}

fn choose(wanted: Version) -> anyhow::Result<Toolchain> {
    let in_use = in_use();
    if tools::on_path("rustup").is_none() {
        return match in_use {
            Some(version) if wanted <= version => Ok(Toolchain::Path),
            _ => Err(too_old(wanted, in_use, "there is no rustup to install it")),
        };
    }
    let name = wanted.to_string();
    if is_installed(&name) {
        return Ok(Toolchain::Rustup(name));
    }
    println!("installing Rust {name}, which the workspace needs, with rustup");
    match install(&name) {
        Ok(()) => Ok(Toolchain::Rustup(name)),
        // A newer one compiles as well; its checks may find more.
        Err(why) if in_use.is_some_and(|version| wanted <= version) => {
            println!("  {why:#}");
            println!("  going on with the newer toolchain in use");
            Ok(Toolchain::Path)
        }
        Err(why) => Err(too_old(wanted, in_use, &format!("{why:#}"))),
    }
}

fn is_installed(name: &str) -> bool {
    let query = ["run", name, "rustc", "--version"];
    process::capture(Command::new("rustup").args(query).env("RUSTUP_AUTO_INSTALL", "0")).is_ok()
}

fn install(name: &str) -> anyhow::Result<()> {
    let mut install = Command::new("rustup");
    install.args(["toolchain", "install", name, "--profile", "minimal", "--no-self-update"]);
    install.args(COMPONENTS.iter().flat_map(|component| ["--component", component]));
    // Where it fails, its own stack says nothing to us.
    process::capture(install.env("RUST_BACKTRACE", "0")).map(|_| ())
}

fn too_old(wanted: Version, in_use: Option<Version>, why: &str) -> anyhow::Error {
    let in_use = in_use.map_or_else(|| "none".to_owned(), |version| version.to_string());
    cured(
        format!("the workspace needs Rust {wanted} and the toolchain in use is {in_use}: {why}"),
        format!("run `rustup toolchain install {wanted}`, or put Rust {wanted} or a newer one on PATH"),
    )
}

/// The version of the compiler on `PATH`, as the machine is set up.
fn in_use() -> Option<Version> {
    let text = process::capture(Command::new("rustc").arg("--version").current_dir(workspace::root())).ok()?;
    Version::parse(text.split_whitespace().nth(1)?)
}

fn wanted() -> anyhow::Result<Version> {
    let quoted = MANIFEST.lines().find_map(|line| line.trim().strip_prefix("rust-version = \"")?.split('"').next());
    quoted.and_then(Version::parse).ok_or_else(|| anyhow::anyhow!("Cargo.toml names no `rust-version` like 1.97.0"))
}

/// A version of Rust.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Version(u32, u32, u32);

impl Version {
    /// Reads a version such as `1.97.0`, `1.98.0-nightly` or `1.99`.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('-').next()?.split('.').map(str::parse);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Self(major, minor, numbers.next().transpose().ok()?.unwrap_or(0)))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(major, minor, patch) = self;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Version::parse("1.97.0"), Some(Version(1, 97, 0)));
        assert_eq!(Version::parse("1.98.0-nightly"), Some(Version(1, 98, 0)));
        assert_eq!(Version::parse("1.99"), Some(Version(1, 99, 0)));
        assert_eq!(Version::parse("nightly"), None);
        assert!(Version(1, 95, 1) < Version(1, 97, 0));
    }

    #[test]
    fn the_manifest_names_the_version() {
        assert!(wanted().is_ok());
    }
}
