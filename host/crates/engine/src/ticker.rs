//! The thread that looks at all guests once in a tick, and more often while some keep a processor busy.

use std::{
    io,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use wasmtime::EngineWeak;

use crate::{live::Live, threads::Lanes};

/// How much more the thread counts than others, as the system counts: it works for microseconds, and every kill waits for
/// it.
const NICENESS: i32 = -10;

/// How long a guest that keeps a processor busy runs before its thread lets others go first. The system looks by itself
/// every 4 ms where it is built as usual, and what waits for that is an attempt of somebody else (decision 0022).
const MAKES_WAY: Duration = Duration::from_millis(1);

/// How long there are no guests before the thread sleeps until there are: a thousand idle cells would else keep processors
/// busy by looking at nothing, and to wake it for each attempt would cost each.
const QUIET: Duration = Duration::from_secs(1);

/// Starts the thread. A system thread of its own, because it must run while guests keep all others busy. It interrupts
/// the guests that run, so that they look at their meters, and kills those whose time is up, which others take down: also
/// one that waits in a host call, where no interruption reaches it, and one that waits for its turn.
///
/// It ends within a tick after the last guest of the engine and the engine itself are gone.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start(engine: EngineWeak, live: &Arc<Live>, lanes: Arc<Lanes>, tick: Duration) -> io::Result<()> {
    let weak = Arc::downgrade(live);
    let ticker = thread::Builder::new().name("isolet-ticker".to_owned());
    let ticker = ticker.spawn(move || run(&engine, &weak, &lanes, tick))?;
    live.watched_by(ticker.thread().clone());
    Ok(())
}

fn run(engine: &EngineWeak, live: &Weak<Live>, lanes: &Lanes, tick: Duration) {
    // For this thread only. Few users may do this; on a machine with time to spare it makes no difference.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    let mut last = Instant::now();
    let mut last_guest = last;
    loop {
        let now = Instant::now();
        let until_next = if lanes.computes() { MAKES_WAY.min(tick) } else { tick };
        let rest = until_next.saturating_sub(now.duration_since(last));
        if !rest.is_zero() {
            // It may wake early by itself.
            thread::park_timeout(rest);
            continue;
        }
        // Ticks that were missed are not made up for.
        last = now;
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
        let Some(guests) = live.upgrade() else { continue };
        guests.kill_overdue(now);
        if guests.len() != 0 {
            last_guest = now;
        } else if QUIET <= now.duration_since(last_guest) && guests.may_sleep() {
            drop(guests);
            thread::park();
            last_guest = Instant::now();
            if let Some(guests) = live.upgrade() {
                guests.awake();
            }
        }
    }
}
