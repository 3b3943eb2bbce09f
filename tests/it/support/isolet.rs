//! Isolet as its users run it: the built program, with arguments, output and an exit code.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::process::{GUARD, Process};

/// The built program.
pub(crate) fn program() -> PathBuf {
    let program = target().join("debug/isolet");
    assert!(program.is_file(), "{} is missing: run `cargo build --bin isolet`", program.display());
    program
}

/// The component called `name`: an example, or one of `tests/guests`.
pub(crate) fn component(name: &str) -> PathBuf {
    let file = target().join("guests").join(name).with_extension("wasm");
    assert!(file.is_file(), "{} is missing: run `cargo xtask guests`", file.display());
    file
}

/// A file of the repository, such as an example's data.
pub(crate) fn repository(path: &str) -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Cargo's target folder: this test is `target/debug/deps/it-…`.
pub(crate) fn target() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_path_buf()
}

/// One run of the program.
#[derive(Debug, Default)]
#[must_use = "nothing runs before `run`"]
pub(crate) struct Isolet {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// Its working directory, if that is not the tests' own.
    folder: Option<PathBuf>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; `None` when a signal killed it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// The variable that says where guests run.
const ISOLATION: &str = "ISOLET_ISOLATION";

impl Isolet {
    /// The program with these arguments. It finds no configuration of the machine, and what it compiles is kept for the
    /// next tests.
    pub(crate) fn with<A: ToString>(arguments: impl IntoIterator<Item = A>) -> Self {
        let home = target().join("it-home");
        let environment = [("HOME", home.clone()), ("ISOLET_CACHE", home.join("cache"))];
        let mut environment = environment.map(|(name, path)| (name.to_owned(), path.display().to_string())).to_vec();
        // Many workers run at once; those that are to be asked have a socket of their own.
        environment.push(("ISOLET_ADMIN_SOCKET".to_owned(), "off".to_owned()));
        // Where the guests of all workers are to run, if whoever tests says so.
        environment.extend(env::var(ISOLATION).ok().map(|isolation| (ISOLATION.to_owned(), isolation)));
        Self {
            arguments: arguments.into_iter().map(|argument| argument.to_string()).collect(),
            environment,
            folder: None,
        }
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, argument: impl ToString) -> Self {
        self.arguments.push(argument.to_string());
        self
    }

    /// With an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.environment.push((name.to_owned(), value.to_string()));
        self
    }

    /// In this working directory.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Starts it.
    pub(crate) fn start(self) -> Process {
        let name = format!("isolet {}", self.arguments.join(" "));
        let Some(folder) = self.folder else {
            return Process::start(&name, &program(), &self.arguments, &self.environment);
        };
        let moved = ["-C".into(), folder, program()].map(PathBuf::into_os_string);
        let arguments = moved.into_iter().chain(self.arguments.iter().map(OsString::from));
        Process::start(&name, Path::new("env"), arguments, &self.environment)
    }

    /// Runs it to its end, after which nothing of it may still run.
    pub(crate) async fn run(self) -> Run {
        self.run_within(GUARD).await
    }

    /// The same for a run that computes for longer than most.
    pub(crate) async fn run_within(self, guard: Duration) -> Run {
        let process = self.start();
        let exit = process.exit_within(guard).await;
        assert_eq!(process.left_running(), <[String; 0]>::default(), "left running\n{}", process.transcript());
        Run { code: exit.code, stdout: exit.stdout, stderr: exit.stderr }
    }
}

impl Run {
    /// The exit code and what was wrong, without log lines.
    pub(crate) fn refusal(&self) -> String {
        let code = self.code.map_or("killed".to_owned(), |code| format!("exit code {code}"));
        let is_log = |line: &&str| !line.starts_with("error: ");
        let refusal = self.stderr.lines().skip_while(is_log).collect::<Vec<_>>().join("\n");
        format!("{code}\n{}\n", refusal.trim_end())
    }
}
