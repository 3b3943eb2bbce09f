//! The command line: one file for each subcommand. Doc comments here are the manual.

mod audit;

mod block;

mod build;

mod compile;

mod config;

mod completions;

mod dev;

mod diff;

mod inspect;

mod new;

mod pull;

mod push;

mod release;

mod run;

mod status;

mod test;

mod told;

mod verify;

mod wheel;

mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    dev_server::guard::{self, GuardArgs},
    exit::{Exit, Problem},
    languages::python::loading::{self, LOAD_SUBCOMMAND},
    output::{lines, log},
    wiring::{
        COMPILE_SUBCOMMAND,
        cells::{CELL_SUBCOMMAND, EGRESS_SUBCOMMAND},
    },
};

const EXAMPLES: &str = "\
Examples:
  Begin a project, in TypeScript:
    isolet new --lang ts orders
  Try a component without any server:
    isolet run orders.wasm ship '{\"order\": 7}'
  Try it against a file of cases:
    isolet test
  Serve it on a development server that starts and ends with it, and is reloaded on every change:
    isolet dev orders.wasm
  Serve it on the server of the environment (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …):
    isolet worker --task-queue orders orders.wasm
  Bring it into a registry, and serve it from there:
    isolet push orders.wasm oci://registry.example.com/acme/orders:1.0
    isolet worker --task-queue orders oci://registry.example.com/acme/orders:1.0
  Ask a running worker how it is, and stop something that must not run:
    isolet status
    isolet block --activity ship --reason 'ships twice'
  Try another version on a tenth of the attempts:
    isolet release set ship orders-2.wasm --percent 10 --gate 'failures<1%,p99<2x'
  Serve what a configuration file says:
    isolet config example > isolet.toml
    isolet config check
    isolet worker

";

/// Runs Temporal activities, each attempt in a WebAssembly sandbox of its own.
///
/// An activity is a function in a WebAssembly component, written in any language. Isolet is a worker process: it takes
/// activity tasks from Temporal and runs each attempt in a fresh, metered instance that may reach nothing but what it
/// was granted. Results are printed on standard output, everything else on standard error.
#[derive(Debug, Parser)]
#[command(version, after_help = format!("{EXAMPLES}{}", Exit::table()), max_term_width = 120)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::NewArgs),
    Dev(dev::DevArgs),
    Worker(worker::WorkerArgs),
    Status(status::StatusArgs),
    Block(block::BlockArgs),
    Unblock(block::UnblockArgs),
    Release(release::ReleaseArgs),
    Audit(audit::AuditArgs),
    Run(Box<run::RunArgs>),
    Test(test::TestArgs),
    Build(build::BuildArgs),
    Wheel(wheel::WheelArgs),
    Push(push::PushArgs),
    Pull(pull::PullArgs),
    Verify(verify::VerifyArgs),
    Inspect(inspect::InspectArgs),
    Diff(diff::DiffArgs),
    Compile(compile::CompileArgs),
    Config(config::ConfigArgs),
    Completions(completions::CompletionsArgs),
    #[command(name = guard::SUBCOMMAND, hide = true)]
    Guard(GuardArgs),
    #[command(name = COMPILE_SUBCOMMAND, hide = true)]
    CompileChild,
    #[command(name = LOAD_SUBCOMMAND, hide = true)]
    LoadPython,
    #[command(name = CELL_SUBCOMMAND, hide = true)]
    Cell {
        /// Whose it is, for those who look at processes.
        name: String,
        /// How nice its threads are to those of heavier ones.
        nice: Option<i32>,
    },
    #[command(name = EGRESS_SUBCOMMAND, hide = true)]
    Egress,
}

impl Cli {
    /// Runs the subcommand.
    pub(crate) fn run(self) -> Result<ExitCode, Problem> {
        let exit = match self.command {
            Command::New(args) => args.run(),
            Command::Dev(args) => args.run(),
            Command::Worker(args) => args.run(),
            Command::Status(args) => args.run(),
            Command::Block(args) => args.run(),
            Command::Unblock(args) => args.run(),
            Command::Release(args) => args.run(),
            Command::Audit(args) => args.run(),
            Command::Run(args) => args.run(),
            Command::Test(args) => args.run(),
            Command::Build(args) => args.run(),
            Command::Wheel(args) => args.run(),
            Command::Push(args) => args.run(),
            Command::Pull(args) => args.run(),
            Command::Verify(args) => args.run(),
            Command::Inspect(args) => args.run(),
            Command::Diff(args) => args.run(),
            Command::Compile(args) => args.run(),
            Command::Config(args) => args.run(),
            Command::Completions(args) => args.run(),
            Command::Guard(args) => match args.run()? {},
            Command::Egress => {
                log::start_for_worker();
                return Ok(egress::run());
            }
            Command::Cell { name: _, nice } => {
                // Each thread that it starts is as nice as this one. To become nicer is never refused.
                let _ = rustix::process::nice(nice.unwrap_or_default());
                log::start_for_worker();
                return Ok(cell::run(lines::format));
            }
            Command::LoadPython => loading::answer().map(|()| Exit::Completed),
            Command::CompileChild => return Ok(engine::compile_child()),
        };
        exit.map(ExitCode::from)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_and_flag_is_documented() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|each| !each.is_hide_set()) {
                assert!(argument.get_help().is_some(), "{argument} of {}", command.get_name());
            }
            for subcommand in command.get_subcommands().filter(|each| !each.is_hide_set()) {
                assert!(subcommand.get_about().is_some(), "{}", subcommand.get_name());
                check(subcommand);
            }
        }
        check(&Cli::command());
    }
}
