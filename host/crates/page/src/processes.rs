//! What processes have used of the processors, as the system counts it.

use std::{fs, time::Duration};

/// The processor time of the process `id` until now; `None` if it is gone.
pub(crate) fn processor_time(id: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let ticks = ticks(&stat)?;
    let of_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok().filter(|ticks| *ticks != 0)?;
    Some(Duration::from_secs(ticks) / of_second)
}

/// Of its own code and of the system for it, in the system's ticks. Its name may have anything in it, even parentheses.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    // The name is the second field, and these are the 14th and 15th.
    let mut times = fields.split_ascii_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
    Some(times.next()?? + times.next()??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_read_whatever_the_process_is_called() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 1 0 1 2 3";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (a"), None);
        assert!(processor_time(std::process::id()).is_some());
        assert_eq!(processor_time(u32::MAX), None);
    }
}
