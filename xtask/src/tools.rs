//! The programs that a fresh machine lacks: found on `PATH`, else installed into `.tools`.

pub(crate) mod cargo_cyclonedx;
pub(crate) mod cargo_deny;
pub(crate) mod cargo_fuzz;
pub(crate) mod cargo_zigbuild;
pub(crate) mod chromium;
mod debian;
pub(crate) mod docker_registry;
pub(crate) mod go;
pub(crate) mod helm;
pub(crate) mod just;
pub(crate) mod kubernetes_schemas;
pub(crate) mod mdbook;
mod npm;
pub(crate) mod oras;
mod pip;
pub(crate) mod python_checkers;
pub(crate) mod sigstore_js;
pub(crate) mod skopeo;
pub(crate) mod systemd;
pub(crate) mod temporal;
pub(crate) mod temporal_python;
pub(crate) mod temporal_typescript;
pub(crate) mod web_platform_tests;
pub(crate) mod wit_bindgen;
pub(crate) mod zig;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::workspace;

/// Hides from a child what cargo told us about our own package. Build scripts look at such variables, so dependencies
/// would be built again whenever cargo is called by us and by hand in turns.
pub(crate) fn forget_own_package(command: &mut Command) {
    const ABOUT_US: [&str; 4] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_NAME", "CARGO_BIN_NAME"];
    for (name, _) in env::vars_os() {
        if ABOUT_US.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
}

/// Hides from a child the programs and libraries of the toolchain that runs us: it has its own.
pub(crate) fn forget_own_toolchain(command: &mut Command) {
    for ours in ["CARGO", "RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(ours);
    }
}

/// The first executable of this name: on `PATH`, then in `.tools/bin`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    on_path(name).or_else(|| Some(workspace::tools_bin().join(name)).filter(|path| path.is_file()))
}

/// The first executable of this name on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// `PATH` with `.tools/bin` behind what is there.
pub(crate) fn path_with_tools() -> anyhow::Result<OsString> {
    let current = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&current).chain([workspace::tools_bin()]);
    env::join_paths(folders).context("failed to add .tools/bin to PATH")
}

/// Makes `.tools/bin/NAME` lead to an installed executable.
fn link_into_bin(name: &str, executable: &Path) -> anyhow::Result<PathBuf> {
    let bin = workspace::tools_bin();
    std::fs::create_dir_all(&bin).with_context(|| format!("failed to create {}", workspace::shown(&bin)))?;
    let link = bin.join(name);
    if link.is_symlink() || link.exists() {
        std::fs::remove_file(&link).with_context(|| format!("failed to replace {}", workspace::shown(&link)))?;
    }
    std::os::unix::fs::symlink(executable, &link)
        .with_context(|| format!("failed to link {}", workspace::shown(&link)))?;
    Ok(link)
}
