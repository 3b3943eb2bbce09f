//! From a reference to the first outcome, where everything is kept already: the registry of a tag is asked what it stands
//! for, the component and its code are found in their stores, and a cell begins with the first attempt.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use activity::{ComponentHandle, ComponentId};
use anyhow::{Context as _, Error};
use cell::Cell;
use engine::{Bytes, Engine, Source};
use registry::{Component, Reference};
use tempfile::TempDir;

use super::room::Loader;
use crate::{
    processes::Running,
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, short},
    sandboxes::{self, GREET},
    settings::Settings,
};

/// How long the first outcome may take, in ms.
const LONGEST: f64 = 50.0;
/// How long the registry may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// More is no component of a benchmark.
const LARGEST: u64 = 1 << 30;

/// Finds and starts what a tag stands for, and what a digest does, one cell after the other.
///
/// # Errors
/// When there is no registry, or one does not start.
pub(super) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let server = Registry::start(settings)?;
    let folder = tempfile::tempdir()?;
    let asked = registry::Settings {
        store: folder.path().join("store"),
        store_size: LARGEST,
        plain_http: [server.address.clone()].into(),
        timeout: PATIENCE,
        pull_time: PATIENCE,
        ..registry::Settings::default()
    };
    let bytes = fs::read(sandboxes::component(settings, GREET.component)?)?;
    let tag: Reference = format!("oci://{}/benchmarks/greet:live", server.address).parse().map_err(Error::msg)?;
    let component = Component { bytes, title: "greet.wasm".to_owned(), ..Component::default() };
    let (to, by) = (tag.clone(), asked.clone());
    let pushed = tokio::task::spawn_blocking(move || registry::push(&by, &to, component)).await??;
    let loader = Loader::new(settings)?;
    let mut table = Table::new(&["from", "cells", "loaded p50", "first outcome p50", "p99", "max"]);
    for (from, reference) in [("a tag", tag), ("a digest", pushed.reference)] {
        let Found { loaded, first } = find(&loader, &asked, &reference, settings.sizes.cell_starts).await?;
        progress::say(format!("  from {from}: first outcome {}", short(first.p50())));
        let figures = [loaded.p50(), first.p50(), first.p99(), first.max()].map(short);
        table.row([[from.to_owned(), first.count().to_string()].as_slice(), &figures].concat());
        if reference.digest().is_none() {
            let milliseconds = first.p50().as_secs_f64() * 1e3;
            let what = "from a tag in a registry to the first outcome, from warm stores, Rust, p50";
            section.target(what, Limit::AtMost(LONGEST, " ms"), milliseconds);
        }
    }
    section.method.push(
        "From a reference: Docker's registry, on this machine, is asked for the manifest of a tag, and for nothing of a digest; \
         the component and its code are kept from before, and each time another cell begins."
            .to_owned(),
    );
    section.tables.push(table);
    Ok(())
}

/// What it has taken.
struct Found {
    /// Until attempts could be given to the cell.
    loaded: Samples,
    /// Until the first one had ended.
    first: Samples,
}

async fn find(
    loader: &Loader,
    settings: &registry::Settings,
    reference: &Reference,
    cells: usize,
) -> anyhow::Result<Found> {
    let mut found = Found { loaded: Samples::new()?, first: Samples::new()? };
    // The first one leaves what the stores keep.
    for number in 0..=cells {
        let (settings, reference) = (settings.clone(), reference.clone());
        let started = Instant::now();
        let load = move |engine: &Engine, cell: &Cell| load(engine, cell, &settings, &reference);
        let room = loader.room_with(GREET.component, loader.guest_threads(), load).await?;
        let loaded = started.elapsed();
        room.guest.run(&GREET).await?;
        let first = started.elapsed();
        if number != 0 {
            found.loaded.add(loaded);
            found.first.add(first);
        }
    }
    Ok(found)
}

/// Loads what a reference stands for, as a worker does.
fn load(
    engine: &Engine,
    cell: &Cell,
    settings: &registry::Settings,
    reference: &Reference,
) -> anyhow::Result<ComponentHandle> {
    let located = registry::locate(settings, reference)?;
    let path = registry::fetch(settings, &located, LARGEST)?.canonicalize()?;
    let metadata = fs::metadata(&path)?;
    let read = || fs::read(&path).map_err(Into::into);
    let loaded = match engine.digest_of(&path, &metadata) {
        Some(digest) => {
            let (id, size) = (ComponentId::new(GREET.component, digest), usize::try_from(metadata.len())?);
            cell.load(engine, &Source { id, size, bytes: Bytes::Unread(&read) }, Arc::default())?
        }
        None => {
            let bytes = fs::read(&path)?;
            let source = Source::new(GREET.component, &bytes);
            engine.keep_digest(&path, &metadata, &source.id.digest);
            cell.load(engine, &source, Arc::default())?
        }
    };
    Ok(loaded.component)
}

/// Docker's registry, until this is dropped.
struct Registry {
    _process: Running,
    _folder: TempDir,
    /// Host and port.
    address: String,
}

impl Registry {
    fn start(settings: &Settings) -> anyhow::Result<Self> {
        let program = settings.root.join(".tools/bin/docker-registry");
        anyhow::ensure!(program.is_file(), "there is no {}; run `cargo xtask setup`", program.display());
        let folder = tempfile::tempdir()?;
        let (storage, file) = (folder.path().join("storage"), folder.path().join("config.yml"));
        let storage = storage.display();
        let config = format!(
            "version: 0.1\nstorage:\n  filesystem: {{ rootdirectory: {storage} }}\nhttp:\n  addr: 127.0.0.1:0\n"
        );
        fs::write(&file, config)?;
        let mut command = Command::new(program);
        command.arg("serve").arg(file).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Running::start("the registry", &mut command)?;
        let mut lines = BufReader::new(process.child().stderr.take().context("it has no standard error")?).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let address = line.split_once("listening on ")?.1;
            Some(address.split([',', '"', ' ']).next()?.to_owned())
        });
        // It must not come to wait until somebody reads what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { _process: process, _folder: folder, address: address.context("the registry did not start")? })
    }
}
