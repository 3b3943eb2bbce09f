//! The sources of a project, watched.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, Metadata},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use crate::languages::{self, Language};

/// How long nothing must happen to the sources before they are built: editors save several files at once.
const QUIET: Duration = Duration::from_millis(300);

/// How long they are waited for at most: something that is written all the time keeps no other change from being built.
const PATIENCE: Duration = Duration::from_secs(3);

/// Files that are compared by what is in them, in bytes: more than any source has. Of larger ones, size and time tell.
const LARGEST_COMPARED: u64 = 1 << 20;

/// Folders of every language that hold no sources: tests, and what is built. The builders leave out the same.
const SKIPPED: [&str; 4] = ["tests", "test", "build", "dist"];

/// What editors and builds leave beside sources, and what programs say, this one among them.
const NO_SOURCES: [&str; 4] = ["log", "swp", "tmp", "wasm"];

/// Folders that are watched at most, so that a wrong path such as the root of the file system takes no minutes.
const MOST_FOLDERS: usize = 10_000;

/// The sources of one project: a folder, or a file with its neighbours.
#[derive(Debug)]
pub(super) struct Sources {
    root: PathBuf,
    is_folder: bool,
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<()>,
    /// Folders, and which they are: one that was made anew under its old name is another.
    watched: BTreeMap<PathBuf, FolderId>,
    /// What was in each of them last, as a digest.
    state: BTreeMap<PathBuf, Vec<u8>>,
}

/// A folder's device and inode.
type FolderId = (u64, u64);

impl Sources {
    /// Watches the project at `project`.
    ///
    /// # Errors
    /// When it is not there, has too many folders, or the system has no more watches.
    pub(super) fn watch(project: &Path) -> anyhow::Result<Self> {
        let found = project.canonicalize().with_context(|| format!("failed to find {}", project.display()))?;
        let is_folder = found.is_dir();
        let root = if is_folder { found } else { found.parent().unwrap_or(Path::new("/")).to_owned() };
        let (sender, events) = unbounded_channel();
        let watcher = recommended_watcher(move |event| tell(event, &sender)).context("failed to watch files")?;
        let (watched, state) = (BTreeMap::new(), BTreeMap::new());
        let mut sources = Self { root, is_folder, watcher, events, watched, state };
        sources.difference()?;
        Ok(sources)
    }

    /// Waits until sources have changed and nothing happens to them any more. Returns one of those that did.
    ///
    /// # Errors
    /// When they can't be watched any more.
    pub(super) async fn changed(&mut self) -> anyhow::Result<PathBuf> {
        loop {
            // The watcher lives as long as this does.
            if self.events.recv().await.is_none() {
                return std::future::pending().await;
            }
            let more = async { while let Ok(Some(())) = timeout(QUIET, self.events.recv()).await {} };
            let _ = timeout(PATIENCE, more).await;
            if let Some(changed) = self.difference()? {
                return Ok(changed.strip_prefix(&self.root).unwrap_or(&changed).to_owned());
            }
        }
    }

    /// A source that is another than the last time, or new, or gone; folders that are new are watched from now on.
    fn difference(&mut self) -> anyhow::Result<Option<PathBuf>> {
        let (mut folders, mut files) = (BTreeMap::new(), BTreeSet::new());
        self.walk(&self.root.clone(), &mut folders, &mut files)?;
        for (folder, id) in &folders {
            let before = self.watched.get(folder);
            if before == Some(id) {
                continue;
            }
            if before.is_some() {
                // What is watched under this name is gone.
                let _ = self.watcher.unwatch(folder);
            }
            let watched = self.watcher.watch(folder, RecursiveMode::NonRecursive);
            watched.with_context(|| format!("failed to watch {}", folder.display()))?;
        }
        // Those that are gone are watched again when they come back.
        self.watched = folders;
        // One that can't be read is the builder's to complain about.
        let state: BTreeMap<_, _> =
            files.into_iter().map(|file| (file.clone(), content(&file).unwrap_or_default())).collect();
        let before = std::mem::replace(&mut self.state, state);
        let other = self.state.iter().find(|(file, content)| before.get(*file) != Some(*content));
        let gone = || before.keys().find(|file| !self.state.contains_key(*file));
        Ok(other.map(|(file, _)| file).or_else(gone).cloned())
    }

