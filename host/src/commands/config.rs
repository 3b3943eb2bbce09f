//! `isolet config`: the configuration explained.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::{
    config::{DEFAULT_FILE, difference::difference, effective, example, load, problems::Problems, settings::Settings},
    exit::{CommandResult, Exit},
    output::{self, Format},
    wiring::named::Named,
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
    Diff(DiffArgs),
    /// Prints a configuration file with every key, its meaning and its default.
    Example,
}

/// Checks a configuration file and prints what it means, defaults included.
///
/// Nothing is loaded, started or connected to; files with headers, certificates and tokens that a start reads are looked into
/// if they are here. With an error, every problem is told, and the exit code is 2.
#[derive(Debug, Args)]
struct CheckArgs {
    /// The file.
    #[arg(default_value = DEFAULT_FILE)]
    file: PathBuf,
}

/// Prints what would change if another configuration took a file's place.
///
/// Which task queues would be added, removed or served otherwise, by their keys, and which keys hold only when a worker is
/// started anew. Both must be right; nothing is loaded, started or connected to. The folder `tenants.d` beside each file is
/// part of it, and relative paths start where they would once it has taken the place.
#[derive(Debug, Args)]
struct DiffArgs {
    /// The other file.
    other: PathBuf,
    /// The file whose place it would take.
    #[arg(default_value = DEFAULT_FILE)]
    file: PathBuf,
    /// For people, or as a JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
}

impl ConfigArgs {
    pub(crate) fn run(self) -> CommandResult {
        match self.command {
            ConfigCommand::Check(CheckArgs { file }) => check(&file),
            ConfigCommand::Diff(args) => diff(&args),
            ConfigCommand::Example => {
                output::print(&example());
                Ok(Exit::Completed)
            }
        }
    }
}

fn check(file: &Path) -> CommandResult {
    let (meant, settings) = load::file(file, look)?;
    output::line(format_args!("# {} is right. What it means, defaults included:", file.display()));
    for Named { key, path, .. } in Named::all(&settings).filter(|named| !named.is_here()) {
        output::line(format_args!(
            "# {key} names {}, which is not here, so what it holds was not checked.",
            path.display()
        ));
    }
    output::line("");
    output::print(&effective(&meant));
    Ok(Exit::Completed)
}

/// Adds what is wrong with files that are named and here.
fn look(settings: &Settings, problems: &mut Problems) {
    for named in Named::all(settings).filter(Named::is_here) {
        if let Some(problem) = named.problem() {
            problems.add(named.key, problem);
        }
    }
}

fn diff(DiffArgs { other, file, output }: &DiffArgs) -> CommandResult {
    let difference = difference(&load::written(file, file)?, &load::written(other, file)?);
    match output {
        Format::Human if difference.is_empty() => output::line("nothing would change"),
        Format::Human => output::print(&difference.to_string()),
        Format::Json => output::json(&difference.in_json()),
    }
    Ok(Exit::Completed)
}
