//! What the scripts wait for: timers, HTTP, and being told to stop, in one call of `wasi:io/poll`.
//!
//! Each thing that happens calls the one function that the bundle has given, with the kind of event, the number of
//! what it is about, and what else there is to tell. After each, all promises that can go on go on.

use std::cell::{Cell, RefCell};

use rquickjs::{Ctx, Exception, Function, IntoJs, Persistent, Result, Value};
use wasip2::{
    clocks::monotonic_clock,
    io::poll::{Pollable, poll},
};

use crate::{
    contract::isolet::activity::{
        cancellation::{Event, is_cancelled, is_worker_shutdown},
        cancellation_pollable,
    },
    host::http::{self, Exchange, Part},
};

/// A timer, by the time when it is due in nanoseconds. Those of the same time ring in the order that they were set.
struct Timer {
    due: u64,
    number: u32,
}

thread_local! {
    static LISTENER: RefCell<Option<Persistent<Function<'static>>>> = const { RefCell::new(None) };
    static TIMERS: RefCell<Vec<Timer>> = const { RefCell::new(Vec::new()) };
    static EXCHANGES: RefCell<Vec<Exchange>> = const { RefCell::new(Vec::new()) };
    static WATCHED: Cell<Event> = const { Cell::new(Event::empty()) };
}

/// Who is told.
pub(crate) fn listen<'js>(ctx: &Ctx<'js>, listener: Function<'js>) {
    LISTENER.set(Some(Persistent::save(ctx, listener)));
}

/// Rings once so many milliseconds have passed.
pub(crate) fn set_timer(number: u32, milliseconds: f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is not negative")]
    let wait = (milliseconds.max(0.0) * 1e6) as u64;
    TIMERS.with_borrow_mut(|timers| timers.push(Timer { due: monotonic_clock::now().saturating_add(wait), number }));
}

/// Rings no more.
pub(crate) fn clear_timer(number: u32) {
    TIMERS.with_borrow_mut(|timers| timers.retain(|timer| timer.number != number));
}

/// Tells of the cancellation, or of the worker's shutdown, once.
pub(crate) fn watch(event: Event) {
    WATCHED.set(WATCHED.get() | event);
}

/// Waits for what happens with an exchange.
pub(crate) fn add(exchange: Exchange) {
    EXCHANGES.with_borrow_mut(|exchanges| exchanges.push(exchange));
}

/// Does something with an exchange, if it is still there.
pub(crate) fn with_exchange<T>(number: u32, work: impl FnOnce(&mut Exchange) -> T) -> Option<T> {
    EXCHANGES.with_borrow_mut(|exchanges| exchanges.iter_mut().find(|each| each.number == number).map(work))
}

/// Drops an exchange.
pub(crate) fn remove(number: u32) {
    // Outside of the borrow: dropping calls the host.
    drop(EXCHANGES.with_borrow_mut(|exchanges| {
        let place = exchanges.iter().position(|each| each.number == number);
        place.map(|place| exchanges.remove(place))
    }));
}

/// Lets all promises go on that can. What a microtask throws is lost here: the engine's binding takes it.
pub(crate) fn run_jobs(ctx: &Ctx<'_>) {
    while ctx.execute_pending_job() {}
}

/// Tells the bundle that a promise was rejected that nobody handles, or that it is handled after all.
#[expect(clippy::needless_pass_by_value, reason = "as the engine gives it")]
pub(crate) fn rejected<'js>(ctx: Ctx<'js>, promise: Value<'js>, reason: Value<'js>, is_handled: bool) {
    let Some(listener) = LISTENER.with_borrow(Clone::clone) else { return };
    // It is called in the midst of other code, so nothing else may run, and there is nobody to tell of an error.
    let told = listener.restore(&ctx);
    let _ =
        told.and_then(|listener| listener.call::<_, ()>(("rejected", u32::from(is_handled), vec![promise, reason])));
}

/// Turns of the loop, with what they wait for of the host from one to the next.
#[derive(Default)]
pub(crate) struct Turns {
    stop: Option<(Event, Pollable)>,
    /// The exchange that was served last.
    served: u32,
}

