//! What an attempt has used, and whether it must stop.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use activity::{Excesses, HttpUsage, KillReason, Traffic, Usage};

use crate::{
    cpu,
    sync::{AtomicBool, AtomicU8, AtomicU64, Ordering},
};

/// What one guest has used, and whether it must stop. Shared by the thread that runs the guest and by whoever stops it.
///
/// Upholds the following invariant: once a guest must stop, it must stop for that reason for ever.
#[derive(Debug)]
pub(crate) struct Meter {
    started: Instant,
    /// When the guest is killed whatever it does.
    kill_at: Option<Instant>,
    /// Processor time that the guest may use, in nanoseconds.
    cpu_limit: u64,
    /// Processor time that makes a turn of the guest's, in nanoseconds.
    turn: u64,
    /// When it was to be killed; set with the first kill.
    kill_due: OnceLock<Instant>,
    /// One of the reasons below.
    stop: AtomicU8,
    /// Processor time used until the guest was last left, in nanoseconds.
    cpu: AtomicU64,
    /// What the thread that runs the guest had used when it was last entered.
    entered: AtomicU64,
    /// Whether the guest was last left because its turn was over, and not because it waits.
    turn_over: AtomicBool,
    /// The most memory held at once, in bytes; written by the limiter.
    peak_memory: AtomicU64,
    /// Nanoseconds from the start until the guest's code began to run; 0 until then.
    sandbox_start: AtomicU64,
}

const KILLED_DEADLINE: u8 = 1;
const KILLED_CANCELLED: u8 = 2;
const KILLED_LEASE_LOST: u8 = 3;
const KILLED_WORKER_SHUTDOWN: u8 = 4;
const CPU_LIMIT: u8 = 5;

/// Why a guest must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It is killed.
    Killed(KillReason),
    /// It has used its processor time.
    CpuLimit,
}

impl Meter {
    /// That of a guest that starts now, and that others wait for at most about a `tick`.
    pub(crate) fn new(kill_after: Option<Duration>, cpu_limit: Option<Duration>, tick: Duration) -> Self {
        let started = Instant::now();
        Self {
            started,
            // A time beyond what the clock can tell never comes.
            kill_at: kill_after.and_then(|after| started.checked_add(after)),
            cpu_limit: cpu_limit.map_or(u64::MAX, nanoseconds),
            // It is looked at once in a tick, or more often: who came between two ticks stays beyond the next.
            turn: nanoseconds(tick / 2),
            kill_due: OnceLock::new(),
            stop: AtomicU8::new(0),
            cpu: AtomicU64::new(0),
            entered: AtomicU64::new(0),
            turn_over: AtomicBool::new(false),
            peak_memory: AtomicU64::new(0),
            sandbox_start: AtomicU64::new(0),
        }
    }

    /// When the guest is killed whatever it does.
    pub(crate) fn kill_at(&self) -> Option<Instant> {
        self.kill_at
    }

    /// Makes the guest stop.
    pub(crate) fn kill(&self, reason: KillReason) {
        // A deadline is noticed some time after it has passed, a command at once.
        let now = Instant::now();
        let deadline = self.kill_at.filter(|kill_at| reason == KillReason::Deadline && *kill_at <= now);
        self.kill_due.get_or_init(|| deadline.unwrap_or(now));
        self.stop_for(match reason {
            KillReason::Deadline => KILLED_DEADLINE,
            KillReason::Cancelled => KILLED_CANCELLED,
            KillReason::LeaseLost => KILLED_LEASE_LOST,
            KillReason::WorkerShutdown => KILLED_WORKER_SHUTDOWN,
        });
    }

    /// Why the guest must stop, if it must.
    pub(crate) fn stop(&self) -> Option<Stop> {
        match self.stop.load(Ordering::SeqCst) {
            0 => None,
            KILLED_DEADLINE => Some(Stop::Killed(KillReason::Deadline)),
            KILLED_CANCELLED => Some(Stop::Killed(KillReason::Cancelled)),
            KILLED_LEASE_LOST => Some(Stop::Killed(KillReason::LeaseLost)),
            KILLED_WORKER_SHUTDOWN => Some(Stop::Killed(KillReason::WorkerShutdown)),
            _ => Some(Stop::CpuLimit),
        }
    }

    /// Whether the guest must stop that runs on this thread, which has used so many nanoseconds: see
    /// [`cpu::of_this_thread`].
    pub(crate) fn must_stop(&self, used: u64) -> bool {
        if self.kill_at.is_some_and(|kill_at| kill_at <= Instant::now()) {
            self.kill(KillReason::Deadline);
        }
        if self.cpu_limit != u64::MAX
            && self.cpu_limit <= self.cpu.load(Ordering::Relaxed).saturating_add(self.this_turn(used))
        {
            self.stop_for(CPU_LIMIT);
        }
        self.stop().is_some()
    }

    /// Notes that this thread enters the guest.
    pub(crate) fn enter(&self) {
        self.entered.store(cpu::on_entering(), Ordering::Relaxed);
    }

    /// Notes that this thread leaves the guest. Returns the nanoseconds that it used since [`Meter::enter`].
    pub(crate) fn leave(&self) -> u64 {
        let used = cpu::on_leaving().saturating_sub(self.entered.load(Ordering::Relaxed));
        self.cpu.fetch_add(used, Ordering::Relaxed);
        used
    }

    /// Whether the guest has had its turn that runs on this thread, which has used so many nanoseconds.
    pub(crate) fn turn_is_over(&self, used: u64) -> bool {
        self.turn <= self.this_turn(used)
    }

    /// Notes that the guest's turn is over.
    pub(crate) fn end_turn(&self) {
        self.turn_over.store(true, Ordering::Relaxed);
    }

    /// Whether the guest's turn was over when it was last left.
    pub(crate) fn take_turn_over(&self) -> bool {
        self.turn_over.swap(false, Ordering::Relaxed)
    }

    /// Notes how much memory the guest holds.
    pub(crate) fn hold_memory(&self, bytes: u64) {
        self.peak_memory.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Notes that the guest's code begins to run.
    pub(crate) fn sandbox_started(&self) {
        self.sandbox_start.store(nanoseconds(self.started.elapsed()), Ordering::Relaxed);
    }

    /// What the guest has used, once it has been left for good.
    pub(crate) fn usage(&self) -> Usage {
        let wall = self.started.elapsed();
        let sandbox_start = match self.sandbox_start.load(Ordering::Relaxed) {
            0 => wall,
            nanoseconds => Duration::from_nanos(nanoseconds),
        };
        let killed = matches!(self.stop(), Some(Stop::Killed(_)));
        Usage {
            wall,
            cpu: Duration::from_nanos(self.cpu.load(Ordering::Relaxed)),
            sandbox_start,
            peak_memory: self.peak_memory.load(Ordering::Relaxed),
            kill_delay: self.kill_due.get().filter(|_| killed).map(Instant::elapsed),
            // Not seen from here.
            // Known elsewhere.
            peak_scratch: 0,
            http: HttpUsage::default(),
            traffic: Traffic::default(),
            excesses: Excesses::default(),
        }
    }

    /// Nanoseconds that this thread has used since it entered the guest, of those that it has used in all.
    fn this_turn(&self, used: u64) -> u64 {
        used.saturating_sub(self.entered.load(Ordering::Relaxed))
    }

    fn stop_for(&self, reason: u8) {
        // The first reason stays.
        let _ = self.stop.compare_exchange(0, reason, Ordering::SeqCst, Ordering::SeqCst);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
