//! The SDK that is linked with every project, compiled once.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::super::files;
use crate::exit::Problem;

/// Folders of the SDK with headers.
const INCLUDES: [&str; 3] = ["include", "bindings", "vendor/yyjson"];

/// The SDK's files, and what was made of them.
#[derive(Debug)]
pub(super) struct Sdk {
    folder: PathBuf,
    /// Compiled, for the linker.
    pub(super) objects: Vec<PathBuf>,
}

impl Sdk {
    /// The one below `folder`.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn at(folder: &Path) -> Result<Self, Problem> {
        let objects = folder.join(OBJECTS);
        let entries = fs::read_dir(&objects).with_context(|| format!("failed to read {}", objects.display()))?;
        let mut objects: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        objects.sort();
        Ok(Self { folder: folder.to_owned(), objects })
    }

    /// Writes the SDK's files below `folder`, compiles them, and keeps what comes of it.
    ///
    /// # Errors
    /// When a file can't be written, and those of `compile`, which makes an object of a source.
    pub(super) fn make(
        folder: &Path,
        compile: impl Fn(&Path, &[PathBuf], &Path) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        files::C.write(folder)?;
        let objects = folder.join(OBJECTS);
        fs::create_dir_all(&objects)?;
        for source in files::C.with_ending(".c") {
            let name = source.rsplit('/').next().unwrap_or(source);
            compile(&folder.join(source), &includes(folder), &objects.join(name).with_extension("o"))?;
        }
        Ok(())
    }

    /// Folders with headers.
    pub(super) fn includes(&self) -> Vec<PathBuf> {
        includes(&self.folder)
    }
}

/// Below the SDK's folder.
const OBJECTS: &str = "objects";

fn includes(folder: &Path) -> Vec<PathBuf> {
    INCLUDES.iter().map(|name| folder.join(name)).collect()
}
