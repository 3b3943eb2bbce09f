//! Which thread drops a guest that is stopped from elsewhere.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use activity::{Attempt, AttemptPort, Command, KillReason};
use capabilities::Signals;

use super::*;
use crate::{EngineSettings, live::Live, meter::Meter, reaper::Reaper, threads::Threads};

const TICK: Duration = Duration::from_millis(10);

/// Stands for the store of a guest: tells on which thread it is dropped.
struct Store(Sender<String>);

impl Drop for Store {
    fn drop(&mut self) {
        self.0.send(this_thread()).unwrap();
    }
}

fn this_thread() -> String {
    thread::current().name().unwrap_or("?").to_owned()
}

/// A guest that waits for ever, on an engine's threads.
struct Scene {
    live: Arc<Live>,
    threads: Option<Threads>,
    attempt: Option<Attempt>,
    dropped: Receiver<String>,
    ended: Receiver<Result<(), Interruption>>,
}

impl Scene {
    fn new(kill_after: Option<Duration>) -> Self {
        let live = Arc::new(Live::new(Reaper::start().unwrap()));
        let threads = Threads::start(&EngineSettings { guest_threads: 1, ..EngineSettings::default() }).unwrap();
        let (attempt, AttemptPort { commands, .. }) = activity::attempt();
        let ((drops, dropped), (end, ended)) = (channel(), channel());
        let store = Store(drops);
        let start = Start {
            meter: Arc::new(Meter::new(kill_after, None, TICK)),
            signals: Arc::new(Signals::new(false)),
            guest: Box::pin(async move {
                let _store = store;
                std::future::pending::<()>().await;
            }),
            finish: Box::new(move |answer| end.send(answer).unwrap()),
            commands: Some(commands),
        };
        let run = Run::new(&live, start);
        spawn(Arc::clone(&run), Arc::new(threads.lanes()), TICK);
        while !run.has_begun() {
            thread::yield_now();
        }
        Self { live, threads: Some(threads), attempt: Some(attempt), dropped, ended }
    }

    /// It was dropped where that may be, and its end told, for this reason.
    fn check(&self, interruption: Interruption) {
        let thread = self.dropped.recv().unwrap();
        // Its own thread takes it if it had not quite left it.
        assert!(["isolet-reaper", "isolet-guest"].contains(&&*thread), "{thread}");
        assert_eq!(self.ended.recv().unwrap(), Err(interruption));
        assert_eq!(self.live.len(), 0);
    }
}

#[test]
fn a_ticker_drops_no_guest_whose_time_is_up() {
    let scene = Scene::new(Some(Duration::ZERO));
    scene.live.kill_overdue(Instant::now());
    scene.check(Interruption::Killed(KillReason::Deadline));
}

#[test]
fn whoever_sends_a_command_drops_no_guest() {
    let scene = Scene::new(None);
    scene.attempt.as_ref().unwrap().send(Command::Kill(KillReason::Cancelled));
    scene.check(Interruption::Killed(KillReason::Cancelled));
}

#[test]
fn whoever_waits_no_more_drops_no_guest() {
    let mut scene = Scene::new(None);
    scene.attempt = None;
    scene.check(Interruption::Killed(KillReason::LeaseLost));
}

#[test]
fn whoever_closes_the_engine_drops_no_guest() {
    let scene = Scene::new(None);
    scene.live.close();
    scene.check(Interruption::Killed(KillReason::WorkerShutdown));
}

#[test]
fn whoever_ends_the_threads_drops_no_guest() {
    let mut scene = Scene::new(None);
    scene.threads = None;
    scene.check(Interruption::Lost);
}

#[test]
fn a_guest_that_ends_by_itself_is_dropped_by_its_thread() {
    let live = Arc::new(Live::new(Reaper::start().unwrap()));
    let threads = Threads::start(&EngineSettings { guest_threads: 1, ..EngineSettings::default() }).unwrap();
    let ((drops, dropped), (end, ended)) = (channel(), channel());
    let store = Store(drops);
    let start = Start {
        meter: Arc::new(Meter::new(None, None, TICK)),
        signals: Arc::new(Signals::new(false)),
        guest: Box::pin(async move {
            tokio::task::yield_now().await;
            drop(store);
        }),
        finish: Box::new(move |answer| end.send(answer).unwrap()),
        commands: None,
    };
    spawn(Run::new(&live, start), Arc::new(threads.lanes()), TICK);
    assert_eq!(dropped.recv().unwrap(), "isolet-guest");
    assert_eq!(ended.recv().unwrap(), Ok(()));
}

#[test]
fn the_end_is_told_even_if_a_drop_panics() {
    struct Wrong;
    impl Drop for Wrong {
        fn drop(&mut self) {
            panic!("while a guest is dropped");
        }
    }
    let live = Arc::new(Live::new(Reaper::start().unwrap()));
    let (end, ended) = channel();
    let wrong = Wrong;
    let start = Start {
        meter: Arc::new(Meter::new(None, None, TICK)),
        signals: Arc::new(Signals::new(false)),
        guest: Box::pin(async move {
            let _wrong = wrong;
            std::future::pending::<()>().await;
        }),
        finish: Box::new(move |answer: Result<(), Interruption>| end.send(answer).unwrap()),
        commands: None,
    };
    let run = Run::new(&live, start);
    live.close();
    assert_eq!(ended.recv().unwrap(), Err(Interruption::Killed(KillReason::WorkerShutdown)));
    drop(run);
}
