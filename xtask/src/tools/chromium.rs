//! Chromium and what drives it, for the tests that look at the worker's page as people do: Debian's packages.
//!
//! They need some hundred libraries, so they are installed as packages are, and not into `.tools`.

use std::path::PathBuf;
use std::process::Command;

use crate::process;
use crate::steps::cured;
use crate::tools::on_path;

/// The packages that bring the programs.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// The path of what drives the browser, installed with it when one is missing.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let cure = "put `chromium` and `chromedriver` on PATH: Debian's packages chromium and chromium-driver";
    install().map_err(|why| cured(format!("{why:#}"), cure.to_owned()))
}

/// The path of what drives the browser, where there are both.
pub(crate) fn installed() -> Option<PathBuf> {
    on_path("chromium")?;
    on_path("chromedriver")
}

fn install() -> anyhow::Result<PathBuf> {
    anyhow::ensure!(on_path("apt-get").is_some(), "this is no Debian: there is no apt-get");
    println!("  installing Debian's {}", PACKAGES.join(" and "));
    let install = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        process::capture(command.args(["install", "--yes", "--no-install-recommends"]).args(PACKAGES))
    };
    // On a fresh machine the lists of packages may be empty or old; only root may fetch them.
    install().or_else(|why| {
        let updated = process::capture(Command::new("apt-get").arg("update"));
        updated.map_err(|_| why).and_then(|_| install())
    })?;
    installed().ok_or_else(|| anyhow::anyhow!("the packages have brought no chromium or no chromedriver"))
}
