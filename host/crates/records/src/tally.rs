//! What guests cause of the audit log: told at once when it is new, and then ever more seldom, with how often it was.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// How long after something was told it is told again, if it went on; the next times are twice as far away each.
const FIRST_WAIT: Duration = Duration::from_secs(60);

/// How far away at most.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// How much is told apart; beyond that it is told together.
const MOST: usize = 10_000;

/// What was done, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Deed {
    pub(crate) event: &'static str,
    pub(crate) tenant: String,
    pub(crate) component: String,
    pub(crate) digest: String,
    pub(crate) what: String,
}

/// What is not yet told.
#[derive(Debug)]
struct Untold {
    count: u64,
    due: Instant,
    wait: Duration,
}

/// How often each deed was done since it was last told.
#[derive(Debug, Default)]
pub(crate) struct Tally(HashMap<Deed, Untold>);

impl Tally {
    /// Something was done `count` times. Returns what to tell at once.
    pub(crate) fn add(&mut self, deed: Deed, count: u64, now: Instant) -> Option<(Deed, u64)> {
        let deed = match self.0.len() < MOST || self.0.contains_key(&deed) {
            true => deed,
            false => Deed { event: deed.event, what: "other".to_owned(), ..Deed::default() },
        };
        match self.0.get_mut(&deed) {
            Some(untold) => {
                untold.count = untold.count.saturating_add(count);
                None
            }
            None => {
                self.0.insert(deed.clone(), Untold { count: 0, due: now + FIRST_WAIT, wait: FIRST_WAIT });
                Some((deed, count))
            }
        }
    }

    /// What is to be told by now. What was not done again is forgotten.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<(Deed, u64)> {
        let mut told = Vec::new();
        self.0.retain(|deed, untold| {
            if now < untold.due {
                return true;
            }
            if untold.count == 0 {
                return false;
            }
            told.push((deed.clone(), untold.count));
            untold.count = 0;
            untold.wait = (untold.wait * 2).min(LONGEST_WAIT);
            untold.due = now + untold.wait;
            true
        });
        told
    }

    /// All that is not yet told.
    pub(crate) fn rest(&mut self) -> Vec<(Deed, u64)> {
        let all = self.0.drain().map(|(deed, untold)| (deed, untold.count));
        all.filter(|(_, count)| *count != 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(what: &str) -> Deed {
        Deed { event: "denied", what: what.to_owned(), ..Deed::default() }
    }

    #[test]
    fn a_flood_is_told_at_once_and_then_ever_more_seldom() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        let mut told = Vec::new();
        for second in 0..4 * 3_600 {
            let now = start + Duration::from_secs(second);
            told.extend(tally.add(deed("http"), 5, now).map(|(_, count)| (second, count)));
            told.extend(tally.due(now).into_iter().map(|(_, count)| (second, count)));
        }
        let seconds: Vec<u64> = told.iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, [0, 60, 180, 420, 900, 1_860, 3_780, 7_380, 10_980]);
        let rest: u64 = tally.rest().iter().map(|(_, count)| count).sum();
        assert_eq!(told.iter().map(|(_, count)| count).sum::<u64>() + rest, 5 * 4 * 3_600, "something was lost");
    }

    #[test]
    fn what_is_over_is_forgotten_and_new_when_it_comes_again() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        assert_eq!(tally.add(deed("a"), 1, start), Some((deed("a"), 1)));
        assert_eq!(tally.due(start + FIRST_WAIT), []);
        assert_eq!(tally.add(deed("a"), 1, start + FIRST_WAIT), Some((deed("a"), 1)));
    }

    #[test]
    fn too_much_of_a_kind_is_told_together() {
        let (mut tally, now) = (Tally::default(), Instant::now());
        let told = (0..MOST + 10).filter_map(|number| tally.add(deed(&number.to_string()), 1, now)).count();
        assert_eq!((told, tally.0.len()), (MOST + 1, MOST + 1));
    }
}
