//! The workers that are compared, each a process of its own on a task queue of its own.

use std::process::{Command, Stdio};

use super::{Controls, NAMESPACE, POLLERS, SLOTS};
use crate::{
    processes::Running,
    sandboxes::{self, GREET, GREET_PYTHON, GREET_TYPESCRIPT, Workload},
    settings::Settings,
};

/// Which worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Native code on sdk-core.
    Native,
    /// The official Python worker.
    Python,
    /// The official TypeScript worker.
    Typescript,
    /// Isolet with a Rust guest.
    Isolet,
    /// Isolet with a Python component: what the official Python worker has.
    IsoletPython,
    /// Isolet with a TypeScript component: what the official TypeScript worker has.
    IsoletTypescript,
}

impl Kind {
    /// All of them, in the order of the tables.
    pub(crate) const ALL: [Self; 6] =
        [Self::Native, Self::Python, Self::Typescript, Self::Isolet, Self::IsoletPython, Self::IsoletTypescript];

    /// Its name in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native Rust on sdk-core",
            Self::Python => "official Python worker",
            Self::Typescript => "official TypeScript worker",
            Self::Isolet => "Isolet, Rust guest",
            Self::IsoletPython => "Isolet, Python component",
            Self::IsoletTypescript => "Isolet, TypeScript component",
        }
    }

    /// Its task queue.
    pub(crate) fn queue(self) -> &'static str {
        match self {
            Self::Native => "bench-native",
            Self::Python => "bench-python",
            Self::Typescript => "bench-typescript",
            Self::Isolet => "bench-isolet",
            Self::IsoletPython => "bench-isolet-python",
            Self::IsoletTypescript => "bench-isolet-typescript",
        }
    }

    /// Starts it on the server at `address` (`host:port`). Its log goes to standard error.
    ///
    /// # Errors
    /// When it can't be started.
    pub(crate) fn start(self, address: &str, controls: &Controls, settings: &Settings) -> anyhow::Result<Running> {
        let official = || {
            [address, NAMESPACE, self.queue()]
                .map(str::to_owned)
                .into_iter()
                .chain([SLOTS, POLLERS].map(|n| n.to_string()))
        };
        let mut command = match self {
            Self::Native => native(address)?,
            Self::Python => controls.python.worker(official()),
            Self::Typescript => controls.typescript.worker(official()),
            Self::Isolet => isolet(address, self.queue(), &GREET, settings)?,
            Self::IsoletPython => isolet(address, self.queue(), &GREET_PYTHON, settings)?,
            Self::IsoletTypescript => isolet(address, self.queue(), &GREET_TYPESCRIPT, settings)?,
        };
        Running::start(self.name(), command.stdin(Stdio::null()).stdout(Stdio::null()))
    }
}

fn native(address: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["native-worker", "--address", address, "--namespace", NAMESPACE]);
    command.args(["--task-queue", Kind::Native.queue()]);
    Ok(command)
}

/// An Isolet that serves this on `queue`.
///
/// # Errors
/// When the program or the guest is not built.
pub(crate) fn isolet(address: &str, queue: &str, workload: &Workload, settings: &Settings) -> anyhow::Result<Command> {
    anyhow::ensure!(
        settings.isolet.is_file(),
        "there is no program {}; build it with `cargo build --release --bin isolet`, or name it with --isolet",
        settings.isolet.display()
    );
    let component = sandboxes::component(settings, workload.component)?;
    let mut command = Command::new(&settings.isolet);
    command.arg("worker").arg(component);
    command.args(["--address", address, "--namespace", NAMESPACE, "--task-queue", queue]);
    // Its pollers are as many as the others' by default. Memory is only reserved, so that no slot waits for it.
    command.args(["--max-concurrent", &SLOTS.to_string(), "--memory-budget", "16GiB"]);
    command.arg("--cache").arg(sandboxes::cache(settings));
    // The others write no line for each activity either.
    command.env("ISOLET_LOG", "warn").envs(sandboxes::environment());
    Ok(command)
}
