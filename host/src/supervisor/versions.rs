//! What serves the components of a task queue: of each the version that is stable, and a candidate if one is released.

use std::{collections::BTreeSet, sync::Arc};

use activity::{ActivityName, ComponentId};
use anyhow::anyhow;
use catalog::{Candidate, Exports};
use metrics::ServedVersion;

use crate::{
    control::releases::release::{Phase, Release},
    exit::{Exit, Problem},
    wiring::loading::Loaded,
};

/// What serves one component of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Versions {
    /// What runs its attempts, but for those of a candidate.
    pub(super) stable: Loaded,
    /// Another version, and the release that says which attempts it runs.
    pub(super) candidate: Option<(Arc<Release>, Loaded)>,
    /// Why a candidate is not served.
    pub(super) refused: Option<Arc<Problem>>,
    /// The release that was heeded, and how far it was.
    pub(super) release: Option<(Arc<Release>, Phase)>,
    /// The digest of what the configuration names.
    pub(super) configured: String,
}

impl Versions {
    /// All that is loaded.
    pub(super) fn each(&self) -> impl Iterator<Item = &Loaded> {
        [&self.stable].into_iter().chain(self.candidate.iter().map(|(_, loaded)| loaded))
    }

    /// What is offered.
    pub(super) fn exports(&self) -> Exports {
        let candidate = self.candidate.as_ref().map(|(release, loaded)| {
            let Exports { component, activities, policy, .. } = loaded.exports.clone();
            Candidate { component, activities, policy, share: Arc::clone(&release.share) }
        });
        Exports { candidate, ..self.stable.exports.clone() }
    }

    /// What is measured of that.
    pub(super) fn measured(&self) -> impl Iterator<Item = ServedVersion> {
        self.each().map(|loaded| {
            let ComponentId { name, digest, .. } = loaded.exports.component.id().clone();
            ServedVersion { component: name, digest, is_candidate: !self.stable.is_same(loaded) }
        })
    }

    /// What the configuration names, and nothing beside it.
    pub(super) fn alone(stable: Loaded) -> Self {
        let configured = stable.digest.clone();
        Self { stable, candidate: None, refused: None, release: None, configured }
    }
}

/// Refuses a candidate that could not be promoted, because of what other components of the task queue have.
pub(super) fn refuse_conflicts(served: &mut [Versions]) {
    let names = |loaded: &Loaded| -> BTreeSet<ActivityName> {
        loaded.exports.activities.iter().map(|exported| exported.name.clone()).collect()
    };
    for at in 0..served.len() {
        let others = served.iter().enumerate().filter(|(other, _)| *other != at);
        let others = others.flat_map(|(_, versions)| versions.each().flat_map(names)).collect();
        let Some(versions) = served.get_mut(at) else { continue };
        let problem = versions.candidate.as_ref().and_then(|(_, loaded)| conflict(&names(loaded), &others));
        if let Some(problem) = problem {
            versions.candidate = None;
            versions.refused = Some(Arc::new(problem));
        }
    }
}

/// What is wrong with a candidate that has an activity of another component.
pub(super) fn conflict(own: &BTreeSet<ActivityName>, others: &BTreeSet<ActivityName>) -> Option<Problem> {
    let name = match own.intersection(others).next()? {
        ActivityName::Named(name) => format!("activity {:?}", activity::shown::name(name)),
        ActivityName::Dynamic => "the dynamic activity".to_owned(),
    };
    let error = anyhow!("the candidate can't take over: another component of the task queue has {name}, too");
    Some(Problem::new(Exit::Usage, error).cure("build it without that activity"))
}
