//! How a candidate does beside the stable version, and what its gate makes of that.

use std::{iter, time::Duration};

use hdrhistogram::Histogram;

use crate::Gate;

/// How exactly run times are told apart: to one in a hundred.
const DIGITS: u8 = 2;

/// The longest run time that is told apart, in microseconds: some eleven days.
const LONGEST: u64 = 1_000_000_000_000;

/// More attempts are not counted: as many as a floating-point number tells apart.
const MOST: u64 = 1 << 53;

/// Of which run time a gate speaks.
const QUANTILE: f64 = 0.99;

/// What ended of one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    ended: u64,
    failed: u64,
    /// In microseconds. There always is one: its bounds are right.
    times: Option<Histogram<u64>>,
}

/// What ended of both versions since a release was set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Of the stable one.
    pub stable: Counts,
    /// Of the candidate.
    pub candidate: Counts,
}

/// What a gate makes of what was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can't be told yet, for this reason.
    Open(String),
    /// Every condition holds, by these numbers.
    Holds(String),
    /// One does not, by these numbers.
    Broken(String),
}

impl Default for Counts {
    fn default() -> Self {
        Self::of(0, 0, iter::empty())
    }
}

impl Counts {
    /// Those of so many attempts, and of how many took so many microseconds. What can't be is cut to what can.
    pub fn of(ended: u64, failed: u64, times: impl Iterator<Item = (u64, u64)>) -> Self {
        let ended = ended.min(MOST);
        let mut counts =
            Self { ended, failed: failed.min(ended), times: Histogram::new_with_bounds(1, LONGEST, DIGITS).ok() };
        // The library adds up counts, which must not be more than a number can have.
        times.for_each(|(micros, count)| counts.took(micros, count.min(ended.saturating_sub(counts.ran()))));
        counts
    }

    /// An attempt has ended, and took so long if it ran.
    pub fn add(&mut self, has_failed: bool, time: Option<Duration>) {
        if MOST <= self.ended {
            return;
        }
        self.ended += 1;
        self.failed += u64::from(has_failed);
        if let Some(time) = time {
            self.took(u64::try_from(time.as_micros()).unwrap_or(LONGEST), 1);
        }
    }

    fn took(&mut self, micros: u64, count: u64) {
        if let Some(times) = &mut self.times {
            times.saturating_record_n(micros.clamp(1, LONGEST), count);
        }
    }

    /// How many have ended.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// How many of them have failed.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// How many have failed, in percent.
    pub fn failures(&self) -> f64 {
        if self.ended == 0 { 0.0 } else { 100.0 * as_float(self.failed) / as_float(self.ended) }
    }

    /// The 99th percentile of their run times, if any has run.
    pub fn p99(&self) -> Option<Duration> {
        let times = self.times.as_ref().filter(|times| !times.is_empty())?;
        Some(Duration::from_micros(times.value_at_quantile(QUANTILE)))
    }

    /// How many took so many microseconds.
    pub fn times(&self) -> impl Iterator<Item = (u64, u64)> {
        let recorded = self.times.iter().flat_map(Histogram::iter_recorded);
        recorded.map(|value| (value.value_iterated_to(), value.count_at_value()))
    }

    fn ran(&self) -> u64 {
        self.times.as_ref().map_or(0, Histogram::len)
    }
}

impl Gate {
    /// What it makes of what was observed, once so many attempts of each version have ended. Until there are so many of
    /// the stable one, it counts as one that never fails: what is new has to be right by itself then.
    pub fn judge(&self, observed: &Observed, least: u64) -> Verdict {
        let ended = observed.candidate.ended;
        if ended < least {
            return Verdict::Open(format!("{ended} of {least} attempts of the candidate have ended"));
        }
        let (mut open, mut broken, mut held) = (Vec::new(), Vec::new(), Vec::new());
        for verdict in [self.judge_failures(observed, least), self.judge_p99(observed, least)].into_iter().flatten() {
            match verdict {
                Verdict::Open(why) => open.push(why),
                Verdict::Broken(why) => broken.push(why),
                Verdict::Holds(why) => held.push(why),
            }
        }
        match () {
            () if !broken.is_empty() => Verdict::Broken(broken.join("; ")),
            () if !open.is_empty() => Verdict::Open(open.join("; ")),
            () => Verdict::Holds(held.join("; ")),
        }
    }

    fn judge_failures(&self, observed: &Observed, least: u64) -> Option<Verdict> {
        let most = self.failures?;
        let Observed { stable, candidate } = observed;
        let of_stable = if stable.ended < least { 0.0 } else { stable.failures() };
        let why = format!(
            "{} of {} attempts of the candidate failed ({:.2} %), and {} of {} of the stable version ({:.2} %)",
            candidate.failed,
            candidate.ended,
            candidate.failures(),
            stable.failed,
            stable.ended,
            stable.failures()
        );
        let holds = candidate.failures() - of_stable < most.value();
        Some(if holds {
            Verdict::Holds(why)
        } else {
            Verdict::Broken(format!("{why}: failures<{most}% does not hold"))
        })
    }

