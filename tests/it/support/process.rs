//! Child processes that never outlive the tests.
//!
//! libtest ends with `exit`, which drops no statics, and a test may be killed. So each child leads a process group of
//! its own in which a shell waits for the end of a pipe that only this process holds open. When the pipe closes,
//! because the [`Process`] was dropped or this whole process is gone, the shell kills the group.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader, Read},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::Notify;

/// No wait of the tests is meant to end by this: it turns a hang into a failure that tells what was seen until then.
pub(crate) const GUARD: Duration = Duration::from_secs(60);

/// Becomes the program given as arguments, with a watchdog left behind in the same process group.
const LEASH: &str = r#"exec 3<&0
(read -r _ <&3; kill -s KILL -- -$$) >/dev/null 2>&1 &
exec env "$0" "$@" </dev/null 3<&-"#;

/// Marks a program and all its descendants, in whatever process group or session they end up.
const MARK: &str = "ISOLET_TEST_PROCESS";

/// A running or ended program.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    mark: String,
    pid: Pid,
    seen: Arc<Seen>,
    /// Closing it kills the process group.
    leash: Option<ChildStdin>,
}

/// What a program has said and how it ended.
#[derive(Debug, Default)]
struct Seen {
    state: Mutex<State>,
    changed: Notify,
    /// Raised when output is read again.
    read_on: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stdout: Vec<String>,
    stderr: Vec<String>,
    open_streams: u8,
    /// Whether nobody reads standard output and standard error.
    is_unread: bool,
    exit: Option<ExitStatus>,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Exit {
    /// Its exit code; `None` when a signal killed it.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// What it wrote to standard error.
    pub(crate) stderr: String,
}

impl Process {
    /// Starts `program`, called `name` in what the tests say about it. Of the variables that set up Temporal and
    /// Isolet it sees only those of `environment`.
    pub(crate) fn start<A: AsRef<OsStr>>(
        name: &str,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        environment: &[(String, String)],
    ) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{MARK}={}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut command = Command::new("sh");
        for (variable, _) in env::vars_os() {
            if ["TEMPORAL_", "ISOLET_"].iter().any(|prefix| variable.to_string_lossy().starts_with(prefix)) {
                command.env_remove(variable);
            }
        }
        let mut child = command
            .args(["-c", LEASH, &mark])
            .arg(program)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("failed to start {name}: {error}"));
        let seen = Arc::new(Seen::default());
        seen.lock().open_streams = 2;
        seen.read_lines(child.stdout.take().unwrap(), |state| &mut state.stdout);
        seen.read_lines(child.stderr.take().unwrap(), |state| &mut state.stderr);
        let leash = child.stdin.take();
        let pid = Pid::from_child(&child);
        seen.await_exit(child);
        Self { name: name.to_owned(), mark, pid, seen, leash }
    }

    /// The first thing that `find` finds in a line of standard output, past or to come.
    pub(crate) async fn find<T>(&self, what: &str, find: impl FnMut(&str) -> Option<T>) -> T {
        self.find_or(what, find, async || String::new()).await
    }

    /// The same; if nothing is found, the test fails with what `explain` says of it.
    pub(crate) async fn find_or<T>(
        &self,
        what: &str,
        find: impl FnMut(&str) -> Option<T>,
        explain: impl AsyncFnOnce() -> String,
    ) -> T {
        match self.find_in(|state| &state.stdout, what, find).await {
            Ok(found) => found,
            Err(failure) => panic!("{failure}\n{}", explain().await),
        }
    }

    /// The same for standard error.
    pub(crate) async fn find_in_stderr<T>(&self, what: &str, find: impl FnMut(&str) -> Option<T>) -> T {
        self.find_in(|state| &state.stderr, what, find).await.unwrap_or_else(|failure| panic!("{failure}"))
    }

    async fn find_in<T>(
        &self,
        stream: fn(&State) -> &Vec<String>,
        what: &str,
        mut find: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, String> {
        let mut read = 0;
        let found = self.seen.until(|state| {
            while let Some(line) = stream(state).get(read) {
                read += 1;
                if let Some(found) = find(line) {
                    return Some(Ok(found));
                }
            }
            state.has_ended().map(Err)
        });
        match tokio::time::timeout(GUARD, found).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(exit)) => Err(format!("{} ended with {exit} before {what}\n{}", self.name, self.transcript())),
            Err(_) => Err(format!("no {what} from {} in {GUARD:?}\n{}", self.name, self.transcript())),
        }
    }

    /// The lines of standard output so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen.lock().stdout.clone()
    }

    /// Sends a signal, if it still runs.
    pub(crate) fn signal(&self, signal: Signal) {
        let state = self.seen.lock();
        if state.exit.is_none() {
            // It may end at this very moment.
            let _ = kill_process(self.pid, signal);
        }
    }

    /// Reads its output no more, as a slow reader, or reads on.
    pub(crate) fn set_unread(&self, is_unread: bool) {
        self.seen.change(|state| state.is_unread = is_unread);
        self.seen.read_on.notify_all();
    }

    /// What the kernel tells of it.
    pub(crate) fn folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.pid.as_raw_nonzero()))
    }

    /// The most memory that it had so far, and each process that it has started and that still runs, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let most = |folder: &Path| {
            let status = fs::read_to_string(folder.join("status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            Some(1_024 * line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?)
        };
        let of_others: u64 = self.children().iter().filter_map(|folder| most(folder)).sum();
        most(&self.folder()).unwrap() + of_others
    }

    /// What the kernel tells of each process that it has started and that still runs.
    fn children(&self) -> Vec<PathBuf> {
        let parent = format!("\nPPid:\t{}\n", self.pid.as_raw_nonzero());
        let is_child =
            |folder: &PathBuf| fs::read_to_string(folder.join("status")).is_ok_and(|status| status.contains(&parent));
        fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path())).filter(is_child).collect()
    }

    /// Waits for the end of the program and of its output.
    pub(crate) async fn exit(&self) -> Exit {
        self.exit_within(GUARD).await
    }

    /// The same for a program that computes for longer than most.
    pub(crate) async fn exit_within(&self, guard: Duration) -> Exit {
        match tokio::time::timeout(guard, self.seen.until(State::has_ended)).await {
            Ok(status) => {
                let state = self.seen.lock();
                Exit { code: status.code(), stdout: state.stdout.join("\n"), stderr: state.stderr.join("\n") }
            }
            Err(_) => panic!(
                "{} did not end in {guard:?}; running: {:?}\n{}",
                self.name,
                self.left_running(),
                self.transcript()
            ),
        }
    }

    /// The command lines of the program's processes, itself included, that run now.
    pub(crate) fn left_running(&self) -> Vec<String> {
        let entries = fs::read_dir("/proc").unwrap();
        entries.filter_map(|entry| marked_command(&entry.ok()?.path(), &self.mark)).collect()
    }

    /// Waits until neither the program nor anything that it started runs.
    pub(crate) async fn everything_ended(&self) {
        // Nothing tells of the end of processes that are not our children.
        let mut probe = tokio::time::interval(Duration::from_millis(20));
        let ended = async {
            while !self.left_running().is_empty() {
                probe.tick().await;
            }
        };
        if tokio::time::timeout(GUARD, ended).await.is_err() {
            panic!("still running after {GUARD:?}: {:?}\n{}", self.left_running(), self.transcript());
        }
    }

    /// Everything it said.
    pub(crate) fn transcript(&self) -> String {
        let state = self.seen.lock();
        format!("--- stdout\n{}\n--- stderr\n{}\n---", state.stdout.join("\n"), state.stderr.join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}:\n{}", self.name, self.transcript());
        }
        drop(self.leash.take());
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_waiters();
    }

    /// Waits until `find` finds something in the state.
    async fn until<T>(&self, mut find: impl FnMut(&State) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = find(&self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    fn read_lines(self: &Arc<Self>, stream: impl Read + Send + 'static, to: fn(&mut State) -> &mut Vec<String>) {
        let seen = Arc::clone(self);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                seen.change(|state| to(state).push(String::from_utf8_lossy(&line).into_owned()));
                let unread = seen.read_on.wait_while(seen.lock(), |state| state.is_unread);
                drop(unread.unwrap_or_else(PoisonError::into_inner));
            }
            seen.change(|state| state.open_streams -= 1);
        });
    }

    fn await_exit(self: &Arc<Self>, mut child: Child) {
        let seen = Arc::clone(self);
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            seen.change(|state| state.exit = Some(status));
        });
    }
}

