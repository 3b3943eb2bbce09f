//! `isolet status`: how a running worker is.

use std::{io, path::Path, time::Duration};

use admin::{AskError, Reply, Request, Status};
use anyhow::anyhow;
use clap::Args;
use tokio::{runtime::Builder, time::sleep};

use crate::{
    config::{quantity::Span, reached::WorkerFlags},
    exit::{CommandResult, Exit, OrExit as _, Problem, failed_to},
    output::{self, Format, status},
};

/// Tells how a running worker is.
///
/// Its tenants and task queues, each with its status and the reason if something is wrong, the processes that run guests,
/// components with their digests, the attempts that run, memory, what is blocked and what was refused. It is asked at its
/// admin socket, as the same user or as root.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet status
  isolet status --config /etc/isolet.toml --watch
  isolet status --output json | jq '.tenants[].queues[] | select(.status != \"serving\")'")]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    worker: WorkerFlags,
    /// Tells it again and again, as often as this says; `=` is part of it.
    #[arg(long, value_name = "INTERVAL", num_args = 0..=1, require_equals = true, default_missing_value = "2s")]
    watch: Option<Span>,
    /// For people, or as one JSON document a line.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
}

/// The shortest interval: a worker has better things to do.
const SHORTEST: Duration = Duration::from_millis(100);

impl StatusArgs {
    pub(crate) fn run(self) -> CommandResult {
        let socket = self.worker.socket()?;
        let runtime = Builder::new_current_thread().enable_all().build().or_exit(Exit::Other)?;
        runtime.block_on(async {
            loop {
                let status = match ask(&socket, &Request::Status).await? {
                    Reply::Status(status) => status,
                    other => return Err(unexpected(&other)),
                };
                let is_read = self.show(&status).is_ok();
                match self.watch {
                    Some(interval) if is_read => sleep(interval.0.max(SHORTEST)).await,
                    _ => return Ok(Exit::Completed),
                }
            }
        })
    }

    fn show(&self, status: &Status) -> io::Result<()> {
        let text = match self.output {
            Format::Json => output::json_line(&serde_json::to_value(status).unwrap_or_default()),
            Format::Human => status::text(status),
        };
        if self.output == Format::Human && self.watch.is_some() && output::is_terminal() {
            output::clear();
        }
        output::read_by_somebody(&text)
    }
}

/// Asks the worker at `socket`.
///
/// # Errors
/// When it can't be reached, or does not do it.
pub(super) async fn ask(socket: &Path, request: &Request) -> Result<Reply, Problem> {
    let answer = admin::ask(socket, request).await.map_err(|error| {
        let cure = match &error {
            AskError::NoWorker { .. } => {
                "start a worker; or name another one's socket with --socket, or its configuration with --config"
            }
            AskError::TooLong { .. } => {
                "name it by a shorter path: one from the working directory, or a link to its folder"
            }
            AskError::NotAllowed { .. } => "ask as the user that runs the worker, or as root",
            AskError::System { .. } | AskError::NoAnswer { .. } | AskError::TimedOut { .. } => {
                "see the worker's log; it must be of a version that this one understands"
            }
        };
        Problem::new(Exit::Other, failed_to(error)).cure(cure)
    })?;
    match answer {
        Reply::Refused(refusal) => {
            let cure = refusal.cure;
            Err(Problem { cure, ..Problem::new(Exit::Usage, anyhow!("the worker refuses: {}", refusal.message)) })
        }
        answer => Ok(answer),
    }
}

/// What a worker does not say to what it was asked.
pub(super) fn unexpected(reply: &Reply) -> Problem {
    Problem::new(Exit::Other, anyhow!("the worker's answer makes no sense: {reply:?}"))
}
