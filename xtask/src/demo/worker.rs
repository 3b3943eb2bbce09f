//! `isolet worker` as a child, told of through JSON lines on standard output.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::demo::examples;
use crate::demo::server::Server;
use crate::demo::tenants;
use crate::process::Running;
use crate::project_guests;
use crate::workspace;

/// How long the components may take to compile.
const START_TIMEOUT: Duration = Duration::from_secs(300);
/// How long the worker may take to tell of an attempt that the server knows to be over.
const REPORT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a graceful end may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Where everything is to be reached.
pub(crate) struct Place {
    /// Host and port of the server's gRPC front end.
    pub(crate) address: String,
    /// Temporal's web UI.
    pub(crate) ui: String,
    /// The namespace that the worker serves.
    pub(crate) namespace: String,
    /// The worker's own page, if it has one.
    pub(crate) page: Option<String>,
    /// The server of reports, which activities may send requests to.
    pub(crate) reports: String,
}

/// One attempt, as the worker reported it.
#[derive(Clone)]
pub(crate) struct Attempt {
    activity_id: String,
    /// From 1.
    pub(crate) number: u64,
    /// How it ended, in the worker's words.
    pub(crate) outcome: String,
    /// Whose it was.
    pub(crate) tenant: String,
    /// How long it took.
    pub(crate) wall_ms: f64,
    /// How much processor time it took.
    pub(crate) cpu_ms: f64,
    /// The most memory that it held, in bytes.
    pub(crate) peak_memory: u64,
}

/// The running worker. Dropping it stops it, gracefully if it lets us.
pub(crate) struct Worker {
    /// `None` once it has ended.
    running: Option<Running>,
    place: Place,
    /// What the worker writes; disconnected once it has closed its output.
    lines: Receiver<Value>,
    /// Attempts that were told of and not asked for yet.
    seen: RefCell<Vec<Attempt>>,
}

impl Worker {
    /// Starts the worker and waits until it is ready. Activities may send requests to the server of reports.
    ///
    /// # Errors
    /// When it ends before, or takes too long.
    pub(crate) fn start(server: &Server, reports: String) -> anyhow::Result<Self> {
        let configuration = tenants::write_configuration(&reports)?;
        let log = log_file();
        let log_writer = File::create(&log).with_context(|| format!("failed to write {}", workspace::shown(&log)))?;
        let mut command = Command::new(workspace::target().join("debug").join("isolet"));
        command
            .current_dir(workspace::root())
            .args(["worker", "--output", "json", "--namespace", "default", "--address", &server.address, "--config"])
            .arg(configuration)
            // Another worker of this user's may have the usual one.
            .args(["--admin-socket", "off"])
            // Those that Isolet has built itself are compiled already.
            .env("ISOLET_CACHE", project_guests::cache())
            .env("ISOLET_WEB_ADDRESS", "127.0.0.1:0")
            .env("ISOLET_WEB_TOKEN_FILE", tenants::write_token()?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log_writer);
        let mut running = Running::start(&mut command)?;
        let lines = read_lines(&mut running)?;
        match wait_until_ready(&lines, server, &reports) {
            Ok(place) => {
                println!("  serving the tenants `{}` and `{}` at {}", tenants::ACME, tenants::MALLORY, place.address);
                println!("  Temporal's web UI: {}", place.ui);
                if let Some(page) = &place.page {
                    println!("  the worker's page: {page}, with the token `{}`", tenants::token());
                }
                Ok(Self { running: Some(running), place, lines, seen: RefCell::new(Vec::new()) })
            }
            Err(why) => {
                let ending = end(running, &lines);
                Err(anyhow::anyhow!("{why:#}: `isolet worker` {ending}; its last words were:\n{}", last_words()))
            }
        }
    }

