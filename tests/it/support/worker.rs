//! A worker of Isolet on a real server.

use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::Value;
use temporalio_client::Connection;

use super::{
    call::{Call, Caller, unique},
    dev_server::{DevServer, connect},
    isolet::{Isolet, component},
    pages::Written,
    process::{Exit, Process},
    proxy::Proxy,
    standalone,
};

impl Isolet {
    /// A worker on this server, with a task queue of its own and, unless they are changed, short graces.
    pub(crate) fn worker(server: &DevServer) -> WorkerBuilder<'_> {
        let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let address = server.address();
        WorkerBuilder { server, address, queue: unique(&test), components: Vec::new(), arguments: Vec::new() }
    }
}

/// A worker that is about to start.
#[derive(Debug)]
#[must_use = "nothing runs before `start`"]
pub(crate) struct WorkerBuilder<'a> {
    server: &'a DevServer,
    /// Where the worker finds the server.
    address: String,
    queue: String,
    components: Vec<PathBuf>,
    arguments: Vec<String>,
}

impl WorkerBuilder<'_> {
    /// By this way to the server.
    pub(crate) fn through(mut self, proxy: &Proxy) -> Self {
        self.address = proxy.address().to_owned();
        self
    }

    /// On this task queue.
    pub(crate) fn queue(mut self, queue: &str) -> Self {
        self.queue = queue.to_owned();
        self
    }

    /// Serving the component of this name.
    pub(crate) fn component(self, name: &str) -> Self {
        self.component_file(&component(name))
    }

    /// Serving the component in this file.
    pub(crate) fn component_file(mut self, file: &Path) -> Self {
        self.components.push(file.to_owned());
        self
    }

    /// With at most so many attempts at once.
    pub(crate) fn max_concurrent(self, attempts: usize) -> Self {
        self.option("--max-concurrent", &attempts.to_string())
    }

    /// With so much time to finish at a shutdown.
    pub(crate) fn shutdown_grace(self, grace: &str) -> Self {
        self.option("--shutdown-grace", grace)
    }

    /// With so much time for a guest that should have stopped.
    pub(crate) fn kill_grace(self, grace: &str) -> Self {
        self.option("--kill-grace", grace)
    }

    /// Asking so often whether an attempt without a heartbeat timeout was cancelled.
    pub(crate) fn cancel_check(self, interval: &str) -> Self {
        self.option("--cancel-check", interval)
    }

    /// Sending heartbeats so often that their timeouts can be long: a busy server may take its time.
    pub(crate) fn heartbeats_often(self) -> Self {
        self.option("--max-heartbeat-throttle", "200ms")
    }

    /// With a limit for each attempt, such as `memory=16MiB`.
    pub(crate) fn limit(self, limit: &str) -> Self {
        self.option("--limit", limit)
    }

    /// With an option of the command line.
    pub(crate) fn option(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// Starts it and waits until it takes tasks.
    pub(crate) async fn start(self) -> Worker {
        let (server, queue) = (self.server.address(), self.queue.clone());
        let worker = Worker::start(self.isolet(), &queue).await;
        // Callers take the straight way.
        Worker { connection: connect(&server).await, ..worker }
    }

    /// The run of the program that would start it, for workers that can't start.
    pub(crate) fn isolet(self) -> Isolet {
        let Self { address, queue, .. } = &self;
        let mut arguments =
            ["worker", "--output", "json", "--address", address, "--task-queue", queue].map(str::to_owned).to_vec();
        arguments.extend(self.arguments);
        arguments.extend(self.components.iter().map(|file| file.display().to_string()));
        Isolet::with(arguments)
    }
}

/// A running worker.
#[derive(Debug)]
pub(crate) struct Worker {
    process: Process,
    queue: String,
    connection: Connection,
}

impl Worker {
    /// A run of the program that serves this task queue, with events as its output; waits until it takes tasks.
    pub(crate) async fn start(isolet: Isolet, queue: &str) -> Self {
        let process = isolet.start();
        let ready =
            process.find("that it is ready", |line| Some(event(line)).filter(|event| event["event"] == "ready"));
        let connection = connect(ready.await["address"].as_str().unwrap()).await;
        Self { process, queue: queue.to_owned(), connection }
    }

