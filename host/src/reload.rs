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

/// Files that are looked at each time, at most, beside folders and those that change just now: of a thousand tenants' a look
/// at all is a worker's largest cost while nobody calls it. A new tenant changes its folder.
const IN_TURN: usize = 500;

/// Watched files.
#[derive(Debug)]
pub(crate) struct Watched {
    files: Vec<WatchedFile>,
    /// Whose turn is next.
    next: usize,
    /// When they are looked at; from the first time on that somebody waits.
    looks: Option<Interval>,
    /// The look that is under way.
    looking: Option<JoinHandle<Vec<Seen>>>,
}

/// The number of a file, and how it is; nothing if it is not there.
type Seen = (usize, Option<State>);

/// A file as it was when it was last told of, and as it was seen last.
#[derive(Debug)]
struct WatchedFile {
    path: PathBuf,
    told: Option<State>,
    seen: Option<State>,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    is_folder: bool,
    /// Device and inode.
    file: (u64, u64),
    size: u64,
    /// When its content was changed, and when anything of it was.
    changed: [(i64, i64); 2],
}

impl Watched {
    /// Watches `files` from now on.
    pub(crate) fn new(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter().map(WatchedFile::new).collect(), next: 0, looks: None, looking: None }
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
                    let due = due(&self.files, &mut self.next);
                    // A file system may take its time.
                    none.insert(spawn_blocking(|| due.into_iter().map(|(at, path)| (at, state(&path))).collect()))
                }
            };
            let looked = looking.await;
            self.looking = None;
            let Ok(states) = looked else { continue };
            let changed = states.into_iter().filter_map(|(at, now)| self.files.get_mut(at)?.look(now));
            let changed: BTreeSet<PathBuf> = changed.collect();
            if !changed.is_empty() {
                return changed;
            }
        }
    }
}

/// Which are looked at now, with their places among all.
fn due(files: &[WatchedFile], next: &mut usize) -> Vec<(usize, PathBuf)> {
    let turn = *next..*next + IN_TURN;
    // From the first again, once it was the last one's turn; so the last turn may be a short one.
    *next = if turn.end < files.len() { turn.end } else { 0 };
    let due = files.iter().enumerate().filter(|(at, file)| turn.contains(at) || file.is_awaited());
    due.map(|(at, file)| (at, file.path.clone())).collect()
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

    /// Whether it is looked at each time: as a folder, or because something has happened to it.
    fn is_awaited(&self) -> bool {
        self.seen != self.told || self.seen.is_some_and(|state| state.is_folder)
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
    Some(State {
        is_folder: file.is_dir(),
        file: (file.dev(), file.ino()),
        size: file.size(),
        changed: [(file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec())],
    })
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

    #[tokio::test]
    async fn of_many_each_has_its_turn_and_what_changes_has_all() {
        let names: Vec<String> = (0..IN_TURN * 2 + 1).map(|number| format!("inner/{number}")).collect();
        let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let inner = folder.path().join("inner");
        let files: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
        let mut watched = Watched::new([files.clone(), vec![inner.clone()]].concat());
        let look = |_| due(&watched.files, &mut watched.next).into_iter().map(|(_, path)| path).collect();
        let turns: Vec<Vec<PathBuf>> = (0..3).map(look).collect();
        assert!(turns.iter().all(|turn| turn.contains(&inner)), "a folder is looked at each time");
        let mut looked: Vec<PathBuf> = turns.concat().into_iter().filter(|path| *path != inner).collect();
        looked.sort_unstable();
        assert_eq!(looked, BTreeSet::from_iter(files.clone()).into_iter().collect::<Vec<_>>());
        for file in [files.first(), files.last()].into_iter().flatten() {
            fs::write(file, "another").unwrap();
            assert_eq!(watched.changed().await, BTreeSet::from([file.clone()]));
        }
        fs::write(inner.join("new"), "").unwrap();
        assert_eq!(watched.changed().await, BTreeSet::from([inner]));
    }

    #[test]
    fn a_file_counts_as_written_when_nothing_happens_to_it_any_more() {
        let folder = folder(&["a.wasm"]);
        let at = |size| Some(State { is_folder: false, file: (1, 2), size, changed: [(3, 4), (5, 6)] });
        let mut file = WatchedFile { path: folder.path().join("a.wasm"), told: at(1), seen: at(1) };
        let looks = [at(2), at(3), None, at(4), at(4), at(4), at(1), at(1)];
        let told: Vec<bool> = looks.into_iter().map(|now| file.look(now).is_some()).collect();
        assert_eq!(told, [false, false, false, false, true, false, false, true]);
    }
}
