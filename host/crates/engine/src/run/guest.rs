//! One guest on its way from start to end, and the ways to stop it.
//!
//! What this and [`driver`](super::driver) lock and share is of [`crate::sync`], so that a model can try in which order
//! threads come.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use activity::{Command, KillReason};
use capabilities::Signals;
use tokio::{sync::mpsc::UnboundedReceiver, task::unconstrained};

use crate::{
    live::{Key, Killable, Live},
    meter::{Meter, Stop},
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
};

/// The guest's work: builds its sandbox, calls it and drops it.
pub(crate) type Guest<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Takes the guest's answer, or hears why there is none.
pub(crate) type Finish<T> = Box<dyn FnOnce(Result<T, Interruption>) + Send>;

/// Why a guest gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// It was stopped from outside.
    Killed(KillReason),
    /// The thread that ran it panicked.
    Lost,
}

/// One guest that runs.
///
/// Upholds the following invariants:
/// - The guest is dropped before its end is told, so that its slot is free by then.
/// - Its end is told exactly once.
/// - A guest that is stopped while no thread runs it, because it waits in a host call or for its turn, is dropped at
///   once, by the reaper. One that is running is interrupted at the next tick, and dropped by its thread.
/// - No other thread drops a guest: whoever stops one has something to do that can't wait for it.
pub(crate) struct Run<T> {
    pub(super) meter: Arc<Meter>,
    signals: Arc<Signals>,
    live: Arc<Live>,
    key: Key,
    /// Taken when the guest has ended. Locked while a thread runs it.
    work: Mutex<Option<Work<T>>>,
    /// What the worker says; taken when the guest has ended, or nobody waits for it any more.
    commands: Mutex<Option<UnboundedReceiver<Command>>>,
}

struct Work<T> {
    guest: Guest<T>,
    finish: Finish<T>,
    /// The task that runs the guest, to be woken when the guest is ended by someone else.
    driver: Option<Waker>,
}

/// What a run is made from.
pub(crate) struct Start<T> {
    /// What the guest uses.
    pub(crate) meter: Arc<Meter>,
    /// What the guest is told.
    pub(crate) signals: Arc<Signals>,
    /// The guest.
    pub(crate) guest: Guest<T>,
    /// Who hears of its end.
    pub(crate) finish: Finish<T>,
    /// Who tells it something.
    pub(crate) commands: Option<UnboundedReceiver<Command>>,
}