impl Turns {
    /// Waits until something happens and tells of it. False if nothing can.
    ///
    /// # Errors
    /// What the listener throws.
    pub(crate) fn next(&mut self, ctx: &Ctx<'_>) -> Result<bool> {
        let ready = self.wait();
        match ready {
            Ready::Nothing => return Ok(false),
            Ready::Stop => tell_of_stop(ctx)?,
            Ready::Exchange(number, part) => {
                self.served = number;
                http::go_on(ctx, number, part)?;
            }
            Ready::Timer => ring(ctx)?,
        }
        Ok(true)
    }

    /// The first thing that is ready. Being told to stop goes first; timers go last, so that none starves the others.
    fn wait(&mut self) -> Ready {
        let watched = WATCHED.get();
        if happened().intersects(watched) {
            return Ready::Stop;
        }
        if self.stop.as_ref().is_none_or(|(event, _)| *event != watched) {
            self.stop = (!watched.is_empty()).then(|| (watched, cancellation_pollable::subscribe(watched)));
        }
        let due = TIMERS.with_borrow(|timers| timers.iter().map(|timer| timer.due).min());
        let timer = due.map(monotonic_clock::subscribe_instant);
        EXCHANGES.with_borrow(|exchanges| {
            let waiting: Vec<_> = exchanges
                .iter()
                .flat_map(|each| each.waits_for().map(|(part, pollable)| (each.number, part, pollable)))
                .collect();
            let mut pollables: Vec<&Pollable> = waiting.iter().map(|(_, _, pollable)| *pollable).collect();
            let stop = self.stop.as_ref().map(|(_, pollable)| pollable);
            pollables.extend(stop);
            pollables.extend(&timer);
            if pollables.is_empty() {
                return Ready::Nothing;
            }
            let ready = poll(&pollables);
            // Each in its turn: one with much to tell holds up no other.
            let after = |served: u32| {
                let of_exchanges = ready.iter().filter_map(|index| waiting.get(*index as usize));
                of_exchanges.min_by_key(|(number, _, _)| number.wrapping_sub(served + 1))
            };
            let first = after(self.served);
            match first {
                Some((number, part, _)) => Ready::Exchange(*number, *part),
                None if stop.is_some() && ready.contains(&count(waiting.len())) => Ready::Stop,
                None => Ready::Timer,
            }
        })
    }
}

enum Ready {
    Nothing,
    Stop,
    Exchange(u32, Part),
    Timer,
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn happened() -> Event {
    let mut happened = Event::empty();
    happened.set(Event::CANCELLED, is_cancelled());
    happened.set(Event::WORKER_SHUTDOWN, is_worker_shutdown());
    happened
}

fn tell_of_stop(ctx: &Ctx<'_>) -> Result<()> {
    let told = happened() & WATCHED.get();
    WATCHED.set(WATCHED.get() - told);
    if told.contains(Event::CANCELLED) {
        tell(ctx, "cancelled", 0, ())?;
    }
    if told.contains(Event::WORKER_SHUTDOWN) {
        tell(ctx, "worker-shutdown", 0, ())?;
    }
    Ok(())
}

/// Rings every timer that is due now. One that is set meanwhile waits for the next turn.
fn ring(ctx: &Ctx<'_>) -> Result<()> {
    let now = monotonic_clock::now();
    let mut due = TIMERS.with_borrow_mut(|timers| timers.extract_if(.., |timer| timer.due <= now).collect::<Vec<_>>());
    due.sort_by_key(|timer| timer.due);
    for (place, timer) in due.iter().enumerate() {
        let rung = tell(ctx, "timer", timer.number, ());
        if rung.is_err() {
            TIMERS.with_borrow_mut(|timers| timers.extend(due.drain(..).skip(place + 1)));
            return rung;
        }
    }
    Ok(())
}

/// Tells the bundle that something has happened, and lets promises go on.
///
/// # Errors
/// What the listener throws.
pub(crate) fn tell<'js>(ctx: &Ctx<'js>, kind: &str, number: u32, what: impl IntoJs<'js>) -> Result<()> {
    let listener = LISTENER.with_borrow(Clone::clone);
    let listener = listener.ok_or_else(|| Exception::throw_internal(ctx, "nobody listens"))?.restore(ctx)?;
    let what: Value<'js> = what.into_js(ctx)?;
    listener.call::<_, ()>((kind, number, what))?;
    run_jobs(ctx);
    Ok(())
}
