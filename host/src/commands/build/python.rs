//! Python projects: an environment of our own for the tools, and the builder that runs in it.

use std::{
    fs::{self, DirBuilder, File},
    io::{BufRead as _, BufReader, ErrorKind},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};

use super::files;
use crate::{
    exit::{Exit, Problem},
    output::{self, progress::Progress},
};

/// What the builder works with, exactly: another version of the first, which turns Python into components, may have
/// another Python inside. uv chooses and installs dependencies; the others read what lists of them say.
const TOOLS: [&str; 4] = ["componentize-py==0.25.1", "uv==0.13.9", "poetry-core==2.1.3", "packaging==25.0"];

/// What the builder says at the end.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The modules that were searched for activities.
    pub modules: Vec<String>,
    /// What the project's author should know.
    pub warnings: Vec<String>,
}

/// What a check says at the end.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Checked {
    /// The modules that a build would search for activities.
    pub modules: Vec<String>,
    /// What the text names as activities.
    pub activities: Vec<String>,
    pub problems: Vec<Wrong>,
    pub grants: Vec<Needed>,
}

/// Something to mend in a project.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Wrong {
    pub file: String,
    pub line: u64,
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub cure: String,
    /// The type checker's name for it; empty if it is no matter of types.
    pub rule: String,
}

/// A grant that the code needs at a place.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Needed {
    /// The key below `grants` of a component.
    pub grant: String,
    /// What the code does there.
    pub what: String,
    pub file: String,
    pub line: u64,
    /// An option that grants it.
    pub option: String,
}

/// One line of the builder's standard output. What is for debugging is shown with `ISOLET_LOG=debug`.
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
struct Done {
    #[serde(default)]
    modules: Vec<String>,
    #[serde(default)]
    wheel: PathBuf,
    #[serde(default)]
    checked: Checked,
}

/// Builds the project at `project` into the file `component`.
///
/// # Errors
/// When the machine lacks Python or the tools can't be fetched, and when there is something wrong with the project.
pub(super) fn build(python: &Path, cache: &Path, project: &Path, component: &Path) -> Result<Built, Problem> {
    let (mut builder, sdk, cache) = builder(python, cache)?;
    builder.args(["-m", "isolet_build"]).arg(sdk).arg(cache).arg(project).arg(component);
    let (done, warnings) = listen(builder, "building".to_owned())?;
    Ok(Built { modules: done.modules, warnings })
}

/// Checks the project at `project` as far as its text tells, and returns what was found, with warnings.
///
/// # Errors
/// When the machine lacks Python or the tools can't be fetched, and when the project can't be read at all.
pub(super) fn check(
    python: &Path,
    cache: &Path,
    project: &Path,
    has_types: bool,
) -> Result<(Checked, Vec<String>), Problem> {
    let (mut builder, sdk, cache) = builder(python, cache)?;
    builder.args(["-m", "isolet_build.check"]).arg(sdk).arg(cache).arg(project);
    if !has_types {
        builder.arg("--no-types");
    }
    let (done, warnings) = listen(builder, "checking".to_owned())?;
    Ok((done.checked, warnings))
}

/// Builds a wheel for components of a package with native code, and returns where it is in `folder`.
///
/// # Errors
/// When the machine lacks what building takes, and when the package can't be built.
pub(in crate::commands) fn wheel(
    python: &Path,
    cache: &Path,
    package: &str,
    folder: &Path,
) -> Result<PathBuf, Problem> {
    let (mut builder, _, cache) = builder(python, cache)?;
    builder.args(["-m", "isolet_build.wheel"]).arg(cache).arg(package).arg(folder);
    Ok(listen(builder, format!("building {package}"))?.0.wheel)
}

/// The Python that builds, with the folders of its files and of what it keeps.
fn builder(python: &Path, cache: &Path) -> Result<(Command, PathBuf, PathBuf), Problem> {
    let cache = cache.join("python");
    // As the engine wants it, which keeps compiled components beside this.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&cache);
    made.with_context(|| format!("failed to make {}", cache.display()))?;
    // One build at a time makes what all of them use.
    let lock = File::create(cache.join(".lock"))?;
    lock.lock()?;
    let sdk = sdk(&cache)?;
    let environment = environment(python, &cache)?;
    drop(lock);
    Ok((environment.command(&sdk), sdk, cache))
}

