//! One attempt, from the opened lease to the closed one.

use std::sync::Arc;

use activity::{
    Attempt, CancellationDetails, Command, Definition, Ending, Event, Failure, Observation, Observer, Payload, Task,
    Usage,
};
use bytes::Bytes;
use tokio::{sync::watch, time::Instant};

use crate::{
    Ports, WorkerSettings,
    lease::Lease,
    outcome,
    source::{LeaseSource, Report},
    stopping::{Step, StopPlan},
};

/// What a worker's attempts share.
pub(crate) struct Shared {
    pub(crate) ports: Ports,
    pub(crate) settings: WorkerSettings,
    /// How far the worker is on its way to the end.
    pub(crate) stop: watch::Receiver<Stop>,
}

/// How far a worker is on its way to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It takes tasks.
    Running,
    /// It is shutting down, and cancels its attempts at this time.
    CancelAt(Instant),
    /// All graces are over.
    Now,
}

/// An attempt whose lease is closed.
pub(crate) struct Closed {
    pub(crate) task_token: Bytes,
    pub(crate) how: How,
}

/// What was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Completed,
    Failed,
    Cancelled,
    WillCompleteAsync,
    Abandoned,
}

/// Runs the leased task as `definition` says and reports it. Without a definition it only reports that.
pub(crate) async fn run<S: LeaseSource>(
    mut lease: Lease<S>,
    definition: Option<Arc<Definition>>,
    input: Vec<Payload>,
    shared: Arc<Shared>,
) -> Closed {
    let (report, usage) = match definition {
        None => (outcome::not_registered(lease.info(), &shared.ports.directory.names()), Usage::default()),
        Some(definition) => {
            let running = start(&mut lease, &definition, input, &shared);
            let (ending, reasons, heartbeat_failure) = running.watch().await;
            (outcome::decide(ending.end, reasons, heartbeat_failure), ending.usage)
        }
    };
    close(lease, report, usage, shared.ports.observer.as_ref()).await
}

/// Starts the attempt on the executor.
fn start<'a, S: LeaseSource>(
    lease: &'a mut Lease<S>,
    definition: &Definition,
    input: Vec<Payload>,
    shared: &'a Shared,
) -> Running<'a, S> {
    let mut stop = shared.stop.clone();
    let stage = *stop.borrow_and_update();
    let info = lease.info();
    shared.ports.observer.observe(info, Observation::Started);
    let plan = StopPlan::new(
        definition.stopping,
        lease.opened(),
        lease.time_to_close(),
        info.heartbeat_timeout,
        shared.settings.cancel_check_interval,
    );
    let last_details = if plan.heartbeats_for_guest() { info.heartbeat_details.clone() } else { Vec::new() };
    let attempt = shared.ports.executor.start(Task {
        component: definition.component.clone(),
        info: info.as_ref().clone(),
        input,
        kill_after: lease.time_to_close().map(|time| time.saturating_add(definition.stopping.kill_grace)),
        worker_shutdown: stage != Stop::Running,
    });
    let observer = shared.ports.observer.as_ref();
    let mut running = Running { lease, attempt, plan, stop, observer, last_details, heartbeat_failure: None };
    running.shut_down(stage);
    running
}

/// Reports the attempt, which closes its lease, and tells the observer.
async fn close<S: LeaseSource>(lease: Lease<S>, report: Report, usage: Usage, observer: &dyn Observer) -> Closed {
    let info = Arc::clone(lease.info());
    let how = How::from(&report);
    // The observer hears of it once it is reported; a result is large and not shown, so it is not kept for that.
    let told = match &report {
        Report::Completed(_) => Report::Completed(Payload::default()),
        Report::Cancelled(_) => Report::Cancelled(Vec::new()),
        report => report.clone(),
    };
    lease.close(report).await;
    observer.observe(&info, Observation::Finished { reported: told.as_reported(), usage });
    Closed { task_token: info.task_token.clone(), how }
}

