//! `isolet block` and `isolet unblock`: what a running worker must not run.

use activity::shown;
use admin::{Block, Changed, Reply, Request};
use clap::Args;
use serde_json::json;

use super::{status::unexpected, told::Told};
use crate::{
    exit::{CommandResult, Exit, Problem},
    output::{self, Format},
};

/// Has a running worker not run something any more.
///
/// Nothing of it is started from now on, also after a restart of the worker; what runs is told, and killed after its kill
/// grace. Attempts fail as SandboxBlocked with the reason, and are retried as their retry policies say, so that they go on
/// once it is unblocked. The task queues of a tenant that is blocked as a whole are not polled. With several options, only
/// what has all of these properties is blocked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet block --activity ship --reason 'ships twice'
  isolet block --digest sha256:0123456789ab --reason 'CVE-2026-1234' --now
  isolet block --tenant acme --activity charge")]
pub(crate) struct BlockArgs {
    #[command(flatten)]
    what: What,
    /// Why; it is in the failures that callers see.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Kills what runs at once, without a grace.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    told: Told,
}

/// Has a running worker run again what was blocked.
///
/// With the same options as it was blocked with, which `isolet status` tells. Task queues are polled again at once, and
/// activities that wait for their next attempt go on with it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet unblock --activity ship
  isolet unblock --tenant acme --activity charge")]
pub(crate) struct UnblockArgs {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    told: Told,
}

/// What is blocked.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct What {
    /// An activity type.
    #[arg(long, value_name = "TYPE")]
    activity: Option<String>,
    /// A component, by the SHA-256 of its bytes or the first 12 or more digits of that.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// A tenant.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

impl BlockArgs {
    pub(crate) fn run(self) -> CommandResult {
        let block = Block { reason: self.reason, at_once: self.now, ..self.what.block() };
        let name = self.what.name();
        let changed = self.told.tell(&Request::Block(block))?;
        self.told.show(&changed, || {
            let known = if changed.changed { "" } else { " already" };
            let stopped = match changed.attempts {
                1 => "1 attempt is".to_owned(),
                attempts => format!("{attempts} attempts are"),
            };
            output::line(format_args!("{name} is blocked{known}; {stopped} being stopped"));
            if !changed.is_served {
                output::note(format_args!("the worker serves no {name} now; it is blocked all the same"));
            }
        })
    }
}

impl UnblockArgs {
    pub(crate) fn run(self) -> CommandResult {
        let changed = self.told.tell(&Request::Unblock(self.what.block()))?;
        let name = self.what.name();
        self.told.show(&changed, || match changed.changed {
            true => output::line(format_args!("{name} is blocked no more")),
            false => output::line(format_args!("{name} was not blocked; `isolet status` tells what is")),
        })
    }
}

impl What {
    fn block(&self) -> Block {
        let Self { activity, digest, tenant } = self;
        Block { activity: activity.clone(), digest: digest.clone(), tenant: tenant.clone(), ..Block::default() }
    }

    fn name(&self) -> String {
        let named = [("activity", &self.activity), ("component", &self.digest), ("tenant", &self.tenant)];
        let named =
            named.into_iter().filter_map(|(what, name)| Some(format!("{what} {}", shown::name(name.as_deref()?))));
        named.collect::<Vec<_>>().join(" of ")
    }
}

impl Told {
    fn tell(&self, request: &Request) -> Result<Changed, Problem> {
        match self.ask(request)? {
            Reply::Changed(changed) => Ok(changed),
            other => Err(unexpected(&other)),
        }
    }

    fn show(&self, changed: &Changed, say: impl FnOnce()) -> CommandResult {
        match self.output {
            Format::Human => say(),
            Format::Json => output::json(&json!(changed)),
        }
        Ok(Exit::Completed)
    }
}
