//! `isolet release`: which version of a component runs which share of its attempts on a running worker.

use std::path::Path;

use admin::{NewRelease, Refusal, ReleaseOf, Released, Reply, Request};
use anyhow::anyhow;
use clap::{Args, Subcommand};
use registry::Reference;
use serde_json::json;

use super::{status::unexpected, told::Told};
use crate::{
    config::quantity::Span,
    exit::{CommandResult, Exit, Problem},
    output::{self, Format, releases},
};

/// Has a running worker try another version of a component on a share of its attempts.
///
/// A release is of the component that serves an activity, with all activities of that component. Which attempt goes to which
/// version is decided by the id of its workflow, or of an activity that no workflow has called, so that all attempts of one
/// activity and all activities of one workflow stay with one version.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet release set ship orders-2.wasm --percent 10 --gate 'failures<1%,p99<2x'
  isolet release status
  isolet release rollback ship")]
pub(crate) struct ReleaseArgs {
    #[command(subcommand)]
    command: ReleaseCommand,
}

#[derive(Debug, Subcommand)]
enum ReleaseCommand {
    Set(SetArgs),
    Status(StatusArgs),
    Promote(PromoteArgs),
    Rollback(RollbackArgs),
}

/// Gives a candidate a share of the attempts.
///
/// The candidate is loaded and compared with the version that runs before it gets any: one that lacks an activity, has other
/// types, or asks for grants that it has not is refused. With a gate, it takes over when the gate has held for so many
/// attempts and so long, and is rolled back when the gate does not hold. Setting a release again, with another share or
/// another version, begins it anew. It is kept across restarts of the worker.
#[derive(Debug, Args)]
struct SetArgs {
    #[command(flatten)]
    of: Of,
    /// The candidate: its file, the digest of a version that the worker knows, or an oci:// reference.
    #[arg(value_name = "VERSION")]
    version: String,
    /// How many percent of workflows, or of activities of none, are for the candidate, from 1 to 99.
    #[arg(long, value_name = "NUMBER")]
    percent: u32,
    /// What it must hold: `failures<N%` for failed attempts beyond those of the stable version, `p99<Nx` for run times
    /// against it, or both with a comma [default: none: an operator promotes it or rolls it back].
    #[arg(long, value_name = "CONDITIONS")]
    gate: Option<String>,
    /// How many attempts of the candidate must have ended before it is judged [default: 100].
    #[arg(long, value_name = "NUMBER")]
    min_attempts: Option<u64>,
    /// After how many attempts of the candidate it takes over [default: 1000].
    #[arg(long, value_name = "NUMBER")]
    attempts: Option<u64>,
    /// After how long it takes over, at the soonest [default: 10m].
    #[arg(long, value_name = "DURATION")]
    hold: Option<Span>,
    #[command(flatten)]
    told: Told,
}

/// Tells what is released, and how both versions do.
#[derive(Debug, Args)]
struct StatusArgs {
    #[command(flatten)]
    told: Told,
}

/// Gives the candidate all attempts, whatever its gate says.
///
/// It stays so after a restart of the worker, until the configuration names another version.
#[derive(Debug, Args)]
struct PromoteArgs {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    told: Told,
}

/// Gives the version before the candidate all attempts that begin from now on.
///
/// That version is loaded, so that it takes effect at once; attempts that run finish on what they began with. One that was
/// promoted is rolled back, too, once the version before it is loaded again.
#[derive(Debug, Args)]
struct RollbackArgs {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    told: Told,
}

/// Which component is meant.
#[derive(Debug, Args)]
struct Of {
    /// An activity type that the component serves.
    activity: String,
    /// The tenant, where several serve the activity.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The namespace, where several have the activity.
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// The task queue, where several have the activity.
    #[arg(long, short, value_name = "NAME")]
    task_queue: Option<String>,
}

impl ReleaseArgs {
    pub(crate) fn run(self) -> CommandResult {
        match self.command {
            ReleaseCommand::Set(args) => args.run(),
            ReleaseCommand::Status(args) => args.run(),
            ReleaseCommand::Promote(PromoteArgs { of, told }) => told.change(&Request::Promote(of.of())),
            ReleaseCommand::Rollback(RollbackArgs { of, told }) => told.change(&Request::RollBack(of.of())),
        }
    }
}

impl SetArgs {
    fn run(self) -> CommandResult {
        let Self { of, version, percent, gate, min_attempts, attempts, hold, told } = self;
        let hold_ms = hold.map(|hold| u64::try_from(hold.0.as_millis()).unwrap_or(u64::MAX));
        let version = absolute(version);
        let of = of.of();
        told.change(&Request::SetRelease(NewRelease { of, version, percent, gate, min_attempts, attempts, hold_ms }))
    }
}

impl StatusArgs {
    fn run(self) -> CommandResult {
        match self.told.ask(&Request::Status)? {
            Reply::Status(status) => {
                match self.told.output {
                    Format::Json => output::json(&json!({ "releases": status.releases })),
                    Format::Human if status.releases.is_empty() => output::line(format_args!("nothing is released")),
                    Format::Human => status.releases.iter().for_each(|release| output::print(&releases::text(release))),
                }
                Ok(Exit::Completed)
            }
            other => Err(unexpected(&other)),
        }
    }
}

impl Of {
    fn of(self) -> ReleaseOf {
        let Self { activity, tenant, namespace, task_queue } = self;
        ReleaseOf { activity, tenant, namespace, task_queue }
    }
}

impl Told {
    fn change(&self, request: &Request) -> CommandResult {
        let Released { changed, release, missing } = match self.ask(request)? {
            Reply::Released(released) => *released,
            other => return Err(unexpected(&other)),
        };
        match self.output {
            Format::Json => output::json(&json!({ "changed": changed, "release": release })),
            Format::Human => {
                if !changed {
                    output::line(format_args!("it is so already"));
                }
                output::print(&releases::text(&release));
            }
        }
        match missing {
            Some(Refusal { message, cure }) => Err(Problem { cure, ..Problem::new(Exit::Other, anyhow!(message)) }),
            None => Ok(Exit::Completed),
        }
    }
}

/// What the worker finds, whatever folder it runs in: a file is meant unless there is none and it can be something else.
fn absolute(version: String) -> String {
    let path = Path::new(&version);
    if Reference::is_one(path) || !(path.exists() || version.contains(['/', '.'])) {
        return version;
    }
    std::path::absolute(path).map(|path| path.display().to_string()).unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_absolute_paths_and_nothing_else_is() {
        for same in ["sha256:0123456789ab", "0123456789ab", "oci://example.com/orders:1.0", "/srv/orders.wasm"] {
            assert_eq!(absolute(same.to_owned()), same);
        }
        for relative in ["orders-2.wasm", "./orders", "src"] {
            assert!(Path::new(&absolute(relative.to_owned())).is_absolute(), "{relative}");
        }
    }
}
