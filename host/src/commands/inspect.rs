//! `isolet inspect`: what a component is.

mod attached;
mod functions;

use std::{path::PathBuf, sync::Arc};

use activity::{ActivityName, ComponentId, shown};
use capabilities::interface::Need;
use clap::Args;
use engine::{Import, Inspection};
use serde_json::{Value, json};

use self::attached::Origin;
use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags},
        load,
    },
    exit::{CommandResult, Exit},
    face::grant,
    output::{self, Format, human, log, reporter::GuestLines},
    stubs::Language,
    wiring::{
        self, environment,
        loading::{Finder, find, refused, with_source},
    },
};

/// Shows what a component is: its activities, its imports, and the grants that it can use.
///
/// The component is asked for its activities in a sandbox, under the given limits; nothing else of it runs. A component
/// that can't be loaded is shown as far as possible, with the reason, and the exit code is 3.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  isolet inspect --output json orders.wasm
  isolet inspect --stubs python orders.wasm > orders.py")]
pub(crate) struct InspectArgs {
    /// The component's file.
    component: PathBuf,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    /// Prints typed stubs of the component's functions instead, for workflows in this language. For components that were
    /// built without an SDK.
    #[arg(long, value_enum, value_name = "LANGUAGE", conflicts_with = "output")]
    stubs: Option<Language>,
    /// Prints JSON Schemas (draft 2020-12) of what the component's functions take and return instead. For components that
    /// were built without an SDK.
    #[arg(long, conflicts_with_all = ["output", "stubs"])]
    json_schema: bool,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl InspectArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let (settings, component) = load::one_component(&self.engine, self.policy.component(self.component))?;
        let engine = wiring::engine(&settings.engine, GuestLines::unread())?;
        let mut file = find(Finder::alone(&engine), &component)?;
        let policy = environment::policy(&component)?;
        let id = ComponentId::new(file.name(), &file.digest);
        let inspection = with_source(&engine, &mut file, id, |source| engine.inspect(source, Arc::clone(&policy)));
        let inspection = inspection.map_err(|error| refused(&component, error))?;
        if self.json_schema || self.stubs.is_some() {
            return functions::print(&component, inspection, self.stubs);
        }
        let (path, origin) = (component.path.display().to_string(), component.artifact.as_ref().map(Origin::of));
        let origin = origin.transpose()?;
        match self.output {
            Format::Json => {
                let mut document = document(&path, &inspection);
                origin.iter().for_each(|origin| origin.add_to(&mut document));
                output::json(&document);
            }
            Format::Human => {
                output::print(&page(&path, &inspection));
                origin.iter().flat_map(Origin::lines).for_each(|line| output::line(format_args!("{line}")));
            }
        }
        match inspection.listing {
            Ok(_) => Ok(Exit::Completed),
            Err(error) => Err(refused(&component, error)),
        }
    }
}

pub(super) fn page(path: &str, inspection: &Inspection) -> String {
    let mut lines = vec![
        format!("component   {path}"),
        format!("size        {}", human::size(inspection.size as u64)),
        format!("digest      sha256:{}", inspection.digest),
    ];
    if let Ok(listing) = &inspection.listing {
        lines.push(format!("image       {} of memory that each attempt begins with", human::size(listing.image)));
        // Functions are shown below, with their types.
        if inspection.functions.functions.is_empty() {
            let mut activities: Vec<String> = listing.activities.iter().map(activity_line).collect();
            activities.sort_unstable();
            lines.extend(list("activities", activities.into_iter()));
        }
    }
    lines.extend(functions::lines(path, &inspection.functions));
    lines.extend(list("grants", inspection.imports.iter().filter_map(grant).map(str::to_owned)));
    lines.extend(list("imports", inspection.imports.iter().map(import_line)));
    lines.extend(list("exports", inspection.exports.iter().map(|name| shown::name(name).into_owned())));
    lines.push(String::new());
    lines.join("\n")
}

/// Items that a page for people shows of each list: all that a component for people has. The JSON document has more.
const SHOWN: usize = 200;

/// Items under one another, with the heading beside the first.
pub(super) fn list(heading: &str, items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    let more = items.len().saturating_sub(SHOWN);
    if more != 0 {
        items.truncate(SHOWN);
        items.push(format!("and {more} more"));
    }
    if items.is_empty() {
        items.push("none".to_owned());
    }
    let headings = std::iter::once(heading).chain(std::iter::repeat(""));
    headings.zip(items).map(|(heading, item)| format!("{heading:<11} {item}")).collect()
}

fn activity_line((name, interruptible): &(ActivityName, bool)) -> String {
    let name = match name {
        ActivityName::Named(name) => shown::name(name).into_owned(),
        ActivityName::Dynamic => "(dynamic: any other activity type)".to_owned(),
    };
    if *interruptible { name } else { format!("{name} (not interrupted by a cancellation)") }
}

fn import_line(import: &Import) -> String {
    let name = shown::name(&import.name);
    match import.need {
        Need::Nothing => name.into_owned(),
        Need::Environment => format!("{name} (empty without the grant `environment`)"),
        Need::Directories => format!("{name} (empty without the grants `directories` and `scratch`)"),
        Need::Client => format!("{name} (answers nothing without the grant `client`)"),
        Need::Http => format!("{name} (refuses every call without the grant `http`)"),
        Need::Refused => format!("{name} (refuses every call)"),
        Need::Workflow => format!("{name} (ends an activity that calls it: only workflows have it)"),
        Need::Unavailable(cure) => format!("{name} (not available: {cure})"),
    }
}

pub(super) fn document(path: &str, inspection: &Inspection) -> Value {
    let activity = |(name, interruptible): &(ActivityName, bool)| match name {
        ActivityName::Named(name) => json!({"name": name, "interruptible": interruptible}),
        ActivityName::Dynamic => json!({"dynamic": true, "interruptible": interruptible}),
    };
    let import = |import: &Import| match import.need {
        Need::Unavailable(cure) => json!({"name": import.name, "available": false, "cure": cure}),
        Need::Nothing
        | Need::Environment
        | Need::Directories
        | Need::Client
        | Need::Http
        | Need::Workflow
        | Need::Refused => {
            json!({"name": import.name, "available": true})
        }
    };
    let (image, activities, problem, cure) = match &inspection.listing {
        Ok(listing) => {
            let activities = listing.activities.iter().map(activity).collect();
            (json!(listing.image), activities, Value::Null, None)
        }
        Err(error) => (Value::Null, Value::Null, json!(error.to_string()), error.cure()),
    };
    json!({
        "path": path,
        "size": inspection.size,
        "digest": inspection.digest,
        "image_bytes": image,
        "activities": activities,
        "functions": functions::document(&inspection.functions),
        "problem": problem,
        "cure": cure,
        "grants": inspection.imports.iter().filter_map(grant).collect::<Vec<_>>(),
        "imports": inspection.imports.iter().map(import).collect::<Vec<_>>(),
        "exports": inspection.exports,
    })
}
