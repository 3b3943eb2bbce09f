//! `isolet`: runs Temporal activities, each attempt in a WebAssembly sandbox of its own.
//!
//! All of the program but its `main`, so that fuzz targets can link it; it is no library for anything else. This file
//! parses, dispatches and exits; `commands` has one file for each subcommand, `wiring` puts the layers
//! together, and `supervisor` keeps what runs at what the configuration says.

mod commands;

mod config;

mod control;

mod dev_server;

mod exit;

mod face;

mod files;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;

mod languages;

mod output;

mod reload;

mod signals;

mod stubs;

mod supervisor;

mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::Cli;

/// Runs the program.
pub fn main() -> ExitCode {
    // Where the system refuses, there is what there was.
    let _ = capabilities::raise_limit_of_open_files();
    match Cli::parse().run() {
        Ok(exit) => exit,
        Err(problem) => {
            output::problem(&problem);
            problem.exit.into()
        }
    }
}
