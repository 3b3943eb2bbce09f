//! A child process that does not outlive this one, even when this one is killed.
//!
//! The kernel can signal a process when its parent ends, but the process has to ask for that itself. So the child is
//! first this very program, which asks, and then becomes the program that is wanted.

use std::{
    convert::Infallible,
    ffi::OsString,
    os::unix::process::{CommandExt as _, parent_id},
    path::Path,
    process,
};

use clap::Args;
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::process::Command;

use crate::{
    exit::{Exit, OrExit as _, Problem},
    wiring::THIS_PROGRAM,
};

/// The hidden subcommand's name.
pub(crate) const SUBCOMMAND: &str = "__guard";

/// Becomes another program that ends with its parent.
#[derive(Clone, Debug, Args)]
pub(crate) struct GuardArgs {
    /// The process id of the parent.
    parent: u32,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// A command that runs `program` under guard.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(THIS_PROGRAM);
    command.arg(SUBCOMMAND).arg(process::id().to_string()).arg(program);
    command
}

impl GuardArgs {
    /// Becomes the program.
    ///
    /// # Errors
    /// When it can't be started; else this never returns.
    pub(crate) fn run(self) -> Result<Infallible, Problem> {
        set_parent_process_death_signal(Some(Signal::TERM)).or_exit(Exit::Other)?;
        if parent_id() != self.parent {
            return Err(Problem::new(Exit::Other, anyhow::anyhow!("the parent has ended already")));
        }
        let mut words = self.command.into_iter();
        let program = words.next().unwrap_or_default();
        Err(process::Command::new(program).args(words).exec()).or_exit(Exit::NoDevServer)
    }
}
