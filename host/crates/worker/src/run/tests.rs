//! The whole worker with a scripted server, a scripted guest and a paused clock: what was said when.

mod blocks;
mod client;
mod coding;
mod deadlines;
mod handover;

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use activity::{
    ActivityName, Attempt, AttemptPort, Block, Blocks, ClientAnswer, ClientGrant, Command, ComponentHandle,
    ComponentId, Definition, Directory, End, Ending, Executor, Failure, Grants, Info, KillReason, Observation,
    Observer, OnCancel, Outcome, Payload, Policy, Priority, Stopping, Task, Usage,
};
use futures_util::future::BoxFuture;
use tokio::{sync::Notify, task::JoinHandle};

use super::*;
use crate::{
    CurrentCoding, MemoryBudget, PayloadCoding, ShutdownHandle, Tenant,
    source::{Delivery, Question},
};

/// What was said, with the second at which it was.
#[derive(Clone)]
struct Transcript {
    start: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Transcript {
    fn say(&self, text: impl std::fmt::Display) {
        let second = self.start.elapsed().as_secs();
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{second}s {text}"));
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }
}

/// A server that hands out what the test puts in.
#[derive(Clone)]
struct Server {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
    transcript: Transcript,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Polled>,
    open: usize,
    /// Whether reports get through.
    is_away: bool,
    is_shutting_down: bool,
    /// Whether the last poll has come back.
    are_polls_over: bool,
    /// Whether tasks wait for memory.
    has_no_memory: bool,
}

impl Server {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state.lock().unwrap());
        self.changed.notify_one();
        result
    }

    fn say(&self, polled: Polled) {
        self.change(|state| state.queue.push_back(polled));
    }

    fn next(&self) -> Option<Polled> {
        let mut state = self.state.lock().unwrap();
        match state.queue.pop_front() {
            None => (state.is_shutting_down && state.open == 0).then_some(Polled::ShutDown),
            Some(polled) => {
                state.open += usize::from(matches!(polled, Polled::Leased(_)));
                Some(polled)
            }
        }
    }
}

impl LeaseSource for Server {
    async fn poll(&self) -> Polled {
        loop {
            if let Some(polled) = self.next() {
                return polled;
            }
            self.changed.notified().await;
        }
    }