    /// The same, on this server, by another way than callers take.
    pub(crate) async fn start_through(isolet: Isolet, queue: &str, server: &DevServer) -> Self {
        let process = isolet.start();
        process.find("that it is ready", |line| (event(line)["event"] == "ready").then_some(())).await;
        Self { process, queue: queue.to_owned(), connection: connect(&server.address()).await }
    }

    /// The same, with another task queue as its own.
    pub(crate) fn on(self, queue: &str) -> Self {
        Self { queue: queue.to_owned(), ..self }
    }

    /// Its task queue.
    pub(crate) fn queue(&self) -> &str {
        &self.queue
    }

    /// A call of a client to an activity on its queue.
    pub(crate) fn standalone(&self, activity_type: &str) -> Call {
        self.called_by(Caller::Client, activity_type)
    }

    /// A call of a workflow to an activity on its queue.
    pub(crate) fn in_workflow(&self, activity_type: &str) -> Call {
        self.called_by(Caller::Workflow, activity_type)
    }

    /// A call to an activity on its queue.
    pub(crate) fn called_by(&self, caller: Caller, activity_type: &str) -> Call {
        Call::new(self.connection.clone(), &self.queue, caller, activity_type)
    }

    /// A client's call to an activity on another queue.
    pub(crate) fn standalone_on(&self, queue: &str, activity_type: &str) -> Call {
        Call::new(self.connection.clone(), queue, Caller::Client, activity_type)
    }

    /// The first event that is `wanted`, past or to come.
    pub(crate) async fn event(&self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let find = |line: &str| Some(event(line)).filter(|event| wanted(event));
        self.process.find(what, find).await
    }

    /// The event with which `count` of them were `wanted`, past or to come.
    pub(crate) async fn nth_event(&self, count: usize, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut seen = 0;
        let last = |event: &Value| {
            seen += usize::from(wanted(event));
            seen == count
        };
        self.event(&format!("{what} number {count}"), last).await
    }

    /// Waits until the activity's first attempt has started.
    pub(crate) async fn started(&self, activity_id: &str) -> Value {
        self.attempt_started(activity_id, 1).await
    }

    /// Waits until this attempt of the activity has started.
    pub(crate) async fn attempt_started(&self, activity_id: &str, attempt: u32) -> Value {
        let what = format!("start of attempt {attempt} of {activity_id}");
        let wanted = |event: &Value| is_about(event, "attempt-started", activity_id) && event["attempt"] == attempt;
        let find = |line: &str| Some(event(line)).filter(wanted);
        // Where the task is instead, only the server knows.
        let explain = async || standalone::described(&self.connection, activity_id).await;
        self.process.find_or(&what, find, explain).await
    }

    /// Waits until this attempt of the activity has ended.
    pub(crate) async fn finished(&self, activity_id: &str, attempt: u32) -> Value {
        let what = format!("end of attempt {attempt} of {activity_id}");
        self.event(&what, |event| is_about(event, "attempt-finished", activity_id) && event["attempt"] == attempt).await
    }

    /// Reads its events no more, or reads on.
    pub(crate) fn set_unread(&self, is_unread: bool) {
        self.process.set_unread(is_unread);
    }

    /// The most memory that it had so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.process.peak_memory()
    }

    /// What its guests have written of their memory. Of those in cells nobody is told, so they must run in its own process.
    pub(crate) fn written(&self) -> Written {
        Written::by(&self.process.folder())
    }

    /// The events so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.process.lines().iter().map(|line| event(line)).collect()
    }

    /// The events of this kind so far.
    pub(crate) fn events_named(&self, name: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == name).collect()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Waits for its end, after which nothing of it may still run.
    pub(crate) async fn exit(&self) -> Exit {
        let exit = self.process.exit().await;
        assert_eq!(self.process.left_running(), <[String; 0]>::default(), "left running");
        exit
    }

    /// Waits until nothing of it runs any more, itself included.
    pub(crate) async fn everything_ended(&self) {
        self.process.everything_ended().await;
    }

    /// Asks it to stop, and waits until it did so properly.
    pub(crate) async fn stop(&self) {
        self.signal(Signal::TERM);
        let exit = self.exit().await;
        assert_eq!(exit.code, Some(0), "{}", self.process.transcript());
    }
}

/// Whether the event is of this kind and about this activity.
pub(crate) fn is_about(event: &Value, name: &str, activity_id: &str) -> bool {
    event["event"] == name && event["activity_id"] == activity_id
}

fn event(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("not an event: {line:?}: {error}"))
}
