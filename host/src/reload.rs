//! Files and folders that are watched for new versions.
//!
//! They are looked at again and again. What the system tells of changes in a directory says nothing of a link's target,
//! of a directory that another one takes the place of, or of a parent that is moved away; a look at the file says all of it.

use std::{
    collections::BTreeSet,
    fs, mem,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

/// How often files are looked at, and with that how long nothing must happen to one before it counts as written: compilers
/// write in pieces.
const PERIOD: Duration = Duration::from_millis(250);

/// Watched files.
#[derive(Debug)]
pub(crate) struct Watched {
    files: Vec<WatchedFile>,
    /// When they are looked at; from the first time on that somebody waits.
    looks: Option<Interval>,
    /// The look that is under way.
    looking: Option<JoinHandle<Vec<Option<State>>>>,
}

/// A file as it was when it was last told of, and as it was seen last.
#[derive(Debug)]
struct WatchedFile {
    path: PathBuf,
    told: Option<State>,
    seen: Option<State>,
}

/// What tells one state of a file from another: device, inode, size, and when it was changed.
type State = (u64, u64, u64, (i64, i64), (i64, i64));

impl Watched {
    /// Watches `files` from now on.
    pub(crate) fn new(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter().map(WatchedFile::new).collect(), looks: None, looking: None }
    }

    /// Watches these from now on, and others no more. Of those that are watched already no change is missed.
    pub(crate) fn watch(&mut self, mut files: BTreeSet<PathBuf>) {
        self.files.retain(|file| files.remove(&file.path));
        self.files.extend(files.into_iter().map(WatchedFile::new));
        // It was of others.
        self.looking = None;
    }

    /// Waits until files have changed and nothing happens to them any more; what happens to others meanwhile holds nobody
    /// up. Whoever is called away while waiting, however often, waits on where they were: no change is held up by it.
    pub(crate) async fn changed(&mut self) -> BTreeSet<PathBuf> {
        loop {
            let looking = match &mut self.looking {
                Some(looking) => looking,
                none => {
                    self.looks.get_or_insert_with(looks).tick().await;
                    let paths: Vec<PathBuf> = self.files.iter().map(|file| file.path.clone()).collect();
                    // A file system may take its time.
                    none.insert(spawn_blocking(move || paths.iter().map(|path| state(path)).collect()))
                }
            };
            let looked = looking.await;
            self.looking = None;
            let Ok(states) = looked else { continue };
            let changed = self.files.iter_mut().zip(states).filter_map(|(file, now)| file.look(now));
            let changed: BTreeSet<PathBuf> = changed.collect();
            if !changed.is_empty() {
                return changed;
            }
        }
    }
}

/// The times of looks. The first is not at once, which would take what is being written for written.
fn looks() -> Interval {
    let mut looks = interval_at(Instant::now() + PERIOD, PERIOD);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

impl WatchedFile {
    fn new(path: PathBuf) -> Self {
        let seen = state(&path);
        Self { path, told: seen, seen }
    }

    /// Whether it is another now, and the same as at the last look.
    fn look(&mut self, now: Option<State>) -> Option<PathBuf> {
        let before = mem::replace(&mut self.seen, now);
        // One that is gone is waited for.
        let is_new = now.is_some() && now == before && now != self.told;
        is_new.then(|| {
            self.told = now;
            self.path.clone()
        })
    }
}

/// The state of the file or folder that `path` leads to, if it leads to one.
fn state(path: &Path) -> Option<State> {
    let file = fs::metadata(path).ok()?;
    let times = ((file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec()));
    Some((file.dev(), file.ino(), file.size(), times.0, times.1))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;
    use tokio::time::timeout;

    use super::*;

    /// A folder with files of these names.
    fn folder(names: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, name).unwrap();
        }
        folder
    }

    #[tokio::test]
    async fn a_file_that_is_replaced_has_changed_and_its_neighbours_have_not() {
        let folder = folder(&["a.wasm", "b.wasm"]);
        let [file, neighbour, next] = ["a.wasm", "b.wasm", "a.next"].map(|name| folder.path().join(name));
        let mut watched = Watched::new(vec![file.clone(), neighbour]);
        fs::write(&next, "2").unwrap();
        fs::rename(&next, &file).unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([file]));
    }

    #[tokio::test]
    async fn a_folder_and_its_parents_may_be_made_anew() {
        let folder = folder(&["target/release/a.wasm"]);
        let file = folder.path().join("target/release/a.wasm");
        let mut watched = Watched::new(vec![file.clone()]);
        for (number, made) in ["target/release", "target"].into_iter().enumerate() {
            fs::rename(folder.path().join(made), folder.path().join(format!("old-{number}"))).unwrap();
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, number.to_string()).unwrap();
            assert_eq!(watched.changed().await, BTreeSet::from([file.clone()]), "{made}");
        }
    }

    /// Releases are often folders beside one another, with a link to the one that is served.
    #[tokio::test]
    async fn links_may_lead_elsewhere() {
        let folder = folder(&["one/a.wasm", "two/a.wasm"]);
        let [current, file] = ["current", "current/a.wasm"].map(|name| folder.path().join(name));
        symlink("one", &current).unwrap();
        let mut watched = Watched::new(vec![file.clone()]);
        symlink("two", folder.path().join("next")).unwrap();
        fs::rename(folder.path().join("next"), &current).unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([file.clone()]));
        fs::write(folder.path().join("two/a.wasm"), "another").unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([file]));
    }

    /// As by an operator who asks again and again how the worker is.
    #[tokio::test(start_paused = true)]
    async fn who_is_called_away_all_the_time_sees_changes_all_the_same() {
        let folder = folder(&["a.wasm"]);
        let file = folder.path().join("a.wasm");
        let mut watched = Watched::new(vec![file.clone()]);
        fs::write(&file, "another").unwrap();
        for _ in 0..100 {
            if let Ok(changed) = timeout(PERIOD / 5, watched.changed()).await {
                assert_eq!(changed, BTreeSet::from([file]));
                return;
            }
        }
        panic!("nothing was seen");
    }

    #[test]
    fn a_file_counts_as_written_when_nothing_happens_to_it_any_more() {
        let folder = folder(&["a.wasm"]);
        let at = |size| Some((1, 2, size, (3, 4), (5, 6)));
        let mut file = WatchedFile { path: folder.path().join("a.wasm"), told: at(1), seen: at(1) };
        let looks = [at(2), at(3), None, at(4), at(4), at(4), at(1), at(1)];
        let told: Vec<bool> = looks.into_iter().map(|now| file.look(now).is_some()).collect();
        assert_eq!(told, [false, false, false, false, true, false, false, true]);
    }
}
