//! One attempt, from the opened lease to the closed one.

use std::{sync::Arc, time::Duration};

use activity::{
    About, Attempt, Block, CancellationDetails, ClientAnswer, ClientCall, ClientError, ClientGrant, CodecError,
    Command, ComponentId, Definition, End, Ending, Event, Excess, Failure, KillReason, Observation, Observer, Outcome,
    Payload, Report, SandboxFailureKind, Task, TracedParts, Usage, deadline::sleep_until, shown,
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::{sync::watch, time::Instant};

use crate::{
    PayloadCoding, Ports, WorkerSettings,
    codec::{DecodedTask, HeartbeatCoder, decode_task, explained},
    lease::Lease,
    receipt, reporting,
    shutdown::Stop,
    source::{LeaseSource, Question},
    stopping::{Step, StopPlan},
    traced::{CallTrace, Calls},
};

/// How often it is told, at most, that lines of an attempt were dropped for its tenant's limit.
const LINES_DROPPED: Duration = Duration::from_secs(1);

/// What a worker's attempts share.
pub(crate) struct Shared {
    pub(crate) ports: Ports,
    pub(crate) settings: WorkerSettings,
    /// How far the worker is on its way to the end.
    pub(crate) stop: watch::Receiver<Stop>,
}

/// An attempt that has ended, or that could not start.
pub(crate) struct Ended {
    pub(crate) report: Report,
    /// When the server times it out, unless it hears of it before.
    pub(crate) deadline: Option<Instant>,
    pub(crate) ran: Ran,
}

/// How an attempt went; nothing of it is known of one that never started.
#[derive(Default)]
pub(crate) struct Ran {
    /// Why it was killed, if it was.
    pub(crate) killed: Option<KillReason>,
    /// What stopped it, if the host did.
    pub(crate) stopped: Option<SandboxFailureKind>,
    /// What it cost.
    pub(crate) usage: Usage,
    /// What of it has spans of its own, if it is traced.
    pub(crate) parts: TracedParts,
}

/// An attempt whose lease is closed.
pub(crate) struct Closed {
    pub(crate) task_token: Bytes,
    pub(crate) reported_as: ReportedAs,
}

/// What was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportedAs {
    Completed,
    Failed,
    Cancelled,
    WillCompleteAsync,
    TimedOut,
    Abandoned,
    Unreported,
}

/// Runs the leased task as `definition` says and reports it. Without a definition it only reports that.
pub(crate) async fn run<S: LeaseSource>(
    mut lease: Lease<S>,
    definition: Option<Arc<Definition>>,
    input: Vec<Payload>,
    shared: Arc<Shared>,
) -> Closed {
    let early = |report, lease: &Lease<S>| Ended { report, deadline: lease.deadline(), ran: Ran::default() };
    let coding = shared.ports.coding.get();
    let ended = match &definition {
        None => early(Report::not_registered(lease.info(), &shared.ports.directory.names()), &lease),
        Some(definition) => match blocked(&lease, definition, &shared) {
            Some(block) => {
                let ran = Ran { stopped: Some(SandboxFailureKind::Blocked), ..Ran::default() };
                Ended { ran, ..early(block.report(&definition.policy), &lease) }
            }
            None => match decode_task(&mut lease, input, &coding, &shared.stop).await {
                Err(report) => early(report, &lease),
                Ok(task) => start(&mut lease, definition, task, coding.clone(), &shared).watch().await,
            },
        },
    };
    let component = definition.as_ref().map(|definition| definition.component.id());
    reporting::close(lease, ended, component, &coding, &shared).await
}

/// What keeps the task from being run, if anything does.
fn blocked<S: LeaseSource>(lease: &Lease<S>, definition: &Definition, shared: &Shared) -> Option<Block> {
    shared.ports.blocks.borrow().find(&lease.info().activity_type, definition.component.id()).cloned()
}