    async fn backed(&self) {
        while self.change(|state| state.has_no_memory) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    fn record_heartbeat(&self, _: &Bytes, details: Vec<Payload>) {
        self.transcript.say(format_args!("server: heartbeat {}", show(&details)));
    }

    fn admit(&self, report: Report) -> Result<Report, Box<Failure>> {
        Ok(report)
    }

    async fn complete(&self, completion: Completion, given_up: impl Future<Output = ()> + Send) -> Delivery {
        let report = completion.report;
        let is_back = async {
            while report.needs_saying() && self.change(|state| state.is_away) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let is_told = tokio::select! {
            biased;
            () = is_back => true,
            () = given_up => false,
        };
        self.change(|state| state.open -= 1);
        if !is_told {
            return Delivery::GivenUp;
        }
        self.transcript.say(match report {
            Report::Completed(output) => format!("server: completed {}", show(&[output])),
            Report::Failed(failure) => {
                let failure_type = |failure: &Failure| failure.as_application().unwrap().failure_type.clone();
                let cause = failure.cause.as_deref().map_or(String::new(), |cause| {
                    format!(" ({} <- {}: {})", failure.message, failure_type(cause), cause.message)
                });
                format!("server: failed {}{cause}", failure_type(&failure))
            }
            Report::Cancelled(_) => "server: cancelled".to_owned(),
            Report::WillCompleteAsync => "server: async".to_owned(),
            Report::TimedOut | Report::Abandoned => "server: nothing".to_owned(),
        });
        Delivery::Delivered
    }

    async fn call(&self, question: Question) -> ClientAnswer {
        client::serve(&self.transcript, question.request).await
    }

    fn end_polls(&self) {
        self.transcript.say("server: last polls");
    }

    async fn polls_over(&self) {
        while !self.change(|state| state.are_polls_over) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    fn initiate_shutdown(&self) {
        self.change(|state| state.is_shutting_down = true);
    }

    async fn close(self) {
        self.transcript.say("server: closed");
    }
}

fn show(payloads: &[Payload]) -> String {
    payloads.iter().map(|payload| String::from_utf8_lossy(&payload.data).into_owned()).collect::<Vec<_>>().join(",")
}

type Guest = fn(Task, AttemptPort, Transcript) -> BoxFuture<'static, ()>;

/// An executor that runs the test's guest, and the other two ports.
struct World {
    guest: Guest,
    rules: Stopping,
    /// What the guest may ask of Temporal.
    grant: Option<Arc<ClientGrant>>,
    transcript: Transcript,
}

impl World {
    fn ports(self, coding: CurrentCoding, blocks: watch::Receiver<Arc<Blocks>>) -> Ports {
        let world = Arc::new(self);
        Ports {
            directory: world.clone(),
            executor: world.clone(),
            observer: world,
            coding,
            tenant: Arc::new(Tenant::new(MemoryBudget::new(1 << 30), "acme")),
            tracer: None,
            blocks,
        }
    }
}

impl Executor for World {
    fn start(&self, task: Task) -> Attempt {
        let (attempt, port) = activity::attempt();
        let kill_after = task.kill_after.map_or(String::new(), |time| format!(", killed after {}s", time.as_secs()));
        let shutdown = if task.worker_shutdown { ", shutting down" } else { "" };
        self.transcript.say(format_args!("guest: starts{kill_after}{shutdown}"));
        tokio::spawn((self.guest)(task, port, self.transcript.clone()));
        attempt
    }
}

impl Directory for World {
    fn find(&self, info: &Info) -> Option<Arc<Definition>> {
        (info.activity_type == "known").then(|| {
            Arc::new(Definition {
                name: ActivityName::Named(info.activity_type.clone()),
                interruptible: true,
                component: ComponentHandle::to_nothing(ComponentId::new("c", "d")),
                policy: Arc::new(Policy {
                    stopping: self.rules,
                    grants: Grants { client: self.grant.clone(), ..Grants::default() },
                    ..Policy::default()
                }),
            })
        })
    }

    fn names(&self) -> Vec<String> {
        vec!["known".to_owned(), "other".to_owned()]
    }
}

impl Observer for World {
    fn observe(&self, _: activity::About<'_>, observation: Observation<'_>) {
        if let Observation::Finished { reported: activity::Reported::Failed(failure), .. } = observation {
            self.transcript.say(format_args!("observer: {}", failure.message));
        }
    }
}

struct Scene {
    server: Server,
    handle: ShutdownHandle,
    coding: CurrentCoding,
    block: watch::Sender<Arc<Blocks>>,
    worker: JoinHandle<Result<Summary, Error>>,
}

const RULES: Stopping =
    Stopping { on_cancel: OnCancel::Tell, cancel_grace: Duration::from_secs(3), kill_grace: Duration::from_secs(5) };

/// A worker with this guest and a shutdown grace of so many seconds.
fn play(guest: Guest, rules: Stopping, grace: u64) -> Scene {
    play_with(guest, rules, grace, None)
}

/// The same, with a grant of `client`.
fn play_with(guest: Guest, rules: Stopping, grace: u64, grant: Option<Arc<ClientGrant>>) -> Scene {
    play_coded(guest, rules, grace, grant, PayloadCoding::default())
}

/// The same, with payloads coded.
fn play_coded(
    guest: Guest,
    rules: Stopping,
    grace: u64,
    grant: Option<Arc<ClientGrant>>,
    coding: PayloadCoding,
) -> Scene {
    let transcript = Transcript { start: Instant::now(), lines: Arc::default() };
    let server = Server { state: Arc::default(), changed: Arc::default(), transcript: transcript.clone() };
    let coding = CurrentCoding::new(coding);
    let (block, blocks) = watch::channel(Arc::default());
    let ports = World { guest, rules, grant, transcript }.ports(coding.clone(), blocks);
    let settings =
        WorkerSettings { shutdown_grace: Duration::from_secs(grace), ..WorkerSettings::new("default", "the queue") };
    let (handle, signal) = crate::shutdown();
    let worker = tokio::spawn(run(server.clone(), ports, settings, signal));
    Scene { server, handle, coding, block, worker }
}

impl Scene {
    fn lease(&self, change: impl FnOnce(&mut Info)) {
        self.lease_with(vec![Payload::json("7")], change);
    }

    fn lease_with(&self, input: Vec<Payload>, change: impl FnOnce(&mut Info)) {
        let mut info = info();
        change(&mut info);
        self.server.say(Polled::Leased(Box::new(Leased { info, input })));
    }

    fn cancel(&self, details: CancellationDetails) {
        self.server.say(Polled::Cancelled { task_token: info().task_token, details });
    }

    /// Lets the paused clock reach this second.
    async fn at(&self, second: u64) {
        tokio::time::sleep_until(self.server.transcript.start + Duration::from_secs(second)).await;
    }

    async fn end(self) -> (Result<Summary, Error>, String) {
        let result = self.worker.await.unwrap();
        (result, self.server.transcript.text())
    }
}

fn info() -> Info {
    Info {
        activity_id: "1".to_owned(),
        activity_run_id: None,
        activity_type: "known".to_owned(),
        attempt: 1,
        namespace: "default".to_owned(),
        task_queue: "the queue".to_owned(),
        task_token: Bytes::from_static(b"token"),
        workflow: None,
        is_local: false,
        scheduled_time: SystemTime::UNIX_EPOCH,
        current_attempt_scheduled_time: SystemTime::UNIX_EPOCH,
        started_time: SystemTime::UNIX_EPOCH,
        schedule_to_close_timeout: None,
        start_to_close_timeout: None,
        heartbeat_timeout: Some(Duration::from_secs(1_000)),
        deadline: None,
        heartbeat_details: vec![Payload::json("\"previous\"")],
        retry_policy: None,
        priority: Priority::default(),
        headers: Vec::new(),
        trace: None,
    }
}

fn returned(outcome: Outcome) -> Ending {
    Ending::new(End::Returned(outcome), Usage::default())
}

/// Returns its argument.
fn echo(mut task: Task, port: AttemptPort, _: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move { port.events.end(returned(Outcome::Completed(task.input.pop()))) })
}

/// Ends as cancelled once it is told so.
fn obedient(_: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        while let Some(command) = port.commands.recv().await {
            transcript.say(format_args!("guest: {}", name(&command)));
            if matches!(command, Command::Cancel(_)) {
                return port.events.end(returned(Outcome::Cancelled(Vec::new())));
            }
        }
    })
}