/// A running attempt and what is known of it.
struct Running<'a, S: LeaseSource> {
    lease: &'a mut Lease<S>,
    attempt: Attempt,
    plan: StopPlan,
    stop: watch::Receiver<Stop>,
    observer: &'a dyn Observer,
    /// What the worker heartbeats with when it does so for the guest: the guest's last details, or else those of the
    /// attempt before, so that none are lost.
    last_details: Vec<Payload>,
    heartbeat_failure: Option<Failure>,
}

/// What can happen to a running attempt.
enum Happening {
    Said(Event),
    Cancelled(CancellationDetails),
    Stopping(Stop),
    TimePassed,
}

impl<S: LeaseSource> Running<'_, S> {
    /// Watches the attempt until it ends.
    async fn watch(mut self) -> (Ending, CancellationDetails, Option<Failure>) {
        loop {
            let happening = self.next().await;
            let has_mail = matches!(happening, Happening::Said(_));
            match happening {
                Happening::Said(Event::Ended(ending)) => return (*ending, self.plan.reasons(), self.heartbeat_failure),
                Happening::Said(event) => self.take(event),
                Happening::Cancelled(details) => {
                    let command = self.plan.cancel(Instant::now(), details);
                    self.tell(command);
                }
                Happening::Stopping(stop) => self.shut_down(stop),
                Happening::TimePassed => {}
            }
            self.keep_time(has_mail);
            // A guest that never stops talking must not keep the thread from the others.
            tokio::task::coop::consume_budget().await;
        }
    }

    async fn next(&mut self) -> Happening {
        let due = self.plan.next_due();
        tokio::select! {
            biased;
            details = self.lease.cancelled() => Happening::Cancelled(details),
            // A worker that has gone stops nobody any more.
            Ok(()) = self.stop.changed() => Happening::Stopping(*self.stop.borrow_and_update()),
            event = self.attempt.next() => Happening::Said(event),
            () = sleep_until(due) => Happening::TimePassed,
        }
    }

    /// Takes what the guest said.
    fn take(&mut self, event: Event) {
        let info = self.lease.info();
        match event {
            Event::Logged(record) => self.observer.observe(info, Observation::Logged(&record)),
            Event::LogLinesDropped(count) => self.observer.observe(info, Observation::LogLinesDropped(count)),
            Event::Heartbeat(details) => self.heartbeat(details),
            Event::HeartbeatFailed(failure) => {
                self.heartbeat_failure.get_or_insert(failure);
            }
            // The caller takes the end.
            Event::Ended(_) => {}
        }
    }

    fn heartbeat(&mut self, details: Vec<Payload>) {
        if !self.plan.may_heartbeat() {
            return;
        }
        self.plan.heartbeat(Instant::now());
        self.observer.observe(self.lease.info(), Observation::Heartbeat);
        if self.plan.heartbeats_for_guest() {
            self.last_details.clone_from(&details);
        }
        self.lease.heartbeat(details);
    }

    fn shut_down(&mut self, stop: Stop) {
        let command = match stop {
            Stop::Running => None,
            Stop::CancelAt(at) => self.plan.shut_down(at),
            Stop::Now => self.plan.hasten(Instant::now()),
        };
        self.tell(command);
    }

    /// Does what is due.
    fn keep_time(&mut self, has_mail: bool) {
        let now = Instant::now();
        while let Some(step) = self.plan.advance(now, has_mail) {
            match step {
                Step::Tell(command) => self.attempt.send(command),
                Step::CheckCancellation => self.lease.heartbeat(self.last_details.clone()),
            }
        }
    }

    fn tell(&self, command: Option<Command>) {
        if let Some(command) = command {
            self.attempt.send(command);
        }
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

impl From<&Report> for How {
    fn from(report: &Report) -> Self {
        match report {
            Report::Completed(_) => Self::Completed,
            Report::Failed(_) => Self::Failed,
            Report::Cancelled(_) => Self::Cancelled,
            Report::WillCompleteAsync => Self::WillCompleteAsync,
            Report::Abandoned => Self::Abandoned,
        }
    }
}