    fn walk(
        &self,
        folder: &Path,
        folders: &mut BTreeMap<PathBuf, FolderId>,
        files: &mut BTreeSet<PathBuf>,
    ) -> anyhow::Result<()> {
        // It may be gone by now.
        let Ok(metadata) = fs::metadata(folder) else { return Ok(()) };
        let id = (metadata.dev(), metadata.ino());
        // Links are followed, as the builder does, and may lead in a circle.
        if folders.values().any(|other| *other == id) {
            return Ok(());
        }
        folders.insert(folder.to_owned(), id);
        anyhow::ensure!(
            folders.len() <= MOST_FOLDERS,
            "{} has more than {MOST_FOLDERS} folders, more than a project has",
            self.root.display()
        );
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if !is_source(&path) {
                continue;
            }
            match fs::metadata(&path) {
                Ok(found) if found.is_dir() && self.is_folder => self.walk(&path, folders, files)?,
                Ok(found) if found.is_file() => drop(files.insert(path)),
                // Pipes and devices are no sources, and could be read for ever.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Called on the watcher's own thread.
fn tell(event: notify::Result<Event>, changes: &UnboundedSender<()>) {
    let Ok(event) = event else { return };
    if !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_source(path)) {
        // Nobody waits for changes any more when this fails.
        let _ = changes.send(());
    }
}

/// Whether what is called so may be a source, or hold some.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let is_left = languages::all()
        .map(Language::leavings)
        .any(|left| left.folders.contains(&name.as_ref()) || left.endings.contains(&extension.as_ref()));
    let is_skipped = name.starts_with('.') || name.ends_with('~') || SKIPPED.contains(&name.as_ref());
    !is_left && !is_skipped && !NO_SOURCES.contains(&extension.as_ref())
}

/// What tells a file from what it was before.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let metadata: Metadata = file.metadata()?;
    if !metadata.is_file() || LARGEST_COMPARED < metadata.len() {
        return Ok(format!("{} {} {}", metadata.len(), metadata.mtime(), metadata.mtime_nsec()).into_bytes());
    }
    let mut content = Vec::new();
    // It may grow meanwhile.
    file.take(LARGEST_COMPARED).read_to_end(&mut content)?;
    Ok(Sha256::digest(content).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_saved_is_told_and_what_builds_leave_is_not() {
        let project = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| fs::write(project.path().join(path), text).unwrap();
        write("orders.py", "1");
        fs::create_dir(project.path().join("build")).unwrap();
        let mut sources = Sources::watch(project.path()).unwrap();
        write("build/orders.py", "2");
        write("orders.pyc", "2");
        write(".orders.py.swp", "2");
        // Saved without a change.
        write("orders.py", "1");
        write("orders.py", "2");
        assert_eq!(sources.changed().await.unwrap(), Path::new("orders.py"));
        fs::create_dir(project.path().join("stock")).unwrap();
        write("stock/count.py", "1");
        assert!(sources.changed().await.unwrap().starts_with("stock"));
        write("stock/count.py", "2");
        assert_eq!(sources.changed().await.unwrap(), Path::new("stock/count.py"));
        // What was there for a moment is not told of.
        fs::create_dir(project.path().join("target8x")).unwrap();
        fs::remove_dir(project.path().join("target8x")).unwrap();
        fs::remove_file(project.path().join("orders.py")).unwrap();
        assert_eq!(sources.changed().await.unwrap(), Path::new("orders.py"));
    }

    #[tokio::test]
    async fn folders_may_be_made_anew_and_links_lead_to_others() {
        let [project, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let stock = project.path().join("stock");
        fs::create_dir(&stock).unwrap();
        fs::write(stock.join("count.py"), "1").unwrap();
        fs::write(elsewhere.path().join("parcel.py"), "1").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), project.path().join("linked")).unwrap();
        std::os::unix::fs::symlink(project.path(), stock.join("circle")).unwrap();
        let mut sources = Sources::watch(project.path()).unwrap();
        fs::rename(&stock, project.path().join(".aside")).unwrap();
        fs::create_dir(&stock).unwrap();
        fs::write(stock.join("count.py"), "2").unwrap();
        assert!(sources.changed().await.unwrap().starts_with("stock"));
        fs::write(stock.join("count.py"), "3").unwrap();
        assert_eq!(sources.changed().await.unwrap(), Path::new("stock/count.py"));
        fs::write(elsewhere.path().join("parcel.py"), "2").unwrap();
        assert_eq!(sources.changed().await.unwrap(), Path::new("linked/parcel.py"));
    }

    #[test]
    fn what_is_no_file_is_no_source() {
        let project = tempfile::tempdir().unwrap();
        let pipe = project.path().join("pipe.py");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        std::os::unix::fs::symlink("/dev/zero", project.path().join("zeros.py")).unwrap();
        let large = File::create(project.path().join("large.csv")).unwrap();
        large.set_len(1 << 40).unwrap();
        let mut sources = Sources::watch(project.path()).unwrap();
        assert_eq!(sources.difference().unwrap(), None);
        large.set_len(1 << 41).unwrap();
        assert_eq!(sources.difference().unwrap(), Some(project.path().canonicalize().unwrap().join("large.csv")));
    }

    #[tokio::test]
    async fn a_file_is_watched_with_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let [file, neighbour] = ["orders.py", "stock.py"].map(|name| folder.path().join(name));
        fs::write(&file, "1").unwrap();
        let mut sources = Sources::watch(&file).unwrap();
        fs::write(&neighbour, "1").unwrap();
        assert_eq!(sources.changed().await.unwrap(), Path::new("stock.py"));
    }
}