    fn judge_p99(&self, observed: &Observed, least: u64) -> Option<Verdict> {
        let most = self.p99?;
        let Observed { stable, candidate } = observed;
        if stable.ran() < least {
            return Some(Verdict::Open(format!(
                "{} of {least} attempts of the stable version have ended",
                stable.ran()
            )));
        }
        let (Some(of_stable), Some(of_candidate)) = (stable.p99(), candidate.p99()) else {
            return Some(Verdict::Open("no attempt of the candidate has run".to_owned()));
        };
        let why = format!(
            "the 99th percentile of run times is {:.1} ms of the candidate and {:.1} ms of the stable version",
            1_000.0 * of_candidate.as_secs_f64(),
            1_000.0 * of_stable.as_secs_f64()
        );
        let holds = of_candidate < of_stable.mul_f64(most.value());
        Some(if holds { Verdict::Holds(why) } else { Verdict::Broken(format!("{why}: p99<{most}x does not hold")) })
    }
}

#[expect(clippy::cast_precision_loss, reason = "no more are counted than it tells apart")]
fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many attempts, of which so many failed, and one in fifty took as many milliseconds.
    fn counts(ended: u64, failed: u64, slow_millis: u64) -> Counts {
        Counts::of(ended, failed, [(10_000, ended - ended / 50), (1_000 * slow_millis, ended / 50)].into_iter())
    }

    fn judged(gate: &str, stable: Counts, candidate: Counts) -> String {
        let (kind, why) = match gate.parse::<Gate>().unwrap().judge(&Observed { stable, candidate }, 100) {
            Verdict::Open(why) => ("open", why),
            Verdict::Holds(why) => ("holds", why),
            Verdict::Broken(why) => ("broken", why),
        };
        format!("{kind}: {why}")
    }

    #[test]
    fn failures_count_beyond_those_of_the_stable_version() {
        let gate = "failures<1%";
        let begins = |stable, candidate, begin: &str| {
            let judged = judged(gate, stable, candidate);
            assert!(judged.starts_with(begin), "{judged}");
        };
        begins(counts(1_000, 0, 10), counts(99, 99, 10), "open: 99 of 100 attempts");
        begins(counts(1_000, 0, 10), counts(100, 0, 10), "holds: 0 of 100 attempts");
        begins(counts(1_000, 0, 10), counts(100, 1, 10), "broken: 1 of 100 attempts");
        begins(counts(1_000, 0, 10), counts(101, 1, 10), "holds: 1 of 101 attempts");
        begins(counts(1_000, 300, 10), counts(100, 30, 10), "holds: 30 of 100 attempts");
        begins(counts(1_000, 300, 10), counts(100, 31, 10), "broken: 31 of 100 attempts");
        begins(counts(1_000, 300, 10), counts(100, 2, 10), "holds: 2 of 100 attempts");
        // One failure of one is no excuse.
        begins(counts(1, 1, 10), counts(100, 5, 10), "broken: 5 of 100 attempts");
    }

    #[test]
    fn run_times_are_compared_with_those_of_the_stable_version() {
        let gate = "p99<2x";
        let slow = |stable, candidate| judged(gate, counts(500, 0, stable), counts(100, 100, candidate));
        assert!(slow(100, 190).starts_with("holds: "), "{}", slow(100, 190));
        assert!(slow(100, 210).starts_with("broken: the 99th percentile"), "{}", slow(100, 210));
        assert!(
            judged(gate, counts(99, 0, 1), counts(100, 0, 10)).starts_with("open: 99 of 100 attempts of the stable")
        );
        let refused = Counts::of(100, 100, iter::empty());
        assert_eq!(judged(gate, counts(100, 0, 1), refused), "open: no attempt of the candidate has run");
    }

    #[test]
    fn one_condition_that_does_not_hold_is_enough() {
        let judged = judged("failures<1%,p99<2x", counts(99, 0, 1), counts(100, 50, 1));
        assert!(judged.starts_with("broken: 50 of 100"), "{judged}");
    }

    #[test]
    fn what_was_observed_can_be_written_down() {
        let mut counts = Counts::default();
        for millis in 0..500 {
            counts.add(millis % 7 == 0, Some(Duration::from_millis(millis)));
        }
        counts.add(true, None);
        counts.add(false, Some(Duration::MAX));
        let again = Counts::of(counts.ended(), counts.failed(), counts.times());
        assert_eq!((again.ended(), again.failed(), again.p99()), (502, 73, counts.p99()));
        assert!(counts.times().count() < 400, "{}", counts.times().count());
        // As somebody may have written it.
        let odd = Counts::of(1, 7, [(0, 3), (u64::MAX, u64::MAX)].into_iter());
        assert_eq!((odd.ended(), odd.failed(), odd.p99().is_some()), (1, 1, true));
    }
}