/// Starts the attempt on the executor.
fn start<'a, S: LeaseSource>(
    lease: &'a mut Lease<S>,
    definition: &'a Definition,
    task: DecodedTask,
    coding: PayloadCoding,
    shared: &'a Shared,
) -> Running<'a, S> {
    let mut stop = shared.stop.clone();
    let stage = *stop.borrow_and_update();
    let info = lease.info();
    let component = definition.component.id();
    shared.ports.observer.observe(About { info, component: Some(component) }, Observation::Started);
    let plan = StopPlan::new(
        definition.policy.stopping,
        lease.opened(),
        lease.time_to_close(),
        info.heartbeat_timeout,
        shared.settings.cancel_check_interval,
    )
    .max_throttle(shared.settings.max_heartbeat_throttle);
    let last_details = if plan.heartbeats_for_guest() { info.heartbeat_details.clone() } else { Vec::new() };
    let kill_after = |time: Duration| {
        time.saturating_sub(lease.opened().elapsed()).saturating_add(definition.policy.stopping.kill_grace)
    };
    let calls = Calls::of(info);
    let mut attempt = shared.ports.executor.start(Task {
        component: definition.component.clone(),
        info: task.info,
        input: task.input,
        kill_after: lease.time_to_close().map(kill_after),
        worker_shutdown: stage != Stop::Running,
        identity: Default::default(),
    });
    attempt.pace(info.heartbeat_timeout);
    let observer = shared.ports.observer.as_ref();
    let grant = definition.policy.grants.client.clone();
    let heartbeats = HeartbeatCoder::new(coding.clone());
    let mut running = Running {
        lease,
        definition,
        shared,
        component,
        attempt,
        plan,
        stop,
        observer,
        last_details,
        heartbeats,
        heartbeat_failure: None,
        lines_dropped: 0,
        told_of_lines: None,
        block: None,
        grant,
        coding,
        call: None,
        calls,
    };
    running.shut_down(stage);
    // It may have been blocked since the task was looked at.
    running.heed_blocks();
    running
}

/// A running attempt and what is known of it.
struct Running<'a, S: LeaseSource> {
    lease: &'a mut Lease<S>,
    definition: &'a Definition,
    shared: &'a Shared,
    component: &'a ComponentId,
    attempt: Attempt,
    plan: StopPlan,
    stop: watch::Receiver<Stop>,
    observer: &'a dyn Observer,
    /// What the worker heartbeats with when it does so for the guest: the guest's last details, or else those of the
    /// attempt before, so that none are lost. As the server has them: encoded.
    last_details: Vec<Payload>,
    /// What encodes the guest's heartbeats.
    heartbeats: HeartbeatCoder,
    heartbeat_failure: Option<Failure>,
    /// Lines that were dropped for the tenant's limit and not told yet, and when that was done last.
    lines_dropped: u64,
    told_of_lines: Option<Instant>,
    /// What blocks it, once something does.
    block: Option<Block>,
    /// What the guest may ask Temporal.
    grant: Option<Arc<ClientGrant>>,
    /// How the payloads of that are coded.
    coding: PayloadCoding,
    /// What it asks now. Dropped, and with that given up, when the attempt ends or may not act any more.
    call: Option<Call>,
    /// Those that it has asked, in its trace.
    calls: Calls,
}

/// A call under way.
struct Call {
    id: u64,
    answer: BoxFuture<'static, ClientAnswer>,
    traced: Option<CallTrace>,
}

/// What can happen to a running attempt.
enum Happening {
    Said(Event),
    Encoded(Result<Vec<Payload>, CodecError>),
    Answered(ClientAnswer),
    Cancelled(CancellationDetails),
    Stopping(Stop),
    TimePassed,
}

