//! Attempts in the cell: what is said to and fro until the end of each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use activity::{Attempt, Command, Event, Executor as _, Task};
use engine::Engine;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::voice::Voice;
use crate::wire::{self, from_cell};

/// What the worker says to an attempt.
enum Heard {
    Command(Command),
    /// It has room for more measurements.
    Taken,
}

/// The attempts that run.
#[derive(Clone, Default)]
pub(super) struct Attempts {
    listening: Arc<Mutex<HashMap<u64, UnboundedSender<Heard>>>>,
}

impl Attempts {
    /// Starts an attempt with this number.
    pub(super) fn start(&self, number: u64, task: Task, engine: &Arc<Engine>, voice: &Voice) {
        let heartbeat_timeout = task.info.heartbeat_timeout;
        let mut attempt = engine.start(task);
        attempt.pace(heartbeat_timeout);
        let (sender, heard) = unbounded_channel();
        self.lock().insert(number, sender);
        let (attempts, voice) = (self.clone(), voice.clone());
        engine.threads().spawn(async move {
            carry(number, attempt, heard, &voice).await;
            attempts.lock().remove(&number);
        });
    }

    /// Tells an attempt something. Once it has ended, this does nothing.
    pub(super) fn tell(&self, number: u64, command: Command) {
        self.say(number, Heard::Command(command));
    }

    /// Lets an attempt tell measurements again.
    pub(super) fn taken(&self, number: u64) {
        self.say(number, Heard::Taken);
    }

    fn say(&self, number: u64, heard: Heard) {
        if let Some(listening) = self.lock().get(&number) {
            // One that ends just now needs to hear nothing.
            let _ = listening.send(heard);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, UnboundedSender<Heard>>> {
        // Each change is one operation.
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries what is said until the end. After measurements the attempt is not listened to until the worker has taken them:
/// so the worker need not hold more than one lot, and a guest that measures too much waits.
async fn carry(number: u64, mut attempt: Attempt, mut heard: UnboundedReceiver<Heard>, voice: &Voice) {
    let mut listens = true;
    loop {
        let event = tokio::select! {
            heard = heard.recv() => match heard {
                Some(Heard::Command(command)) => {
                    attempt.send(command);
                    continue;
                }
                Some(Heard::Taken) => {
                    listens = true;
                    continue;
                }
                None => return,
            },
            event = attempt.next(), if listens => event,
        };
        listens = !matches!(event, Event::Measured(_));
        let is_end = matches!(event, Event::Ended(_));
        let Some(event) = wire::Event::new(event) else { continue };
        // When nobody is there any more, the process ends.
        let said = voice.say(from_cell::Say::Told(wire::Told { attempt: number, event: Some(event) }));
        if is_end || said.is_err() {
            return;
        }
    }
}
