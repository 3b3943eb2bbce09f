//! `isolet config`: the configuration explained.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::{
    config::{DEFAULT_FILE, effective, example, load},
    exit::{CommandResult, Exit},
    output,
};

/// Explains the configuration: what a file means, and what can be in it.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Check(CheckArgs),
    /// Prints a configuration file with every key, its meaning and its default.
    Example,
}

/// Checks a configuration file and prints what it means, defaults included.
///
/// Nothing is loaded, started or connected to. With an error, every problem is told, and the exit code is 2.
#[derive(Debug, Args)]
struct CheckArgs {
    /// The file.
    #[arg(default_value = DEFAULT_FILE)]
    file: PathBuf,
}

impl ConfigArgs {
    pub(crate) fn run(self) -> CommandResult {
        match self.command {
            ConfigCommand::Check(CheckArgs { file }) => check(&file),
            ConfigCommand::Example => {
                output::print(&example());
                Ok(Exit::Completed)
            }
        }
    }
}

fn check(file: &Path) -> CommandResult {
    let meant = load::file(file)?;
    output::line(format_args!("# {} is right. What it means, defaults included:\n", file.display()));
    output::print(&effective(&meant));
    Ok(Exit::Completed)
}
