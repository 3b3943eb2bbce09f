//! The sources of a project, watched.

use std::{
    collections::BTreeSet,
    fs,
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

/// How long nothing must happen to the sources before they are built: editors save several files at once.
const QUIET: Duration = Duration::from_millis(300);

/// Folders that hold no sources: what tools install and build. The builder leaves out the same.
const SKIPPED: [&str; 9] =
    ["__pycache__", "node_modules", "venv", "env", "site-packages", "tests", "test", "build", "dist"];

/// What editors, Python and builds leave beside sources.
const NO_SOURCES: [&str; 6] = ["pyc", "swp", "tmp", "so", "pyd", "wasm"];

/// Folders that are watched at most, so that a wrong path such as the root of the file system takes no minutes.
const MOST_FOLDERS: usize = 10_000;

/// The sources of one project: a folder, or a file with its neighbours.
#[derive(Debug)]
pub(super) struct Sources {
    root: PathBuf,
    is_folder: bool,
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<PathBuf>,
    watched: BTreeSet<PathBuf>,
    /// A digest of all of them as they were last.
    state: String,
}

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
        let (watched, state) = (BTreeSet::new(), String::new());
        let mut sources = Self { root, is_folder, watcher, events, watched, state };
        sources.is_changed()?;
        Ok(sources)
    }

    /// Waits until sources have changed and nothing happens to them any more. Returns one of those that did.
    ///
    /// # Errors
    /// When they can't be watched any more.
    pub(super) async fn changed(&mut self) -> anyhow::Result<PathBuf> {
        loop {
            // The watcher lives as long as this does.
            let Some(mut changed) = self.events.recv().await else { return std::future::pending().await };
            while let Ok(Some(next)) = timeout(QUIET, self.events.recv()).await {
                changed = next;
            }
            if self.is_changed()? {
                return Ok(changed.strip_prefix(&self.root).unwrap_or(&changed).to_owned());
            }
        }
    }

    /// Whether any source is another than the last time; folders that are new are watched from now on.
    fn is_changed(&mut self) -> anyhow::Result<bool> {
        let (mut folders, mut files) = (BTreeSet::new(), BTreeSet::new());
        self.walk(&self.root.clone(), &mut folders, &mut files)?;
        for folder in folders.difference(&self.watched) {
            let watched = self.watcher.watch(folder, RecursiveMode::NonRecursive);
            watched.with_context(|| format!("failed to watch {}", folder.display()))?;
        }
        // Those that are gone are watched again when they come back.
        self.watched = folders;
        let state = state(&files);
        Ok(std::mem::replace(&mut self.state, state.clone()) != state)
    }

    fn walk(
        &self,
        folder: &Path,
        folders: &mut BTreeSet<PathBuf>,
        files: &mut BTreeSet<PathBuf>,
    ) -> anyhow::Result<()> {
        folders.insert(folder.to_owned());
        anyhow::ensure!(
            folders.len() <= MOST_FOLDERS,
            "{} has more than {MOST_FOLDERS} folders, more than a project has",
            self.root.display()
        );
        // It may be gone by now.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if !is_source(&path) {
                continue;
            }
            // Links are not followed: they could lead in a circle.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && self.is_folder => self.walk(&path, folders, files)?,
                Ok(kind) if kind.is_dir() => {}
                _ => drop(files.insert(path)),
            }
        }
        Ok(())
    }
}

/// Called on the watcher's own thread.
fn tell(event: notify::Result<Event>, changes: &UnboundedSender<PathBuf>) {
    let Ok(event) = event else { return };
    if !matches!(event.kind, EventKind::Access(_)) {
        for path in event.paths.into_iter().filter(|path| is_source(path)) {
            // Nobody waits for changes any more when this fails.
            let _ = changes.send(path);
        }
    }
}

/// Whether what is called so may be a source, or hold some.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let is_skipped = name.starts_with('.') || name.ends_with('~') || SKIPPED.contains(&name.as_ref());
    !is_skipped && extension != "egg-info" && !NO_SOURCES.contains(&extension.as_ref())
}

/// A digest of these files.
fn state(files: &BTreeSet<PathBuf>) -> String {
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.as_os_str().as_encoded_bytes());
        // One that can't be read is the builder's to complain about.
        digest.update(fs::read(file).map(Sha256::digest).unwrap_or_default());
    }
    format!("{:x}", digest.finalize())
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
