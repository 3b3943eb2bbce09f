//! `isolet compile`: components into the store of compiled ones.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use activity::ComponentId;
use clap::Args;
use engine::Engine;
use serde_json::json;

use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags},
        load,
        settings::{ComponentSettings, EngineSettings},
    },
    exit::{CommandResult, Exit, Problem},
    output::{self, Format, human, log, progress::Progress, reporter::GuestLines},
    wiring::{
        self,
        loading::{Finder, find, refused, with_source},
    },
};

/// Compiles components ahead of time.
///
/// The machine code is kept in the cache directory, from where every other command loads it in milliseconds. What is
/// kept already is not compiled again. Components that are not compiled ahead are compiled when they are first loaded.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  isolet compile --cache /var/cache/isolet orders.wasm billing.wasm")]
pub(crate) struct CompileArgs {
    /// The components' files.
    #[arg(value_name = "COMPONENT", required = true)]
    components: Vec<PathBuf>,
    /// For people on standard error, or as JSON lines on standard output.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    engine: EngineFlags,
}

impl CompileArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let components = self.components.iter().map(|path| self.component(path)).collect::<Result<Vec<_>, _>>()?;
        let Some((engine, _)) = components.first() else { return Ok(Exit::Completed) };
        let engine = wiring::engine(engine, GuestLines::unread())?;
        for (_, component) in &components {
            compile(&engine, component, self.output)?;
        }
        Ok(Exit::Completed)
    }

    fn component(&self, path: &Path) -> Result<(EngineSettings, ComponentSettings), Problem> {
        let (settings, component) =
            load::one_component(&self.engine, PolicyFlags::default().component(path.to_owned()))?;
        Ok((settings.engine, component))
    }
}

fn compile(engine: &Engine, component: &ComponentSettings, format: Format) -> Result<(), Problem> {
    let mut file = find(Finder::alone(engine), component)?;
    let path = component.path.display();
    let progress = Progress::start(format!("compiling {path} ({})", human::size(file.size as u64)));
    let begun = Instant::now();
    let id = ComponentId::new(file.name(), &file.digest);
    let compiled = with_source(engine, &mut file, id, |source| engine.compile(source));
    drop(progress);
    let (compiled, time) = (compiled.map_err(|error| refused(component, error))?, begun.elapsed());
    let seconds = time.as_secs_f64();
    match format {
        Format::Json => output::json(&json!({
            "path": path.to_string(),
            "digest": file.digest,
            "compiled": compiled,
            "seconds": seconds,
        })),
        Format::Human if compiled => output::note(format_args!("compiled {path} in {seconds:.1} s")),
        Format::Human => output::note(format_args!("{path} is compiled already")),
    }
    Ok(())
}
