//! What a task queue needs before it can be served: its components, the connection, and how its payloads are coded. Until all
//! of it is there nothing is changed, so that this can be given up at any time.

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::anyhow;
use catalog::Exports;
use tokio::{sync::watch, task::spawn_blocking, time::timeout};
use worker::PayloadCoding;

use super::{
    Shared,
    keeper::{Trouble, Wanted},
    link::{Line, Link},
    loading::Loading,
    versions::Versions,
};
use crate::{
    config::settings::ComponentSettings,
    control::releases::release::Release,
    exit::{Exit, Problem},
    wiring::{cells::Room, coding::coding, loading::Loaded},
};

/// How long a registry may keep a task queue from being told to be served or not, and the worker with it from being ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is loaded.
#[derive(Default)]
pub(super) struct Loads {
    /// What serves each component, in the order of the settings.
    pub(super) served: Vec<Versions>,
    /// What was not loaded before.
    pub(super) changed: Vec<Loaded>,
    /// Releases that are none any more, and why.
    pub(super) over: Vec<(Arc<Release>, &'static str)>,
}

/// All of that.
pub(super) struct Ready {
    pub(super) loads: Loads,
    pub(super) line: Line,
    /// The task queue's.
    pub(super) namespace: String,
    pub(super) coding: PayloadCoding,
}

impl Ready {
    /// All that is loaded for it.
    pub(super) fn components(&self) -> impl Iterator<Item = &Loaded> {
        self.loads.served.iter().flat_map(Versions::each)
    }

    /// What each attempt may take of the memory budget, in bytes.
    pub(super) fn slot_memory(&self) -> Option<u64> {
        self.components().map(|component| component.slot_memory).max()
    }

    /// What is offered to the task queue.
    pub(super) fn exports(&self) -> Vec<Exports> {
        self.loads.served.iter().map(Versions::exports).collect()
    }
}

/// What is looked at anew, as it may be something else than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anew {
    /// All files and tags.
    All,
    /// Candidates of the configuration, of which one was refused.
    Candidates,
    Nothing,
}

/// Makes it ready. What is `loaded` already is not loaded again, unless it is another one by now. Calls `late` with why, if a
/// registry is waited for that long that it is known how that went.
pub(super) async fn make_ready(
    shared: &Arc<Shared>,
    link: watch::Receiver<Link>,
    wanted: &Wanted,
    (loaded, anew): (&(Room, Vec<Loaded>), Anew),
    late: impl Fn(Problem),
) -> Result<Ready, Trouble> {
    let mut loading = pin!(load(shared, wanted, loaded, anew));
    let loads = loop {
        match timeout(PATIENCE, &mut loading).await {
            Ok(loads) => break loads?,
            Err(_) if shared.loading.is_asking(&wanted.tenant) => late(still_asked()),
            // It compiles, or others do.
            Err(_) => {}
        }
    };
    let line = line(link).await?;
    let namespace = wanted.settings.namespace.clone().unwrap_or_else(|| line.connection.namespace().to_owned());
    let coding = coding(&wanted.settings, &namespace)?;
    Ok(Ready { loads, line, namespace, coding })
}

fn still_asked() -> Problem {
    let error = anyhow!("a registry was asked {} seconds ago, and is waited for", PATIENCE.as_secs());
    Problem::new(Exit::NotLoaded, error).cure(
        "check that registry, or name a file; registry.timeout and registry.pull-time say how long it is waited for",
    )
}

async fn load(
    shared: &Arc<Shared>,
    wanted: &Wanted,
    (room, loaded): &(Room, Vec<Loaded>),
    anew: Anew,
) -> Result<Loads, Trouble> {
    // What runs elsewhere has to be loaded there.
    let former = if wanted.room.is(room) { loaded.clone() } else { Vec::new() };
    let turn = shared.loading.of(&wanted.tenant, asks(wanted)).await;
    let (wanted, releases) = (wanted.clone(), Arc::clone(&shared.releases));
    let loading = spawn_blocking(move || Loading::new(&wanted, (&releases, &turn), former, anew).all());
    loading.await.unwrap_or_else(|error| Err(Problem::from(error).into()))
}

/// Whether a registry may have to be asked for it.
fn asks(wanted: &Wanted) -> bool {
    let candidate =
        |settings: &ComponentSettings| settings.release.as_ref().is_some_and(|next| next.artifact.is_some());
    wanted.settings.components.iter().any(|settings| settings.artifact.is_some() || candidate(settings))
}

/// The connection, once it is there.
async fn line(mut link: watch::Receiver<Link>) -> Result<Line, Problem> {
    match link.wait_for(|link| !matches!(link, Link::Opening)).await.map(|link| link.clone()) {
        Ok(Link::Open(line)) => Ok(line),
        Ok(Link::Closed(problem)) => Err(Problem::known(problem)),
        // Only at the end.
        Ok(Link::Opening) | Err(_) => Err(Problem::new(Exit::Other, anyhow!("the connection is given up"))),
    }
}
