//! `isolet diff`: what changes with a new version of a component.

use std::{path::PathBuf, sync::Arc};

use activity::ComponentId;
use clap::Args;
use engine::{Engine, Inspection};
use serde_json::{Value, json};

use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags},
        load,
        settings::ComponentSettings,
    },
    exit::{CommandResult, Exit, Problem},
    face::{Change, Face},
    output::{self, Format, log, reporter::GuestLines},
    wiring::{
        self, environment,
        loading::{Finder, find, refused, with_source},
    },
};

/// Tells what changes with a new version of a component.
///
/// Activities that go, and those whose arguments or results have other types, break their callers; then the exit code is 1.
/// Activities that come, imports, and grants that are newly asked for are told, too. Both components are asked for their
/// activities in a sandbox, as by `isolet inspect`; nothing else of them runs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet diff oci://registry.example.com/acme/orders:1.0 orders.wasm")]
pub(crate) struct DiffArgs {
    /// The version that runs: a file or what a registry has.
    old: PathBuf,
    /// The version that is to run.
    new: PathBuf,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl DiffArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let (settings, old) = load::one_component(&self.engine, self.policy.component(self.old.clone()))?;
        let (_, new) = load::one_component(&self.engine, self.policy.component(self.new.clone()))?;
        let engine = wiring::engine(&settings.engine, GuestLines::unread())?;
        let changes = Face::changes(&face(&engine, &old)?, &face(&engine, &new)?);
        match self.output {
            Format::Json => output::json(&document(&changes)),
            Format::Human if changes.is_empty() => output::line(format_args!("nothing that shows")),
            Format::Human => changes.iter().for_each(|change| output::line(format_args!("{change}"))),
        }
        Ok(if changes.iter().any(|change| change.breaks) { Exit::AttemptFailed } else { Exit::Completed })
    }
}

fn face(engine: &Engine, component: &ComponentSettings) -> Result<Face, Problem> {
    let mut file = find(Finder::alone(engine), component)?;
    let policy = environment::policy(component)?;
    let id = ComponentId::new(file.name(), &file.digest);
    let inspection = with_source(engine, &mut file, id, |source| engine.inspect(source, Arc::clone(&policy)));
    let Inspection { imports, functions, listing, .. } = inspection.map_err(|error| refused(component, error))?;
    let listing = listing.map_err(|error| refused(component, error))?;
    Ok(Face::new(&listing.activities, &imports, &functions))
}

fn document(changes: &[Change]) -> Value {
    let change = |change: &Change| json!({ "what": change.what, "name": change.name, "breaks": change.breaks });
    json!({
        "changes": changes.iter().map(change).collect::<Vec<_>>(),
        "breaks": changes.iter().any(|change| change.breaks),
    })
}
