//! The store of compiled components.
//!
//! Machine code is trusted: whoever can put a file here runs code as this process. So the directory belongs to our user
//! and nobody else may write to it, which is checked when it is opened; and each file is checked against a digest that
//! was written when it was made, so that code which was damaged or changed is never run. The digest is in a file beside
//! it: it guards against accidents and careless hands, and the directory's mode against everyone else.
//!
//! Any number of processes share a directory. Each takes out what nobody used for longest, once all of it is more than
//! it may be: a file that is taken out stays whole for those that have loaded it.

mod digests;
mod evict;
mod functions;
mod identity;
mod lists;

use std::{
    fs::{self, File},
    io,
    os::{
        fd::AsRawFd as _,
        unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir};
use wasmtime::{Engine, component::Component};

pub use self::lists::Listing;

pub(crate) use self::functions::{FunctionCode, code_digest};

use self::identity::Identity;
use crate::{compile, error::CacheError, source, text::reasons};

/// How the files are called that compiled code is, and that of single functions; that seal it, that list its activities,
/// and that are being written.
const CODE: &str = "cwasm";
const FUNCTIONS: &str = "functions";
const SEAL: &str = "sha256";
const LIST: &str = "activities";
const NEW: &str = "new-";

/// Compiled components of engines with one configuration.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    /// The most bytes of code in it.
    size: u64,
    /// A digest of the configuration.
    compatibility: String,
    /// The directory, when it is gone with the store.
    _temporary: Option<TempDir>,
}

/// Code on its way from the compiler into the store. This process writes it and digests it meanwhile, so that what is
/// kept is what came.
#[derive(Debug)]
pub(crate) struct NewCode {
    file: NamedTempFile,
    digest: Sha256,
    size: u64,
}

/// What is known of a file: its digest, and what identified it when the digest was last compared.
#[derive(Debug, PartialEq, Eq)]
struct Seal {
    digest: String,
    identity: Identity,
}

impl Store {
    /// Opens the store in `dir`, made if need be; or a temporary one. At most `size` bytes of code are kept in it.
    ///
    /// # Errors
    /// When the directory is not ours alone, and when the system refuses.
    pub(crate) fn open(dir: Option<&Path>, size: u64, engine: &Engine) -> Result<Self, CacheError> {
        let compatibility = compile::compatibility(engine);
        let Some(dir) = dir else {
            let temporary = TempDir::with_prefix("isolet-").map_err(io_error_at(&std::env::temp_dir()))?;
            let dir = temporary.path().to_owned();
            return Ok(Self { dir, size, compatibility, _temporary: Some(temporary) });
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io_error_at(dir))?;
        let metadata = fs::metadata(dir).map_err(io_error_at(dir))?;
        let not_ours = |problem, cure| CacheError::NotOurs { dir: dir.to_owned(), problem, cure };
        let us = rustix::process::geteuid().as_raw();
        if metadata.uid() != us {
            let problem = format!("it belongs to user {}, and this is user {us}", metadata.uid());
            return Err(not_ours(problem, "name one of this user's"));
        }
        if metadata.mode() & 0o077 != 0 {
            let problem = format!("its mode is {:o}", metadata.mode() & 0o777);
            return Err(not_ours(problem, "run `chmod 700` on it"));
        }
        evict::evict(dir, size, None).and_then(|()| digests::evict(dir)).map_err(io_error_at(dir))?;
        Ok(Self { dir: dir.to_owned(), size, compatibility, _temporary: None })
    }

    /// A store that keeps nothing, for an engine that is handed all its code.
    pub(crate) fn nowhere(engine: &Engine) -> Self {
        Self { dir: PathBuf::new(), size: 0, compatibility: compile::compatibility(engine), _temporary: None }
    }

