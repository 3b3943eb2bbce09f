//! One queue of tasks: handed out one by one while a burst lasts, taken back with the time each took.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, Semaphore};

use crate::samples::Samples;

/// What a burst came to.
#[derive(Debug)]
pub(crate) struct Burst {
    /// From each task's handing out to its completion.
    pub(crate) latencies: Samples,
    /// From the first task handed out to the last completion.
    pub(crate) elapsed: Duration,
}

/// Which task it is. Crosses the wire as the task token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The queue's number.
    pub(super) queue: u32,
    /// The burst's number within the queue.
    pub(super) burst: u32,
    /// The task's place within the burst.
    pub(super) place: u32,
}

impl Token {
    /// As the worker gets it.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        [self.queue, self.burst, self.place].iter().flat_map(|part| part.to_be_bytes()).collect()
    }

    /// As the worker gives it back; `None` if it is not one of ours.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let part = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        Some(Self { queue: part(0)?, burst: part(4)?, place: part(8)? })
    }
}

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    number: u32,
    /// One permit for each task that waits to be handed out.
    tasks: Semaphore,
    polled: Notify,
    done: Notify,
    ledger: Mutex<Ledger>,
}

/// The tasks of the burst that goes on.
#[derive(Debug, Default)]
struct Ledger {
    burst: u32,
    /// When each was handed out, until it is taken back.
    handed_out: Vec<Option<Instant>>,
    size: usize,
    taken_back: usize,
    first: Option<Instant>,
    last: Option<Instant>,
    latencies: Option<Samples>,
    complaint: Option<String>,
}

impl Queue {
    /// An empty queue.
    pub(super) fn new(number: u32) -> Self {
        let (polled, done) = (Notify::new(), Notify::new());
        Self { number, tasks: Semaphore::new(0), polled, done, ledger: Mutex::default() }
    }

    /// Waits until somebody has asked for a task.
    pub(super) async fn polled(&self) {
        self.polled.notified().await;
    }

    /// Hands out `size` tasks and waits until all have come back.
    ///
    /// # Errors
    /// When one comes back as anything but the expected result.
    pub(super) async fn burst(&self, size: u32) -> anyhow::Result<Burst> {
        let size = usize::try_from(size)?;
        self.lock().begin(size, Samples::new()?);
        self.tasks.add_permits(size);
        self.done.notified().await;
        let mut ledger = self.lock();
        if let Some(complaint) = ledger.complaint.take() {
            anyhow::bail!("{complaint}");
        }
        let latencies = ledger.latencies.take().map_or_else(Samples::new, Ok)?;
        let elapsed = ledger.first.zip(ledger.last).map(|(first, last)| last.saturating_duration_since(first));
        Ok(Burst { latencies, elapsed: elapsed.unwrap_or_default() })
    }

    /// Waits for the next task. Cancel safe: a task is only handed out to a poll that returns.
    pub(super) async fn poll(&self) -> Option<Token> {
        self.polled.notify_one();
        self.tasks.acquire().await.ok()?.forget();
        let (burst, place) = self.lock().hand_out();
        Some(Token { queue: self.number, burst, place })
    }

    /// Takes back a task.
    pub(super) fn take_back(&self, token: Token, result: Result<(), String>) {
        if self.lock().take_back(token, result) {
            self.done.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn begin(&mut self, size: usize, latencies: Samples) {
        let burst = self.burst + 1;
        *self = Self { burst, size, latencies: Some(latencies), ..Self::default() };
        self.handed_out.reserve(size);
    }

    fn hand_out(&mut self) -> (u32, u32) {
        let now = Instant::now();
        self.first.get_or_insert(now);
        let place = u32::try_from(self.handed_out.len()).unwrap_or(u32::MAX);
        self.handed_out.push(Some(now));
        (self.burst, place)
    }

    /// Notes that a task came back. True when the burst has ended with it.
    fn take_back(&mut self, token: Token, result: Result<(), String>) -> bool {
        let now = Instant::now();
        let place = usize::try_from(token.place).ok();
        let waiting = place.filter(|_| token.burst == self.burst).and_then(|place| self.handed_out.get_mut(place));
        let Some(handed_out) = waiting.and_then(Option::take) else {
            self.complaint = Some("a task was completed twice".to_owned());
            return true;
        };
        if let Err(complaint) = result {
            self.complaint = Some(complaint);
            return true;
        }
        if let Some(latencies) = &mut self.latencies {
            latencies.add(now.saturating_duration_since(handed_out));
        }
        self.last = Some(now);
        self.taken_back += 1;
        self.taken_back == self.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_the_wire() {
        let token = Token { queue: 1, burst: 2, place: 70_000 };
        assert_eq!(Token::from_bytes(&token.to_bytes()), Some(token));
        assert_eq!(Token::from_bytes(b"short"), None);
    }

    #[tokio::test]
    async fn a_burst_ends_when_its_last_task_comes_back() -> anyhow::Result<()> {
        let queue = Queue::new(0);
        let work = async {
            for _ in 0..3 {
                let token = queue.poll().await.expect("open");
                queue.take_back(token, Ok(()));
            }
        };
        let (burst, ()) = tokio::join!(queue.burst(3), work);
        assert_eq!(burst?.latencies.count(), 3);
        Ok(())
    }

    #[tokio::test]
    async fn a_task_that_comes_back_twice_is_a_complaint() {
        let queue = Queue::new(0);
        let work = async {
            let token = queue.poll().await.expect("open");
            queue.take_back(token, Ok(()));
            queue.take_back(token, Ok(()));
        };
        let (burst, ()) = tokio::join!(queue.burst(2), work);
        assert_eq!(burst.expect_err("a complaint").to_string(), "a task was completed twice");
    }
}
