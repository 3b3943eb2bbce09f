//! `isolet completions`: completions for shells.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::Cli;
use crate::{
    exit::{CommandResult, Exit},
    output,
};

/// Prints completions for a shell.
///
/// For bash: `isolet completions bash > ~/.local/share/bash-completion/completions/isolet`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn run(self) -> CommandResult {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "isolet", &mut script);
        output::raw(&script);
        Ok(Exit::Completed)
    }
}
