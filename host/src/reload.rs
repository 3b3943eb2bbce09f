//! Files that are watched for new versions.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind, recommended_watcher,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// How long nothing must happen to a file before it counts as written: compilers write in pieces.
const QUIET: Duration = Duration::from_millis(200);

/// How often a directory that is gone is looked for: builds remove theirs and make them again.
const AGAIN: Duration = Duration::from_millis(500);

/// Watches files. Their directories are watched in truth, because a build replaces a file by another one.
#[derive(Debug)]
pub(crate) struct Watched {
    watcher: RecommendedWatcher,
    seen: UnboundedReceiver<Seen>,
    files: Vec<WatchedFile>,
    /// Directories that were removed, or moved away.
    gone: BTreeSet<PathBuf>,
}

/// A file as it is named by the user, and where the watcher sees it.
#[derive(Clone, Debug)]
struct WatchedFile {
    named: PathBuf,
    directory: PathBuf,
    real: PathBuf,
}

/// What the watcher tells.
#[derive(Debug)]
enum Seen {
    Changed(PathBuf),
    Gone(PathBuf),
}

impl Watched {
    /// Watches `files`.
    ///
    /// # Errors
    /// When a file's directory is not there or the system has no more watches.
    pub(crate) fn new(files: &[PathBuf]) -> anyhow::Result<Self> {
        let (sender, seen) = unbounded_channel();
        let files = files.iter().map(|file| WatchedFile::new(file)).collect::<anyhow::Result<Vec<_>>>()?;
        let directories: BTreeSet<PathBuf> = files.iter().map(|file| file.directory.clone()).collect();
        let told = files.clone();
        let mut watcher =
            recommended_watcher(move |event| tell(&told, event, &sender)).context("failed to watch files")?;
        for directory in directories {
            watcher
                .watch(&directory, RecursiveMode::NonRecursive)
                .with_context(|| format!("failed to watch {}", directory.display()))?;
        }
        Ok(Self { watcher, seen, files, gone: BTreeSet::new() })
    }

    /// Waits until files have changed and nothing happens to them any more. Not cancel safe: changes seen meanwhile
    /// may be lost with it.
    pub(crate) async fn changed(&mut self) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        loop {
            let wait = if !changed.is_empty() {
                QUIET
            } else if !self.gone.is_empty() {
                AGAIN
            } else {
                Duration::MAX
            };
            match timeout(wait, self.seen.recv()).await {
                Ok(Some(Seen::Changed(file))) => drop(changed.insert(file)),
                Ok(Some(Seen::Gone(directory))) => drop(self.gone.insert(directory)),
                // The watcher lives as long as this does.
                Ok(None) => return std::future::pending().await,
                Err(_) if !changed.is_empty() => return changed,
                Err(_) => {}
            }
            changed.extend(self.watch_again());
        }
    }

    /// Watches the directories that are there again. Returns their files: they may be others now.
    fn watch_again(&mut self) -> Vec<PathBuf> {
        let mut back = BTreeSet::new();
        for directory in &self.gone {
            // Whatever it watched under this name is not there any more.
            let _ = self.watcher.unwatch(directory);
            if self.watcher.watch(directory, RecursiveMode::NonRecursive).is_ok() {
                back.insert(directory.clone());
            }
        }
        self.gone.retain(|directory| !back.contains(directory));
        let files = self.files.iter().filter(|file| back.contains(&file.directory) && file.real.exists());
        files.map(|file| file.named.clone()).collect()
    }
}

impl WatchedFile {
    /// The watcher reports a file by its directory made canonical, since the file itself comes and goes.
    fn new(file: &Path) -> anyhow::Result<Self> {
        let directory = directory_of(file);
        let directory = directory.canonicalize().with_context(|| format!("failed to find {}", directory.display()))?;
        let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
        Ok(Self { named: file.to_owned(), real: directory.join(name), directory })
    }
}

/// Called on the watcher's own thread.
fn tell(files: &[WatchedFile], event: notify::Result<Event>, seen: &UnboundedSender<Seen>) {
    let Ok(event) = event else { return };
    if matches!(event.kind, EventKind::Access(_)) {
        return;
    }
    let may_be_gone = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
    for file in files {
        // Nobody waits for changes any more when this fails.
        if event.paths.contains(&file.real) {
            let _ = seen.send(Seen::Changed(file.named.clone()));
        }
        if may_be_gone && event.paths.contains(&file.directory) {
            let _ = seen.send(Seen::Gone(file.directory.clone()));
        }
    }
}

fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn a_file_that_is_replaced_has_changed_and_its_neighbours_have_not() {
        let directory = tempfile::tempdir().unwrap();
        let [file, neighbour, next] = ["a.wasm", "b.wasm", "a.next"].map(|name| directory.path().join(name));
        fs::write(&file, "1").unwrap();
        let mut watched = Watched::new(std::slice::from_ref(&file)).unwrap();
        fs::write(&neighbour, "1").unwrap();
        fs::write(&next, "2").unwrap();
        fs::rename(&next, &file).unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([file]));
    }

    #[tokio::test]
    async fn a_directory_may_be_made_anew_or_moved_away_and_back() {
        let parent = tempfile::tempdir().unwrap();
        let (target, aside) = (parent.path().join("target"), parent.path().join("aside"));
        let file = target.join("a.wasm");
        fs::create_dir(&target).unwrap();
        fs::write(&file, "1").unwrap();
        let mut watched = Watched::new(std::slice::from_ref(&file)).unwrap();
        for number in 2..4 {
            fs::remove_dir_all(&target).unwrap();
            fs::create_dir(&target).unwrap();
            fs::write(&file, number.to_string()).unwrap();
            assert_eq!(watched.changed().await, BTreeSet::from([file.clone()]));
        }
        fs::rename(&target, &aside).unwrap();
        fs::rename(&aside, &target).unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([file.clone()]));
        fs::write(&file, "4").unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([file]), "it is watched there again");
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = Watched::new(&["/does/not/exist/a.wasm".into()]).unwrap_err();
        assert_eq!(error.to_string(), "failed to find /does/not/exist");
    }
}
