//! The store of compiled components.
//!
//! Machine code is trusted: whoever can put a file here runs code as this process. So the directory belongs to our user
//! and nobody else may write to it, which is checked when it is opened; and each file is checked against a digest that
//! was written when it was made, so that code which was damaged or changed is never run. The digest is in a file beside
//! it: it guards against accidents and careless hands, and the directory's mode against everyone else.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use tempfile::{NamedTempFile, TempDir};
use wasmtime::{Engine, component::Component};

use crate::{compile, error::CacheError, source};

/// Compiled components of engines with one configuration.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    /// A digest of the configuration.
    compatibility: String,
    /// The directory, when it is gone with the store.
    _temporary: Option<TempDir>,
}

/// What is known of a file: its digest, and what identified it when the digest was last compared.
#[derive(Debug, PartialEq, Eq)]
struct Seal {
    digest: String,
    identity: Identity,
}

/// A file and its state. No program can change a file and keep this: the time of the last change is the system's own, and
/// can't be set.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl Store {
    /// Opens the store in `dir`, made if need be; or a temporary one.
    ///
    /// # Errors
    /// When the directory is not ours alone, and when the system refuses.
    pub(crate) fn open(dir: Option<&Path>, engine: &Engine) -> Result<Self, CacheError> {
        let compatibility = compile::compatibility(engine);
        let Some(dir) = dir else {
            let temporary = TempDir::with_prefix("isolet-").map_err(at(&std::env::temp_dir()))?;
            let dir = temporary.path().to_owned();
            return Ok(Self { dir, compatibility, _temporary: Some(temporary) });
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))?;
        let metadata = fs::metadata(dir).map_err(at(dir))?;
        let not_ours = |problem| CacheError::NotOurs { dir: dir.to_owned(), problem };
        let us = rustix::process::geteuid().as_raw();
        if metadata.uid() != us {
            return Err(not_ours(format!("it belongs to user {}, and this is user {us}", metadata.uid())));
        }
        if metadata.mode() & 0o077 != 0 {
            let mode = metadata.mode() & 0o777;
            return Err(not_ours(format!("its mode is {mode:o}; run `chmod 700` on it")));
        }
        Ok(Self { dir: dir.to_owned(), compatibility, _temporary: None })
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
            Err(error) => return Err(at(&code)(error)),
        };
        match found {
            Some(Ok(component)) => return Ok(Some(component)),
            Some(Err(error)) => tracing::warn!(file = %code.display(), "compiled component does not load: {error:#}"),
            None => tracing::warn!(file = %code.display(), "compiled component was changed by someone: it is not used"),
        }
        fs::remove_file(&code).map_err(at(&code))?;
        Ok(None)
    }

    /// A file for the compiler to write to.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn new_file(&self) -> Result<NamedTempFile, CacheError> {
        NamedTempFile::new_in(&self.dir).map_err(at(&self.dir))
    }

    /// Keeps what the compiler wrote for the component whose bytes have this digest, and loads it, which fails when the
    /// engine has no room for such a component.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep(
        &self,
        engine: &Engine,
        component: &str,
        file: NamedTempFile,
    ) -> Result<wasmtime::Result<Component>, CacheError> {
        let (code, seal) = self.paths(component);
        let digest = source::digest(&fs::read(file.path()).map_err(at(file.path()))?);
        file.persist(&code).map_err(|error| at(&code)(error.error))?;
        self.seal(&code, &seal, digest).map_err(at(&seal))?;
        Ok(deserialize(engine, &code))
    }

    fn paths(&self, component: &str) -> (PathBuf, PathBuf) {
        let settings = self.compatibility.get(..16).unwrap_or(&self.compatibility);
        let name = format!("{component}-{settings}");
        (self.dir.join(format!("{name}.cwasm")), self.dir.join(format!("{name}.sha256")))
    }

    /// Whether the code is what was kept. Reads it only if it is not the very file that was last compared: reading takes
    /// ten times as long as loading.
    fn checked(&self, code: &Path, seal: &Path) -> io::Result<bool> {
        let identity = Identity::of(code)?;
        let Some(sealed) = Seal::parse(&fs::read_to_string(seal)?) else { return Ok(false) };
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
        let file = NamedTempFile::new_in(&self.dir)?;
        fs::write(file.path(), Seal { digest, identity: Identity::of(code)? }.to_string())?;
        file.persist(seal)?;
        Ok(())
    }
}

impl Identity {
    fn of(file: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(file)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

impl Seal {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let digest = words.next()?.to_owned();
        let identity = Identity {
            device: words.next()?.parse().ok()?,
            inode: words.next()?.parse().ok()?,
            size: words.next()?.parse().ok()?,
            changed: (words.next()?.parse().ok()?, words.next()?.parse().ok()?),
        };
        words.next().is_none().then_some(Self { digest, identity })
    }
}

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { digest, identity: Identity { device, inode, size, changed: (seconds, nanoseconds) } } = self;
        writeln!(f, "{digest} {device} {inode} {size} {seconds} {nanoseconds}")
    }
}

#[expect(unsafe_code, reason = "loading machine code is what this store is for")]
fn deserialize(engine: &Engine, code: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was written by our own compiler and has not changed since, or was compared with its digest; and
    // nobody but us can write to its directory.
    unsafe { Component::deserialize_file(engine, code) }
}

fn at(path: &Path) -> impl Fn(io::Error) -> CacheError + use<> {
    let path = path.to_owned();
    move |source| CacheError::Io { path: path.clone(), source }
}

#[cfg(test)]
mod tests;
