//! From files and flags to settings.

use std::{
    mem::take,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use registry::Reference;

use super::{
    DEFAULT_FILE,
    flags::{ConnectionFlags, EngineFlags, ServingFlags},
    parse,
    problems::{Problems, Written},
    quantity::Count,
    raw::{RawConfig, RawTenant, RawTrust, RawWorker, component::RawComponent},
    registries::{Artifact, RegistryFlags},
    settings::{AdminSettings, ComponentSettings, Settings},
    validate,
    written::{self, WrittenFiles},
};
use crate::exit::{Exit, OrCure as _, OrExit as _, Problem};

/// A configuration as it is written, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// As it is written, flags included.
    pub raw: RawConfig,
    /// What it means.
    pub settings: Settings,
    /// The files and folders that it was read from.
    pub files: Vec<PathBuf>,
}

/// What a file says, with what it leaves to the machine and to its other keys, and what it means; `named` adds what is wrong
/// with files that it names.
///
/// # Errors
/// When the file can't be read or has problems.
pub(crate) fn file(path: &Path, named: fn(&Settings, &mut Problems)) -> Result<(RawConfig, Settings), Problem> {
    let mut written = read(path)?;
    let settings = check(&written, path)?;
    let mut problems = Problems::default();
    named(&settings, &mut problems);
    if !problems.is_empty() {
        return Err(problem(problems, &written, path));
    }
    let components = settings.workers().flat_map(|worker| &worker.components);
    if let Some(missing) = components.flat_map(ComponentSettings::missing_directories).next() {
        let error = anyhow!("{} grants {}, which is no directory", path.display(), missing.display());
        return Err(Problem::new(Exit::Usage, error).cure("make it, or correct `grants.directories`"));
    }
    written.raw.engine.cache = Some(settings.engine.cache.clone());
    written.raw.engine.slots = Some(Count(settings.engine.slots.into()));
    Ok((written.raw, settings))
}

/// What a file says, as it is written, if it took the place of the file at `place`.
///
/// # Errors
/// When the file can't be read or has problems.
pub(crate) fn written(path: &Path, place: &Path) -> Result<RawConfig, Problem> {
    let written = understood(written::read_in_place_of(path, place))?;
    check(&written, path)?;
    Ok(written.raw)
}

/// What a file says, with flags over it.
///
/// # Errors
/// As for [`fn@file`].
pub(crate) fn file_with_flags(
    path: &Path,
    connection: &ConnectionFlags,
    engine: &EngineFlags,
    serving: &ServingFlags,
) -> Result<Read, Problem> {
    let mut written = read(path)?;
    let raw = &mut written.raw;
    connection.apply(&mut raw.connection);
    apply_engine(engine, raw);
    serving.apply_to_engine(&mut raw.engine);
    serving.apply_to_metrics(&mut raw.metrics);
    serving.apply_to_web(&mut raw.web);
    for worker in raw.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers) {
        serving.apply(worker);
    }
    let settings = check(&written, path)?;
    let WrittenFiles { raw, files, .. } = written;
    Ok(Read { raw, settings, files })
}

/// The settings of one task queue that is described by flags alone; registries are asked, and trusted, as the configuration
/// file of the working directory says.
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
    if queue.components.iter().any(|component| component.path.as_deref().is_some_and(Reference::is_one)) {
        let RawConfig { registry, trust, .. } = raw_here()?;
        raw = RawConfig { registry, trust, ..raw };
    }
    connection.apply(&mut raw.connection);
    apply_engine(engine, &mut raw);
    serving.apply_to_engine(&mut raw.engine);
    serving.apply_to_metrics(&mut raw.metrics);
    serving.apply_to_web(&mut raw.web);
    let mut worker = RawWorker { task_queue: Some(queue.name), components: queue.components, ..RawWorker::default() };
    serving.apply(&mut worker);
    raw.tenants = vec![RawTenant { name: Some("default".to_owned()), workers: vec![worker], ..RawTenant::default() }];
    validate::validate(raw, Written::AsFlags)
        .or_exit(Exit::Usage)
        .or_cure("--help explains every flag, and `isolet config example` every limit")
}