/// Runs the builder, shows what it says, and returns what came of it, with warnings.
fn listen(mut builder: Command, what: String) -> Result<(Done, Vec<String>), Problem> {
    let mut child = builder.stdout(Stdio::piped()).spawn().context("failed to start the builder")?;
    let mut done = None;
    let mut warnings = Vec::new();
    let mut problem = None;
    let mut progress = Progress::start(what);
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines) {
        match serde_json::from_str(&line?).context("the builder says what is no event")? {
            Event::Progress { message } => progress = Progress::start(message),
            Event::Warning { message } => warnings.push(message),
            Event::Note { message } => output::note(&message),
            Event::Debug { message } => tracing::debug!("builder: {message}"),
            Event::Done(fields) => done = Some(fields),
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
        (None, Some(done)) => Ok((done, warnings)),
        (None, None) => Err(anyhow!("the builder ended without a word ({status}); its errors are above").into()),
    }
}

/// The folder with this version's files.
fn sdk(cache: &Path) -> Result<PathBuf, Problem> {
    let folder = cache.join(format!("sdk-{}", files::digest()));
    made_whole(&folder, |target| Ok(files::write(target)?))?;
    Ok(folder)
}

/// A Python with the tools and pip.
struct Environment {
    python: PathBuf,
    /// Packages beside the Python's own, where no virtual environment could be made.
    packages: Option<PathBuf>,
}

impl Environment {
    /// The Python, with the files of `sdk` on its path.
    fn command(&self, sdk: &Path) -> Command {
        let mut command = Command::new(&self.python);
        let paths = std::iter::once(sdk).chain(self.packages.as_deref());
        if let Ok(paths) = std::env::join_paths(paths) {
            command.env("PYTHONPATH", paths);
        }
        // The user's own environment has no say in what becomes part of a component.
        command.env_remove("VIRTUAL_ENV").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// Finds the environment, making it when it is not there.
fn environment(python: &Path, cache: &Path) -> Result<Environment, Problem> {
    let folder = cache.join(TOOLS.join("+").replace("==", "-"));
    made_whole(&folder, |target| {
        let _progress = Progress::start(format!("fetching {}", TOOLS.join(", ")));
        fill(python, target)
    })?;
    let virtual_python = folder.join("bin").join("python");
    if virtual_python.is_file() {
        return Ok(Environment { python: virtual_python, packages: None });
    }
    Ok(Environment { python: python.to_owned(), packages: Some(folder) })
}

/// Makes the environment: a virtual one; or, of a Python that can't, a folder of packages.
fn fill(python: &Path, target: &Path) -> Result<(), Problem> {
    let virtual_environment = ran(Command::new(python).args(["-m", "venv"]).arg(target));
    let (mut pip, place) = match virtual_environment {
        Ok(()) => (Command::new(target.join("bin").join("python")), None),
        Err(why) if is_missing(&why) => {
            let error = anyhow!("there is no Python to build Python projects with: {}", python.display());
            return Err(Problem::new(Exit::Other, error).cure("install Python 3.9 or newer, or name one with --python"));
        }
        Err(_) => {
            fs::remove_dir_all(target)?;
            fs::create_dir_all(target)?;
            (Command::new(python), Some(target))
        }
    };
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet"]).args(TOOLS);
    if let Some(target) = place {
        pip.arg("pip").arg("--target").arg(target);
    }
    ran(&mut pip).map_err(|error| {
        Problem::new(Exit::Other, error.context(format!("failed to install {}", TOOLS.join(", "))))
            .cure("check the connection to Python's package index; they are fetched once and kept")
    })
}

/// Makes `folder` with `fill`, completely or not at all, unless it is there.
fn made_whole(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), Problem>) -> Result<(), Problem> {
    let whole = folder.join(".complete");
    if whole.is_file() {
        return Ok(());
    }
    // A virtual environment can't be moved, so it is made in its place; what an interrupted build left is removed.
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("failed to remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    fill(folder)?;
    fs::write(whole, "")?;
    Ok(())
}

/// Runs a program to its end.
fn ran(command: &mut Command) -> anyhow::Result<()> {
    let done = command.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(anyhow!("{}", String::from_utf8_lossy(&done.stderr).trim().to_owned()))
}

fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
