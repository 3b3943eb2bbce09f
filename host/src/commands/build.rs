//! `isolet build`: a project becomes a component.

mod builder;
mod check;
mod files;
mod js;

pub(super) mod python;

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use activity::ComponentId;
use anyhow::{Context as _, anyhow};
use clap::Args;
use engine::Inspection;
use serde_json::{Value, json};

use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags},
        load,
    },
    exit::{CommandResult, Exit, OrCure as _, OrExit as _, Problem},
    output::{self, Format, human, log, progress::Progress, reporter::GuestLines},
    wiring::{
        self,
        loading::{find, refused, with_source},
    },
};

use self::builder::Checked;
use super::inspect;

/// What a builder says at the end.
#[derive(Debug, Default)]
struct Built {
    /// The modules that were searched for activities.
    modules: Vec<String>,
    /// What the project's author should know.
    warnings: Vec<String>,
}

/// What a project is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    /// With TypeScript.
    JavaScript,
}

impl Language {
    /// The language of a project: a file's by its ending, a folder's by what declares it.
    pub(super) fn of(project: &Path) -> Option<Self> {
        if project.is_dir() {
            return Some(Self::declared_in(project).unwrap_or(Self::Python));
        }
        let ending = project.extension()?.to_str()?;
        match ending {
            "py" => Some(Self::Python),
            _ => js::ENDINGS.contains(&ending).then_some(Self::JavaScript),
        }
    }

    /// The language that a folder declares that its project is in.
    fn declared_in(folder: &Path) -> Option<Self> {
        let has = |names: &[&str]| names.iter().any(|name| folder.join(name).exists());
        if has(&["pyproject.toml", "requirements.txt", "setup.py"]) {
            return Some(Self::Python);
        }
        has(&["package.json", "tsconfig.json", "activities.ts", "activities.js"]).then_some(Self::JavaScript)
    }
}

/// The project that is meant where none is named: that of the working directory, which has to declare itself. A folder
/// in which somebody happens to be is not searched for activities.
///
/// # Errors
/// When there is none.
pub(super) fn project_here() -> Result<PathBuf, Problem> {
    let here = PathBuf::from(".");
    if Language::declared_in(&here).is_some() {
        return Ok(here);
    }
    let error =
        anyhow!("there is no project in the working directory, which has no package.json and no pyproject.toml");
    Err(Problem::new(Exit::Usage, error).cure("name a file or a folder, or make a project with `isolet new`"))
}

/// What builds projects, of each language.
#[derive(Clone, Debug, Args)]
pub(super) struct Programs {
    /// The Python that builds Python projects: 3.9 or newer, with pip or venv.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
    /// The Node that builds JavaScript and TypeScript projects: 20 or newer, with npm.
    #[arg(long, value_name = "PROGRAM", default_value = "node")]
    node: PathBuf,
}

impl Programs {
    /// The flags that say the same to another run of this program.
    pub(super) fn flags(&self) -> [&OsStr; 4] {
        ["--python".as_ref(), self.python.as_ref(), "--node".as_ref(), self.node.as_ref()]
    }
}

/// Builds a component from a project.
///
/// A Python project is a file, a folder with a `pyproject.toml` or `requirements.txt`, or a plain folder. Its activities
/// are found by `@activity.defn`, and its dependencies become part of the component.
///
/// A JavaScript or TypeScript project is a file, or a folder with a `package.json`. Its activities are the functions that
/// the file or its `activities.ts` exports, and what they import becomes part of the component.
///
/// The tools for it are fetched once and kept in the cache directory; so are dependencies of Python projects, and the
/// compiled component.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet build
  isolet build my_activities/ -o activities.wasm
  isolet build activities.py --output json
  isolet build src/activities.ts
  isolet build --check my_activities/")]
