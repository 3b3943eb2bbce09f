//! Python projects: an environment of our own for the tools, and the builder that runs in it; [`loading`]: what that has
//! this program do.

pub(crate) mod loading;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::anyhow;

use super::{
    Built, Checked, Language, Leavings, Task, Template,
    builder::{folder, is_missing, listen, made_whole, ran},
    files,
    template::files,
};
use crate::{
    exit::{Exit, Problem},
    output::progress::Progress,
};

/// What the builder works with, exactly: another version of the first, which turns Python into components, may have
/// another Python inside. uv chooses and installs dependencies; the others read what lists of them say.
const TOOLS: [&str; 4] = ["componentize-py==0.25.1", "uv==0.13.9", "poetry-core==2.1.3", "packaging==25.0"];

/// Python.
#[derive(Debug)]
pub(super) struct Python;

impl Language for Python {
    fn name(&self) -> &'static str {
        "Python"
    }

    fn declaring(&self) -> &'static [&'static str] {
        &["pyproject.toml", "requirements.txt", "setup.py"]
    }

    fn endings(&self) -> &'static [&'static str] {
        &["py"]
    }

    fn cure_without_activities(&self) -> &'static str {
        "mark at least one function with @activity.defn"
    }

    fn templates(&self) -> &'static [Template] {
        &TEMPLATES
    }

    fn is_interpreted(&self) -> bool {
        true
    }

    fn leavings(&self) -> Leavings {
        Leavings {
            folders: &["__pycache__", "venv", "env", "site-packages"],
            endings: &["pyc", "so", "pyd", "egg-info"],
        }
    }

    fn build(&self, task: &Task<'_>, component: &Path) -> Result<Built, Problem> {
        let (mut builder, sdk, cache) = builder(&task.programs.python, task.cache)?;
        builder.args(["-m", "isolet_build"]).arg(sdk).arg(cache).arg(task.project).arg(component);
        builder.arg(env::current_exe()?).arg(loading::LOAD_SUBCOMMAND);
        let (done, warnings) = listen(builder, "building".to_owned())?;
        Ok(Built { modules: done.modules, warnings })
    }

    /// As far as its text tells.
    fn check(&self, task: &Task<'_>) -> Result<(Checked, Vec<String>), Problem> {
        let (mut builder, sdk, cache) = builder(&task.programs.python, task.cache)?;
        builder.args(["-m", "isolet_build.check"]).arg(sdk).arg(cache).arg(task.project);
        if !task.has_types {
            builder.arg("--no-types");
        }
        let (done, warnings) = listen(builder, "checking".to_owned())?;
        Ok((done.checked, warnings))
    }
}

static TEMPLATES: [Template; 1] = [Template {
    lang: "python",
    alias: None,
    language: "Python",
    test: &["python3 -m venv .venv", ".venv/bin/pip install temporalio pytest", ".venv/bin/pytest"],
    activities: "They are the functions that `@activity.defn` marks in `activities.py`; they import `temporalio`, and \
                 run on Temporal's own worker, too.",
    tests: "`test_activities.py`, where `ActivityEnvironment` stands for the worker",
    files: files![
        ".gitignore": "python/gitignore",
        "pyproject.toml": "python/pyproject.toml",
        "activities.py": "python/activities.py",
        "test_activities.py": "python/test_activities.py",
    ],
}];

/// Builds a wheel for components of a package with native code, and returns where it is in `folder`.
///
/// # Errors
/// When the machine lacks what building takes, and when the package can't be built.
pub(crate) fn wheel(python: &Path, cache: &Path, package: &str, folder: &Path) -> Result<PathBuf, Problem> {
    let (mut builder, _, cache) = builder(python, cache)?;
    builder.args(["-m", "isolet_build.wheel"]).arg(cache).arg(package).arg(folder);
    Ok(listen(builder, format!("building {package}"))?.0.wheel)
}

/// The Python that builds, with the folders of its files and of what it keeps.
fn builder(python: &Path, cache: &Path) -> Result<(Command, PathBuf, PathBuf), Problem> {
    let (cache, lock) = folder(cache, "python")?;
    let sdk = sdk(&cache)?;
    let environment = environment(python, &cache)?;
    drop(lock);
    Ok((environment.command(&sdk), sdk, cache))
}

/// The folder with this version's files.
fn sdk(cache: &Path) -> Result<PathBuf, Problem> {
    let folder = cache.join(format!("sdk-{}", files::PYTHON.digest()));
    made_whole(&folder, |target| Ok(files::PYTHON.write(target)?))?;
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
        if let Ok(paths) = env::join_paths(paths) {
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
