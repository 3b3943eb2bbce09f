//! What the builder of Python projects has this program do with components, in a process of its own.
//!
//! A component with nothing of a project, the base, is made once. For each project a copy of it loads the project's code,
//! and begins from then on where that ended.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use snapshot::{Folder, Initialisation, Snapshot};

use crate::{exit::Problem, output};

/// The hidden subcommand that does it.
pub(crate) const LOAD_SUBCOMMAND: &str = "__load-python";

/// The base's function that loads a project.
const LOAD: &str = "load";

/// How long a project's modules may take to be imported. Packages such as pandas take some ten seconds on a busy
/// machine; what is not done by then computes for ever or waits for what never comes.
const PATIENCE: Duration = Duration::from_mins(10);

/// What the builder asks for, on standard input.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
enum Request {
    /// Make a base of what componentize-py made.
    Base { made: PathBuf, base: PathBuf },
    /// Make a project's component of the base.
    Load { base: PathBuf, folders: Vec<Folder>, component: PathBuf },
}

/// What it is told, on standard output.
#[derive(Debug, Default, Serialize)]
struct Answer {
    /// Whether it is done.
    is_done: bool,
    /// What the project's code wrote.
    said: String,
    /// What ended it, where that is not for the code to say.
    why: String,
    /// Whether it is the project that does not let itself be loaded.
    is_project: bool,
}

/// Does what is asked on standard input, and tells on standard output how it went.
///
/// # Errors
/// When the question makes no sense, or files can't be read and written.
pub(crate) fn answer() -> Result<(), Problem> {
    let mut question = Vec::new();
    io::stdin().read_to_end(&mut question)?;
    let answer = match serde_json::from_slice(&question).context("this is for `isolet build`")? {
        Request::Base { made, base } => make_base(&made, &base)?,
        Request::Load { base, folders, component } => load(&base, &folders, &component)?,
    };
    output::print(&serde_json::to_string(&answer).context("failed to answer")?);
    Ok(())
}

/// The modules of Python and of its libraries become one, which can begin where it ended.
fn make_base(made: &Path, base: &Path) -> Result<Answer, Problem> {
    let made = read(made)?;
    // Of each data segment something would be left in every component that is made of it.
    let gathered = merge::gathered(&made);
    match merge::merged(gathered.as_deref().unwrap_or(&made)) {
        Ok(merged) => write(base, &merged).map(|()| Answer { is_done: true, ..Answer::default() }),
        Err(why) => Ok(Answer { why: why.to_string(), ..Answer::default() }),
    }
}

fn load(base: &Path, folders: &[Folder], component: &Path) -> Result<Answer, Problem> {
    let codes = base.parent().ok_or_else(|| anyhow!("{} is in no folder", base.display()))?;
    let initialisation = Initialisation {
        component: &read(base)?,
        function: LOAD,
        input: &[],
        folders,
        patience: PATIENCE,
        is_long: true,
        codes,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(match runtime.block_on(snapshot::take(&initialisation)) {
        Ok(Snapshot { component: loaded, said }) => {
            write(component, &loaded)?;
            Answer { is_done: true, said, ..Answer::default() }
        }
        Err(error) => {
            let why = error.to_string();
            match error {
                snapshot::Error::Failed { said, .. } | snapshot::Error::Endless { said, .. } => {
                    Answer { said, why, is_project: true, ..Answer::default() }
                }
                _ => Answer { why, ..Answer::default() },
            }
        }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    Ok(fs::read(path).with_context(|| format!("failed to read {}", path.display()))?)
}

fn write(path: &Path, component: &[u8]) -> Result<(), Problem> {
    Ok(fs::write(path, component).with_context(|| format!("failed to write {}", path.display()))?)
}