impl<S: LeaseSource> Running<'_, S> {
    /// Watches the attempt until it ends.
    async fn watch(mut self) -> Ended {
        loop {
            let happening = self.next().await;
            // Measurements come when there is nothing else, so they tell of no heartbeat that waits behind them.
            let has_mail = matches!(&happening, Happening::Said(event) if !matches!(event, Event::Measured(_)));
            match happening {
                Happening::Said(Event::Ended(ending)) => {
                    return self.end(*ending).await;
                }
                Happening::Said(event) => self.take(event),
                Happening::Encoded(details) => self.send_heartbeat(details),
                Happening::Answered(answer) => self.answer(answer),
                Happening::Cancelled(details) => {
                    let command = self.plan.cancel(Instant::now(), details);
                    self.tell(command);
                }
                Happening::Stopping(stop) => {
                    self.shut_down(stop);
                    self.heed_blocks();
                }
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
            details = self.heartbeats.next() => Happening::Encoded(details),
            event = self.attempt.next() => Happening::Said(event),
            answer = answered(&mut self.call) => Happening::Answered(answer),
            () = sleep_until(due) => Happening::TimePassed,
        }
    }

    /// Takes what the guest said.
    fn take(&mut self, event: Event) {
        match event {
            Event::Written(line) if self.shared.ports.tenant.may_log(line.len()) => {
                self.observe(Observation::Logged(&line));
            }
            Event::Written(_) => self.drop_line(),
            Event::Measured(values) => self.observe(Observation::Measured(&values)),
            Event::LogLinesDropped(count) => self.observe(Observation::LogLinesDropped(count)),
            Event::Heartbeat(details) => self.heartbeat(details),
            Event::HeartbeatFailed(failure) => self.heartbeat_failed(failure),
            Event::Called(call) => self.call(*call),
            // Nobody watches this attempt, and the caller takes the end.
            Event::Logged(_) | Event::Ended(_) => {}
        }
    }

    /// Drops a line that is beyond the tenant's limit. That is told now and then: each time is a line of the log, too.
    fn drop_line(&mut self) {
        let now = Instant::now();
        self.lines_dropped = self.lines_dropped.saturating_add(1);
        if self.told_of_lines.is_none_or(|told| now.saturating_duration_since(told) >= LINES_DROPPED) {
            self.told_of_lines = Some(now);
            self.tell_dropped_lines();
        }
    }

    fn tell_dropped_lines(&mut self) {
        let count = std::mem::take(&mut self.lines_dropped);
        if count != 0 {
            self.observe(Observation::LogLinesDropped(count));
        }
    }

    fn observe(&self, observation: Observation<'_>) {
        let about = About { info: self.lease.info(), component: Some(self.component) };
        self.observer.observe(about, observation);
    }

    /// The first one is what the attempt fails with, if it ends as cancelled.
    fn heartbeat_failed(&mut self, failure: Failure) {
        self.observe(Observation::HeartbeatFailed(&shown::failure(&failure)));
        self.heartbeat_failure.get_or_insert(failure);
    }

    fn heartbeat(&mut self, details: Vec<Payload>) {
        if !self.plan.may_speak(Instant::now()) {
            return;
        }
        self.observe(Observation::Heartbeat(&details));
        if let Some(details) = self.heartbeats.put(details) {
            self.send_heartbeat(Ok(details));
        }
    }

    /// Sends a heartbeat with these details, once they are encoded.
    fn send_heartbeat(&mut self, details: Result<Vec<Payload>, CodecError>) {
        match details {
            Ok(_) if !self.plan.may_speak(Instant::now()) => {}
            Ok(details) => {
                self.plan.heartbeat(Instant::now());
                if self.plan.heartbeats_for_guest() {
                    self.last_details.clone_from(&details);
                }
                self.lease.heartbeat(details);
            }
            // The same as if the guest could not encode them: it is cancelled, and fails with this if it obeys.
            Err(error) => {
                self.heartbeat_failed(explained(&error));
                let command = self.plan.cancel(Instant::now(), CancellationDetails::default());
                self.tell(command);
            }
        }
    }

    /// Decides what is reported.
    async fn end(mut self, ending: Ending) -> Ended {
        let Ending { end, mut usage, requests } = ending;
        self.count(&mut usage);
        let abandoned = self.call.take().and_then(|call| call.traced);
        self.calls.ended(abandoned, None);
        let parts = std::mem::take(&mut self.calls).parts(requests);
        self.tell_dropped_lines();
        self.plan.end(Instant::now());
        self.flush(&end).await;
        self.plan.end(Instant::now());
        let killed = match &end {
            End::Killed(reason) => Some(*reason),
            End::Returned(_) | End::Stopped(_) => None,
        };
        let stopped = match &end {
            End::Stopped(failure) => Some(failure.kind),
            End::Killed(_) | End::Returned(Outcome::Cancelled(_)) if self.block.is_some() => {
                Some(SandboxFailureKind::Blocked)
            }
            End::Killed(_) | End::Returned(_) => None,
        };
        let mut report = Report::decide(end, self.plan.reasons(), self.heartbeat_failure);
        if let (Some(block), Report::Failed(_), Some(SandboxFailureKind::Blocked)) = (&self.block, &report, stopped) {
            report = block.report(&self.definition.policy);
        }
        if let (true, Report::Completed(result)) = (self.shared.settings.result_metadata, &mut report) {
            receipt::add(result, self.component, self.lease.info(), usage);
        }
        Ended { report, deadline: self.plan.deadline(), ran: Ran { killed, stopped, usage, parts } }
    }

    /// Counts what it came to without an end or a failure.
    fn count(&self, usage: &mut Usage) {
        let tenant = &self.shared.ports.tenant;
        if let Some(beyond) = self.grant.as_ref().and_then(|grant| grant.beyond.as_ref()) {
            let (count, words) = beyond.take();
            if count != 0 {
                usage.excesses.add(Excess::ClientGrant, count);
                tenant.would_refuse(self.component, &words);
            }
        }
        tenant.came_to(usage.excesses);
    }

    /// Sends the guest's last heartbeats after its end, where the next attempt may need them.
    async fn flush(&mut self, end: &End) {
        if matches!(end, End::Returned(Outcome::Completed(_) | Outcome::WillCompleteAsync)) {
            return;
        }
        while self.heartbeats.is_busy() && self.plan.may_speak(Instant::now()) {
            tokio::select! {
                biased;
                details = self.lease.cancelled() => {
                    self.plan.cancel(Instant::now(), details);
                }
                details = self.heartbeats.next() => self.send_heartbeat(details),
                () = sleep_until(self.plan.deadline()) => return,
            }
        }
    }

    /// Does what the guest asks of Temporal, while it may act.
    fn call(&mut self, call: ClientCall) {
        let ClientCall { id, request, timeout, .. } = call;
        let traced = self.calls.begin(&request);
        let refusal = match &self.grant {
            None => Some(ClientError::no_grant()),
            Some(_) if !self.plan.may_speak(Instant::now()) => Some(ClientError::LeaseLost),
            // Nothing that a guest can do; but the executor may be another process.
            Some(_) if self.call.is_some() => Some(ClientError::Invalid("another call is under way".to_owned())),
            Some(_) => None,
        };
        if let Some(refusal) = refusal {
            let answer = Err(refusal);
            self.calls.ended(traced, Some(&answer));
            return self.attempt.send(Command::Answered { id, answer: Box::new(answer) });
        }
        self.call = self.grant.clone().map(|grant| {
            let trace = traced.as_ref().map(CallTrace::told);
            let question = Question { grant, coding: self.coding.clone(), request, timeout, trace };
            let (tenant, answer) = (Arc::clone(&self.shared.ports.tenant), self.lease.call(question));
            Call { id, answer: Box::pin(async move { within(timeout, tenant.may_call(), answer).await }), traced }
        });
    }

    fn answer(&mut self, answer: ClientAnswer) {
        if let Some(Call { id, traced, .. }) = self.call.take() {
            self.calls.ended(traced, Some(&answer));
            self.attempt.send(Command::Answered { id, answer: Box::new(answer) });
        }
    }

    fn shut_down(&mut self, stop: Stop) {
        let command = match stop {
            Stop::Running => None,
            Stop::CancelAt(at) => self.plan.shut_down(at),
            Stop::Now => self.plan.hasten(Instant::now()),
        };
        self.tell(command);
    }

    /// Stops it if it is blocked now.
    fn heed_blocks(&mut self) {
        if self.block.is_some() {
            return;
        }
        let Some(block) = blocked(self.lease, self.definition, self.shared) else { return };
        let command = self.plan.block(Instant::now(), block.at_once);
        self.block = Some(block);
        self.tell(command);
    }

    /// Does what is due.
    fn keep_time(&mut self, has_mail: bool) {
        let now = Instant::now();
        while let Some(step) = self.plan.advance(now, has_mail) {
            match step {
                Step::Tell(command) => self.attempt.send(command),
                Step::CheckCancellation if self.plan.may_speak(now) => self.lease.heartbeat(self.last_details.clone()),
                Step::CheckCancellation => {}
            }
        }
        if self.call.is_some() && !self.plan.may_speak(now) {
            self.answer(Err(ClientError::LeaseLost));
        }
    }

    fn tell(&self, command: Option<Command>) {
        if let Some(command) = command {
            self.attempt.send(command);
        }
    }
}

/// Waits for a call's turn, which the call's timeout may not see, and then for its answer.
async fn within(
    timeout: Option<Duration>,
    turn: impl Future<Output = ()>,
    answer: BoxFuture<'static, ClientAnswer>,
) -> ClientAnswer {
    let has_turn = match timeout {
        None => {
            turn.await;
            true
        }
        Some(timeout) => tokio::time::timeout(timeout, turn).await.is_ok(),
    };
    if has_turn { answer.await } else { Err(crate::client::too_late()) }
}

/// Waits for the answer to the call under way. Cancel safe.
async fn answered(call: &mut Option<Call>) -> ClientAnswer {
    match call {
        Some(call) => call.answer.as_mut().await,
        None => std::future::pending().await,
    }
}

impl From<&Report> for ReportedAs {
    fn from(report: &Report) -> Self {
        match report {
            Report::Completed(_) => Self::Completed,
            Report::Failed(_) => Self::Failed,
            Report::Cancelled(_) => Self::Cancelled,
            Report::WillCompleteAsync => Self::WillCompleteAsync,
            Report::TimedOut => Self::TimedOut,
            Report::Abandoned => Self::Abandoned,
        }
    }
}
