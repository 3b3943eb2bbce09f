//! What a task queue needs before it can be served: its components, the connection, and how its payloads are coded. Until all
//! of it is there nothing is changed, so that this can be given up at any time.

use anyhow::anyhow;
use tokio::{sync::watch, task::spawn_blocking};
use worker::PayloadCoding;

use super::{
    Shared,
    keeper::{Trouble, Wanted},
    link::{Line, Link},
};
use crate::{
    exit::{Exit, Problem},
    wiring::{
        cells::Room,
        coding::coding,
        loading::{Loaded, Place},
    },
};

/// All of that.
pub(super) struct Ready {
    /// In the order of the settings.
    pub(super) components: Vec<Loaded>,
    /// Which of them are others than before.
    pub(super) changed: Vec<usize>,
    pub(super) line: Line,
    /// The task queue's.
    pub(super) namespace: String,
    pub(super) coding: PayloadCoding,
}

/// Makes it ready. What is `loaded` already is not loaded again.
pub(super) async fn make_ready(
    shared: &Shared,
    link: watch::Receiver<Link>,
    wanted: &Wanted,
    loaded: &(Room, Vec<Loaded>),
) -> Result<Ready, Trouble> {
    let (components, changed) = load(shared, wanted, loaded).await?;
    let line = line(link).await?;
    let namespace = wanted.settings.namespace.clone().unwrap_or_else(|| line.connection.namespace().to_owned());
    let coding = coding(&wanted.settings, &namespace)?;
    Ok(Ready { components, changed, line, namespace, coding })
}

async fn load(
    shared: &Shared,
    wanted: &Wanted,
    (room, loaded): &(Room, Vec<Loaded>),
) -> Result<(Vec<Loaded>, Vec<usize>), Trouble> {
    // What runs elsewhere has to be loaded there.
    let former = if wanted.room.is(room) { loaded.clone() } else { Vec::new() };
    let turn = shared.loading.of(&wanted.tenant).await;
    let wanted = wanted.clone();
    let loading = spawn_blocking(move || {
        let _turn = turn;
        load_all(&wanted, former)
    });
    loading.await.unwrap_or_else(|error| Err(Problem::from(error).into()))
}

fn load_all(wanted: &Wanted, mut former: Vec<Loaded>) -> Result<(Vec<Loaded>, Vec<usize>), Trouble> {
    let place = Place::new(&wanted.tenant, &wanted.settings);
    let (mut components, mut changed) = (Vec::new(), Vec::new());
    for (at, settings) in wanted.settings.components.iter().enumerate() {
        let same = former.iter().position(|former| former.is_at(&place, &settings.path));
        let same = same.map(|same| former.swap_remove(same));
        let loaded = match &same {
            Some(same) => same.reload(&wanted.room, settings),
            None => Loaded::load(&wanted.room, &place, settings).map(Some),
        };
        let trouble = |problem: Problem| Trouble { component: Some(settings.path.clone()), ..problem.into() };
        match (loaded.map_err(trouble)?, same) {
            (Some(other), _) => {
                changed.push(at);
                components.push(other);
            }
            (None, same) => components.extend(same),
        }
    }
    Ok((components, changed))
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