/// Goes on until it is killed.
fn stubborn(_: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        while let Some(command) = port.commands.recv().await {
            transcript.say(format_args!("guest: {}", name(&command)));
            if let Command::Kill(reason) = command {
                return port.events.end(Ending::new(End::Killed(reason), Usage::default()));
            }
        }
    })
}

/// Records a heartbeat every 4 s until it is told to stop; then one more, and fails.
fn busy(_: Task, mut port: AttemptPort, transcript: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let mut ticks = tokio::time::interval(Duration::from_secs(4));
        let mut count = 0;
        ticks.tick().await;
        loop {
            tokio::select! {
                _ = ticks.tick() => count += 1,
                command = port.commands.recv() => match command {
                    Some(Command::Cancel(_)) => break,
                    _ => continue,
                },
            }
            port.events.heartbeat(vec![Payload::json(count.to_string())]);
        }
        transcript.say("guest: told to stop");
        port.events.heartbeat(vec![Payload::json("\"last\"")]);
        port.events.end(returned(Outcome::Failed(Failure::application("Mine", "the guest's own failure"))));
    })
}

/// Takes no notice even of a kill, as no executor should.
fn immortal(_: Task, port: AttemptPort, _: Transcript) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let _port = port;
        std::future::pending::<()>().await;
    })
}

fn name(command: &Command) -> String {
    match command {
        Command::Cancel(details) if details.contains(CancellationDetails::CANCEL_REQUESTED) => {
            "cancelled by request".to_owned()
        }
        Command::Cancel(details) if details.contains(CancellationDetails::TIMED_OUT) => {
            "cancelled by timeout".to_owned()
        }
        Command::Cancel(details) if details.contains(CancellationDetails::WORKER_SHUTDOWN) => {
            "cancelled by shutdown".to_owned()
        }
        other => format!("{other:?}"),
    }
}

const REQUESTED: CancellationDetails = CancellationDetails::CANCEL_REQUESTED;

