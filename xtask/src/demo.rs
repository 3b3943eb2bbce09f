//! The demo: the example activities in four languages, run through a real Temporal server by a real Temporal client; and
//! another tenant's attacks, contained while they go on.

mod client;
mod examples;
mod report;
mod report_server;
mod server;
mod tenants;
mod worker;

use std::path::Path;
use std::thread;

use anyhow::Context as _;

use crate::checks;
use crate::guests;
use crate::options::Options;
use crate::project_guests;
use crate::steps::Steps;
use crate::workspace;

use client::Execution;
use examples::Example;
use server::Server;
use worker::Worker;

/// Builds everything, runs the examples and prints what each gave and cost. Nothing is left running.
///
/// # Errors
/// The first failed step's.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let examples = examples::all();
    let mut steps = Steps::new(guests::STEPS + 6 + examples.len() + examples::HOSTILE.len());
    let temporal = checks::temporal(&mut steps)?;
    guests::build_steps(&mut steps, options.guest_toolchain)?;
    checks::build_isolet(&mut steps)?;
    project_guests::build_examples(&mut steps, examples::PROJECTS)?;
    let built = Steps::new(0);
    let (server, worker) = start(&mut steps, &temporal)?;
    let log = workspace::shown(&worker::log_file());
    let cure = format!("read {log}; if the activity only was too slow for this machine, run the demo again");
    for example in examples {
        steps.run(example.title, &cure, || show(&temporal, &worker, example))?;
    }
    for (attack, meanwhile) in examples::HOSTILE {
        steps.run(attack.title, &cure, || show_both(&temporal, &worker, attack, meanwhile))?;
    }
    if options.keep {
        println!("still serving at {}; stop it with Ctrl-C", worker.place().address);
    } else {
        println!("the links end with the server; `cargo xtask demo --keep` leaves it running");
    }
    steps.run("stopping the worker and the server", &format!("read {log}"), || {
        if options.keep { worker.serve_until_stopped() } else { worker.stop() }?;
        server.stop()
    })?;
    built.finish("once built, it ran");
    steps.finish("the demo passed");
    Ok(())
}

/// Starts the server and the worker.
fn start(steps: &mut Steps, temporal: &Path) -> anyhow::Result<(Server, Worker)> {
    std::fs::create_dir_all(examples::output_folder())?;
    let log = workspace::shown(&server::log_file());
    let server = steps.run("starting Temporal's dev server", &format!("read {log}"), || Server::start(temporal))?;
    let log = workspace::shown(&worker::log_file());
    let worker =
        steps.run("starting the worker", &format!("read {log}; it says what Isolet complained about"), || {
            Worker::start(&server, report_server::start()?)
        })?;
    Ok((server, worker))
}

/// Runs an example and prints its report.
fn show(temporal: &Path, worker: &Worker, example: &Example) -> anyhow::Result<()> {
    let execution = client::execute(temporal, worker.place(), example)?;
    report(worker, example, &execution)
}

/// Prints what an activity has come to, once the worker has told of it, too.
fn report(worker: &Worker, example: &Example, execution: &Execution) -> anyhow::Result<()> {
    execution.is_as_wanted(&example.output)?;
    let attempts = worker.attempts_of(example.activity_id, example.output.outcome())?;
    report::print(worker.place(), example, execution, &attempts)
}

/// Runs an attack, and what another tenant does meanwhile.
fn show_both(temporal: &Path, worker: &Worker, attack: &Example, meanwhile: &Example) -> anyhow::Result<()> {
    let place = worker.place();
    let attacked = thread::scope(|scope| {
        let attacking = scope.spawn(|| client::execute(temporal, place, attack));
        show(temporal, worker, meanwhile)?;
        attacking.join().ok().context("the client of the attack panicked")?
    })?;
    report(worker, attack, &attacked)
}
