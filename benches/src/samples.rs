//! Durations measured, and what is said of them.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest duration that is told apart: anything longer counts as this.
const LONGEST: Duration = Duration::from_secs(600);

/// Many durations, kept in nanoseconds to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Samples(Histogram<u64>);

impl Samples {
    /// None yet.
    ///
    /// # Errors
    /// Never for these bounds; the histogram checks them.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, nanoseconds(LONGEST), 3)?))
    }

    /// Adds one.
    pub(crate) fn add(&mut self, sample: Duration) {
        self.0.saturating_record(nanoseconds(sample));
    }

    /// Adds all of `others`.
    ///
    /// # Errors
    /// Never: both have the same bounds.
    pub(crate) fn append(&mut self, others: &Self) -> anyhow::Result<()> {
        Ok(self.0.add(&others.0)?)
    }

    /// How many.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The value below which `percent` of them lie.
    pub(crate) fn percentile(&self, percent: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_percentile(percent))
    }

    /// Half of them lie below.
    pub(crate) fn p50(&self) -> Duration {
        self.percentile(50.0)
    }

    /// All but one in a hundred lie below.
    pub(crate) fn p99(&self) -> Duration {
        self.percentile(99.0)
    }

    /// The longest.
    pub(crate) fn max(&self) -> Duration {
        Duration::from_nanos(self.0.max())
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The middle of `values`; 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or_default();
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = values.len().checked_sub(2).and_then(|index| values.get(index / 2)).copied().unwrap_or_default();
    (lower + upper) / 2.0
}

/// `part` of `whole`; 0 when there is no whole.
pub(crate) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// A duration for a table: µs below 1 ms, ms below 1 s, else seconds.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_both_in_the_middle() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(Vec::new()), 0.0);
    }

    #[test]
    fn percentiles_are_of_all_samples() -> anyhow::Result<()> {
        let mut samples = Samples::new()?;
        (1..=100).for_each(|n| samples.add(Duration::from_micros(n)));
        assert_eq!(short(samples.p50()), "50.0 µs");
        assert_eq!(samples.count(), 100);
        Ok(())
    }
}
