//! Which columns of the conformance suite a change makes worth running in full.
//!
//! A column is a language. Three of them always run in full, one for each way in which guests are made, because any
//! change of the host may show in them. Of the others, one row of each topic is enough as long as what they are made of
//! is what it was when they were last proven in full: `proven.txt` remembers that, and is committed.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::process::capture;
use crate::workspace;

/// By this variable the suite is told of which languages it may leave rows out.
pub(crate) const VARIABLE: &str = "ISOLET_CONFORMANCE_SHORT";

/// The languages that may run in part, and what of the repository only they are made of.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("rust-async", &["guest-sdk/rust", "tests/guests/conformance-async", "tests/guests/dynamic"]),
    ("c", &["guest-sdk/c", "tests/guests-c/conformance", "tests/guests-c/dynamic"]),
    ("cpp", &["guest-sdk/c", "tests/guests-cpp"]),
    ("go", &["guest-sdk/go", "tests/guests-go/conformance", "tests/guests-go/dynamic"]),
    ("go-methods", &["guest-sdk/go", "tests/guests-go/methods", "tests/guests-go/dynamic"]),
];

/// What every column is made of: the contract, the suite, and what turns a project into a component.
const SHARED: [&str; 5] =
    ["wit", "tests/it/conformance.rs", "tests/it/conformance", "host/crates/componentize", "host/src/languages"];

/// The languages that are what they were when they were last proven in full. Without Git nobody knows, and there is none.
pub(crate) fn unchanged() -> Vec<&'static str> {
    let Ok(remembered) = fs::read_to_string(file()) else { return Vec::new() };
    let is_remembered = |name: &str, paths: &[&str]| {
        digest(paths).is_ok_and(|digest| remembered.lines().any(|line| line == format!("{name} {digest}")))
    };
    COLUMNS.into_iter().filter(|(name, paths)| is_remembered(name, paths)).map(|(name, _)| name).collect()
}

/// Remembers that all columns were proven in full as they are.
///
/// # Errors
/// When Git can't tell what they are made of.
pub(crate) fn remember() -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, paths) in COLUMNS {
        text.push_str(&format!("{name} {}\n", digest(paths)?));
    }
    fs::write(file(), text).with_context(|| format!("failed to write {}", workspace::shown(&file())))
}

fn file() -> PathBuf {
    workspace::root().join("tests/it/proven.txt")
}

/// What tells one state of a column from another: the names and the contents of its files, committed or not, as Git
/// knows them.
fn digest(paths: &[&str]) -> anyhow::Result<String> {
    let git = || {
        let mut git = Command::new("git");
        git.current_dir(workspace::root());
        git
    };
    let list = |arguments: &[&str]| capture(git().args(arguments).arg("--").args(SHARED).args(paths));
    let files = list(&["ls-files", "--cached", "--others", "--exclude-standard"])?;
    let mut files: Vec<_> = files.lines().filter(|file| workspace::root().join(file).is_file()).collect();
    files.sort_unstable();
    anyhow::ensure!(!files.is_empty(), "Git knows no file of {}", paths.join(", "));
    let contents = capture(git().args(["hash-object", "--"]).args(&files))?;
    let lines: String = files.iter().zip(contents.lines()).map(|(file, hash)| format!("{hash} {file}\n")).collect();
    hashed(git(), &lines)
}

fn hashed(mut git: Command, text: &str) -> anyhow::Result<String> {
    use std::io::Write as _;

    let mut child = git.args(["hash-object", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("Git takes nothing")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    anyhow::ensure!(output.status.success(), "`git hash-object --stdin` failed");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
