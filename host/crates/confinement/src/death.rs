//! What the end of a process is told as, and how soon the next one is started.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    time::{Duration, Instant},
};

/// A process that lived so long is none that keeps dying.
const HEALTHY: Duration = Duration::from_secs(60);

/// The wait before the third start in a row; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How a process ended, for people. It reaches callers of activities too, so it names nothing of the host.
pub fn described(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return match status.code() {
            Some(code) => format!("it ended with exit code {code}"),
            None => "it ended".to_owned(),
        };
    };
    match signal {
        libc_signal::KILL => "it was killed, by someone or for want of memory (SIGKILL)".to_owned(),
        libc_signal::ABRT => "it aborted, as for a panic or a failed allocation (SIGABRT)".to_owned(),
        libc_signal::SEGV => "it used memory that is none (SIGSEGV)".to_owned(),
        libc_signal::BUS => "it used memory that could not be had (SIGBUS)".to_owned(),
        libc_signal::ILL => "it ran an instruction that is none (SIGILL)".to_owned(),
        libc_signal::SYS => "it used a system call that it must not (SIGSYS)".to_owned(),
        other => format!("it was ended by signal {other}"),
    }
}

mod libc_signal {
    use rustix::process::Signal;

    pub(super) const KILL: i32 = Signal::KILL.as_raw();
    pub(super) const ABRT: i32 = Signal::ABORT.as_raw();
    pub(super) const SEGV: i32 = Signal::SEGV.as_raw();
    pub(super) const BUS: i32 = Signal::BUS.as_raw();
    pub(super) const ILL: i32 = Signal::ILL.as_raw();
    pub(super) const SYS: i32 = Signal::SYS.as_raw();
}

/// The deaths of a process that is started again each time, one after the other.
#[derive(Debug, Default)]
pub struct Deaths {
    in_a_row: u32,
}

impl Deaths {
    /// A process that was started at `begun` died now: returns how long to wait before the next one is started. The first
    /// deaths in a row cost no wait.
    pub fn note(&mut self, begun: Instant) -> Duration {
        self.in_a_row = if begun.elapsed() < HEALTHY { self.in_a_row.saturating_add(1) } else { 1 };
        match self.in_a_row.checked_sub(3) {
            None => Duration::ZERO,
            Some(beyond) => FIRST_WAIT.saturating_mul(1 << beyond.min(10)).min(LONGEST_WAIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_keeps_dying_is_started_ever_less_often() {
        let mut deaths = Deaths::default();
        let waits: Vec<u128> = (0..5).map(|_| deaths.note(Instant::now()).as_millis()).collect();
        assert_eq!(waits, [0, 0, 200, 400, 800]);
        let last = (0..40).map(|_| deaths.note(Instant::now())).last();
        assert_eq!(last, Some(LONGEST_WAIT));
        let long_ago = Instant::now().checked_sub(HEALTHY).unwrap();
        assert_eq!(deaths.note(long_ago), Duration::ZERO);
    }

    #[test]
    fn ends_are_told_apart() {
        let told = |raw| described(ExitStatus::from_raw(raw));
        assert_eq!(told(9), "it was killed, by someone or for want of memory (SIGKILL)");
        assert_eq!(told(0x100), "it ended with exit code 1");
        assert_eq!(told(10), "it was ended by signal 10");
    }
}
