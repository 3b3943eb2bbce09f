//! Whoever ends a guest, and in whatever order: its end is told exactly once, and the guest is gone by then.
//!
//! This runs the engine's own code, with locks and atomics that let every order of threads be tried: see `src/sync.rs`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]
#![expect(dead_code, reason = "the files are those of the engine, and not all that is in them is of use here")]

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use activity::{AttemptPort, Command, KillReason};
use capabilities::Signals;
use shuttle::{
    check_pct, check_random,
    sync::{Mutex, mpsc::channel},
    thread,
};

use self::{
    driver::spawn,
    guest::{Interruption, Run, Start},
    live::Live,
    meter::Meter,
    reaper::Reaper,
    threads::Lanes,
};

#[path = "../src/cpu.rs"]
mod cpu;

#[path = "../src/run/driver.rs"]
mod driver;

#[path = "../src/run/guest.rs"]
mod guest;

#[path = "../src/live.rs"]
mod live;

#[path = "../src/meter.rs"]
mod meter;

mod sync {
    //! Locks and atomics whose every use lets another thread come first.

    pub(crate) use shuttle::sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    };
}

mod reaper {
    //! Takes down guests on another thread, some time.

    #[derive(Clone, Copy)]
    pub(crate) struct Reaper;

    impl Reaper {
        #[expect(clippy::unused_self, reason = "as the engine's does")]
        pub(crate) fn give(&self, work: impl FnOnce() + Send + 'static) {
            shuttle::thread::spawn(work);
        }
    }
}

mod threads {
    //! Runs guests on a runtime that may end at any time.

    use std::{
        future::Future,
        sync::{Arc, Mutex},
    };

    use shuttle::future::JoinHandle;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Lane {
        Brisk,
        Busy,
    }

    #[derive(Default)]
    pub(crate) struct Lanes(Handle);

    #[derive(Clone, Default)]
    pub(crate) struct Handle(Arc<Mutex<Tasks>>);

    #[derive(Default)]
    struct Tasks {
        running: Vec<JoinHandle<()>>,
        ended: bool,
    }

    impl Lanes {
        pub(crate) fn handle(&self, _: Lane) -> &Handle {
            &self.0
        }

        pub(crate) fn compute<T>(&self, _: Lane, guest: impl FnOnce() -> T) -> T {
            guest()
        }

        /// Drops what runs, and what is to run from now on.
        pub(crate) fn end(&self) {
            let running = {
                let mut tasks = self.0.0.lock().unwrap();
                tasks.ended = true;
                std::mem::take(&mut tasks.running)
            };
            running.into_iter().for_each(|task| task.abort());
        }
    }

    impl Handle {
        pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
            let task = shuttle::future::spawn(task);
            let mut tasks = self.0.lock().unwrap();
            if tasks.ended {
                drop(tasks);
                task.abort();
            } else {
                tasks.running.push(task);
            }
        }
    }
}

const TICK: Duration = Duration::from_millis(10);

/// Orders that are tried of each scene.
const ORDERS: usize = 300;

/// Changes of order that matter at once.
const DEPTH: usize = 4;

/// What a guest does before it returns.
#[derive(Clone, Copy)]
enum Does {
    /// It takes so many turns.
    Turns(usize),
    /// It waits for ever.
    Waits,
}

/// A guest: takes turns, or waits; says when it is gone.
struct Guest {
    does: Does,
    meter: Arc<Meter>,
    gone: Arc<AtomicBool>,
}

impl Future for Guest {
    type Output = u8;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u8> {
        // As a guest is looked at while it runs. Nothing here may yield, which would wake it.
        if self.meter.must_stop(cpu::of_this_thread()) {
            return Poll::Ready(0);
        }
        match self.does {
            Does::Turns(0) => Poll::Ready(1),
            Does::Turns(left) => {
                self.does = Does::Turns(left - 1);
                self.meter.end_turn();
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Does::Waits => Poll::Pending,
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        assert!(!self.gone.swap(true, Ordering::SeqCst), "a guest is dropped once");
    }
}

/// Something that ends a guest.
#[derive(Clone, Copy)]
enum Deed {
    /// The worker kills it.
    Kill,
    /// The worker does not wait for it any more.
    GiveUp,
    /// Its time is up, or the engine is closed.
    Close,
    /// The threads that run guests end.
    EndThreads,
}

use Deed::{Close, EndThreads, GiveUp, Kill};

/// Runs a guest while another thread does each of these at any time, and hears of the guest's end once.
fn race(does: Does, deeds: &[Deed]) {
    let live = Arc::new(Live::new(Reaper));
    let lanes = Arc::new(Lanes::default());
    let (attempt, AttemptPort { commands, .. }) = activity::attempt();
    let ((tell, told), gone) = (channel(), Arc::new(AtomicBool::new(false)));
    let meter = Arc::new(Meter::new(None, None, TICK));
    let start = Start {
        meter: Arc::clone(&meter),
        signals: Arc::new(Signals::new(false)),
        guest: Box::pin(Guest { does, meter, gone: Arc::clone(&gone) }),
        finish: Box::new(move |answer: Result<u8, Interruption>| {
            assert!(gone.load(Ordering::SeqCst), "the guest is gone before its end is told");
            tell.send(answer).unwrap();
        }),
        commands: Some(commands),
    };
    spawn(Run::new(&live, start), Arc::clone(&lanes), TICK);
    let attempt = Arc::new(Mutex::new(Some(attempt)));
    for deed in deeds.iter().copied() {
        let (live, lanes, attempt) = (Arc::clone(&live), Arc::clone(&lanes), Arc::clone(&attempt));
        thread::spawn(move || match deed {
            Kill => {
                if let Some(attempt) = attempt.lock().unwrap().as_ref() {
                    attempt.send(Command::Kill(KillReason::Cancelled));
                }
            }
            GiveUp => drop(attempt.lock().unwrap().take()),
            Close => live.close(),
            EndThreads => lanes.end(),
        });
    }
    // An end that is never told leaves everybody waiting, which is found.
    assert!(told.recv().is_ok(), "the end is told");
    assert!(told.recv().is_err(), "the end is told once");
    assert_eq!(live.len(), 0);
}

/// Tries orders of what happens to a guest that does this.
fn check(does: Does, deeds: &'static [Deed]) {
    check_random(move || race(does, deeds), ORDERS);
    check_pct(move || race(does, deeds), ORDERS, DEPTH);
}

#[test]
fn a_guest_that_waits_ends_whoever_ends_it() {
    for deed in [&[Kill] as &[Deed], &[GiveUp], &[Close], &[EndThreads]] {
        check(Does::Waits, deed);
    }
}

#[test]
fn a_guest_that_takes_turns_ends_whoever_ends_it_meanwhile() {
    for deed in [&[] as &[Deed], &[Kill], &[GiveUp], &[Close], &[EndThreads]] {
        check(Does::Turns(2), deed);
    }
}

#[test]
fn a_guest_ends_once_even_if_all_end_it() {
    for does in [Does::Waits, Does::Turns(0), Does::Turns(2)] {
        check(does, &[Kill, GiveUp, Close, EndThreads]);
    }
}
