//! Files that are watched for new versions.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// How long nothing must happen to a file before it counts as written: compilers write in pieces.
const QUIET: Duration = Duration::from_millis(200);

/// Watches files. Their directories are watched in truth, because a build replaces a file by another one.
#[derive(Debug)]
pub(crate) struct Watched {
    /// Kept because dropping it ends the watch.
    _watcher: RecommendedWatcher,
    changes: UnboundedReceiver<PathBuf>,
}

impl Watched {
    /// Watches `files`.
    ///
    /// # Errors
    /// When a file's directory is not there or the system has no more watches.
    pub(crate) fn new(files: &[PathBuf]) -> anyhow::Result<Self> {
        let (sender, changes) = unbounded_channel();
        let files =
            files.iter().map(|file| Ok((canonical(file)?, file.clone()))).collect::<anyhow::Result<Vec<_>>>()?;
        let directories: BTreeSet<PathBuf> = files.iter().map(|(real, _)| directory_of(real).to_owned()).collect();
        let mut watcher =
            recommended_watcher(move |event| tell(&files, event, &sender)).context("failed to watch files")?;
        for directory in directories {
            watcher
                .watch(&directory, RecursiveMode::NonRecursive)
                .with_context(|| format!("failed to watch {}", directory.display()))?;
        }
        Ok(Self { _watcher: watcher, changes })
    }

    /// Waits until files have changed and nothing happens to them any more. Not cancel safe: changes seen meanwhile
    /// may be lost with it.
    pub(crate) async fn changed(&mut self) -> BTreeSet<PathBuf> {
        let Some(first) = self.changes.recv().await else { return std::future::pending().await };
        let mut changed = BTreeSet::from([first]);
        while let Ok(Some(next)) = timeout(QUIET, self.changes.recv()).await {
            changed.insert(next);
        }
        changed
    }
}

/// Called on the watcher's own thread.
fn tell(files: &[(PathBuf, PathBuf)], event: notify::Result<Event>, changes: &UnboundedSender<PathBuf>) {
    let Ok(event) = event else { return };
    if matches!(event.kind, EventKind::Access(_)) {
        return;
    }
    for (real, named) in files {
        if event.paths.contains(real) {
            // Nobody waits for changes any more when this fails.
            let _ = changes.send(named.clone());
        }
    }
}

/// The path as the watcher reports it: that of the directory made canonical, since the file itself comes and goes.
fn canonical(file: &Path) -> anyhow::Result<PathBuf> {
    let directory = directory_of(file);
    let real = directory.canonicalize().with_context(|| format!("failed to find {}", directory.display()))?;
    Ok(real.join(file.file_name().with_context(|| format!("{} is no file", file.display()))?))
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

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let error = Watched::new(&["/does/not/exist/a.wasm".into()]).unwrap_err();
        assert_eq!(error.to_string(), "failed to find /does/not/exist");
    }
}
