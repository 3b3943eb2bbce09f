//! Builders: the programs in a project's own language that do what is to be done in it, and what they say.

use std::{
    fs::{self, DirBuilder, File},
    io::{BufRead as _, BufReader, ErrorKind},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, anyhow};
use serde::Deserialize;

use super::Checked;
use crate::{
    exit::{Exit, Problem},
    output::{self, progress::Progress},
};

/// One line of a builder's standard output. What is for debugging is shown with `ISOLET_LOG=debug`.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Progress { message: String },
    Warning { message: String },
    Note { message: String },
    Debug { message: String },
    Problem { kind: String, message: String, traceback: String, cure: String },
    Done(Done),
}

/// What came of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    /// The modules that were searched for activities.
    #[serde(default)]
    pub(super) modules: Vec<String>,
    /// The wheel that was built, if that was asked for.
    #[serde(default)]
    pub(super) wheel: PathBuf,
    /// The script that a JavaScript project became, behind its source map.
    #[serde(default)]
    pub(super) bundle: String,
    /// What a check found.
    #[serde(default)]
    pub(super) checked: Checked,
}

/// The folder in the cache directory of what builders of one language keep, with a lock on it: one build at a time makes
/// what all of them use.
///
/// # Errors
/// When it can't be made.
pub(super) fn folder(cache: &Path, language: &str) -> Result<(PathBuf, File), Problem> {
    let folder = cache.join(language);
    // As the engine wants it, which keeps compiled components beside this.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.with_context(|| format!("failed to make {}", folder.display()))?;
    let lock = File::create(folder.join(".lock"))?;
    lock.lock()?;
    Ok((folder, lock))
}

/// Runs a builder, shows what it says, and returns what came of it, with warnings.
///
/// # Errors
/// What the builder says is wrong; and when it can't be started or ends without a word.
pub(super) fn listen(builder: Command, what: String) -> Result<(Done, Vec<String>), Problem> {
    listen_and(builder, what, |_| Ok(())).map(|(done, (), warnings)| (done, warnings))
}

/// The same for a builder that may still find something wrong once it is done: `go_on` is called with what came of it
/// meanwhile, and counts only where nothing was found.
///
/// # Errors
/// As for [`listen`], and those of `go_on`.
pub(super) fn listen_and<T>(
    mut builder: Command,
    what: String,
    go_on: impl FnOnce(&Done) -> Result<T, Problem>,
) -> Result<(Done, T, Vec<String>), Problem> {
    let mut child = builder.stdout(Stdio::piped()).spawn().context("failed to start the builder")?;
    let mut go_on = Some(go_on);
    let mut done = None;
    let mut warnings = Vec::new();
    let mut problem = None;
    let mut progress = Some(Progress::start(what));
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines) {
        match serde_json::from_str(&line?).context("the builder says what is no event")? {
            Event::Progress { message } => progress = Some(Progress::start(message)),
            Event::Warning { message } => warnings.push(message),
            Event::Note { message } => output::note(&message),
            Event::Debug { message } => tracing::debug!("builder: {message}"),
            Event::Done(fields) => {
                progress = None;
                let more = go_on.take().map(|go_on| go_on(&fields));
                done = Some(fields).zip(more);
            }
            Event::Problem { kind, message, traceback, cure } => {
                let exit = if kind == "tools" { Exit::Other } else { Exit::Usage };
                let text = if traceback.is_empty() { message } else { format!("{message}\n{traceback}") };
                let told = Problem::new(exit, anyhow!(text));
                problem = Some(if cure.is_empty() { told } else { told.cure(cure) });
            }
        }
    }
    drop(progress);
    let status = child.wait()?;
    match (problem, done) {
        (Some(problem), _) => Err(problem),
        (None, Some((done, more))) => Ok((done, more?, warnings)),
        (None, None) => Err(anyhow!("the builder ended without a word ({status}); its errors are above").into()),
    }
}

/// Makes `folder` with `fill`, completely or not at all, unless it is there.
///
/// # Errors
/// Those of `fill`, and when the folder can't be made.
pub(super) fn made_whole(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), Problem>) -> Result<(), Problem> {
    let whole = folder.join(".complete");
    if whole.is_file() {
        return Ok(());
    }
    // What tools make often can't be moved, so it is made in its place; what an interrupted build left is removed.
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("failed to remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    fill(folder)?;
    fs::write(whole, "")?;
    Ok(())
}

/// Runs a program to its end.
///
/// # Errors
/// When it can't be started, and with what it says when it fails.
pub(super) fn ran(command: &mut Command) -> anyhow::Result<()> {
    let done = command.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(anyhow!("{}", String::from_utf8_lossy(&done.stderr).trim().to_owned()))
}

/// Whether a program could not be started because it is not there.
pub(super) fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
