//! Which running worker a command tells something, and how it shows the answer.

use admin::{Reply, Request};
use clap::Args;
use tokio::runtime::Builder;

use super::status::ask;
use crate::{
    config::reached::WorkerFlags,
    exit::{Exit, OrExit as _, Problem},
    output::Format,
};

/// Whom to tell, and how.
#[derive(Debug, Args)]
pub(super) struct Told {
    #[command(flatten)]
    worker: WorkerFlags,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    pub(super) output: Format,
}

impl Told {
    /// What the worker answers.
    pub(super) fn ask(&self, request: &Request) -> Result<Reply, Problem> {
        let socket = self.worker.socket()?;
        let runtime = Builder::new_current_thread().enable_all().build().or_exit(Exit::Other)?;
        runtime.block_on(ask(&socket, request))
    }
}
