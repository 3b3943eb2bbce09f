//! Building the guest components: the examples and the tests' own.
//!
//! A guest is a package below `guest-examples/` or `tests/guests/` with a `cdylib` or a binary. A library's component
//! is named for its package, a binary's for the binary.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value;

use crate::guest_target::{self, Choice, GuestToolchain};
use crate::js_runtime;
use crate::process::Running;
use crate::steps::Steps;
use crate::toolchain;
use crate::workspace;

/// The folders whose packages are guests.
const FOLDERS: [&str; 2] = ["guest-examples", "tests/guests"];

/// How many steps [`build_steps`] takes.
pub(crate) const STEPS: usize = 3;

/// The steps from nothing to built components.
///
/// # Errors
/// When there is no toolchain for guests, or one does not compile.
pub(crate) fn build_steps(steps: &mut Steps, choice: Choice) -> anyhow::Result<()> {
    let cure = "see docs/getting-started.md, \"The guests' toolchain\"";
    let toolchain = steps.run("finding the guests' toolchain", cure, || guest_target::ensure(choice))?;
    let cure = "read the compiler's message above; `cargo xtask guests` runs this step alone";
    steps.run("building the runtime of JavaScript", cure, || js_runtime::build(&toolchain))?;
    steps.run("building the guest components", cure, || {
        let built = build(&toolchain)?;
        println!("  {} components in {}", built.len(), workspace::shown(&workspace::guests()));
        Ok(())
    })
}

/// Builds every guest and returns the components' paths.
fn build(toolchain: &GuestToolchain) -> anyhow::Result<Vec<PathBuf>> {
    let packages = guest_packages()?;
    anyhow::ensure!(!packages.is_empty(), "there is no guest package below {}", FOLDERS.join(" or "));
    let mut command = toolchain.cargo_build();
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    for package in &packages {
        command.args(["--package", &package.name]);
    }
    let mut cargo = Running::start(&mut command)?;
    let output = cargo.child.stdout.take().context("cargo has no output")?;
    let mut built = Vec::new();
    for line in BufReader::new(output).lines() {
        let message: Value = serde_json::from_str(&line?).context("cargo wrote no JSON")?;
        if let Some((name, artefact)) = component_of(&message, &packages) {
            built.push(copy_component(&name, &artefact)?);
        }
    }
    let status = cargo.finish()?.status;
    anyhow::ensure!(status.success(), "cargo ended with {status}");
    Ok(built)
}

/// A package that becomes components.
struct GuestPackage {
    id: String,
    name: String,
}

fn guest_packages() -> anyhow::Result<Vec<GuestPackage>> {
    let metadata =
        crate::process::capture(toolchain::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata wrote no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    Ok(packages
        .iter()
        .filter(|package| is_guest(package))
        .filter_map(|package| {
            Some(GuestPackage { id: package["id"].as_str()?.to_owned(), name: package["name"].as_str()?.to_owned() })
        })
        .collect())
}

fn is_guest(package: &Value) -> bool {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let inside = FOLDERS.iter().any(|folder| Path::new(manifest).starts_with(workspace::root().join(folder)));
    let targets = package["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    inside && targets.iter().any(makes_component)
}

fn makes_component(target: &Value) -> bool {
    target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib" || kind == "bin"))
}

/// The component's name and file, if cargo's message is about one.
fn component_of(message: &Value, packages: &[GuestPackage]) -> Option<(String, PathBuf)> {
    if message["reason"] != "compiler-artifact" || !makes_component(&message["target"]) {
        return None;
    }
    let package = packages.iter().find(|package| message["package_id"] == package.id.as_str())?;
    let files = message["filenames"].as_array()?;
    let file = files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm"))?;
    let is_binary = message["target"]["kind"].as_array()?.iter().any(|kind| kind == "bin");
    let name = if is_binary { message["target"]["name"].as_str()? } else { &package.name };
    Some((name.to_owned(), PathBuf::from(file)))
}

/// Copies a component to its place, unless it is there: whoever watches the file sees only real changes.
pub(crate) fn copy_component(name: &str, artefact: &Path) -> anyhow::Result<PathBuf> {
    let folder = workspace::guests();
    fs::create_dir_all(&folder).with_context(|| format!("failed to create {}", workspace::shown(&folder)))?;
    let place = folder.join(name).with_extension("wasm");
    let bytes = fs::read(artefact).with_context(|| format!("failed to read {}", artefact.display()))?;
    if fs::read(&place).is_ok_and(|present| present == bytes) {
        return Ok(place);
    }
    // Written beside and renamed, so that no reader ever sees half a component.
    let draft = folder.join(format!(".{name}.partial"));
    fs::write(&draft, bytes)
        .and_then(|()| fs::rename(&draft, &place))
        .with_context(|| format!("failed to write {}", workspace::shown(&place)))?;
    Ok(place)
}
