//! What was pulled, kept by digest, for all tenants together.
//!
//! Whoever can write here can say what runs, so the folder lies within one that is this user's alone. What is small is
//! compared with its digest whenever it is read; the components themselves are compared by whoever reads them. Any number
//! of processes share the folder: files come into their places whole, and go while others may still read them.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;

use crate::{Digest, Error, Reference, Settings};

/// What is kept, each in a folder.
const COMPONENTS: &str = "components";
const MANIFESTS: &str = "manifests";
const TAGS: &str = "tags";
const ATTACHED: &str = "attached";

/// How a component's file ends, and the one beside it that is touched at each use.
const COMPONENT: &str = "wasm";
const USED: &str = "used";

/// How files begin that are being written.
const NEW: &str = "new-";

/// How old such a file is if its process has ended meanwhile: no component is pulled for so long without a byte.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Files that are kept in each of the other folders, and their bytes together: a manifest has a few hundred, but whoever has
/// a registry can make it large, and attach more.
const MOST: usize = 10_000;
const MOST_BYTES: u64 = 256 << 20;

/// The store.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    size: u64,
}

impl Store {
    /// The store of the settings, made if need be.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Error> {
        let store = Self { dir: settings.store.clone(), size: settings.store_size };
        DirBuilder::new().recursive(true).mode(0o700).create(&store.dir).map_err(at(&store.dir))?;
        ours_alone(&store.dir).map_err(at(&store.dir))?;
        for folder in [COMPONENTS, MANIFESTS, TAGS, ATTACHED] {
            let folder = store.dir.join(folder);
            DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(at(&folder))?;
        }
        Ok(store)
    }

    /// The manifest with this digest.
    pub(crate) fn manifest(&self, digest: &Digest) -> Option<Vec<u8>> {
        let bytes = fs::read(self.dir.join(MANIFESTS).join(digest.hex())).ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps a manifest.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep_manifest(&self, bytes: &[u8]) -> Result<(), Error> {
        self.write(MANIFESTS, Digest::of(bytes).hex(), bytes)
    }

    /// What a tag stood for when its registry was last asked.
    pub(crate) fn tag(&self, reference: &Reference) -> Option<Digest> {
        fs::read_to_string(self.dir.join(TAGS).join(tag(reference))).ok()?.parse().ok()
    }

    /// Keeps what a tag stands for.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep_tag(&self, reference: &Reference, digest: &Digest) -> Result<(), Error> {
        self.write(TAGS, &tag(reference), digest.to_string().as_bytes())
    }

    /// What was attached to an artefact when its registry was last asked.
    pub(crate) fn attached(&self, digest: &Digest) -> Option<Vec<u8>> {
        fs::read(self.dir.join(ATTACHED).join(digest.hex())).ok()
    }

    /// Keeps what is attached to an artefact.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep_attached(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        self.write(ATTACHED, digest.hex(), bytes)
    }

    /// Where a component is, if it is kept.
    pub(crate) fn component(&self, digest: &Digest, size: u64) -> Option<PathBuf> {
        let path = self.component_path(digest);
        let found = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == size);
        if !found {
            return None;
        }
        // Then it goes sooner than it should.
        let _ = File::create(path.with_extension(USED));
        Some(path)
    }

    /// For a component that is being pulled. What others have left behind makes room for it.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn new_component(&self) -> Result<NamedTempFile, Error> {
        let folder = self.dir.join(COMPONENTS);
        remove_abandoned(&folder).map_err(at(&folder))?;
        self.new_file(COMPONENTS)
    }

    /// Keeps a component that was pulled and has this digest, and says where.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn keep_component(&self, file: NamedTempFile, digest: &Digest) -> Result<PathBuf, Error> {
        let path = self.component_path(digest);
        fs::set_permissions(file.path(), Permissions::from_mode(0o400)).map_err(at(file.path()))?;
        file.persist(&path).map_err(|error| at(&path)(error.error))?;
        File::create(path.with_extension(USED)).map_err(at(&path))?;
        self.evict_components(&path).map_err(at(&self.dir))?;
        Ok(path)
    }

    /// Takes out a component that is not what it should be.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn remove_component(&self, digest: &Digest) -> Result<(), Error> {
        let path = self.component_path(digest);
        gone(fs::remove_file(&path)).map_err(at(&path))
    }

    fn component_path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(COMPONENTS).join(digest.hex()).with_extension(COMPONENT)
    }

    /// Takes out components that were not used for longest, but not `newest`, until the others are as few as they may be.
    fn evict_components(&self, newest: &Path) -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(self.dir.join(COMPONENTS))? {
            let path = entry?.path();
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if path.extension().is_some_and(|extension| extension == COMPONENT) {
                let used = fs::metadata(path.with_extension(USED)).and_then(|used| used.modified());
                kept.push((used.unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), path));
            }
        }
        kept.sort();
        let mut total = kept.iter().fold(0_u64, |total, (_, size, _)| total.saturating_add(*size));
        for (_, size, path) in kept {
            if total <= self.size {
                break;
            }
            if path != newest {
                tracing::info!(file = %path.display(), size, "taking a pulled component out of the store, which is full");
                gone(fs::remove_file(path.with_extension(USED)))?;
                gone(fs::remove_file(&path))?;
                total = total.saturating_sub(size);
            }
        }
        Ok(())
    }

    /// Writes a small file, completely or not at all.
    fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.dir.join(folder).join(name);
        if fs::read(&path).is_ok_and(|kept| kept == bytes) {
            return Ok(());
        }
        evict(&self.dir.join(folder), MOST_BYTES).map_err(at(&path))?;
        let file = self.new_file(folder)?;
        fs::write(file.path(), bytes).map_err(at(file.path()))?;
        file.persist(&path).map_err(|error| at(&path)(error.error))?;
        Ok(())
    }

    fn new_file(&self, folder: &str) -> Result<NamedTempFile, Error> {
        let folder = self.dir.join(folder);
        tempfile::Builder::new().prefix(NEW).tempfile_in(&folder).map_err(at(&folder))
    }
}

