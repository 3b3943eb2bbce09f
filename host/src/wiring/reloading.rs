//! New versions of components, served as soon as their files are written.

use std::{path::Path, sync::Arc};

use activity::ActivityName;
use anyhow::Context as _;
use catalog::Exports;
use tokio::task::spawn_blocking;
use worker::{Shutdown, Slots};

use super::{
    cells::Room,
    connecting::problem,
    loading::{Host, Loaded, Queue, exports},
};
use crate::{
    config::settings::ComponentSettings,
    exit::{Exit, OrExit as _, Problem, failed_to},
    output::reporter::Reporter,
    reload::Watched,
};

/// Loads components anew when their files change.
#[derive(Debug)]
pub(crate) struct Reloader {
    queues: Vec<Queue>,
    watched: Watched,
    reporter: Arc<Reporter>,
}

impl Reloader {
    /// Watches the files of all components of `host`.
    pub(crate) fn new(host: &Host, reporter: Arc<Reporter>) -> Self {
        let components = host.queues.iter().flat_map(|queue| &queue.settings.components);
        let components = components.filter(|component| component.artifact.is_none());
        let files = components.map(|component| component.path.clone()).collect();
        let (queues, watched) = (host.queues.clone(), Watched::new(files));
        Self { queues, watched, reporter }
    }

    /// Reloads until the shutdown. `slots` are those of the task queues, in their order.
    pub(crate) async fn run(mut self, slots: Vec<Slots>, mut shutdown: Shutdown) {
        loop {
            let changed = tokio::select! {
                () = shutdown.begun() => return,
                changed = self.watched.changed() => changed,
            };
            for path in changed {
                self.reload(&path, &slots).await;
            }
        }
    }

    async fn reload(&mut self, path: &Path, slots: &[Slots]) {
        for (queue, slots) in self.queues.iter_mut().zip(slots) {
            let places = queue.settings.components.iter().enumerate();
            let places: Vec<usize> = places.filter(|(_, settings)| settings.path == path).map(|(at, _)| at).collect();
            for at in places {
                match reload_one(queue, at, slots).await {
                    Ok(None) => {}
                    Ok(Some(exports)) => self.reporter.reloaded(path, &names(&exports)),
                    Err(problem) => self.reporter.reload_failed(path, &problem),
                }
            }
        }
    }
}

/// Loads a component of `queue` and puts it in place of its old version, unless its bytes are the same.
async fn reload_one(queue: &mut Queue, at: usize, slots: &Slots) -> Result<Option<Exports>, Problem> {
    let settings = queue.settings.components.get(at).context("the component is gone").or_exit(Exit::Other)?;
    let old = queue.components.get(at).context("the component is gone").or_exit(Exit::Other)?;
    let Some(new) = load_if_new(&queue.room, old, settings).await? else { return Ok(None) };
    let mut components = queue.components.clone();
    if let Some(place) = components.get_mut(at) {
        *place = new.clone();
    }
    // Before any of its tasks is leased; a version that is refused below leaves the slots larger, which costs no more
    // than that.
    slots.enlarge(new.slot_memory).map_err(problem)?;
    let replaced = queue.directory.replace(&exports(&components));
    replaced.map_err(|error| Problem::new(Exit::NotLoaded, failed_to(error)))?;
    // Tasks that were leased before keep the old version until they are reported.
    queue.components = components;
    Ok(Some(new.exports))
}

async fn load_if_new(room: &Room, old: &Loaded, settings: &ComponentSettings) -> Result<Option<Loaded>, Problem> {
    let (room, old, settings) = (room.clone(), old.clone(), settings.clone());
    // Compiling takes a while.
    spawn_blocking(move || old.reload(&room, &settings)).await.or_exit(Exit::Other)?
}

fn names(exports: &Exports) -> Vec<String> {
    let name = |name: &ActivityName| match name {
        ActivityName::Named(name) => name.clone(),
        ActivityName::Dynamic => "any activity".to_owned(),
    };
    let mut names: Vec<String> = exports.activities.iter().map(|exported| name(&exported.name)).collect();
    names.sort_unstable();
    names
}
