//! `isolet run`: one attempt without a server.

mod context;

mod happens;

mod moment;

mod stub;

mod drive;

mod show;

mod input;

mod report;

use std::{path::PathBuf, sync::Arc};

use activity::{ActivityName, shown};
use anyhow::anyhow;
use catalog::Exports;
use clap::Args;
use testing::ActivityEnvironment;

use self::{context::ContextFlags, happens::HappensFlags, show::Shown, stub::Stub};
use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags, StoppingFlags},
        load,
        parse::nearest,
    },
    exit::{CommandResult, Exit, Problem, failed_to},
    output::{Format, log, reporter::GuestLines},
    wiring::{
        self,
        loading::{Loaded, Place},
    },
};

/// The variable by which a component is told to say more of failures.
const DEBUG: &str = "ISOLET_DEBUG";

/// Runs one attempt of an activity, without a server.
///
/// The activity runs in the same sandbox, with the same limits, as on a server. Its result is printed on standard
/// output: as JSON, or as it is when it is binary. Log lines and heartbeats go to standard error. An interrupt cancels
/// the attempt, a second one kills it. The exit code is 0 when the attempt completed and 1 when it failed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet run orders.wasm ship '{\"order\": 7}'
  isolet run report.wasm csv_report @orders.json --limit cpu-time=5s
  isolet run thumbnail.wasm thumbnail binary/plain:@photo.jpg '{\"width\": 128}' --output-file small.png
  isolet run orders.wasm ship_all --attempt 2 --heartbeat-details 41 --cancel-after heartbeats=3")]
pub(crate) struct RunArgs {
    /// The component's file.
    component: PathBuf,
    /// The activity type.
    activity: String,
    /// The arguments, in order: JSON; `@FILE` for JSON from a file (`@-` for standard input); or `ENCODING:@FILE` for
    /// a payload of any encoding, such as `binary/plain:@photo.jpg`.
    #[arg(value_name = "JSON", allow_negative_numbers = true)]
    input: Vec<String>,
    /// Further arguments after the others, as `ENCODING:@FILE`. May be repeated.
    #[arg(long, value_name = "ENCODING:@FILE")]
    raw_input: Vec<String>,
    /// A file of answers for the calls of Temporal's client that the activity makes; docs/testing-activities.md tells
    /// what is in it. With `--client`, calls that it does not cover are refused.
    #[arg(long, value_name = "FILE")]
    client_stub: Option<PathBuf>,
    /// What is shown beside the result. May be repeated.
    #[arg(long, value_enum)]
    show: Vec<Shown>,
    /// Shows more of what went wrong, where the component's SDK can tell: that of Python writes the traceback of a failure
    /// with the values of local variables to standard error. The component is told by the variable `ISOLET_DEBUG`.
    #[arg(long)]
    debug: bool,
    /// Writes the result's bytes to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// For people, or as one JSON document with outcome and cost.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    context: ContextFlags,
    #[command(flatten)]
    happens: HappensFlags,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    stopping: StoppingFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl RunArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let input = input::payloads(self.input.iter().chain(&self.raw_input))?;
        let info = self.context.info()?;
        let mut stub = Stub::read(self.client_stub.as_deref())?;
        let mut component = self.policy.component(self.component.clone());
        self.stopping.apply(&mut component.stopping);
        let (settings, mut component) = load::one_component(&self.engine, component)?;
        if self.debug {
            let environment = &mut Arc::make_mut(&mut component.policy).grants.environment;
            environment.insert(DEBUG.to_owned(), "1".to_owned());
        }
        let grant = component.policy.grants.client.clone();
        if self.client_stub.is_some() {
            // What is stubbed needs no grant, because nothing is reached; one that is given holds.
            Arc::make_mut(&mut component.policy).grants.client.get_or_insert_default();
        }
        let engine = wiring::engine(&settings.engine, GuestLines::watched())?;
        let loaded = Loaded::load(&engine, &Place::default(), &component)?;
        must_export(&loaded.exports, &self.activity)?;
        let Exports { component: handle, activities, .. } = loaded.exports;
        let names = activities.into_iter().map(|exported| exported.name).collect();
        let environment = ActivityEnvironment::loaded(Arc::clone(&engine), handle, names).client_grant(grant);
        let test = environment.activity(&self.activity).map_err(|error| Problem::new(Exit::Usage, failed_to(error)))?;
        let test = test.info(info).input(input).stopping(component.policy.stopping);
        let test = self.happens.arrange(test).client(move |request| stub.answer(request));
        let runtime = wiring::runtime(&settings.engine)?;
        let run = runtime.block_on(drive::drive(test, &self.show))?;
        report::report(&run, self.output, self.output_file.as_deref(), &self.show)
    }
}

fn must_export(exports: &Exports, activity: &str) -> Result<(), Problem> {
    let names: Vec<&str> = exports
        .activities
        .iter()
        .filter_map(|exported| match &exported.name {
            ActivityName::Named(name) => Some(name.as_str()),
            ActivityName::Dynamic => None,
        })
        .collect();
    if names.contains(&activity) || names.len() < exports.activities.len() {
        return Ok(());
    }
    let listed = shown::names(names.iter().copied());
    let cure = match nearest(activity, &names) {
        Some(near) => format!("did you mean \"{}\"? It exports {listed}", shown::name(near)),
        None => format!("it exports {listed}"),
    };
    Err(Problem::new(Exit::Usage, anyhow!("{} exports no activity {activity:?}", exports.origin)).cure(cure))
}