    /// The file with the code of the component whose bytes have this digest, if it is kept and unharmed.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn open_code(&self, component: &str) -> Result<Option<File>, CacheError> {
        let (code, seal) = self.paths(component);
        let opened = File::open(&code).and_then(|file| Ok(self.checked(&code, &seal)?.then_some(file)));
        match opened {
            Ok(Some(file)) => {
                used(&seal);
                Ok(Some(file))
            }
            // What was changed by someone is taken out when it is next loaded.
            Ok(None) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error_at(&code)(error)),
        }
    }

    /// The compiled component whose bytes have this digest, if it is kept and unharmed.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn find(&self, engine: &Engine, component: &str) -> Result<Option<Component>, CacheError> {
        let (code, seal) = self.paths(component);
        let found = match self.checked(&code, &seal) {
            Ok(intact) => intact.then(|| deserialize(engine, &code)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error_at(&code)(error)),
        };
        match found {
            Some(Ok(component)) => {
                used(&seal);
                return Ok(Some(component));
            }
            // Another process took it out meanwhile.
            Some(Err(_)) if !code.exists() => return Ok(None),
            Some(Err(error)) => {
                tracing::warn!(file = %code.display(), "compiled component does not load: {}", reasons(&error));
            }
            None => tracing::warn!(file = %code.display(), "compiled component was changed by someone: it is not used"),
        }
        evict::remove(&code).map_err(io_error_at(&code))?;
        Ok(None)
    }

    /// For the compiler to write to.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn new_code(&self) -> Result<NewCode, CacheError> {
        let file = self.new_file().map_err(io_error_at(&self.dir))?;
        Ok(NewCode { file, digest: Sha256::new(), size: 0 })
    }

    /// Keeps what the compiler wrote for the component whose bytes have this digest, and loads it, which fails when the
    /// engine has no room for such a component. What is larger than the whole store is loaded and not kept.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep(
        &self,
        engine: &Engine,
        component: &str,
        new: NewCode,
    ) -> Result<wasmtime::Result<Component>, CacheError> {
        let (code, seal) = self.paths(component);
        // Before others can take it out.
        let loaded = deserialize(engine, new.file.path());
        if self.size < new.size {
            tracing::warn!(
                size = new.size,
                limit = self.size,
                "a compiled component is larger than the whole store: it is not kept"
            );
            return Ok(loaded);
        }
        self.put(new, &code, &seal)?;
        Ok(loaded)
    }

    /// Puts what the compiler wrote into the store, and takes out what it has no room for any more.
    fn put(&self, new: NewCode, code: &Path, seal: &Path) -> Result<(), CacheError> {
        let NewCode { file, digest, .. } = new;
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o400)).map_err(io_error_at(file.path()))?;
        file.persist(code).map_err(|error| io_error_at(code)(error.error))?;
        match self.seal(code, seal, format!("{digest:x}", digest = digest.finalize())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error_at(seal)(error)),
            // Or another process took it out already.
            _ => {}
        }
        evict::evict(&self.dir, self.size, Some(code)).map_err(io_error_at(&self.dir))
    }

    fn new_file(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(NEW).tempfile_in(&self.dir)
    }

    fn paths(&self, component: &str) -> (PathBuf, PathBuf) {
        self.paths_of(component, CODE)
    }

    /// The files of what is kept for this digest, and its seal.
    fn paths_of(&self, digest: &str, what: &str) -> (PathBuf, PathBuf) {
        let settings = self.compatibility.get(..16).unwrap_or(&self.compatibility);
        let name = format!("{digest}-{settings}");
        (self.dir.join(format!("{name}.{what}")), self.dir.join(format!("{name}.{SEAL}")))
    }

    /// Whether the code is what was kept. Reads it only if it is not the very file that was last compared: reading takes
    /// ten times as long as loading.
    fn checked(&self, code: &Path, seal: &Path) -> io::Result<bool> {
        let identity = Identity::new(&fs::symlink_metadata(code)?);
        // One that is no text is as damaged as one that says something else.
        let Some(sealed) = Seal::parse(&String::from_utf8_lossy(&fs::read(seal)?)) else { return Ok(false) };
        if sealed.identity == identity {
            return Ok(true);
        }
        let intact = source::digest(&fs::read(code)?) == sealed.digest;
        if intact {
            self.seal(code, seal, sealed.digest)?;
        }
        Ok(intact)
    }

    fn seal(&self, code: &Path, seal: &Path, digest: String) -> io::Result<()> {
        let sealed = Seal { digest, identity: Identity::new(&fs::symlink_metadata(code)?) };
        self.write_whole(seal, &sealed.to_string())
    }

    /// Writes a small file, completely or not at all.
    fn write_whole(&self, path: &Path, text: &str) -> io::Result<()> {
        let file = self.new_file()?;
        fs::write(file.path(), text)?;
        file.persist(path)?;
        Ok(())
    }
}

impl NewCode {
    /// What became of writing to it.
    pub(crate) fn failed(&self, source: io::Error) -> CacheError {
        io_error_at(self.file.path())(source)
    }
}

impl io::Write for NewCode {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.size = self.size.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The component whose code is in `file`, which was opened by the process that this one ends with: there it was found in
/// the store.
pub(crate) fn deserialize_open(engine: &Engine, file: &File) -> wasmtime::Result<Component> {
    deserialize(engine, &PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())))
}

/// Notes that the code with this seal was used now. The code's own file must not change.
fn used(seal: &Path) {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let times = Timestamps { last_access: now, last_modification: now };
    // Then it goes sooner than it should.
    let _ = utimensat(CWD, seal, &times, AtFlags::SYMLINK_NOFOLLOW);
}

impl Seal {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let digest = words.next()?.to_owned();
        let identity = Identity::parse(&mut words)?;
        words.next().is_none().then_some(Self { digest, identity })
    }
}

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { digest, identity } = self;
        writeln!(f, "{digest} {identity}")
    }
}

#[expect(unsafe_code, reason = "loading machine code is what this store is for")]
fn deserialize(engine: &Engine, code: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was written by our own compiler and has not changed since, or was compared with its digest; and
    // nobody but us can write to its directory.
    unsafe { Component::deserialize_file(engine, code) }
}

fn io_error_at(path: &Path) -> impl Fn(io::Error) -> CacheError + use<> {
    let path = path.to_owned();
    move |source| CacheError::Io { path: path.clone(), source }
}

#[cfg(test)]
mod tests;
