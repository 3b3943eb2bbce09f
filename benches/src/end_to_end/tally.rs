//! The figures of each worker over all rounds.

use std::time::Duration;

use super::workers::Kind;
use crate::{
    report::Table,
    samples::{Samples, median, ratio, short},
};

/// What a burst took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// By the clock.
    pub(crate) elapsed: Duration,
    /// Of the worker's processor time.
    pub(crate) cpu: Duration,
}

impl Share {
    /// Activities per second, of `count`.
    pub(crate) fn rate(self, count: u64) -> f64 {
        ratio(as_f64(count), self.elapsed.as_secs_f64())
    }

    /// Processor time of each of `count` activities, in µs.
    pub(crate) fn cost(self, count: u64) -> f64 {
        ratio(self.cpu.as_secs_f64() * 1e6, as_f64(count))
    }
}

/// The figures of all workers.
#[derive(Debug)]
pub(crate) struct Tallies(Vec<(Kind, Tally)>);

#[derive(Debug)]
struct Tally {
    latencies: Samples,
    /// Activities per second of each round.
    rates: Vec<f64>,
    /// Processor time per activity of each round, in µs.
    costs: Vec<f64>,
}

impl Tally {
    fn new() -> anyhow::Result<Self> {
        Ok(Self { latencies: Samples::new()?, rates: Vec::new(), costs: Vec::new() })
    }

    fn rate(&self) -> f64 {
        median(self.rates.clone())
    }

    fn cost(&self) -> f64 {
        median(self.costs.clone())
    }
}

impl Tallies {
    /// Nothing yet.
    ///
    /// # Errors
    /// Never, see [`Samples::new`].
    pub(crate) fn new() -> anyhow::Result<Self> {
        let of_each = Kind::ALL.into_iter().map(|kind| anyhow::Ok((kind, Tally::new()?)));
        Ok(Self(of_each.collect::<anyhow::Result<_>>()?))
    }

    /// Adds a burst.
    ///
    /// # Errors
    /// Never, see [`Samples::append`].
    pub(crate) fn add(&mut self, kind: Kind, latencies: &Samples, share: Share) -> anyhow::Result<()> {
        for (_, tally) in self.0.iter_mut().filter(|(of, _)| *of == kind) {
            tally.latencies.append(latencies)?;
            tally.rates.push(share.rate(latencies.count()));
            tally.costs.push(share.cost(latencies.count()));
        }
        Ok(())
    }

    /// The rate of `kind` as a multiple of `control`'s: the median over the rounds, each against its own.
    pub(crate) fn rate(&self, kind: Kind, control: Kind) -> f64 {
        self.by_rounds(kind, control, |tally| &tally.rates)
    }

    /// The processor time per activity of `kind` as a multiple of `control`'s, likewise.
    pub(crate) fn cpu(&self, kind: Kind, control: Kind) -> f64 {
        self.by_rounds(kind, control, |tally| &tally.costs)
    }

    /// The table; its first column names the server.
    pub(crate) fn table(&self, server: &str) -> Table {
        let columns = ["activities/s", "p50", "p99", "CPU/activity", "Rust guest's rate ×", "its CPU ×"];
        let mut table = Table::new(&[&[server], columns.as_slice()].concat());
        for (kind, tally) in &self.0 {
            table.row(vec![
                kind.name().to_owned(),
                format!("{:.0}", tally.rate()),
                short(tally.latencies.p50()),
                short(tally.latencies.p99()),
                format!("{:.0} µs", tally.cost()),
                format!("{:.2}", self.rate(Kind::Isolet, *kind)),
                format!("{:.2}", self.cpu(Kind::Isolet, *kind)),
            ]);
        }
        table
    }

    fn by_rounds(&self, kind: Kind, control: Kind, figure: impl Fn(&Tally) -> &Vec<f64>) -> f64 {
        let of = |wanted: Kind| self.0.iter().filter(move |(kind, _)| *kind == wanted).flat_map(|(_, t)| figure(t));
        median(of(kind).zip(of(control)).map(|(measured, control)| ratio(*measured, *control)).collect())
    }
}

fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_the_same_round() -> anyhow::Result<()> {
        let mut tallies = Tallies::new()?;
        let mut one = Samples::new()?;
        one.add(Duration::from_millis(1));
        let share =
            |milliseconds| Share { elapsed: Duration::from_millis(milliseconds), cpu: Duration::from_millis(1) };
        tallies.add(Kind::Native, &one, share(10))?;
        tallies.add(Kind::Isolet, &one, share(20))?;
        assert_eq!(tallies.rate(Kind::Isolet, Kind::Native), 0.5);
        assert_eq!(tallies.cpu(Kind::Isolet, Kind::Native), 1.0);
        Ok(())
    }
}
