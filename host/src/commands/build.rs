//! `isolet build`: a project becomes a component.

mod check;

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use activity::{ComponentId, SandboxFailureKind};
use anyhow::{Context as _, anyhow};
use clap::Args;
use engine::{Inspection, LoadError};
use serde_json::{Value, json};

use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags},
        load,
        settings::ComponentSettings,
    },
    exit::{CommandResult, Exit, OrCure as _, OrExit as _, Problem},
    languages::{self, Built, Programs, Task, module},
    output::{self, Format, human, log, progress::Progress, reporter::GuestLines},
    wiring::{
        self,
        loading::{Finder, find, refused, with_source},
    },
};

use super::inspect;

/// The project that is meant where none is named: that of the working directory, which has to declare itself. A folder
/// in which somebody happens to be is not searched for activities.
///
/// # Errors
/// When there is none.
pub(super) fn project_here() -> Result<PathBuf, Problem> {
    let here = PathBuf::from(".");
    if languages::declared_in(&here).is_some() {
        return Ok(here);
    }
    let declarations = languages::declarations();
    let error = anyhow!("there is no project in the working directory, which has none of {declarations}");
    Err(Problem::new(Exit::Usage, error).cure("name a file or a folder, or make a project with `isolet new`"))
}

/// Builds a component from a project.
///
/// A Python project is a file, a folder with a `pyproject.toml` or `requirements.txt`, or a plain folder. Its activities
/// are found by `@activity.defn`, and its dependencies become part of the component.
///
/// A JavaScript or TypeScript project is a file, or a folder with a `package.json`. Its activities are the functions that
/// the file or its `activities.ts` exports, and what they import becomes part of the component.
///
/// A Rust project is a folder with a `Cargo.toml`, whose library is a `cdylib`. Its activities are those that
/// `isolet_sdk::export!` names.
///
/// A project in C or C++ is a file, or a folder with `activities.c`, `activities.cpp` or sources in `src`. Its activities
/// are those that `ISOLET_ACTIVITIES` names.
///
/// A Go project is a folder with a package `main`, or a file of one. Its activities are what that registers with Temporal's
/// `worker`.
///
/// A core module of activities, which a compiler made for WebAssembly, becomes a component as it is.
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
  isolet build module.wasm -o activities.wasm
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
    /// The component's file is a draft for `isolet dev` or `isolet test`, of which only the project is told.
    #[arg(long, hide = true)]
    draft: bool,
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
        let task = Task {
            project: &project,
            cache: &settings.engine.cache,
            programs: &self.programs,
            has_types: !self.no_types,
        };
        if self.check {
            let (language, mut warnings) = languages::known(&project)?;
            let (checked, found) = language.check(&task)?;
            warnings.extend(found);
            return check::report(self.output, &project, &checked, &warnings, begun);
        }
        let built = build(&task, &component.path)?;
        built.warnings.iter().for_each(warn);
        let is_interpreted = languages::of(&project).is_some_and(languages::Language::is_interpreted);
        let engine = match is_interpreted {
            true => wiring::engine_for_builds(&settings.engine),
            false => wiring::engine(&settings.engine, GuestLines::unread()),
        }?;
        let mut file = find(Finder::alone(&engine), &component)?;
        let progress = Progress::start(format!("compiling {}", human::size(file.size as u64)));
        let id = ComponentId::new(file.name(), &file.digest);
        let inspection =
            with_source(&engine, &mut file, id, |source| engine.inspect(source, Arc::clone(&component.policy)));
        drop(progress);
        let inspection = inspection.map_err(|error| refused(&component, error))?;
        if let Err(error) = inspection.listing {
            return Err(without_activities(&project, &component, error));
        }
        let shown = if self.draft { languages::shown(&project) } else { component.path.display().to_string() };
        report(self.output, &shown, &inspection, &built, begun);
        Ok(Exit::Completed)
    }
}

/// What is said of a project whose component can't be used: where it may be mended, by the language's words.
fn without_activities(project: &Path, component: &ComponentSettings, error: LoadError) -> Problem {
    let Some(language) = languages::of(project) else { return refused(component, error) };
    let shown = languages::shown(project);
    match &error {
        LoadError::NoActivities => {
            Problem::new(Exit::NotLoaded, anyhow!("{shown} has no activities")).cure(language.cure_without_activities())
        }
        LoadError::NoHandler { .. } | LoadError::NoFunctions { .. } => {
            Problem::new(Exit::NotLoaded, anyhow!(error).context(format!("{shown} has no activities")))
                .cure(language.cure_without_activities())
        }
        LoadError::List(failure) => {
            // A trap has said itself what is wrong.
            let is_endless = matches!(failure.kind, SandboxFailureKind::CpuLimit | SandboxFailureKind::Deadline);
            let cure = is_endless.then(|| language.cure_of_start().to_owned());
            let error = anyhow!(error).context(format!("failed to ask {shown} for its activities"));
            Problem { exit: Exit::NotLoaded, error, cure }
        }
        _ => refused(component, error),
    }
}

fn build(task: &Task<'_>, component: &Path) -> Result<Built, Problem> {
    if module::is_one(task.project) {
        return module::build(task.project, component);
    }
    let (language, mut warnings) = languages::known(task.project)?;
    // One that can't be built may be meant as what the warning tells of.
    let mut built = language.build(task, component).inspect_err(|_| warnings.iter().for_each(warn))?;
    warnings.append(&mut built.warnings);
    Ok(Built { warnings, ..built })
}

fn warn(warning: &String) {
    output::note(format_args!("warning: {warning}"));
}

/// The project's name with `.wasm`, in the working directory.
fn default_output(project: &Path) -> Result<PathBuf, Problem> {
    let project = project.canonicalize().with_context(|| format!("there is no {}", project.display()));
    let project = project.or_exit(Exit::Usage).or_cure("name a folder or a file of a project")?;
    let name = project_name(&project).ok_or_else(|| anyhow!("{} has no name for the component", project.display()));
    Ok(Path::new(name.or_exit(Exit::Usage).or_cure("name it with -o")?).with_added_extension("wasm"))
}

/// What the component of a project is called: as its folder, or its file without the ending.
pub(super) fn project_name(project: &Path) -> Option<&OsStr> {
    if project.is_dir() { project.file_name() } else { project.file_stem() }
}

fn report(format: Format, shown: &str, inspection: &Inspection, built: &Built, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    match format {
        Format::Human => {
            output::print(&inspect::page(shown, inspection));
            output::note(format_args!("built {shown} in {seconds:.1} s"));
        }
        Format::Json => {
            let mut document = inspect::document(shown, inspection);
            if let Value::Object(fields) = &mut document {
                fields.insert("modules".to_owned(), json!(built.modules));
                fields.insert("warnings".to_owned(), json!(built.warnings));
                fields.insert("seconds".to_owned(), json!(seconds));
            }
            output::json(&document);
        }
    }
}