/// Takes out files of a folder, those first that were written first, until there is room for another one.
fn evict(folder: &Path, most: u64) -> io::Result<()> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another process may have taken it out.
        let Ok(metadata) = entry.metadata() else { continue };
        kept.push((metadata.modified()?, metadata.len(), entry.path()));
    }
    kept.sort();
    let mut count = kept.len();
    let mut total = kept.iter().fold(0_u64, |total, (_, size, _)| total.saturating_add(*size));
    for (_, size, path) in kept {
        if count < MOST && total <= most {
            break;
        }
        gone(fs::remove_file(path))?;
        count -= 1;
        total = total.saturating_sub(size);
    }
    Ok(())
}

/// Takes out what was being written by processes that were killed: nobody else would, and it counts as nothing's size.
fn remove_abandoned(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_new = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(NEW.as_bytes()));
        let modified = fs::symlink_metadata(&path).and_then(|metadata| metadata.modified());
        if is_new && modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| ABANDONED < age)) {
            gone(fs::remove_file(&path))?;
        }
    }
    Ok(())
}

/// How the file of a tag is called: tags have characters that files have not.
fn tag(reference: &Reference) -> String {
    Digest::of(format!("{}:{}", reference.place(), reference.tag().unwrap_or_default()).as_bytes()).hex().to_owned()
}

/// What became of a file that another process may have taken out.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Refuses a folder in which others may write, or that lies right in such a one.
fn ours_alone(folder: &Path) -> io::Result<()> {
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        let mode = fs::metadata(folder)?.permissions().mode();
        // In one such as /tmp nobody takes away what is another's.
        if mode & 0o022 != 0 && mode & 0o1000 == 0 {
            let problem = format!("others may write in {}, whose mode is {:o}", folder.display(), mode & 0o777);
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, problem));
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Store { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_folder_that_others_may_write_in_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let settings = Settings { store: folder.path().join("registry"), ..Settings::default() };
        assert!(Store::open(&settings).unwrap_err().to_string().contains("keep artefacts in"));
    }

    fn store(size: u64) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { store: folder.path().to_owned(), store_size: size, ..Settings::default() };
        let store = Store::open(&settings).unwrap();
        (folder, store)
    }

    fn keep(store: &Store, bytes: &[u8]) -> PathBuf {
        let mut file = store.new_component().unwrap();
        file.write_all(bytes).unwrap();
        store.keep_component(file, &Digest::of(bytes)).unwrap()
    }

    #[test]
    fn a_manifest_that_was_changed_is_none() {
        let (folder, store) = store(100);
        store.keep_manifest(b"abc").unwrap();
        let digest = Digest::of(b"abc");
        assert_eq!(store.manifest(&digest).as_deref(), Some(b"abc".as_slice()));
        fs::write(folder.path().join(MANIFESTS).join(digest.hex()), "abd").unwrap();
        assert_eq!(store.manifest(&digest), None);
    }

    #[test]
    fn tags_are_told_apart_by_their_repository() {
        let (_folder, store) = store(100);
        let [one, other]: [Reference; 2] =
            ["oci://a.com/b/c:1", "oci://a.com/b:1"].map(|reference| reference.parse().unwrap());
        store.keep_tag(&one, &Digest::of(b"one")).unwrap();
        assert_eq!((store.tag(&one), store.tag(&other)), (Some(Digest::of(b"one")), None));
    }

    #[test]
    fn what_was_written_first_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two, three] = ["one", "two", "three"].map(|name| folder.path().join(name));
        for (age, path) in [(3, &one), (1, &two), (2, &three)] {
            fs::write(path, "12345").unwrap();
            let time = SystemTime::now() - Duration::from_secs(age);
            File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
        evict(folder.path(), 15).unwrap();
        assert!(one.exists(), "there is room");
        evict(folder.path(), 7).unwrap();
        assert_eq!((one.exists(), two.exists(), three.exists()), (false, true, false));
    }

    #[test]
    fn what_a_killed_process_was_pulling_makes_room() {
        let (_folder, store) = store(100);
        let [left, other] = [(); 2].map(|()| store.new_component().unwrap().into_temp_path().keep().unwrap());
        let of_another_day = SystemTime::now() - ABANDONED - Duration::from_secs(1);
        File::options().write(true).open(&left).unwrap().set_modified(of_another_day).unwrap();
        keep(&store, b"abc");
        assert_eq!((left.exists(), other.exists()), (false, true), "another process may still write");
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let (_folder, store) = store(8);
        let [one, two] = [b"one", b"two"].map(|bytes| keep(&store, bytes));
        let early = SystemTime::UNIX_EPOCH;
        File::options().write(true).open(two.with_extension(USED)).unwrap().set_modified(early).unwrap();
        assert_eq!(store.component(&Digest::of(b"one"), 3), Some(one.clone()));
        let three = keep(&store, b"three");
        assert!(one.exists() && !two.exists() && three.exists());
        assert_eq!(store.component(&Digest::of(b"two"), 3), None);
        assert_eq!(store.component(&Digest::of(b"one"), 4), None, "one that was cut off is none");
        store.remove_component(&Digest::of(b"one")).unwrap();
        assert!(!one.exists());
    }
}