#[tokio::test(start_paused = true)]
async fn a_task_is_run_and_its_result_reported() {
    let scene = play(echo, RULES, 0);
    scene.lease(|info| info.heartbeat_timeout = None);
    scene.at(1).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    assert_eq!(text, "0s guest: starts\n0s server: completed 7\n1s server: closed");
    assert_eq!(result.unwrap(), Summary { completed: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn an_unknown_type_fails_as_in_python_and_starts_nothing() {
    let scene = play(echo, RULES, 0);
    scene.lease(|info| info.activity_type = "unknown".to_owned());
    scene.at(1).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert_eq!(
        text,
        "0s server: failed NotFoundError\n0s observer: Activity function unknown for workflow  is not registered on \
         this worker, available activities: known, other\n1s server: closed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_requested_cancellation_reaches_the_guest_and_the_server() {
    let scene = play(obedient, RULES, 0);
    scene.lease(|_| {});
    scene.at(2).await;
    scene.cancel(REQUESTED);
    scene.at(3).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    assert_eq!(text, "0s guest: starts\n2s guest: cancelled by request\n2s server: cancelled\n3s server: closed");
    assert_eq!(result.unwrap(), Summary { cancelled: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn on_cancel_kill_ends_a_stubborn_guest_as_cancelled() {
    let scene = play(stubborn, Stopping { on_cancel: OnCancel::Kill, ..RULES }, 0);
    scene.lease(|_| {});
    scene.at(2).await;
    scene.cancel(REQUESTED);
    scene.at(9).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert_eq!(
        text,
        "0s guest: starts\n2s guest: cancelled by request\n5s guest: Kill(Cancelled)\n5s server: cancelled\n\
         9s server: closed"
    );
}

#[tokio::test(start_paused = true)]
async fn heartbeats_pass_and_the_last_comes_before_the_failure() {
    let scene = play(busy, RULES, 0);
    scene.lease(|_| {});
    scene.at(10).await;
    scene.cancel(REQUESTED);
    scene.at(11).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert_eq!(
        text,
        "0s guest: starts\n4s server: heartbeat 1\n8s server: heartbeat 2\n10s guest: told to stop\n\
         10s server: heartbeat \"last\"\n10s server: failed Mine\n10s observer: the guest's own failure\n\
         11s server: closed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_grace_may_be_longer_than_a_clock_holds() {
    let scene = play(echo, RULES, u64::MAX);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    let (result, _) = scene.end().await;
    assert_eq!(result.unwrap(), Summary { completed: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn the_worker_heartbeats_for_a_guest_that_need_not() {
    let scene = play(stubborn, RULES, 0);
    scene.lease(|info| info.heartbeat_timeout = None);
    scene.at(11).await;
    scene.handle.hasten();
    let (_, text) = scene.end().await;
    assert!(
        text.contains("5s server: heartbeat \"previous\"\n10s server: heartbeat \"previous\"\n11s guest:"),
        "{text}"
    );

    let scene = play(busy, RULES, 0);
    scene.lease(|info| info.heartbeat_timeout = None);
    scene.at(5).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(!text.contains("previous"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_tells_cancels_and_kills_and_reports_a_retryable_failure() {
    let scene = play(stubborn, RULES, 10);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    assert_eq!(
        text,
        "0s guest: starts\n1s guest: WorkerShutdown\n11s guest: cancelled by shutdown\n\
         16s guest: Kill(WorkerShutdown)\n16s server: failed WorkerShutdown\n16s observer: Worker is shutting down and \
         this activity did not complete in time\n16s server: closed"
    );
    assert_eq!(result.unwrap(), Summary { failed: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn hastening_ends_the_graces() {
    let scene = play(stubborn, RULES, 1_000);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    scene.at(2).await;
    scene.handle.hasten();
    let (_, text) = scene.end().await;
    assert!(
        text.starts_with(
            "0s guest: starts\n1s guest: WorkerShutdown\n2s guest: cancelled by shutdown\n\
             2s guest: Kill(WorkerShutdown)\n2s server: failed WorkerShutdown"
        ),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_that_comes_late_is_told_at_once() {
    let scene = play(stubborn, RULES, 10);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    scene.at(3).await;
    scene.lease(|info| info.task_token = Bytes::from_static(b"late"));
    let (_, text) = scene.end().await;
    assert!(text.contains("3s guest: starts, shutting down\n3s guest: WorkerShutdown"), "{text}");
    assert_eq!(text.matches("16s guest: Kill(WorkerShutdown)").count(), 2, "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_poll_stops_the_worker_and_is_its_error() {
    let scene = play(obedient, RULES, 0);
    scene.lease(|_| {});
    scene.server.say(Polled::Refused(Error::PollRefused {
        namespace: "default".to_owned(),
        task_queue: "the queue".to_owned(),
        code: "PermissionDenied".to_owned(),
        reason: "no".to_owned(),
        refusal: crate::Refusal::NotAllowed,
    }));
    let (result, text) = scene.end().await;
    assert!(text.contains("server: failed WorkerShutdown") && text.ends_with("server: closed"), "{text}");
    let error = result.unwrap_err();
    let (text, cure) = (error.to_string(), error.cure().unwrap_or_default());
    assert!(text.contains("the queue") && text.ends_with("PermissionDenied: no"), "{text}");
    assert!(cure.contains("what they are allowed to do"), "{cure}");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_a_panic_lost_is_given_back() {
    fn panics(_: Task, _: AttemptPort, _: Transcript) -> BoxFuture<'static, ()> {
        panic!("a bug of the executor")
    }
    let scene = play(panics, RULES, 0);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    assert_eq!(text, "0s guest: starts\n0s server: failed SandboxLoad\n1s server: closed");
    assert_eq!(result.unwrap(), Summary { failed: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_never_ends_does_not_hang_the_shutdown() {
    let scene = play(immortal, RULES, 0);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    assert!(matches!(result, Err(Error::Abandoned { abandoned: 1, .. })));
    assert_eq!(text, "0s guest: starts");
}
