//! The workers that are compared, each a process of its own on a task queue of its own.

use std::process::{Command, Stdio};

use super::{NAMESPACE, POLLERS, SLOTS, python::Python};
use crate::{
    processes::Running,
    sandboxes::{self, GREET, GREET_PYTHON, Workload},
    settings::Settings,
};

/// Which worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Native code on sdk-core.
    Native,
    /// The official Python worker.
    Python,
    /// Isolet with a Rust guest.
    Isolet,
    /// Isolet with a Python component: what the official Python worker has.
    IsoletPython,
}

impl Kind {
    /// All of them, in the order of the tables.
    pub(crate) const ALL: [Self; 4] = [Self::Native, Self::Python, Self::Isolet, Self::IsoletPython];

    /// Its name in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native Rust on sdk-core",
            Self::Python => "official Python worker",
            Self::Isolet => "Isolet, Rust guest",
            Self::IsoletPython => "Isolet, Python component",
        }
    }

    /// Its task queue.
    pub(crate) fn queue(self) -> &'static str {
        match self {
            Self::Native => "bench-native",
            Self::Python => "bench-python",
            Self::Isolet => "bench-isolet",
            Self::IsoletPython => "bench-isolet-python",
        }
    }

    /// Starts it on the server at `address` (`host:port`). Its log goes to standard error.
    ///
    /// # Errors
    /// When it can't be started.
    pub(crate) fn start(self, address: &str, python: &Python, settings: &Settings) -> anyhow::Result<Running> {
        let mut command = match self {
            Self::Native => native(address)?,
            Self::Python => python.worker(&[
                address.to_owned(),
                NAMESPACE.to_owned(),
                self.queue().to_owned(),
                SLOTS.to_string(),
                POLLERS.to_string(),
            ]),
            Self::Isolet => isolet(address, self.queue(), &GREET, settings)?,
            Self::IsoletPython => isolet(address, self.queue(), &GREET_PYTHON, settings)?,
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

fn isolet(address: &str, queue: &str, workload: &Workload, settings: &Settings) -> anyhow::Result<Command> {
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
    command.env("ISOLET_LOG", "warn");
    Ok(command)
}
