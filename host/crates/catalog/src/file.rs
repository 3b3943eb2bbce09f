//! Reading component files.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::ReadError;

/// More than any language runtime needs (a Python component has 20 to 50 MB), and little enough that a wrong path,
/// such as a disk image, can't fill the host's memory.
const LARGEST_COMPONENT: u64 = 512 << 20;

/// The bytes of a component, as they were at one moment.
#[derive(Clone, Debug)]
pub struct ComponentFile {
    /// Where they were read from.
    pub path: PathBuf,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub digest: String,
}

impl ComponentFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When there is no such file, when it is not a regular file of sensible size, and when the system refuses.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let fail = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => ReadError::NotFound(path.to_owned()),
            _ => ReadError::Io { path: path.to_owned(), source },
        };
        // Asked before opening, because opening a pipe waits for its other end.
        let metadata = fs::metadata(path).map_err(fail)?;
        if !metadata.is_file() {
            return Err(ReadError::NotAFile(path.to_owned()));
        }
        let too_large = |size| ReadError::TooLarge { path: path.to_owned(), size, limit: LARGEST_COMPONENT };
        if LARGEST_COMPONENT < metadata.len() {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::new();
        // The file may grow meanwhile, so what is read is bounded too.
        File::open(path).map_err(fail)?.take(LARGEST_COMPONENT + 1).read_to_end(&mut bytes).map_err(fail)?;
        if LARGEST_COMPONENT < bytes.len() as u64 {
            return Err(too_large(bytes.len() as u64));
        }
        let digest = hexadecimal(&Sha256::digest(&bytes));
        Ok(Self { path: path.to_owned(), bytes, digest })
    }

    /// The file's name without its extension: what logs call the component.
    pub fn name(&self) -> String {
        self.path.file_stem().map_or_else(|| self.path.to_string_lossy(), |stem| stem.to_string_lossy()).into_owned()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_bytes_and_digest() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("orders.v1.wasm");
        fs::write(&path, b"abc").unwrap();
        let file = ComponentFile::read(&path).unwrap();
        assert_eq!(file.bytes, b"abc");
        assert_eq!(file.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(file.name(), "orders.v1");
    }

    #[test]
    fn says_what_is_wrong_with_a_path() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing.wasm");
        assert!(matches!(ComponentFile::read(&missing), Err(ReadError::NotFound(path)) if path == missing));
        assert!(matches!(ComponentFile::read(directory.path()), Err(ReadError::NotAFile(_))));
        let huge = directory.path().join("huge.wasm");
        File::create(&huge).unwrap().set_len(LARGEST_COMPONENT + 1).unwrap();
        assert!(matches!(ComponentFile::read(&huge), Err(ReadError::TooLarge { .. })));
    }
}
