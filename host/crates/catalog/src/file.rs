//! Reading component files.

use std::{
    fmt::Write as _,
    fs::{self, File, Metadata},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sha2::{Digest as _, Sha256};

use crate::ReadError;

/// More than any language runtime needs (a Python component has 20 to 50 MB), and little enough that a wrong path,
/// such as a disk image, can't fill the host's memory.
pub const LARGEST_COMPONENT: u64 = 512 << 20;

/// How long a file must not have changed before its digest is kept: the system's clock for changes has steps, and what
/// is written within one of them looks the same as before.
const SETTLED: Duration = Duration::from_secs(2);

/// The bytes of a component, as they were at one moment.
#[derive(Clone, Debug)]
pub struct ComponentFile {
    /// Where they are.
    pub path: PathBuf,
    /// How many there are.
    pub size: usize,
    /// The bytes, unless their digest was known without reading them.
    pub bytes: Option<Vec<u8>>,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub digest: String,
    /// How a registry has these very bytes, if they are from one.
    pub reference: Option<String>,
    /// What it is called, where that is not the name of its file: its bytes are never others, then.
    name: Option<String>,
}

/// Remembers digests of files, so that those that nobody has changed need not be read again.
pub trait Digests {
    /// The digest of the file at `path`, of which the system tells `metadata`, if it is known and nobody has changed the
    /// file since.
    fn find(&self, path: &Path, metadata: &Metadata) -> Option<String>;

    /// Keeps a digest.
    fn keep(&self, path: &Path, metadata: &Metadata, digest: &str);
}

/// Remembers nothing.
impl Digests for () {
    fn find(&self, _: &Path, _: &Metadata) -> Option<String> {
        None
    }

    fn keep(&self, _: &Path, _: &Metadata, _: &str) {}
}

impl ComponentFile {
    /// Finds the file at `path`, and reads it unless `digests` has its digest.
    ///
    /// # Errors
    /// When there is no such file, when it is not a regular file of sensible size, and when the system refuses.
    pub fn find(path: &Path, digests: &dyn Digests) -> Result<Self, ReadError> {
        let (_, metadata) = open(path)?;
        let known = path.canonicalize().ok();
        if let Some(digest) = known.as_ref().and_then(|known| digests.find(known, &metadata)) {
            let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
            return Ok(Self { path: path.to_owned(), size, bytes: None, digest, reference: None, name: None });
        }
        Self::find_anew(path, digests)
    }

    /// Reads the file at `path`, whatever `digests` has of it, which has its digest from then on.
    ///
    /// # Errors
    /// As for [`ComponentFile::find`].
    pub fn find_anew(path: &Path, digests: &dyn Digests) -> Result<Self, ReadError> {
        let known = path.canonicalize().ok();
        let (mut file, before) = open(path)?;
        let bytes = read(path, &mut file)?;
        let digest = hexadecimal(&Sha256::digest(&bytes));
        // Of the very file that was read, whatever the path leads to by now.
        let after = file.metadata().map_err(|error| failed(path, error))?;
        if let Some(known) = known
            && is_settled(&before, &after)
        {
            digests.keep(&known, &after, &digest);
        }
        Ok(Self { path: path.to_owned(), size: bytes.len(), bytes: Some(bytes), digest, reference: None, name: None })
    }

    /// Finds a file that is kept under this digest, of a component called `name`.
    ///
    /// # Errors
    /// As for [`ComponentFile::find`], and when its bytes have another digest.
    pub fn find_kept(path: PathBuf, name: &str, digest: &str, digests: &dyn Digests) -> Result<Self, ReadError> {
        let file = Self::find(&path, digests)?;
        match file.digest == digest {
            true => Ok(Self { name: Some(name.to_owned()), ..file }),
            false => Err(ReadError::Changed(path)),
        }
    }

    /// Whether the file is one that may be changed, and is another component then.
    pub fn may_change(&self) -> bool {
        self.name.is_none()
    }

    /// The bytes of a file that was found without being read.
    ///
    /// # Errors
    /// As for [`ComponentFile::find`], and when they are others by now.
    pub fn read(&self) -> Result<Vec<u8>, ReadError> {
        let bytes = read(&self.path, &mut open(&self.path)?.0)?;
        match hexadecimal(&Sha256::digest(&bytes)) == self.digest {
            true => Ok(bytes),
            false => Err(ReadError::Changed(self.path.clone())),
        }
    }

    /// What logs call the component: the file's name without its extension, where it has no other.
    pub fn name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        self.path.file_stem().map_or_else(|| self.path.to_string_lossy(), |stem| stem.to_string_lossy()).into_owned()
    }
}

