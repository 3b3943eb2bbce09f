//! The shares of processor and memory in the last minutes.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use admin::Status;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{Looker, processes::processor_time};

/// How often it is looked.
pub(crate) const PERIOD: Duration = Duration::from_secs(5);

/// How often that is remembered.
pub(crate) const SAMPLES: usize = 120;

/// How many shares are told apart; the smaller ones are one.
const SHARES: usize = 8;

/// What the smaller shares are called.
pub(crate) const OTHERS: &str = "others";

/// What the worker's own process is called among the cells.
const WORKER: &str = "worker process";

/// The shares of processor and memory in the last minutes.
#[derive(Debug)]
pub struct History {
    looker: Arc<Looker>,
    samples: Mutex<VecDeque<Sample>>,
}

/// What was seen at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// How many processors each process has kept busy; those of one cell together.
    pub processor: Shares,
    /// What of the memory budget each tenant holds, in MiB.
    pub memory: Shares,
}

/// Shares by whose they are.
pub(crate) type Shares = BTreeMap<String, f64>;

/// What processes had used when it was last looked.
#[derive(Debug)]
struct Before {
    at: Instant,
    used: HashMap<u32, Duration>,
}

impl History {
    /// Of nothing yet.
    pub fn new(looker: Arc<Looker>) -> Self {
        Self { looker, samples: Mutex::default() }
    }

    /// Looks again and again; never ends.
    pub async fn run(self: Arc<Self>) {
        let mut before = Before { at: Instant::now(), used: HashMap::new() };
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(status) = self.looker.status().await else { continue };
            let sample = Sample { processor: largest(before.processor(&status)), memory: largest(memory(&status)) };
            let mut samples = self.samples();
            samples.push_back(sample);
            while SAMPLES < samples.len() {
                samples.pop_front();
            }
        }
    }

    /// What was seen, the oldest first.
    pub(crate) fn seen(&self) -> Vec<Sample> {
        self.samples().iter().cloned().collect()
    }

    fn samples(&self) -> MutexGuard<'_, VecDeque<Sample>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Before {
    /// How many processors each has kept busy since then.
    fn processor(&mut self, status: &Status) -> Shares {
        let now = Instant::now();
        let elapsed = (now - self.at).as_secs_f64();
        let own = (WORKER, status.worker.pid);
        let cells = status.cells.iter().filter_map(|cell| Some((cell.name.as_str(), cell.pid?)));
        let (mut used, mut shares) = (HashMap::new(), Shares::new());
        for (name, id) in [own].into_iter().chain(cells) {
            let Some(time) = processor_time(id) else { continue };
            // What one has used that is new is not told apart from what it had used before.
            let since = self.used.get(&id).map_or(Duration::ZERO, |before| time.saturating_sub(*before));
            if 0.0 < elapsed {
                *shares.entry(name.to_owned()).or_default() += since.as_secs_f64() / elapsed;
            }
            used.insert(id, time);
        }
        *self = Self { at: now, used };
        shares
    }
}

fn memory(status: &Status) -> Shares {
    let mebibytes = |bytes: u64| f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1_024.0;
    status.tenants.iter().map(|tenant| (tenant.name.clone(), mebibytes(tenant.reserved_bytes))).collect()
}

/// The largest shares, and all others as one.
fn largest(mut shares: Shares) -> Shares {
    while SHARES < shares.len() {
        let smallest =
            shares.iter().filter(|(name, _)| *name != OTHERS).min_by(|(_, one), (_, other)| one.total_cmp(other));
        let Some((name, share)) = smallest.map(|(name, share)| (name.clone(), *share)) else { break };
        shares.remove(&name);
        *shares.entry(OTHERS.to_owned()).or_default() += share;
    }
    shares
}

#[cfg(test)]
mod tests {
    use admin::{Cell, Tenant, Worker};

    use super::*;

    #[test]
    fn the_smaller_shares_are_one() {
        let shares: Shares = (1..=20_u32).map(|number| (format!("{number:02}"), f64::from(number))).collect();
        let largest = largest(shares);
        assert_eq!(largest.len(), SHARES);
        assert_eq!((largest["20"], largest[OTHERS]), (20.0, (1..=13).map(f64::from).sum()));
    }

    #[test]
    fn processes_of_one_cell_have_one_share() {
        let id = std::process::id();
        let cell = |pid| Cell { name: "acme".to_owned(), pid, ..Cell::default() };
        let tenant = Tenant { name: "acme".to_owned(), reserved_bytes: 3 << 20, ..Tenant::default() };
        let status = Status {
            worker: Worker { pid: id, ..Worker::default() },
            cells: vec![cell(Some(id)), cell(Some(id)), cell(None), cell(Some(u32::MAX))],
            tenants: vec![tenant],
            ..Status::default()
        };
        let mut before = Before { at: Instant::now() - Duration::from_secs(1), used: HashMap::new() };
        let shares = before.processor(&status);
        assert_eq!(shares.keys().collect::<Vec<_>>(), ["acme", WORKER]);
        assert!(before.used.contains_key(&id) && shares.values().all(|share| *share == 0.0));
        assert_eq!(memory(&status)["acme"], 3.0);
    }
}