impl<T: Send + 'static> Run<T> {
    /// A guest that can be stopped from now on, and runs once its driver is polled.
    pub(crate) fn new(live: &Arc<Live>, start: Start<T>) -> Arc<Self> {
        let Start { meter, signals, guest, finish, commands } = start;
        let key = live.key(meter.kill_at());
        let run = Arc::new(Self {
            meter,
            signals,
            live: Arc::clone(live),
            key,
            work: Mutex::new(Some(Work { guest, finish, driver: None })),
            commands: Mutex::new(commands),
        });
        let weak = Arc::downgrade(&run);
        live.insert(key, weak);
        run.listen();
        run
    }

    /// Does what the worker says, then arranges to be woken when it says more.
    ///
    /// The commands are taken on the thread that sends them, so that no guest, however busy, delays them.
    fn listen(self: &Arc<Self>) {
        if let Some(reason) = self.take_commands() {
            Killable::kill(Arc::clone(self), reason);
        }
    }

    /// Returns whether one of them is to kill the guest.
    fn take_commands(self: &Arc<Self>) -> Option<KillReason> {
        let waker = Waker::from(Arc::clone(self));
        let mut context = Context::from_waker(&waker);
        let mut commands = lock(&self.commands);
        let mut kill = None;
        while let Some(receiver) = commands.as_mut() {
            // Without tokio's budget, which could wake us here and now, while the commands are locked.
            let next = pin!(unconstrained(poll_fn(|context| receiver.poll_recv(context)))).poll(&mut context);
            match next {
                Poll::Ready(Some(Command::Cancel(details))) => self.signals.cancel(details),
                Poll::Ready(Some(Command::WorkerShutdown)) => self.signals.worker_shutdown(),
                Poll::Ready(Some(Command::Answered { id, answer })) => self.signals.answer(id, *answer),
                Poll::Ready(Some(Command::Kill(reason))) => kill = kill.or(Some(reason)),
                Poll::Ready(None) => {
                    // Nobody waits for the attempt any more.
                    kill = kill.or(Some(KillReason::LeaseLost));
                    *commands = None;
                }
                Poll::Pending => break,
            }
        }
        kill
    }

    /// Polls the guest once. Returns whether it is still running, and what it used.
    pub(super) fn poll_guest(&self, context: &mut Context<'_>) -> Polled {
        let mut work = lock(&self.work);
        let Some(running) = work.as_mut() else { return Polled::Ended };
        if !running.driver.as_ref().is_some_and(|driver| driver.will_wake(context.waker())) {
            running.driver = Some(context.waker().clone());
        }
        self.meter.enter();
        let polled = running.guest.as_mut().poll(context);
        let used = Duration::from_nanos(self.meter.leave());
        match polled {
            Poll::Ready(answer) => {
                let ended = work.take();
                drop(work);
                self.end(ended, Ok(answer));
                Polled::Ended
            }
            Poll::Pending => {
                drop(work);
                // Whoever stopped the guest meanwhile found it locked.
                if let Some((work, reason)) = self.take_if_killed() {
                    self.end(Some(work), Err(Interruption::Killed(reason)));
                }
                Polled::Running(used)
            }
        }
    }

    /// The guest, if it is killed and no thread runs it, and why it is killed.
    fn take_if_killed(&self) -> Option<(Work<T>, KillReason)> {
        let Some(Stop::Killed(reason)) = self.meter.stop() else { return None };
        let work = match self.work.try_lock() {
            Ok(mut work) => work.take(),
            Err(TryLockError::Poisoned(work)) => work.into_inner().take(),
            // The thread that runs it will see that it is killed.
            Err(TryLockError::WouldBlock) => None,
        };
        Some((work?, reason))
    }

    /// Ends the guest because its thread has given it up. Called wherever a runtime drops its tasks.
    pub(super) fn abandon(self: &Arc<Self>) {
        let Some(work) = lock(&self.work).take() else { return };
        let interruption = match self.meter.stop() {
            Some(Stop::Killed(reason)) => Interruption::Killed(reason),
            Some(Stop::CpuLimit) | None => Interruption::Lost,
        };
        self.reap(work, interruption);
    }

    /// Whether a thread has begun to run it, or it has ended.
    #[cfg(test)]
    pub(super) fn has_begun(&self) -> bool {
        lock(&self.work).as_ref().is_none_or(|work| work.driver.is_some())
    }

    fn reap(self: &Arc<Self>, work: Work<T>, interruption: Interruption) {
        let run = Arc::clone(self);
        self.live.reaper().give(move || run.end(Some(work), Err(interruption)));
    }

    fn end(&self, work: Option<Work<T>>, answer: Result<T, Interruption>) {
        let Some(Work { guest, finish, driver }) = work else { return };
        // Whatever happens to the guest, its end is told.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(guest)));
        self.live.remove(self.key);
        lock(&self.commands).take();
        if let (Err(_), Some(driver)) = (&answer, driver) {
            driver.wake();
        }
        finish(answer);
    }
}

impl<T: Send + 'static> Killable for Run<T> {
    fn kill(self: Arc<Self>, reason: KillReason) {
        self.meter.kill(reason);
        if let Some((work, reason)) = self.take_if_killed() {
            self.reap(work, Interruption::Killed(reason));
        }
    }
}

/// Woken by the worker's commands.
impl<T: Send + 'static> Wake for Run<T> {
    fn wake(self: Arc<Self>) {
        self.listen();
    }
}

pub(super) enum Polled {
    /// The guest waits, or its turn is over. It used so much.
    Running(Duration),
    /// It has ended.
    Ended,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in here comes from the guest's work, which is then abandoned.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
