//! The programs of other people that build projects, as options name them.

use std::{ffi::OsStr, path::PathBuf};

use clap::Args;

/// What builds projects, of each language.
#[derive(Clone, Debug, Args)]
pub(crate) struct Programs {
    /// The Python that builds Python projects, and fetches the compiler for C and C++, and Go: 3.9 or newer, with pip or
    /// venv.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub python: PathBuf,
    /// The Node that builds JavaScript and TypeScript projects: 20 or newer, with npm.
    #[arg(long, value_name = "PROGRAM", default_value = "node")]
    pub node: PathBuf,
    /// The cargo that builds Rust projects: 1.92 or newer, with the target wasm32-wasip2.
    #[arg(long, value_name = "PROGRAM", default_value = "cargo")]
    pub cargo: PathBuf,
}

impl Programs {
    /// The flags that say the same to another run of this program.
    pub(crate) fn flags(&self) -> impl Iterator<Item = &OsStr> {
        [("--python", &self.python), ("--node", &self.node), ("--cargo", &self.cargo)]
            .into_iter()
            .flat_map(|(flag, program)| [flag.as_ref(), program.as_os_str()])
    }
}