/// A component's file, and what the system tells of it.
fn open(path: &Path) -> Result<(File, Metadata), ReadError> {
    // Asked before opening, because opening a pipe waits for its other end.
    if !fs::metadata(path).map_err(|error| failed(path, error))?.is_file() {
        return Err(ReadError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(|error| failed(path, error))?;
    let metadata = file.metadata().map_err(|error| failed(path, error))?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile(path.to_owned()));
    }
    check_size(path, metadata.len())?;
    Ok((file, metadata))
}

fn read(path: &Path, file: &mut File) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    // The file may grow meanwhile, so what is read is bounded too.
    let read = file.take(LARGEST_COMPONENT + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(path, error))?;
    check_size(path, bytes.len() as u64)?;
    Ok(bytes)
}

fn check_size(path: &Path, size: u64) -> Result<(), ReadError> {
    match LARGEST_COMPONENT < size {
        true => Err(ReadError::TooLarge { path: path.to_owned(), size, limit: LARGEST_COMPONENT }),
        false => Ok(()),
    }
}

fn failed(path: &Path, source: io::Error) -> ReadError {
    match source.kind() {
        io::ErrorKind::NotFound => ReadError::NotFound(path.to_owned()),
        _ => ReadError::Io { path: path.to_owned(), source },
    }
}

/// Whether a file is the same after it was read as before, and was changed long enough ago to look otherwise if it is
/// changed once more.
fn is_settled(before: &Metadata, after: &Metadata) -> bool {
    let state = |metadata: &Metadata| (metadata.dev(), metadata.ino(), metadata.len(), changed(metadata));
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().checked_sub(changed(after));
    state(before) == state(after) && age.is_some_and(|age| SETTLED < age)
}

/// When a file was last changed, since 1970.
fn changed(metadata: &Metadata) -> Duration {
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    Duration::new(u64::try_from(seconds).unwrap_or_default(), u32::try_from(nanoseconds).unwrap_or_default())
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
    use std::cell::RefCell;

    use super::*;

    /// Remembers one digest, whatever becomes of the file.
    struct One(&'static str, RefCell<Vec<String>>);

    impl Digests for One {
        fn find(&self, _: &Path, _: &Metadata) -> Option<String> {
            Some(self.0.to_owned()).filter(|digest| !digest.is_empty())
        }

        fn keep(&self, _: &Path, _: &Metadata, digest: &str) {
            self.1.borrow_mut().push(digest.to_owned());
        }
    }

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn reads_bytes_and_digest() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("orders.v1.wasm");
        fs::write(&path, b"abc").unwrap();
        let digests = One("", RefCell::default());
        let file = ComponentFile::find(&path, &digests).unwrap();
        assert_eq!(file.bytes.as_deref(), Some(b"abc".as_slice()));
        assert_eq!((file.size, file.digest.as_str()), (3, ABC));
        assert_eq!(file.name(), "orders.v1");
        assert!(digests.1.borrow().is_empty(), "it may be written to once more in the same moment");
    }

    #[test]
    fn what_is_known_is_not_read_until_it_must_be() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("orders.wasm");
        fs::write(&path, b"abc").unwrap();
        let file = ComponentFile::find(&path, &One(ABC, RefCell::default())).unwrap();
        assert_eq!((file.size, file.bytes.as_ref(), file.digest.as_str()), (3, None, ABC));
        assert_eq!(file.read().unwrap(), b"abc");
        fs::write(&path, b"abd").unwrap();
        assert!(matches!(file.read(), Err(ReadError::Changed(changed)) if changed == path));
    }

    #[test]
    fn what_is_kept_under_a_digest_has_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(ABC).with_extension("wasm");
        fs::write(&path, b"abc").unwrap();
        let file = ComponentFile::find_kept(path.clone(), "orders", ABC, &()).unwrap();
        assert_eq!((file.name().as_str(), file.may_change()), ("orders", false));
        fs::write(&path, b"abd").unwrap();
        assert!(matches!(ComponentFile::find_kept(path, "orders", ABC, &()), Err(ReadError::Changed(_))));
    }

    #[test]
    fn a_file_that_was_changed_long_ago_is_settled() {
        let program = fs::metadata("/proc/self/exe").unwrap();
        assert!(is_settled(&program, &program));
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a"), b"abc").unwrap();
        let new = fs::metadata(directory.path().join("a")).unwrap();
        assert!(!is_settled(&new, &new) && !is_settled(&program, &new));
    }

    #[test]
    fn says_what_is_wrong_with_a_path() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing.wasm");
        assert!(matches!(ComponentFile::find(&missing, &()), Err(ReadError::NotFound(path)) if path == missing));
        assert!(matches!(ComponentFile::find(directory.path(), &()), Err(ReadError::NotAFile(_))));
        let huge = directory.path().join("huge.wasm");
        File::create(&huge).unwrap().set_len(LARGEST_COMPONENT + 1).unwrap();
        assert!(matches!(ComponentFile::find(&huge, &()), Err(ReadError::TooLarge { .. })));
    }
}