impl State {
    fn has_ended(&self) -> Option<ExitStatus> {
        self.exit.filter(|_| self.open_streams == 0)
    }
}

/// The command line of the process in `folder` of `/proc`, if it carries the mark.
fn marked_command(folder: &Path, mark: &str) -> Option<String> {
    let environment = fs::read(folder.join("environ")).ok()?;
    environment.split(|byte| *byte == 0).find(|variable| *variable == mark.as_bytes())?;
    let command = fs::read(folder.join("cmdline")).ok()?;
    // A process that ended and was not waited for has no command line.
    (!command.is_empty()).then(|| String::from_utf8_lossy(&command).replace('\0', " ").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_process_is_killed_with_what_it_started() {
        let script = "sleep 1000 & echo started; wait";
        let process = Process::start("a script", Path::new("sh"), ["-c", script], &[]);
        process.find("its line", |line| (line == "started").then_some(())).await;
        assert!(!process.left_running().is_empty());
        let (seen, mark) = (Arc::clone(&process.seen), process.mark.clone());
        drop(process);
        let status = tokio::time::timeout(GUARD, seen.until(State::has_ended)).await.unwrap();
        assert_eq!(status.code(), None);
        let running = fs::read_dir("/proc").unwrap();
        assert_eq!(running.filter_map(|entry| marked_command(&entry.ok()?.path(), &mark)).count(), 0);
    }

    #[tokio::test]
    async fn an_exit_code_passes_through() {
        let process = Process::start("a script", Path::new("sh"), ["-c", "echo out; echo err >&2; exit 7"], &[]);
        let exit = process.exit().await;
        assert_eq!((exit.code, exit.stdout.as_str(), exit.stderr.as_str()), (Some(7), "out", "err"));
    }
}