/// A path of a flag starts in the working directory, a path of a file where the file is.
fn apply_engine(flags: &EngineFlags, raw: &mut RawConfig) {
    let EngineFlags { table, registry } = flags;
    let cache = table.0.cache.as_ref().map(|cache| std::path::absolute(cache).unwrap_or_else(|_| cache.clone()));
    table.apply(&mut raw.engine);
    raw.engine.cache = cache.or(take(&mut raw.engine.cache));
    registry.apply(&mut raw.registry);
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

/// What a registry has, asked as the flags say, and as the configuration file of the working directory does;
/// what is pulled is kept in `cache`, if that is set.
///
/// # Errors
/// When the file can't be read, or what it or a flag says about registries does not hold.
pub(crate) fn artifact(
    reference: Reference,
    flags: &RegistryFlags,
    cache: Option<PathBuf>,
) -> Result<Artifact, Problem> {
    let mut raw = raw_here()?;
    flags.apply(&mut raw.registry);
    raw.engine.cache = cache.or(take(&mut raw.engine.cache));
    validate::artifact(raw, reference).or_exit(Exit::Usage)
}

/// The same, trusted if `rule` is kept in place of those of the file, if it is set.
///
/// # Errors
/// As for [`fn@artifact`].
pub(crate) fn artifact_trusted(
    reference: Reference,
    flags: &RegistryFlags,
    rule: Option<RawTrust>,
) -> Result<Artifact, Problem> {
    let mut raw = raw_here()?;
    flags.apply(&mut raw.registry);
    if let Some(rule) = rule {
        raw.trust = vec![rule];
    }
    validate::artifact(raw, reference).or_exit(Exit::Usage)
}

/// Where the worker that a configuration file describes is asked and told; without a file, one that names nothing.
///
/// # Errors
/// When the file can't be read, or what it says of that does not hold.
pub(crate) fn admin(path: Option<&Path>) -> Result<AdminSettings, Problem> {
    // Nothing else is looked at: what is wrong in a tenant's file must not keep an operator from blocking that tenant.
    let alone = |path: &Path| parse::admin(&parse::text(path)?, &path.display().to_string());
    let cure = "correct the file, or name the worker's socket with --socket; its log tells it at the start";
    let raw = path.map(alone).transpose().or_exit(Exit::Usage).or_cure(cure)?.unwrap_or_default();
    let raw = RawConfig { admin: raw, ..RawConfig::default() };
    let beside = path.and_then(Path::parent).unwrap_or(Path::new(""));
    validate::admin(raw.placed(beside).admin).or_exit(Exit::Usage)
}

/// What the configuration file of the working directory says, if there is one.
fn raw_here() -> Result<RawConfig, Problem> {
    let file = Path::new(DEFAULT_FILE);
    Ok(if file.is_file() { read(file)?.raw } else { RawConfig::default() })
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

fn read(path: &Path) -> Result<WrittenFiles, Problem> {
    understood(written::read(path))
}

/// What was read, or the cure for what could not be: not every file is one.
fn understood(read: anyhow::Result<WrittenFiles>) -> Result<WrittenFiles, Problem> {
    let is_read = |error: &anyhow::Error| !error.chain().any(<dyn std::error::Error>::is::<std::io::Error>);
    let cure = match read.as_ref().is_err_and(|error| !is_read(error)) {
        true => "put there what this user may read, or take it away; `isolet config example` begins a file",
        false => "`isolet config example` shows a file with every key",
    };
    read.or_exit(Exit::Usage).or_cure(cure)
}

fn check(written: &WrittenFiles, path: &Path) -> Result<Settings, Problem> {
    validate::validate(written.raw.clone(), written.kind).map_err(|problems| problem(problems, written, path))
}

/// What is wrong with the file at `path`.
fn problem(problems: Problems, written: &WrittenFiles, path: &Path) -> Problem {
    let error = anyhow::Error::new(problems.at(&written.lines)).context(format!("{} has problems", path.display()));
    Problem::new(Exit::Usage, error).cure("correct them; `isolet config example` explains every key")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::{
        quantity::{ByteSize, Span},
        raw::{RawConnection, RawEngine, component::RawLimits},
        table_flags::TableFlags,
    };

    #[test]
    fn a_worker_is_found_whatever_else_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("isolet.toml");
        fs::create_dir(folder.path().join("tenants.d")).unwrap();
        fs::write(folder.path().join("tenants.d/evil.toml"), "[[workers").unwrap();
        fs::write(&file, "colour = 1\n[engine]\nslots = \"many\"\n[admin]\nsocket = \"run/admin.sock\"\n").unwrap();
        let socket = super::admin(Some(&file)).unwrap().socket;
        assert_eq!(socket.path(), Some(&*folder.path().join("run/admin.sock")));
        fs::write(&file, "[admin]\nsockets = \"x\"\n").unwrap();
        let problem = super::admin(Some(&file)).unwrap_err();
        assert!(problem.error.to_string().contains("did you mean \"socket\"?"), "{}", problem.error);
    }

    #[test]
    fn problems_of_flags_are_named_as_the_flags_are() {
        let engine = RawEngine { slots: Some(Count(1)), tick: Some(Span::secs(2)), ..RawEngine::default() };
        let engine = EngineFlags { table: TableFlags(engine), ..EngineFlags::default() };
        let worker =
            RawWorker { max_concurrent: Some(Count(2)), cancel_check: Some(Span::secs(0)), ..RawWorker::default() };
        let serving = ServingFlags {
            worker: TableFlags(worker),
            metrics_address: Some("odd".to_owned()),
            ..ServingFlags::default()
        };
        let connection = RawConnection { address: Some("odd:odd".to_owned()), ..RawConnection::default() };
        let limits = RawLimits { memory: Some(ByteSize(1)), ..RawLimits::default() };
        let component = || RawComponent { path: Some("a".into()), ..RawComponent::default() };
        let queue =
            Queue { name: "q".to_owned(), components: vec![component(), RawComponent { limits, ..component() }] };
        let problem = one_queue(&TableFlags(connection), &engine, &serving, queue).unwrap_err();
        let expected = [
            "--address: \"odd:odd\" is not written HOST:PORT",
            "--cancel-check: 0s is too little; it must be from 100ms to 1day",
            "components[1].limits.memory: 1B is too little; it must be from 64KiB to 4GiB",
            "--tick: 2s is too much; it must be from 1ms to 1s",
            "--slots: 1 are too few for the 2 attempts that all workers may run",
            "--metrics-address: \"odd\" is not written HOST:PORT",
        ];
        assert_eq!(problem.error.to_string().lines().collect::<Vec<_>>(), expected);
    }
}
