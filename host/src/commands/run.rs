//! `isolet run`: one attempt without a server.

mod drive;

mod input;

mod report;

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use activity::{ActivityName, Executor as _, Info, Payload, Priority, Task};
use anyhow::anyhow;
use bytes::Bytes;
use catalog::Exports;
use clap::Args;

use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags, StoppingFlags},
        load,
        parse::nearest,
        quantity::Span,
        settings::ComponentSettings,
    },
    exit::{CommandResult, Exit, Problem},
    output::{Format, logging},
    wiring::{self, loading::Loaded},
};

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
  isolet run thumbnail.wasm thumbnail binary/plain:@photo.jpg '{\"width\": 128}' --output-file small.png")]
pub(crate) struct RunArgs {
    /// The component's file.
    component: PathBuf,
    /// The activity type.
    activity: String,
    /// The arguments, in order: JSON; `@FILE` for JSON from a file (`@-` for standard input); or `ENCODING:@FILE` for
    /// a payload of any encoding, such as `binary/plain:@photo.jpg`.
    #[arg(value_name = "JSON")]
    input: Vec<String>,
    /// Further arguments after the others, as `ENCODING:@FILE`. May be repeated.
    #[arg(long, value_name = "ENCODING:@FILE")]
    raw_input: Vec<String>,
    /// The number of the attempt, as the activity sees it.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    attempt: u32,
    /// Heartbeat details of the attempt before, as JSON: one for each use of this flag.
    #[arg(long, value_name = "JSON")]
    heartbeat_details: Vec<String>,
    /// The start-to-close timeout. The attempt is told when it has passed, and killed after the kill grace.
    #[arg(long, value_name = "DURATION")]
    timeout: Option<Span>,
    /// Cancels the attempt after this time.
    #[arg(long, value_name = "DURATION")]
    cancel_after: Option<Span>,
    /// Writes the result's bytes to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// For people, or as one JSON document with outcome and cost.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    stopping: StoppingFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl RunArgs {
    pub(crate) fn run(self) -> CommandResult {
        logging::start(true);
        let input = input::payloads(self.input.iter().chain(&self.raw_input))?;
        let heartbeat_details = input::payloads(&self.heartbeat_details)?;
        let mut component = self.policy.component(self.component.clone());
        self.stopping.apply(&mut component.stopping);
        let (settings, component) = load::one_component(&self.engine, component)?;
        let engine = wiring::engine(&settings.engine)?;
        let loaded = Loaded::load(&engine, "run", &component)?;
        must_export(&loaded.exports, &self.activity)?;
        let task = self.task(&component, loaded.exports.component.clone(), input, heartbeat_details);
        let runtime = wiring::runtime()?;
        let ending = runtime.block_on(drive::drive(
            || engine.start(task),
            drive::Plan {
                cancel_after: self.cancel_after.map(|span| span.0),
                deadline: self.timeout.map(|span| span.0),
                stopping: component.stopping,
            },
        ))?;
        report::report(&ending, self.output, self.output_file.as_deref())
    }

    fn task(
        &self,
        component: &ComponentSettings,
        id: activity::ComponentId,
        input: Vec<Payload>,
        heartbeat_details: Vec<Payload>,
    ) -> Task {
        let timeout = self.timeout.map(|span| span.0);
        Task {
            component: id,
            info: info(&self.activity, self.attempt, timeout, heartbeat_details),
            input,
            kill_after: timeout.map(|timeout| timeout + component.stopping.kill_grace),
            worker_shutdown: false,
        }
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
    let cure = match nearest(activity, &names) {
        Some(near) => format!("did you mean {near:?}? It exports {}", names.join(", ")),
        None => format!("it exports {}", names.join(", ")),
    };
    Err(Problem::new(Exit::Usage, anyhow!("{} exports no activity {activity:?}", exports.origin)).cure(cure))
}

/// What the activity sees of its attempt: a standalone activity on a task queue called `run`.
fn info(activity: &str, attempt: u32, timeout: Option<Duration>, heartbeat_details: Vec<Payload>) -> Info {
    let now = SystemTime::now();
    Info {
        activity_id: "run".to_owned(),
        activity_run_id: Some("run".to_owned()),
        activity_type: activity.to_owned(),
        attempt,
        namespace: "default".to_owned(),
        task_queue: "run".to_owned(),
        task_token: Bytes::from_static(b"run"),
        workflow: None,
        is_local: false,
        scheduled_time: now,
        current_attempt_scheduled_time: now,
        started_time: now,
        schedule_to_close_timeout: None,
        start_to_close_timeout: timeout,
        heartbeat_timeout: None,
        deadline: timeout.map(|timeout| now + timeout),
        heartbeat_details,
        retry_policy: None,
        priority: Priority::default(),
        headers: Vec::new(),
    }
}