    /// Where everything is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// All attempts of an activity that is over, the one that ended as is said last.
    ///
    /// # Errors
    /// When the worker has ended, or never tells of that attempt.
    pub(crate) fn attempts_of(&self, activity_id: &str, outcome: &str) -> anyhow::Result<Vec<Attempt>> {
        let mut seen = self.seen.borrow_mut();
        while !seen.iter().any(|attempt| attempt.activity_id == activity_id && attempt.outcome == outcome) {
            let event = self.lines.recv_timeout(REPORT_TIMEOUT).map_err(|why| match why {
                RecvTimeoutError::Timeout => anyhow::anyhow!("the worker did not tell of the attempt's end"),
                RecvTimeoutError::Disconnected => {
                    anyhow::anyhow!("the worker ended; its last words were:\n{}", last_words())
                }
            })?;
            seen.extend(attempt_of(&event));
        }
        let (wanted, others) = seen.drain(..).partition(|attempt| attempt.activity_id == activity_id);
        *seen = others;
        Ok(wanted)
    }

    /// Stops the worker and waits for its end.
    ///
    /// # Errors
    /// When it does not end in time, or with a failure.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        running.interrupt()?;
        expect_success(running, &self.lines, STOP_TIMEOUT)
    }

    /// Waits until someone stops the worker.
    ///
    /// # Errors
    /// When it ends with a failure.
    pub(crate) fn serve_until_stopped(mut self) -> anyhow::Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        expect_success(running, &self.lines, Duration::MAX)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            end(running, &self.lines);
        }
    }
}

/// Where the worker's standard error goes.
pub(crate) fn log_file() -> PathBuf {
    examples::output_folder().join("isolet.log")
}

/// Passes the worker's JSON lines on; other lines are kept out.
fn read_lines(running: &mut Running) -> anyhow::Result<Receiver<Value>> {
    let output = running.child.stdout.take().context("the worker has no output")?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Ok(event) = serde_json::from_str(&line)
                && sender.send(event).is_err()
            {
                return;
            }
        }
    });
    Ok(receiver)
}

fn wait_until_ready(lines: &Receiver<Value>, server: &Server, reports: &str) -> anyhow::Result<Place> {
    loop {
        let event = lines.recv_timeout(START_TIMEOUT).map_err(|why| match why {
            RecvTimeoutError::Timeout => anyhow::anyhow!("it is not ready after {} s", START_TIMEOUT.as_secs()),
            RecvTimeoutError::Disconnected => anyhow::anyhow!("it ended before it was ready"),
        })?;
        if event["event"] == "ready" {
            let page = event["web"].as_str().map(str::to_owned);
            let (address, ui) = (server.address.clone(), server.ui.clone());
            return Ok(Place { address, ui, namespace: "default".to_owned(), page, reports: reports.to_owned() });
        }
    }
}

fn attempt_of(event: &Value) -> Option<Attempt> {
    if event["event"] != "attempt-finished" {
        return None;
    }
    Some(Attempt {
        activity_id: event["activity_id"].as_str()?.to_owned(),
        number: event["attempt"].as_u64()?,
        outcome: event["outcome"].as_str()?.to_owned(),
        tenant: event["tenant"].as_str()?.to_owned(),
        wall_ms: event["wall_ms"].as_f64()?,
        cpu_ms: event["cpu_ms"].as_f64()?,
        peak_memory: event["peak_memory_bytes"].as_u64()?,
    })
}

/// Interrupts the worker, waits a while, kills it if it must be, and says how it ended.
fn end(running: Running, lines: &Receiver<Value>) -> String {
    // It may have ended already.
    let _ = running.interrupt();
    match wait(running, lines, STOP_TIMEOUT) {
        Ok(Some(status)) => format!("ended with {status}"),
        Ok(None) => "did not end when asked and was killed".to_owned(),
        Err(why) => format!("could not be waited for ({why:#})"),
    }
}

fn expect_success(running: Running, lines: &Receiver<Value>, timeout: Duration) -> anyhow::Result<()> {
    let status = wait(running, lines, timeout)?.context("it did not end when asked and was killed")?;
    anyhow::ensure!(status.success(), "`isolet worker` ended with {status}; its last words were:\n{}", last_words());
    Ok(())
}

/// Waits until the worker closes its output, which it does by ending; `None` if it takes too long.
fn wait(running: Running, lines: &Receiver<Value>, timeout: Duration) -> anyhow::Result<Option<ExitStatus>> {
    loop {
        match lines.recv_timeout(timeout) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => return running.finish().map(|output| Some(output.status)),
        }
    }
}

/// The end of the worker's log.
fn last_words() -> String {
    let log = fs::read_to_string(log_file()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let tail = lines.len().saturating_sub(12);
    lines.iter().skip(tail).map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
