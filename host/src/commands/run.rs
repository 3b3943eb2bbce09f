//! `isolet run`: one attempt without a server.

pub(super) mod attempt;

mod context;

mod happens;

mod moment;

mod stub;

mod drive;

pub(super) mod show;

mod input;

pub(super) mod report;

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use self::{attempt::AttemptFlags, show::Shown};
use crate::{
    config::flags::EngineFlags,
    exit::CommandResult,
    output::{Format, log, reporter::GuestLines},
    wiring,
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
    attempt: AttemptFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl RunArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let input = input::payloads(&self.input)?;
        let (settings, mut component) = self.attempt.component(&self.engine, self.component.clone())?;
        if self.debug {
            let environment = &mut Arc::make_mut(&mut component.policy).grants.environment;
            environment.insert(DEBUG.to_owned(), "1".to_owned());
        }
        let engine = wiring::engine(&settings.engine, GuestLines::watched())?;
        let test = self.attempt.arrange(&engine, component, &self.activity, input)?;
        let runtime = wiring::runtime(&settings.engine)?;
        let run = runtime.block_on(drive::drive(test, &self.show))?;
        report::report(&run, self.output, self.output_file.as_deref(), &self.show)
    }
}
