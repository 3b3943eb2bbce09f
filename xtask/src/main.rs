//! The project's automation: set-up, guests, demo and checks, as `cargo xtask <command>`.
//!
//! # Layout
//! - [`steps`], [`process`], [`workspace`]: numbered progress, child processes that never outlive us, paths.
//! - [`toolchain`], [`guest_target`]: the compilers of the workspace and of guests, found or installed.
//! - [`tools`]: what else a fresh machine lacks, found or installed into `.tools`.
//! - [`guests`], [`project_guests`], [`checks`], [`fuzz`], [`parity`], [`columns`],
//!   [`go_bindings`], [`book`], [`demo`], [`dist`], [`commands`]: what the commands do.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program's output is its progress")]
#![expect(clippy::indexing_slicing, reason = "only JSON values are indexed, which gives null and never panics")]

mod commands;
mod options;
mod steps;

mod book;
mod checks;
mod columns;
mod demo;
mod dist;
mod fuzz;
mod go_bindings;
mod guests;
mod js_runtime;
mod parity;
mod project_guests;

mod guest_target;
mod toolchain;
mod tools;

mod process;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // QuickJS's build calls this program as a compiler, with a compiler's arguments.
    if let Some((js_runtime::compiler::COMMAND, rest)) =
        arguments.split_first().map(|(first, rest)| (first.as_str(), rest))
    {
        return ended(js_runtime::compiler::run(rest));
    }
    let options = match options::parse(&arguments) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("error: {message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    ended(process::forward_signals().and_then(|()| commands::run(&options)))
}

fn ended(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", steps::describe(&error));
            ExitCode::FAILURE
        }
    }
}
