//! Attempts in the cell: what is said to and fro until the end of each.

use std::{collections::HashMap, convert::Infallible, future::Future, pin::Pin};

use activity::{Attempt, Command, Event, Executor as _, Task};
use engine::Engine;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::coop::consume_budget,
};

use super::voice::Voice;
use crate::wire::{self, from_cell};

/// What the worker says to an attempt.
enum Heard {
    Command(Command),
    /// It has room for more measurements.
    Taken,
}

/// The attempts that run. One task carries what is said of all of them: as many tasks would wake up as many threads.
#[derive(Default)]
pub(super) struct Attempts {
    listening: HashMap<u64, UnboundedSender<Heard>>,
    carried: FuturesUnordered<Pin<Box<dyn Future<Output = u64> + Send>>>,
}

impl Attempts {
    /// Starts an attempt with this number.
    pub(super) fn start(&mut self, number: u64, task: Task, engine: &Engine, voice: &Voice) {
        let heartbeat_timeout = task.info.heartbeat_timeout;
        let mut attempt = engine.start(task);
        attempt.pace(heartbeat_timeout);
        let (sender, heard) = unbounded_channel();
        self.listening.insert(number, sender);
        let voice = voice.clone();
        self.carried.push(Box::pin(async move {
            carry(number, attempt, heard, &voice).await;
            number
        }));
    }

    /// Carries what is said to and fro, as long as it is polled. Cancel safe.
    pub(super) async fn carry(&mut self) -> Infallible {
        while let Some(number) = self.carried.next().await {
            self.listening.remove(&number);
        }
        // There is nothing to carry until another one is started.
        std::future::pending().await
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
        if let Some(listening) = self.listening.get(&number) {
            // One that ends just now needs to hear nothing.
            let _ = listening.send(heard);
        }
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
        // Others have something to say, too.
        consume_budget().await;
    }
}
