//! An attempt while it runs.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use activity::{
    Attempt, CancellationDetails, ClientCall, Command, Ending, Event, KillReason, Report, Task, deadline::sleep_until,
};
use engine::Engine;
use tokio::time::Instant;

use crate::{
    Run,
    plan::{Happening, Plan},
    test::Client,
};

/// An attempt that runs. Dropping it kills the attempt.
pub struct Running {
    attempt: Attempt,
    /// Changed on the guest's thread when the attempt says something, and here when time passes.
    plan: Arc<Mutex<Plan>>,
    client: Client,
    /// Its own; what the client asks is about this one unless it says otherwise.
    namespace: String,
    /// Events that were handed out.
    seen: usize,
    ending: Option<Ending>,
}

impl Running {
    pub(crate) fn start(engine: &Engine, task: Task, plan: Plan, client: Client) -> Self {
        let namespace = task.info.namespace.clone();
        let plan = Arc::new(Mutex::new(plan));
        let watched = Arc::clone(&plan);
        let (attempt, port) = activity::watched_attempt(move |event| lock(&watched).take(event));
        lock(&plan).ask().into_iter().for_each(|command| attempt.send(command));
        engine.start_on(port, task);
        Self { attempt, plan, client, namespace, seen: 0, ending: None }
    }

    /// What the attempt says next; `None` once it has ended. Cancel safe.
    ///
    /// The attempt goes on whether or not this is awaited, but what time brings, and answers to its client calls, wait
    /// for it.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            let (event, due) = {
                let plan = lock(&self.plan);
                (plan.said.events().get(self.seen).cloned(), plan.next_due())
            };
            if event.is_some() {
                self.seen += 1;
                return event;
            }
            if self.ending.is_some() {
                return None;
            }
            tokio::select! {
                // All but these two were taken where they were said; this wakes up for them.
                event = self.attempt.next() => match event {
                    Event::Ended(ending) => self.ending = Some(*ending),
                    Event::Called(call) => self.answer(&call),
                    _ => {}
                },
                () = sleep_until(due) => {
                    let commands = lock(&self.plan).advance(Instant::now());
                    commands.into_iter().for_each(|command| self.attempt.send(command));
                }
            }
        }
    }

    /// Cancels the attempt now.
    pub fn cancel(&self, details: CancellationDetails) {
        self.happen(Happening::Cancel(details));
    }

    /// Tells the attempt now that its worker shuts down.
    pub fn worker_shutdown(&self) {
        self.happen(Happening::WorkerShutdown);
    }

    /// Kills the attempt now.
    pub fn kill(&self, reason: KillReason) {
        self.happen(Happening::Kill(reason));
    }

    /// Waits for the end, and tells how it went.
    pub async fn finish(mut self) -> Run {
        let ending = loop {
            match self.ending.take() {
                Some(ending) => break ending,
                None => drop(self.next().await),
            }
        };
        let mut plan = lock(&self.plan);
        let report = Report::decide(ending.end.clone(), plan.reasons, plan.heartbeat_failure.take());
        Run { said: std::mem::take(&mut plan.said), report, end: ending.end, usage: ending.usage }
    }

    fn happen(&self, happening: Happening) {
        let command = lock(&self.plan).happen(happening);
        self.attempt.send(command);
    }

    fn answer(&mut self, call: &ClientCall) {
        let answer = self.client.answer(&call.request, &self.namespace);
        self.attempt.send(Command::Answered { id: call.id, answer: Box::new(answer) });
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("plan", &self.plan).field("ending", &self.ending).finish_non_exhaustive()
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    // A condition that panicked has ended its attempt.
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}
