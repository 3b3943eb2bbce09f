//! The official Python worker, in a folder of its own under `.tools/pip`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context as _;

use crate::{progress, settings::Settings};

/// The version of the `temporalio` package that is the control.
pub(crate) const SDK_VERSION: &str = "1.35.0";

const PROGRAM: &str = include_str!("python_worker.py");

/// An interpreter that can import `temporalio`.
#[derive(Debug)]
pub(crate) struct Python {
    interpreter: PathBuf,
    packages: PathBuf,
}

impl Python {
    /// Finds the environment, or installs it from PyPI.
    ///
    /// # Errors
    /// When there is no Python or its `pip` can't install the package.
    pub(crate) fn ensure(settings: &Settings) -> anyhow::Result<Self> {
        let packages = settings.root.join(".tools/pip").join(format!("temporalio-{SDK_VERSION}"));
        let python = Self { interpreter: settings.python.clone(), packages };
        if python.installed() == SDK_VERSION {
            return Ok(python);
        }
        progress::say(format!("installing temporalio {SDK_VERSION} into {}", python.packages.display()));
        let package = format!("temporalio=={SDK_VERSION}");
        let status = Command::new(&python.interpreter)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"])
            .arg(&python.packages)
            .arg(&package)
            .stdin(Stdio::null())
            .status()
            .with_context(|| format!("failed to start {}", python.interpreter.display()))?;
        anyhow::ensure!(
            status.success(),
            "failed to install {package}: {status}; it takes a Python 3 with pip, which --python names"
        );
        anyhow::ensure!(python.installed() == SDK_VERSION, "{package} was installed but can't be imported");
        Ok(python)
    }

    /// The worker, not yet started.
    pub(crate) fn worker(&self, arguments: impl Iterator<Item = String>) -> Command {
        let mut command = self.command(&["-c", PROGRAM]);
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// The interpreter's version.
    pub(crate) fn version(&self) -> String {
        crate::machine::first_line(&self.interpreter, &["--version"])
    }

    /// The version that can be imported; empty when none can.
    fn installed(&self) -> String {
        if !Path::new(&self.packages).is_dir() {
            return String::new();
        }
        let query = "from importlib.metadata import version; import temporalio.worker; print(version('temporalio'))";
        let output = self.command(&["-c", query]).stderr(Stdio::null()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.interpreter);
        command.args(arguments).env("PYTHONPATH", &self.packages).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}
