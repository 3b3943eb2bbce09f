//! `isolet build`: a project becomes a component.

mod check;

mod files;

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

use super::inspect;
use check::Check;
use python::Built;

/// Builds a component from a project.
///
/// A Python project is a file, a folder with a `pyproject.toml` or `requirements.txt`, or a plain folder. Its activities
/// are found by `@activity.defn`, and its dependencies become part of the component. The tools for it are fetched once
/// and kept in the cache directory; so are dependencies, and the compiled component.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet build my_activities/ -o activities.wasm
  isolet build activities.py --output json
  isolet build --check my_activities/")]
pub(crate) struct BuildArgs {
    /// The project: a folder or a file.
    project: PathBuf,
    /// The component's file [default: the project's name with `.wasm`, in the working directory].
    #[arg(long = "output-file", short = 'o', value_name = "FILE")]
    component: Option<PathBuf>,
    /// Checks the project without making a component, in seconds: what it imports, its activities, its types, and the
    /// grants that it needs.
    #[arg(long, conflicts_with = "component")]
    check: bool,
    /// With --check: leaves types alone.
    #[arg(long, requires = "check")]
    no_types: bool,
    /// The Python that builds Python projects: 3.9 or newer, with pip or venv.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
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
        let component = match self.component {
            Some(path) => path,
            None => default_output(&self.project)?,
        };
        let (settings, component) =
            load::one_component(&self.engine, PolicyFlags::default().component(std::path::absolute(&component)?))?;
        if self.check {
            let check = Check {
                python: &self.python,
                cache: &settings.engine.cache,
                project: &self.project,
                output: self.output,
                has_types: !self.no_types,
            };
            return check.run();
        }
        let built = python::build(&self.python, &settings.engine.cache, &self.project, &component.path)?;
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

/// The project's name with `.wasm`, in the working directory.
fn default_output(project: &Path) -> Result<PathBuf, Problem> {
    let project = project.canonicalize().with_context(|| format!("there is no {}", project.display()));
    let project = project.or_exit(Exit::Usage)?;
    let name = project_name(&project).ok_or_else(|| anyhow!("{} has no name for the component", project.display()));
    Ok(Path::new(name.or_exit(Exit::Usage).or_cure("name it with -o")?).with_added_extension("wasm"))
}

/// What the component of a project is called: as its folder, or its file without `.py`.
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
