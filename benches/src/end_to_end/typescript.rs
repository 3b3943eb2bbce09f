//! The official TypeScript worker, as the tests have it: `cargo xtask guests` installs its packages.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::Context as _;

use crate::{machine, settings::Settings};

const PROGRAM: &str = include_str!("typescript_worker.mjs");

/// Node, and the packages of the worker.
#[derive(Debug)]
pub(crate) struct Typescript {
    node: PathBuf,
    packages: PathBuf,
}

impl Typescript {
    /// Finds the packages.
    ///
    /// # Errors
    /// When they are not installed.
    pub(crate) fn find(settings: &Settings) -> anyhow::Result<Self> {
        let packages = settings.root.join(".tools/npm/temporal-worker");
        anyhow::ensure!(
            packages.join("node_modules/@temporalio/worker").is_dir(),
            "there is no @temporalio/worker in {}; install it with `cargo xtask guests`",
            packages.display()
        );
        Ok(Self { node: settings.node.clone(), packages })
    }

    /// The worker, not yet started.
    pub(crate) fn worker(&self, arguments: impl Iterator<Item = String>) -> Command {
        let mut command = Command::new(&self.node);
        // What it imports is looked for from where it runs.
        command.current_dir(&self.packages).args(["--input-type=module", "--eval", PROGRAM, "--"]);
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// The versions of Node and of the worker.
    ///
    /// # Errors
    /// When the package does not say its version.
    pub(crate) fn versions(&self) -> anyhow::Result<[(String, String); 2]> {
        let package = self.packages.join("node_modules/@temporalio/worker/package.json");
        let package: serde_json::Value = serde_json::from_slice(&std::fs::read(package)?)?;
        let version =
            package.get("version").and_then(|version| version.as_str()).context("@temporalio/worker has no version")?;
        let node = machine::first_line(&self.node, &["--version"]);
        Ok([("Node".to_owned(), node), ("@temporalio/worker".to_owned(), version.to_owned())])
    }
}
