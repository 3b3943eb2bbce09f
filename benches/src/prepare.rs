//! Building what is measured, so that no figure is of an old program: Isolet in this program's profile, and the guests.

use std::{ffi::OsString, process::Command};

use crate::{
    processes, progress,
    settings::{Benchmark, Settings},
};

/// Builds what the chosen benchmarks need, unless it was said not to.
///
/// # Errors
/// When something does not compile.
pub(crate) async fn build(settings: &Settings) -> anyhow::Result<()> {
    if !settings.build {
        return Ok(());
    }
    run_cargo(settings, &["xtask", "guests"]).await?;
    let whole_workers = [Benchmark::EndToEnd, Benchmark::Floods, Benchmark::Cells];
    if whole_workers.iter().any(|benchmark| settings.benchmarks.contains(benchmark)) {
        let release: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };
        run_cargo(settings, &[&["build", "--workspace", "--bin", "isolet"], release].concat()).await?;
    }
    Ok(())
}

async fn run_cargo(settings: &Settings, arguments: &[&str]) -> anyhow::Result<()> {
    progress::say(format!("cargo {}", arguments.join(" ")));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(&settings.root);
    let status = processes::finished("cargo", &mut command).await?;
    anyhow::ensure!(status.success(), "`cargo {}` ended with {status}", arguments.join(" "));
    Ok(())
}
