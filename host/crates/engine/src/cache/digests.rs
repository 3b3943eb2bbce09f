//! Digests of component files that were read before: reading and digesting one of a language runtime takes ten times as
//! long as all else that loading it takes.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use super::{Store, identity::Identity};
use crate::source;

/// How the records are called.
const RECORD: &str = "file";

/// Most records that are kept. One is a few hundred bytes, and each path that a component was ever loaded from has one.
const MOST: usize = 10_000;

impl Store {
    /// The digest of the component file at `path`, of which the system tells `metadata`, if it is kept and nobody has
    /// changed the file since.
    pub(crate) fn digest_of(&self, path: &Path, metadata: &Metadata) -> Option<String> {
        let record = fs::read_to_string(self.record(path)).ok()?;
        let mut words = record.split_whitespace();
        let digest = words.next()?;
        let identity = Identity::parse(&mut words)?;
        if !source::is_digest(digest) {
            return None;
        }
        (identity == Identity::new(metadata) && words.next().is_none()).then(|| digest.to_owned())
    }

    /// Keeps the digest of the component file at `path`, which had this identity before it was read and after. What can't
    /// be kept is read again the next time.
    pub(crate) fn keep_digest(&self, path: &Path, metadata: &Metadata, digest: &str) {
        let record = format!("{digest} {}\n", Identity::new(metadata));
        if let Err(error) = self.write_whole(&self.record(path), &record) {
            tracing::debug!(file = %path.display(), %error, "the digest of a component's file can't be kept");
        }
    }

    fn record(&self, path: &Path) -> PathBuf {
        self.dir.join(source::digest(path.as_os_str().as_bytes())).with_extension(RECORD)
    }
}

/// Takes out the records that were written first, where there are too many.
///
/// # Errors
/// When the system refuses.
pub(super) fn evict(dir: &Path) -> io::Result<()> {
    let mut records = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == RECORD)
            && let Ok(metadata) = fs::symlink_metadata(&path)
        {
            records.push((metadata.modified()?, path));
        }
    }
    let surplus = records.len().saturating_sub(MOST);
    records.sort_unstable();
    for (_, path) in records.into_iter().take(surplus) {
        // Another process may have done it.
        let _ = fs::remove_file(path);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;

    use super::*;

    #[test]
    fn a_digest_holds_as_long_as_nobody_touches_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(&crate::config::compile_config(1 << 20)).unwrap();
        let store = Store::open(Some(&dir.path().join("store")), u64::MAX, &engine).unwrap();
        let (file, other) = (dir.path().join("a.wasm"), dir.path().join("b.wasm"));
        fs::write(&file, "one").unwrap();
        let metadata = fs::metadata(&file).unwrap();
        assert_eq!(store.digest_of(&file, &metadata), None);
        let digest = source::digest(b"one");
        store.keep_digest(&file, &metadata, &digest);
        assert_eq!(store.digest_of(&file, &metadata), Some(digest));
        assert_eq!(store.digest_of(&other, &metadata), None);
        fs::write(&other, "two").unwrap();
        fs::rename(&other, &file).unwrap();
        assert_eq!(store.digest_of(&file, &fs::metadata(&file).unwrap()), None);
    }

    #[test]
    fn a_record_that_is_damaged_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(&crate::config::compile_config(1 << 20)).unwrap();
        let store = Store::open(Some(&dir.path().join("store")), u64::MAX, &engine).unwrap();
        let metadata = fs::metadata(dir.path()).unwrap();
        let whole = format!("{} {}", source::digest(b""), Identity::new(&metadata));
        fs::write(store.record(dir.path()), &whole).unwrap();
        assert!(store.digest_of(dir.path(), &metadata).is_some());
        for damaged in ["", "c0ffee", "c0ffee 1 2 3", &whole[1..], &format!("{whole} 7"), &whole.replacen('e', "x", 1)]
        {
            fs::write(store.record(dir.path()), damaged).unwrap();
            assert_eq!(store.digest_of(dir.path(), &metadata), None, "{damaged}");
        }
    }
}
