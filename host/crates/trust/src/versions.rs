//! Which versions were seen, so that an old one that is still well signed does not come back.

use std::{
    fs::{self, DirBuilder},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::Error;

/// The highest version of each repository that was taken of each signer's, in a folder that is this user's alone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Versions(PathBuf);

impl Versions {
    /// Those in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The highest of those of `place` that `signer` has signed and that were taken.
    ///
    /// # Errors
    /// When what is kept can't be read: then nothing is known, and nothing is taken.
    pub(crate) fn highest(&self, place: &str, signer: &str) -> Result<Option<u64>, Error> {
        let path = self.path(place, signer);
        match fs::read_to_string(&path) {
            Ok(text) => match text.split_whitespace().next().and_then(|word| word.parse().ok()) {
                Some(version) => Ok(Some(version)),
                None => Err(at(&path)(io::Error::new(io::ErrorKind::InvalidData, "it is no number"))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Keeps that a version of `place` was taken, which `signer` has signed.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep(&self, place: &str, signer: &str, version: u64) -> Result<(), Error> {
        if self.highest(place, signer)?.is_some_and(|highest| version <= highest) {
            return Ok(());
        }
        let (path, Self(folder)) = (self.path(place, signer), self);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        let mut file = NamedTempFile::new_in(folder).map_err(at(folder))?;
        writeln!(file, "{version} {place} {signer}").map_err(at(file.path()))?;
        // An empty file after a crash would let nothing through.
        file.as_file().sync_all().map_err(at(file.path()))?;
        file.persist(&path).map_err(|error| at(&path)(error.error))?;
        Ok(())
    }

    /// The file of both, whose names have characters that files have not.
    fn path(&self, place: &str, signer: &str) -> PathBuf {
        self.0.join(format!("{:x}", Sha256::digest(format!("{place}\n{signer}"))))
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Versions { path: path.clone(), source }
}
