//! Child processes: run to the end, their output read or passed through, and none left behind.
//!
//! Each child leads a process group of its own. A signal that would end us is passed on to the groups of the children
//! that run, once, and we end when they have ended.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Context as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The process ids of the children that run.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// Set by the first signal that asks us to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on SIGINT, SIGTERM and SIGHUP interrupt the children that run, and no new child is started.
///
/// # Errors
/// When the handlers can't be installed.
pub(crate) fn forward_signals() -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("failed to install the signal handlers")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            INTERRUPTED.store(true, Ordering::SeqCst);
            for pid in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                // A child that has just ended is no error.
                let _ = send_signal("INT", &group(*pid));
            }
        }
    });
    Ok(())
}

/// Whether a signal asked us to end.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A child that runs. Dropping it unfinished kills it.
pub(crate) struct Running {
    /// The child itself.
    pub(crate) child: Child,
    shown: String,
}

impl Running {
    /// Starts a child.
    ///
    /// # Errors
    /// When we were interrupted, or the program can't be started.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        anyhow::ensure!(!interrupted(), "interrupted");
        let shown = show(command);
        let child = command.process_group(0).spawn().with_context(|| format!("failed to start `{shown}`"))?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(child.id());
        Ok(Self { child, shown })
    }

    /// Waits until the child has ended and takes what it wrote to its pipes.
    ///
    /// # Errors
    /// When it can't be waited for.
    pub(crate) fn finish(mut self) -> anyhow::Result<Output> {
        let mut stdout = Vec::new();
        let mut stderr = Vec::new();
        let pipe = self.child.stderr.take();
        thread::scope(|scope| -> io::Result<()> {
            let reader = scope.spawn(|| pipe.map_or(Ok(0), |mut from| io::Read::read_to_end(&mut from, &mut stderr)));
            if let Some(mut from) = self.child.stdout.take() {
                io::Read::read_to_end(&mut from, &mut stdout)?;
            }
            reader.join().unwrap_or(Ok(0)).map(|_| ())
        })
        .with_context(|| format!("failed to read the output of `{}`", self.shown))?;
        let status = self.child.wait().with_context(|| format!("failed to wait for `{}`", self.shown))?;
        Ok(Output { status, stdout, stderr })
    }

    /// Asks the child, and only the child, to end in its own way.
    ///
    /// # Errors
    /// When the signal can't be sent.
    pub(crate) fn interrupt(&self) -> anyhow::Result<()> {
        send_signal("INT", &self.child.id().to_string())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Both only fail for a child that has just ended.
            let _ = send_signal("KILL", &group(self.child.id()));
            let _ = self.child.wait();
        }
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|pid| *pid != self.child.id());
    }
}

/// Runs a command to its end with our own output streams.
///
/// # Errors
/// When it can't be started or ends unsuccessfully.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = Running::start(command)?.finish()?;
    anyhow::ensure!(!interrupted(), "interrupted");
    anyhow::ensure!(output.status.success(), "`{}` ended with {}", show(command), output.status);
    Ok(())
}

/// Becomes another program, which then has our terminal and our signals.
///
/// # Errors
/// When it can't be started.
pub(crate) fn replace_with(command: &mut Command) -> anyhow::Result<()> {
    let error = command.exec();
    Err(error).with_context(|| format!("failed to start `{}`", show(command)))
}

/// Runs a command to its end and returns what it wrote to its standard output.
///
/// # Errors
/// When it can't be started, ends unsuccessfully (with its standard error in the text) or writes no UTF-8.
pub(crate) fn capture(command: &mut Command) -> anyhow::Result<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = Running::start(command)?.finish()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "`{}` ended with {}: {}", show(command), output.status, complaint.trim());
    String::from_utf8(output.stdout).with_context(|| format!("`{}` wrote no text", show(command)))
}

/// The command as one would type it.
pub(crate) fn show(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// How `kill` names the process group that this child leads.
fn group(pid: u32) -> String {
    format!("-{pid}")
}

/// Sends a signal through the `kill` program: the standard library can't.
fn send_signal(signal: &str, target: &str) -> anyhow::Result<()> {
    let status = Command::new("kill")
        .args(["-s", signal, "--", target])
        .stderr(Stdio::null())
        .status()
        .context("failed to start `kill`")?;
    anyhow::ensure!(status.success(), "`kill -s {signal} -- {target}` ended with {status}");
    Ok(())
}
