//! `isolet wheel`: a Python package with native code becomes a wheel for components.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use crate::{
    config::defaults,
    exit::{CommandResult, Exit, Problem},
    languages::python,
    output::{self, log},
};

/// Builds a wheel of a Python package with native code, for an index of your own.
///
/// `isolet build` does so by itself for packages that are written in Rust, for those that meson-python builds, such as
/// numpy, and for those in C, C++ or Cython that `native` names, and keeps the wheels in the cache directory. Whoever
/// has them in an index, or in a folder that `find-links` names, builds without compilers. Rust takes cargo and its
/// target `wasm32-wasip2`; the compiler for C is fetched.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet wheel rpds-py==0.30.0 --output wheels
  isolet wheel numpy
  isolet wheel ./our-package")]
pub(crate) struct WheelArgs {
    /// The package, as `NAME` or `NAME==VERSION`, or the folder of its sources.
    package: String,
    /// The folder that the wheel is put into.
    #[arg(long, short = 'o', value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// The Python that builds: 3.9 or newer, with pip or venv.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
    /// Where wheels that were built are kept, so that none is built twice [default: the platform's cache directory].
    #[arg(long, env = "ISOLET_CACHE", value_name = "DIR")]
    cache: Option<PathBuf>,
}

impl WheelArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let cache = self.cache.or_else(defaults::cache).ok_or_else(|| {
            Problem::new(Exit::Usage, anyhow!("there is no cache directory, as there is no home directory"))
                .cure("name one with --cache")
        })?;
        let wheel = python::wheel(&self.python, &std::path::absolute(cache)?, &self.package, &self.output)?;
        output::print(&format!("{}\n", wheel.display()));
        Ok(Exit::Completed)
    }
}
