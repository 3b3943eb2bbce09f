//! `isolet test`: activities against a file of cases, without a server.

mod cases;
mod expected;

use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use clap::Args;
use engine::Engine;
use registry::Reference;
use serde_json::{Value, json};
use testing::Run;

use self::{
    cases::{Case, Cases},
    expected::Difference,
};
use super::{dev::project::Project, run::report, run::show::Shown};
use crate::{
    config::{flags::EngineFlags, quantity::Span, settings::ComponentSettings},
    exit::{CommandResult, Exit, Problem},
    languages::Programs,
    output::{self, Format, human, log, progress::Progress, reporter::GuestLines},
    wiring,
};

/// The file with cases where none is named.
const DEFAULT_FILE: &str = "isolet-test.toml";

/// How long a case may take that has no timeout of its own: one that never ends must not hold up the others.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs activities against a file of cases, without a server.
///
/// A case names an activity, its arguments, and what should come of it: a result, a failure, a cancellation; heartbeats
/// and lines of the log, too. It runs as with `isolet run`, in its sandbox and within its limits, and may have any of its
/// options. What is different is shown. The file is TOML or JSON; docs/testing-activities.md says what is in it. The exit
/// code is 0 when all is as expected, and 1 when it is not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet test
  isolet test orders-test.toml
  isolet test --filter ship --component orders.wasm")]
pub(crate) struct TestArgs {
    /// Files with cases [default: isolet-test.toml].
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only cases with this text in their name. May be repeated.
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// The component's file, or a project to build, in place of what the files name.
    #[arg(long, value_name = "PATH")]
    component: Option<PathBuf>,
    /// The start-to-close timeout of cases that have none.
    #[arg(long, value_name = "DURATION", default_value_t = Span(TIMEOUT))]
    case_timeout: Span,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    programs: Programs,
    #[command(flatten)]
    engine: EngineFlags,
}

/// How a case went.
struct Tried {
    name: String,
    /// What it came to, as `isolet run --output json` tells it.
    document: Value,
    time: Duration,
    difference: Option<Difference>,
}

impl TestArgs {
    pub(crate) fn run(mut self) -> CommandResult {
        log::start_quiet();
        if self.files.is_empty() {
            self.files.push(DEFAULT_FILE.into());
        }
        // A file's paths begin where it is, and those of options where we are.
        self.component = self.component.map(absolute).transpose()?;
        let files = self.files.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
        let mut tried = Vec::new();
        for file in &files {
            self.try_file(file, &mut tried)?;
        }
        if tried.is_empty() {
            let error = anyhow!("there is no case with {} in its name", self.filter.join(" or "));
            return Err(Problem::new(Exit::Usage, error));
        }
        let failed = tried.iter().filter(|tried| tried.difference.is_some()).count();
        match self.output {
            Format::Human => output::line(format_args!("{} as expected, {failed} not", tried.len() - failed)),
            Format::Json => output::json(&document(&tried, failed)),
        }
        Ok(if failed == 0 { Exit::Completed } else { Exit::AttemptFailed })
    }

    fn try_file(&self, file: &Path, tried: &mut Vec<Tried>) -> Result<(), Problem> {
        let Cases { component, cases } = Cases::read(file)?;
        let chosen = |case: &Case| self.filter.is_empty() || self.filter.iter().any(|text| case.name.contains(text));
        let mut cases: Vec<Case> = cases.into_iter().filter(chosen).collect();
        if let Some(folder) = file.parent() {
            env::set_current_dir(folder).with_context(|| format!("failed to go to {}", folder.display()))?;
        }
        let component = absolute(self.component.clone().unwrap_or(component))?;
        for case in &mut cases {
            case.flags.end_after(self.case_timeout);
        }
        let Some(first) = cases.first() else { return Ok(()) };
        let (settings, _) = first.flags.component(&self.engine, component.clone())?;
        let runtime = wiring::runtime(&settings.engine)?;
        let component = if Project::is_one(&component) {
            let project = Project::new(&component, &self.programs, &settings.engine.cache, self.output)?;
            runtime.block_on(project.build())?;
            project.component().to_owned()
        } else {
            component
        };
        let engine = wiring::engine(&settings.engine, GuestLines::watched())?;
        for case in cases {
            let (_, component) = case.flags.component(&self.engine, component.clone())?;
            let done =
                runtime.block_on(case.attempt(&engine, component)).map_err(|problem| case.named(problem, file))?;
            let done = case.judge(&done.0, done.1);
            if self.output == Format::Human {
                show(&done);
            }
            tried.push(done);
        }
        Ok(())
    }
}

/// Where a component is, from wherever we go; in a registry it is anyway.
fn absolute(component: PathBuf) -> std::io::Result<PathBuf> {
    if Reference::is_one(&component) { Ok(component) } else { std::path::absolute(component) }
}

impl Case {
    /// Runs it, and says how long it took.
    async fn attempt(&self, engine: &Arc<Engine>, component: ComponentSettings) -> Result<(Run, Duration), Problem> {
        let test = {
            let _loading = Progress::start(format!("loading {}", component.path.display()));
            self.flags.arrange(engine, component, &self.activity, self.arguments())?
        };
        let begun = Instant::now();
        let run = test.start().finish().await;
        Ok((run, begun.elapsed()))
    }

    fn judge(&self, run: &Run, time: Duration) -> Tried {
        let document = report::document(run, &[Shown::Heartbeats, Shown::Log, Shown::Calls, Shown::Metrics]);
        let difference = self.expected.compare(&document);
        Tried { name: self.name.clone(), document, time, difference }
    }

    /// A problem with the case's own name in it.
    fn named(&self, problem: Problem, file: &Path) -> Problem {
        let Problem { exit, error, cure } = problem;
        let error = error.context(format!("{}: case {:?} can't be run", file.display(), self.name));
        Problem { exit, error, cure }
    }
}

fn show(tried: &Tried) {
    let Tried { name, document, time, difference } = tried;
    let time = human::milliseconds(*time);
    let Some(difference) = difference else {
        return output::line(format_args!("ok      {name} ({time})"));
    };
    output::line(format_args!("FAILED  {name} ({time})"));
    output::print(&difference.to_string());
    let lines = document.get("log").and_then(Value::as_array).into_iter().flatten();
    for line in lines {
        let text = |key| line.get(key).and_then(Value::as_str).unwrap_or_default();
        output::line(format_args!("    {} {}", text("level"), activity::shown::on_one_line(text("message"))));
    }
}

fn document(tried: &[Tried], failed: usize) -> Value {
    let cases = tried.iter().map(|Tried { name, document, time, difference }| {
        json!({
            "name": name,
            "as_expected": difference.is_none(),
            "seconds": time.as_secs_f64(),
            "attempt": document,
            "difference": difference.as_ref().map(Difference::to_string),
        })
    });
    json!({ "cases": cases.collect::<Value>(), "failed": failed })
}
