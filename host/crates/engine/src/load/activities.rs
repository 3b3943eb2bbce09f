//! Asking a component for its activities.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, mpsc},
    time::Duration,
};

use activity::{ActivityName, SandboxFailure, SandboxFailureKind, shown};
use capabilities::{Context, Outlet, Signals};

use crate::{
    Engine,
    cache::Listing,
    component::{Component, Exports},
    error::LoadError,
    meter::Meter,
    run::{self, Interruption, Run, Start},
    sandbox::Sandbox,
    trap::Stopped,
};

/// Most activities that a component may have: each is kept, and looked for, for as long as it is loaded.
const MOST_ACTIVITIES: usize = 1_000;

/// Longest name of an activity in bytes: Temporal takes no longer activity types (`limit.maxIDLength`).
const LONGEST_NAME: usize = 1_000;

/// How long a component may take to tell its activities.
const PATIENCE: Duration = Duration::from_secs(5);

type Activities = Vec<(ActivityName, bool)>;

/// Asks a component for its activities.
///
/// The component runs as it would in an attempt, under the same limits: it may be hostile.
pub(super) fn list(engine: &Engine, component: &Arc<Component>) -> Result<Listing, LoadError> {
    let (attempt, port) = activity::attempt();
    let meter = Arc::new(Meter::new(Some(PATIENCE), component.policy.limits.cpu_time, engine.settings.tick));
    let signals = Arc::new(Signals::new(false));
    let context = Context {
        policy: Arc::clone(&component.policy),
        is_attempt: false,
        info: Arc::default(),
        identity: BTreeMap::new(),
        signals: Arc::clone(&signals),
        outlet: Arc::new(Outlet::unread(port.events, Arc::clone(&component.policy))),
    };
    let (sender, answer) = mpsc::sync_channel(1);
    let start = Start {
        meter: Arc::clone(&meter),
        signals,
        guest: Box::pin(ask(Arc::clone(component), context, meter)),
        // Nobody listens only if the loading thread is gone.
        finish: Box::new(move |answer| drop(sender.send(answer))),
        commands: Some(port.commands),
    };
    run::spawn(Run::new(&engine.live, start), Arc::clone(&engine.lanes), engine.settings.tick);
    let answer = answer.recv().map_err(|_| LoadError::ShuttingDown)?;
    drop(attempt);
    let (activities, image) = match answer {
        Ok(Ok(listed)) => listed,
        Ok(Err(Stopped::Failed(failure))) => return Err(LoadError::List(failure)),
        Ok(Err(Stopped::OtherTypes(reason))) => return Err(LoadError::ExportType { reason }),
        Ok(Err(Stopped::Killed(reason))) | Err(Interruption::Killed(reason)) => return Err(killed(reason)),
        Err(Interruption::Lost) => return Err(failed("the sandbox was lost by a fault of the host")),
    };
    check(&activities, &component.exports)?;
    Ok(Listing { activities, image, values: component.values() })
}

async fn ask(component: Arc<Component>, context: Context, meter: Arc<Meter>) -> Result<(Activities, u64), Stopped> {
    Sandbox::build(&component, context, meter).await?.list_activities().await
}

fn killed(reason: activity::KillReason) -> LoadError {
    match reason {
        activity::KillReason::Deadline => {
            let text = format!("its start functions and `list-activities` did not end within {PATIENCE:?}");
            LoadError::List(SandboxFailure::new(SandboxFailureKind::Deadline, text))
        }
        _ => LoadError::ShuttingDown,
    }
}

fn failed(text: &str) -> LoadError {
    LoadError::List(SandboxFailure::new(SandboxFailureKind::Load, text))
}

fn check(activities: &Activities, exports: &Exports) -> Result<(), LoadError> {
    // Functions have been counted, and each has several names.
    if matches!(exports, Exports::Handler(_)) && MOST_ACTIVITIES < activities.len() {
        return Err(LoadError::TooManyActivities { count: activities.len(), limit: MOST_ACTIVITIES });
    }
    let mut seen = HashSet::new();
    for (name, _) in activities {
        match name {
            ActivityName::Named(name) if name.is_empty() => return Err(LoadError::EmptyName),
            ActivityName::Named(name) if LONGEST_NAME < name.len() => {
                let (size, limit, name) = (name.len(), LONGEST_NAME, shown::name(name).into_owned());
                return Err(LoadError::LongName { name, size, limit });
            }
            _ if seen.insert(name) => {}
            ActivityName::Named(name) => {
                return Err(LoadError::DuplicateName(shown::name(name).into_owned()));
            }
            ActivityName::Dynamic => return Err(LoadError::TwoDynamic),
        }
    }
    if seen.is_empty() { Err(LoadError::NoActivities) } else { Ok(()) }
}
