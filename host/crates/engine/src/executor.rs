//! The port on which attempts run.

use std::sync::Arc;

use activity::{
    Attempt, AttemptPort, End, Ending, Event, Executor, Outcome, SandboxFailure, SandboxFailureKind, Task, Usage,
};
use capabilities::{Context, Outlet, Signals};

use crate::{
    Engine,
    component::Component,
    meter::Meter,
    run::{self, Interruption, Run, Start},
    sandbox::{Sandbox, reclaim},
    trap::Stopped,
};

impl Executor for Engine {
    fn start(&self, task: Task) -> Attempt {
        let (attempt, port) = activity::attempt();
        self.start_on(port, task);
        attempt
    }
}

impl Engine {
    /// Starts an attempt whose port was made already: what [`Executor::start`] does, for tests that watch it.
    pub fn start_on(&self, port: AttemptPort, task: Task) {
        if let Some(run) = self.prepare(task, port) {
            run::spawn(run, Arc::clone(&self.lanes), self.settings.tick);
        }
    }

    /// Runs an attempt on the caller's thread, as an attempt of [`Executor::start`] is run on the engine's, and returns
    /// its end. Of what it says meanwhile nothing is kept. For benchmarks, which need to know what it costs by itself;
    /// what the thread did since the last attempt may count to its processor time.
    pub async fn run_inline(&self, task: Task) -> Ending {
        let (mut attempt, port) = activity::attempt();
        let run = self.prepare(task, port);
        let driven = async {
            if let Some(run) = run {
                run::drive(run).await;
            }
        };
        // A guest may have to wait until what it says is taken.
        let ended = async {
            loop {
                if let Event::Ended(ending) = attempt.next().await {
                    return *ending;
                }
            }
        };
        tokio::join!(driven, ended).1
    }

    /// An attempt that is ready to run; `None` when its component is not one of this engine's, which ends it.
    fn prepare(&self, task: Task, port: AttemptPort) -> Option<Arc<Run<End>>> {
        let Some(component) = self.components.find(&task.component) else {
            let text = "the activity's component is not loaded";
            let end = End::Stopped(SandboxFailure::new(SandboxFailureKind::Load, text));
            port.events.end(Ending::new(end, Usage::default()));
            return None;
        };
        let meter = Arc::new(Meter::new(task.kill_after, component.policy.limits.cpu_time, self.settings.tick));
        let signals = Arc::new(Signals::new(task.worker_shutdown));
        let (policy, info) = (Arc::clone(&component.policy), Arc::clone(&task.info));
        let outlet = Arc::new(Outlet::new(port.events, policy, info, task.component.clone()));
        outlet.given(&task.input);
        let start = Start {
            meter: Arc::clone(&meter),
            signals: Arc::clone(&signals),
            finish: {
                let (outlet, meter) = (Arc::clone(&outlet), Arc::clone(&meter));
                Box::new(move |answer| finish(outlet, &meter, answer))
            },
            guest: Box::pin(attempt(component, task, Guest { meter, signals, outlet })),
            commands: Some(port.commands),
        };
        Some(Run::new(&self.live, start))
    }
}

/// What an attempt shares with those who watch it.
struct Guest {
    meter: Arc<Meter>,
    signals: Arc<Signals>,
    outlet: Arc<Outlet>,
}

/// One attempt, from its sandbox to its outcome.
async fn attempt(component: Arc<Component>, task: Task, guest: Guest) -> End {
    match outcome(&component, task, guest).await {
        Ok(outcome) => End::Returned(outcome),
        Err(Stopped::Killed(reason)) => End::Killed(reason),
        Err(Stopped::Failed(failure)) => End::Stopped(failure),
        Err(Stopped::OtherTypes(reason)) => {
            let text = format!("the component has other types than this version's: {reason}");
            End::Stopped(SandboxFailure::new(SandboxFailureKind::Load, text))
        }
    }
}

async fn outcome(component: &Component, task: Task, guest: Guest) -> Result<Outcome, Stopped> {
    let Guest { meter, signals, outlet } = guest;
    let activity_type = task.info.activity_type.clone();
    let policy = Arc::clone(&component.policy);
    let (info, identity) = (task.info, task.identity);
    let context = Context { policy, is_attempt: true, info, identity, signals, outlet };
    let sandbox = Sandbox::build(component, context, meter).await?;
    sandbox.execute(&activity_type, task.input).await
}

/// Tells an attempt's end, once its guest is gone.
fn finish(outlet: Arc<Outlet>, meter: &Meter, answer: Result<End, Interruption>) {
    let end = match answer {
        Ok(end) => end,
        Err(Interruption::Killed(reason)) => End::Killed(reason),
        Err(Interruption::Lost) => {
            let text = "the sandbox was lost by a fault of the host";
            End::Stopped(SandboxFailure::new(SandboxFailureKind::Load, text))
        }
    };
    if let Some(outlet) = reclaim(outlet) {
        let peak_scratch = outlet.peak_scratch();
        let (http, traffic, excesses) = (outlet.http_usage(), outlet.traffic(&end), outlet.excesses());
        let usage = Usage { peak_scratch, http, traffic, excesses, ..meter.usage() };
        let requests = outlet.traced_requests();
        outlet.end(Ending { end, usage, requests });
    }
}