pub(crate) struct BuildArgs {
    /// The project: a folder or a file [default: that of the working directory].
    project: Option<PathBuf>,
    /// The component's file [default: the project's name with `.wasm`, in the working directory].
    #[arg(long = "output-file", short = 'o', value_name = "FILE")]
    component: Option<PathBuf>,
    #[command(flatten)]
    programs: Programs,
    /// Checks the project without making a component, in seconds: what it imports, its types, and of a Python project its
    /// activities and the grants that it needs.
    #[arg(long, conflicts_with = "component")]
    check: bool,
    /// Leaves types alone: those of TypeScript, and with --check those of Python.
    #[arg(long, visible_alias = "no-check")]
    no_types: bool,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    engine: EngineFlags,
}

impl BuildArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let begun = Instant::now();
        let project = match &self.project {
            Some(path) => path.clone(),
            None => project_here()?,
        };
        let component = match &self.component {
            Some(path) => path.clone(),
            None => default_output(&project)?,
        };
        let (settings, component) =
            load::one_component(&self.engine, PolicyFlags::default().component(std::path::absolute(&component)?))?;
        if self.check {
            let (checked, warnings) = self.check(&project, &settings.engine.cache)?;
            return check::report(self.output, &project, &checked, &warnings, begun);
        }
        let built = self.build(&project, &settings.engine.cache, &component.path)?;
        for warning in &built.warnings {
            output::note(format_args!("warning: {warning}"));
        }
        let engine = wiring::engine(&settings.engine, GuestLines::unread())?;
        let mut file = find(&engine, &component)?;
        let progress = Progress::start(format!("compiling {}", human::size(file.size as u64)));
        let id = ComponentId::new(file.name(), &file.digest);
        let inspection =
            with_source(&engine, &mut file, id, |source| engine.inspect(source, Arc::clone(&component.policy)));
        drop(progress);
        let inspection = inspection.map_err(|error| refused(&component, error))?;
        report(self.output, &component.path, &inspection, &built, begun);
        match inspection.listing {
            Ok(_) => Ok(Exit::Completed),
            Err(error) => Err(refused(&component, error)),
        }
    }
}

impl BuildArgs {
    fn build(&self, project: &Path, cache: &Path, component: &Path) -> Result<Built, Problem> {
        let Programs { python, node } = &self.programs;
        match Language::of(project) {
            Some(Language::JavaScript) => js::build(node, cache, project, component, !self.no_types),
            // Python's builder tells of what is no project of any kind.
            Some(Language::Python) | None => python::build(python, cache, project, component),
        }
    }

    /// What is found without building, with warnings.
    fn check(&self, project: &Path, cache: &Path) -> Result<(Checked, Vec<String>), Problem> {
        let Programs { python, node } = &self.programs;
        match Language::of(project) {
            Some(Language::JavaScript) => js::check(node, cache, project, !self.no_types),
            Some(Language::Python) | None => python::check(python, cache, project, !self.no_types),
        }
    }
}

/// The project's name with `.wasm`, in the working directory.
fn default_output(project: &Path) -> Result<PathBuf, Problem> {
    let project = project.canonicalize().with_context(|| format!("there is no {}", project.display()));
    let project = project.or_exit(Exit::Usage)?;
    let name = project_name(&project).ok_or_else(|| anyhow!("{} has no name for the component", project.display()));
    Ok(Path::new(name.or_exit(Exit::Usage).or_cure("name it with -o")?).with_added_extension("wasm"))
}

/// What the component of a project is called: as its folder, or its file without the ending.
pub(super) fn project_name(project: &Path) -> Option<&OsStr> {
    if project.is_dir() { project.file_name() } else { project.file_stem() }
}

fn report(format: Format, path: &Path, inspection: &Inspection, built: &Built, begun: Instant) {
    let shown = path.display().to_string();
    let seconds = begun.elapsed().as_secs_f64();
    match format {
        Format::Human => {
            output::print(&inspect::page(&shown, inspection));
            output::note(format_args!("built {shown} in {seconds:.1} s"));
        }
        Format::Json => {
            let mut document = inspect::document(&shown, inspection);
            if let Value::Object(fields) = &mut document {
                fields.insert("modules".to_owned(), json!(built.modules));
                fields.insert("warnings".to_owned(), json!(built.warnings));
                fields.insert("seconds".to_owned(), json!(seconds));
            }
            output::json(&document);
        }
    }
}
