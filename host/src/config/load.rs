//! From files and flags to settings.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::{
    DEFAULT_FILE,
    flags::{ConnectionFlags, EngineFlags, ServingFlags},
    parse,
    raw::{RawComponent, RawConfig, RawTenant, RawWorker},
    settings::{ComponentSettings, Settings},
    validate,
};
use crate::exit::{Exit, OrCure as _, OrExit as _, Problem};

/// The settings of a file alone.
///
/// # Errors
/// When the file can't be read or has problems.
pub(crate) fn file(path: &Path) -> Result<Settings, Problem> {
    check(read(path)?, directory_of(path)).map_err(|problem| in_file(problem, path))
}

/// The settings of a file, with flags over it.
///
/// # Errors
/// As for [`fn@file`].
pub(crate) fn file_with_flags(
    path: &Path,
    connection: &ConnectionFlags,
    engine: &EngineFlags,
    serving: &ServingFlags,
) -> Result<Settings, Problem> {
    let mut raw = read(path)?;
    connection.apply(&mut raw.connection);
    engine.apply(&mut raw.engine);
    serving.apply_to_metrics(&mut raw.metrics);
    for worker in raw.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers) {
        serving.apply(worker);
    }
    check(raw, directory_of(path)).map_err(|problem| in_file(problem, path))
}

/// The settings of one task queue that is described by flags alone.
///
/// # Errors
/// When a flag's value does not hold.
pub(crate) fn one_queue(
    connection: &ConnectionFlags,
    engine: &EngineFlags,
    serving: &ServingFlags,
    queue: Queue,
) -> Result<Settings, Problem> {
    let mut raw = RawConfig::default();
    connection.apply(&mut raw.connection);
    engine.apply(&mut raw.engine);
    serving.apply_to_metrics(&mut raw.metrics);
    let mut worker = RawWorker { task_queue: Some(queue.name), components: queue.components, ..RawWorker::default() };
    serving.apply(&mut worker);
    raw.tenants = vec![RawTenant { name: Some("default".to_owned()), workers: vec![worker] }];
    validate::validate(raw, Path::new(""))
        .map_err(|problems| anyhow!("{}", in_flags(&problems.to_string())))
        .or_exit(Exit::Usage)
        .or_cure("--help explains every flag, and `isolet config example` every limit")
}

/// Problems of settings that came from flags, named as the flags are.
fn in_flags(problems: &str) -> String {
    let line =
        |line: &str| match line.strip_prefix("engine.").or_else(|| line.strip_prefix("tenant default, workers[0].")) {
            Some(rest) => format!("--{rest}"),
            None if line.starts_with("metrics.") => format!("--{}", line.replacen('.', "-", 1)),
            None => line.trim_start_matches("tenant default, workers[0], ").to_owned(),
        };
    problems.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A task queue that flags describe.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Its name.
    pub name: String,
    /// What serves it.
    pub components: Vec<RawComponent>,
}

/// The settings of one component, for commands that serve no task queue.
///
/// # Errors
/// When a flag's value does not hold.
pub(crate) fn one_component(
    engine: &EngineFlags,
    component: RawComponent,
) -> Result<(Settings, ComponentSettings), Problem> {
    let queue = Queue { name: "none".to_owned(), components: vec![component] };
    let settings = one_queue(&ConnectionFlags::default(), engine, &ServingFlags::default(), queue)?;
    let component = settings.workers().flat_map(|worker| &worker.components).next().cloned();
    let component = component.context("there is no component").or_exit(Exit::Usage)?;
    Ok((settings, component))
}

/// The file to use: the `named` one, else the default one of the working directory.
///
/// # Errors
/// When there is neither.
pub(crate) fn find_file(named: Option<PathBuf>) -> Result<PathBuf, Problem> {
    let default = PathBuf::from(DEFAULT_FILE);
    let found = named.or_else(|| default.is_file().then_some(default));
    found.ok_or_else(|| {
        Problem::new(Exit::Usage, anyhow!("there is nothing to serve: no component is named and there is no {DEFAULT_FILE}"))
            .cure(format!("name components, or a configuration file with --config; `isolet config example > {DEFAULT_FILE}` begins one"))
    })
}

fn read(path: &Path) -> Result<RawConfig, Problem> {
    parse::parse_file(path).or_exit(Exit::Usage).or_cure("`isolet config example` shows a file with every key")
}

fn check(raw: RawConfig, base: &Path) -> Result<Settings, Problem> {
    validate::validate(raw, base).or_exit(Exit::Usage)
}

fn in_file(problem: Problem, path: &Path) -> Problem {
    let error = problem.error.context(format!("{} has problems", path.display()));
    Problem { error, ..problem }.cure("correct them; `isolet config example` explains every key")
}

fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_flags_are_named_as_the_flags_are() {
        let problems = "engine.slots: too few\nmetrics.address: odd\ntenant default, workers[0].max-concurrent: too few\n\
                        tenant default, workers[0], components[1].limits.memory: too much";
        let expected = "--slots: too few\n--metrics-address: odd\n--max-concurrent: too few\ncomponents[1].limits.memory: too much";
        assert_eq!(in_flags(problems), expected);
    }
}
