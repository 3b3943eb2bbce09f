//! Packages from npm's registry, as lists in the repository pin them, each list in a folder of its own below
//! `.tools/npm`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::steps::cured;
use crate::workspace;

/// What npm reads.
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Written last, with the list that was installed.
const INSTALLED: &str = "installed.json";

/// Installs what the lists in `source` name unless it is there, and returns the folder.
///
/// # Errors
/// When there is no npm, or it can't install them.
pub(super) fn install(name: &str, source: &str) -> anyhow::Result<PathBuf> {
    let source = workspace::root().join(source);
    let folder = workspace::tools().join("npm").join(name);
    let wanted = fs::read_to_string(source.join("package-lock.json"))
        .with_context(|| format!("failed to read the list in {}", workspace::shown(&source)))?;
    let installed = folder.join(INSTALLED);
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    println!("  installing {name} into {}", workspace::shown(&folder));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for list in LISTS {
        fs::copy(source.join(list), folder.join(list))?;
    }
    // What is optional is what only bundling of workflows needs; what comes built needs no scripts.
    let arguments = ["ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
    process::capture(Command::new("npm").args(arguments).current_dir(&folder))
        .map_err(|why| cured(format!("{why:#}"), "install Node with npm, and check the connection to its registry"))?;
    fs::write(installed, wanted)?;
    Ok(folder)
}
