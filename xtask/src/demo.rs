//! The demo: the example activities, run through a real Temporal server by a real Temporal client.

mod client;
mod dev_worker;
mod examples;
mod report;
mod report_server;

use crate::checks;
use crate::guests;
use crate::options::Options;
use crate::project_guests;
use crate::steps::Steps;
use crate::workspace;

use dev_worker::DevWorker;

/// Builds everything, runs the examples and prints what each gave and cost. Nothing is left running.
///
/// # Errors
/// The first failed step's.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let examples = examples::all();
    let mut steps = Steps::new(guests::STEPS + 5 + examples.len());
    let temporal = checks::temporal(&mut steps)?;
    guests::build_steps(&mut steps, options.guest_toolchain)?;
    checks::build_isolet(&mut steps)?;
    project_guests::build_examples(&mut steps, examples::PROJECTS)?;
    let log = workspace::shown(&dev_worker::log_file());
    let worker = steps.run(
        "starting Temporal's dev server and the worker",
        &format!("read {log}; it says what Isolet or the server complained about"),
        || DevWorker::start(&temporal, report_server::start()?),
    )?;
    for example in examples {
        let cure = format!("read {log}; if the activity only was too slow for this machine, run the demo again");
        steps.run(example.title, &cure, || {
            let execution = client::execute(&temporal, worker.place(), example)?;
            let attempts = worker.attempts_of(example.activity_id)?;
            report::print(worker.place(), example, &execution, &attempts)
        })?;
    }
    if options.keep {
        println!("still serving at {}; stop it with Ctrl-C", worker.place().address);
    } else {
        println!("the links end with the server; `cargo xtask demo --keep` leaves it running");
    }
    steps.run("stopping the worker and the server", &format!("read {log}"), || {
        if options.keep { worker.serve_until_stopped() } else { worker.stop() }
    })?;
    steps.finish("the demo passed");
    Ok(())
}
