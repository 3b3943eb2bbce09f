//! The SDK's sources in the cache directory, and how cargo is told of them.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::cargo::Package;
use crate::{
    exit::Problem,
    languages::{
        builder::{folder, made_whole},
        files,
    },
};

/// The SDK's package.
const SDK: &str = "isolet-sdk";

/// The options that let cargo take these sources for the SDK of crates.io, if the package wants that.
///
/// # Errors
/// When the sources can't be written.
pub(super) fn patch(package: &Package, cache: &Path) -> Result<Vec<OsString>, Problem> {
    let is_ours = |source: &Option<String>| source.as_deref().is_some_and(|source| source.starts_with("registry+"));
    if !package.dependencies.iter().any(|dependency| dependency.name == SDK && is_ours(&dependency.source)) {
        return Ok(Vec::new());
    }
    let path = toml::Value::from(sources(cache)?.display().to_string());
    Ok(vec!["--config".into(), format!("patch.crates-io.{SDK}.path={path}").into()])
}

/// Whether a new project has the SDK among its dependencies.
///
/// # Errors
/// When its `Cargo.toml` can't be read.
pub(super) fn is_named(project: &Path) -> Result<bool, Problem> {
    let file = project.join("Cargo.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    Ok(text.contains(SDK))
}

/// Writes the same to the settings of a project, which are this machine's own, for when cargo is run by hand.
///
/// # Errors
/// When they can't be written.
pub(super) fn settings(project: &Path, cache: &Path) -> Result<(), Problem> {
    let path = toml::Value::from(sources(cache)?.display().to_string());
    let file = project.join(".cargo").join("config.toml");
    let text = format!(
        "# Where `isolet new` found its SDK on this machine; of no use on others, so git leaves it out.\n\
         # Once the SDK is on crates.io, nothing needs this file.\n\
         [patch.crates-io]\n{SDK} = {{ path = {path} }}\n"
    );
    let written = fs::create_dir_all(project.join(".cargo")).and_then(|()| fs::write(&file, text));
    Ok(written.with_context(|| format!("failed to write {}", file.display()))?)
}

/// The folder of the SDK's package.
fn sources(cache: &Path) -> Result<PathBuf, Problem> {
    let (folder, _lock) = folder(cache, "rust")?;
    let sdk = folder.join(format!("sdk-{}", files::RUST.digest()));
    made_whole(&sdk, |target| Ok(files::RUST.write(target)?))?;
    Ok(sdk.join("guest-sdk").join("rust"))
}
