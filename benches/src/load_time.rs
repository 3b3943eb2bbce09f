//! (e) How long a component that was compiled before takes to load again, from its file to being ready for attempts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use activity::ComponentId;
use anyhow::Context as _;
use engine::{Bytes, Engine, EngineSettings, Source};

use crate::{
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, short},
    sandboxes,
    settings::Settings,
};

/// Measures the largest Rust component that is built, and for comparison the smallest and the largest Python one.
///
/// # Errors
/// When there is no component, or one can't be loaded.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let mut components = built(settings)?;
    components.sort_by_key(|(_, size)| *size);
    let (python, mut rust): (Vec<_>, Vec<_>) = components.into_iter().partition(|(path, _)| is_python(path));
    let largest = rust.pop().context("no guest is built; run `cargo xtask guests`")?;
    let smallest = rust.into_iter().next();
    let python = python.into_iter().next_back();
    let mut table = Table::new(&["component", "size", "compiled", "first load", "load p50", "p99", "max"]);
    for (path, size) in [Some(&largest), smallest.as_ref(), python.as_ref()].into_iter().flatten() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        progress::say(format!("  {name}"));
        let store = settings.root.join("target/benchmarks/load-time");
        let engine = EngineSettings {
            cache_dir: Some(store.clone()),
            ..sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS)
        };
        let (file, times) = (path.clone(), settings.sizes.loads);
        let loads = tokio::task::spawn_blocking(move || load_often(engine, &store, &file, times)).await??;
        let sizes = [*size, loads.compiled].map(|bytes| format!("{} KiB", bytes / 1024));
        let figures = [loads.first, loads.again.p50(), loads.again.p99(), loads.again.max()].map(short);
        table.row([[format!("`{name}`")].as_slice(), &sizes, &figures].concat());
        if *path == largest.0 {
            let milliseconds = loads.again.p50().as_secs_f64() * 1e3;
            section.target("p50 of the largest Rust component", Limit::AtMost(5.0, " ms"), milliseconds);
        } else if is_python(path) {
            let milliseconds = loads.again.p50().as_secs_f64() * 1e3;
            section.target("p50 of the largest Python component", Limit::AtMost(10.0, " ms"), milliseconds);
        }
    }
    section.method.push(
        "A store of its own, filled by the first load, which compiles. Each load after that finds that the \
         component's file is the one of before, finds, checks and maps the machine code, checks imports and exports, \
         and finds the activities that it told. The files are in the page cache."
            .to_owned(),
    );
    section.tables.push(table);
    Ok(())
}

/// Whether a component holds a Python interpreter: a hundred times the size.
fn is_python(path: &Path) -> bool {
    path.file_stem().is_some_and(|name| name.to_string_lossy().contains("python"))
}

struct Loads {
    first: Duration,
    again: Samples,
    /// Size of what the store keeps.
    compiled: u64,
}

fn load_often(engine: EngineSettings, store: &Path, path: &Path, times: usize) -> anyhow::Result<Loads> {
    if store.exists() {
        fs::remove_dir_all(store)?;
    }
    let engine = Engine::new(engine)?;
    let first = load(&engine, path)?;
    let mut again = Samples::new()?;
    for _ in 0..times {
        again.add(load(&engine, path)?);
    }
    let mut compiled = 0;
    for entry in fs::read_dir(store)? {
        compiled += entry?.metadata()?.len();
    }
    Ok(Loads { first, again, compiled })
}

fn load(engine: &Engine, path: &Path) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let metadata = fs::metadata(path)?;
    let read = || fs::read(path).map_err(Into::into);
    let loaded = match engine.digest_of(path, &metadata) {
        Some(digest) => {
            let size = usize::try_from(metadata.len())?;
            let id = ComponentId::new("benchmark", digest);
            engine.load(&Source { id, size, bytes: Bytes::Unread(&read) }, Arc::default())?
        }
        None => {
            let bytes = fs::read(path)?;
            let source = Source::new("benchmark", &bytes);
            engine.keep_digest(path, &metadata, &source.id.digest);
            engine.load(&source, Arc::default())?
        }
    };
    let took = started.elapsed();
    drop(loaded);
    Ok(took)
}

fn built(settings: &Settings) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let mut components = Vec::new();
    for entry in fs::read_dir(&settings.guests).context("no guests are built; run `cargo xtask guests`")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let size = fs::metadata(&path)?.len();
            components.push((path, size));
        }
    }
    Ok(components)
}
