//! An attempt as flags describe it, ready to be run.

use std::{path::PathBuf, sync::Arc};

use activity::{ActivityName, Payload, shown};
use anyhow::anyhow;
use catalog::Exports;
use clap::Args;
use engine::Engine;
use testing::{ActivityEnvironment, ActivityTest};

use super::{context::ContextFlags, happens::HappensFlags, input, stub::Stub};
use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags, StoppingFlags},
        load,
        parse::nearest,
        quantity::Span,
        settings::{ComponentSettings, Settings},
    },
    exit::{Exit, Problem, failed_to},
    wiring::{
        cells::Room,
        loading::{Loaded, Place},
    },
};

/// What an attempt is given and told, what happens to it, and what it may use.
#[derive(Debug, Args)]
pub(crate) struct AttemptFlags {
    /// Further arguments after the others, as `ENCODING:@FILE`. May be repeated.
    #[arg(long, value_name = "ENCODING:@FILE")]
    raw_input: Vec<String>,
    /// A file of answers for the calls of Temporal's client that the activity makes; docs/testing-activities.md tells
    /// what is in it. With `--client`, calls that it does not cover are refused.
    #[arg(long, value_name = "FILE")]
    client_stub: Option<PathBuf>,
    #[command(flatten)]
    context: ContextFlags,
    #[command(flatten)]
    happens: HappensFlags,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    stopping: StoppingFlags,
}

impl AttemptFlags {
    /// Ends the attempt by then if nothing else is said.
    pub(crate) fn end_after(&mut self, timeout: Span) {
        self.happens.end_after(timeout);
    }

    /// The settings of the component at `path` under these flags.
    ///
    /// # Errors
    /// When a flag's value does not hold.
    pub(crate) fn component(
        &self,
        engine: &EngineFlags,
        path: PathBuf,
    ) -> Result<(Settings, ComponentSettings), Problem> {
        let mut component = self.policy.component(path);
        self.stopping.apply(&mut component.stopping);
        load::one_component(engine, component)
    }

    /// The attempt of `activity` with these arguments before those of the flags.
    ///
    /// # Errors
    /// When a file can't be read, the component can't be loaded, or has no such activity.
    pub(crate) fn arrange(
        &self,
        engine: &Arc<Engine>,
        mut component: ComponentSettings,
        activity: &str,
        arguments: Vec<Payload>,
    ) -> Result<ActivityTest, Problem> {
        let further = input::payloads(&self.raw_input)?;
        let info = self.context.info()?;
        let mut stub = Stub::read(self.client_stub.as_deref())?;
        let grant = component.policy.grants.client.clone();
        if self.client_stub.is_some() {
            // What is stubbed needs no grant, because nothing is reached; one that is given holds.
            Arc::make_mut(&mut component.policy).grants.client.get_or_insert_default();
        }
        let loaded = Loaded::load(&Room::here(engine), &Place::default(), &component)?;
        must_export(&loaded.exports, activity)?;
        let Exports { component: handle, activities, .. } = loaded.exports;
        let names = activities.into_iter().map(|exported| exported.name).collect();
        let environment = ActivityEnvironment::loaded(Arc::clone(engine), handle, names).client_grant(grant);
        let test = environment.activity(activity).map_err(|error| Problem::new(Exit::Usage, failed_to(error)))?;
        let test = test.info(info).input(arguments).input(further).stopping(component.policy.stopping);
        Ok(self.happens.arrange(test).client(move |request| stub.answer(request)))
    }
}

fn must_export(exports: &Exports, activity: &str) -> Result<(), Problem> {
    let names: Vec<&str> = exports
        .activities
        .iter()
        .filter_map(|exported| match &exported.name {
            ActivityName::Named(name) => Some(name.as_str()),
            ActivityName::Dynamic => None,
        })
        .collect();
    if names.contains(&activity) || names.len() < exports.activities.len() {
        return Ok(());
    }
    let listed = shown::names(names.iter().copied());
    let cure = match nearest(activity, &names) {
        Some(near) => format!("did you mean \"{}\"? It exports {listed}", shown::name(near)),
        None => format!("it exports {listed}"),
    };
    Err(Problem::new(Exit::Usage, anyhow!("{} exports no activity {activity:?}", exports.origin)).cure(cure))
}
