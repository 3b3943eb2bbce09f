//! Tools that come as Python packages: fetched once, checked against their digests, and kept.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, anyhow};

use super::{
    Task,
    builder::{folder, is_missing, made_whole, ran},
};
use crate::{
    exit::{Exit, Problem},
    output::progress::Progress,
};

/// Packages of Python's index that are used without Python.
#[derive(Debug)]
pub(super) struct Packages {
    /// What they are together, for people, such as `the compiler for C, of 100 MB`.
    pub what: &'static str,
    /// The name of their folder in the cache directory.
    pub folder: &'static str,
    /// What pip reads: a line for each package with its version, and the digests of its files.
    pub requirements: &'static str,
}

/// The list that pip reads, below the packages' folder.
const LIST: &str = "requirements.txt";

impl Packages {
    /// The folder that they are in, fetched unless they are there. `fill` finishes what was fetched.
    ///
    /// # Errors
    /// When there is no Python, or they can't be fetched.
    pub(super) fn ensure(
        &self,
        task: &Task<'_>,
        fill: impl FnOnce(&Path) -> Result<(), Problem>,
    ) -> Result<PathBuf, Problem> {
        let (folder, _lock) = folder(task.cache, self.folder)?;
        // Another version of one is another folder.
        let names: Vec<_> = self.requirements.lines().filter(|line| !line.starts_with(' ')).collect();
        let packages = folder.join(names.join("+").replace("==", "-"));
        made_whole(&packages, |target| {
            let _progress = Progress::start(format!("fetching {}", self.what));
            self.fetch(&task.programs.python, target)?;
            fill(target)
        })?;
        Ok(packages)
    }

    fn fetch(&self, python: &Path, target: &Path) -> Result<(), Problem> {
        let list = target.join(LIST);
        fs::write(&list, self.requirements.replace("\n ", " \\\n ")).context("failed to write what pip reads")?;
        let environment = target.join("pip");
        let mut pip = self.pip(python, &environment)?;
        pip.args(["--disable-pip-version-check", "install", "--quiet", "--no-deps", "--require-hashes"]);
        pip.args(["--only-binary", ":all:", "--no-compile", "--no-cache-dir"]);
        pip.arg("--target").arg(target).arg("--requirement").arg(&list);
        ran(&mut pip).map_err(|error| {
            Problem::new(Exit::Other, error.context(format!("failed to fetch {}", self.what)))
                .cure("check the connection to Python's package index; it is fetched once and kept")
        })?;
        if environment.exists() {
            fs::remove_dir_all(&environment).context("failed to remove what fetched it")?;
        }
        Ok(())
    }

    /// pip: the Python's own, or that of a virtual environment in `environment`.
    fn pip(&self, python: &Path, environment: &Path) -> Result<Command, Problem> {
        let with_pip = |python: &Path| {
            let mut command = Command::new(python);
            command.args(["-m", "pip"]);
            command
        };
        let found = match ran(with_pip(python).arg("--version")) {
            Ok(()) => return Ok(with_pip(python)),
            Err(error) if is_missing(&error) => Err(error),
            Err(_) => ran(Command::new(python).args(["-m", "venv"]).arg(environment)),
        };
        found.map_err(|error| {
            let error = if is_missing(&error) {
                anyhow!("there is no Python to fetch {} with: {}", self.what, python.display())
            } else {
                error.context(format!("{} has no pip to fetch {} with", python.display(), self.what))
            };
            Problem::new(Exit::Other, error).cure("install Python 3.9 or newer with pip, or name one with --python")
        })?;
        Ok(with_pip(&environment.join("bin").join("python")))
    }
}
