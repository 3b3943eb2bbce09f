//! Count, minimum, mean and maximum, one value at a time.

use serde::{Deserialize, Serialize};

/// What the values so far come to. There is at least one.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Summary {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
}

/// The finished summary of a group.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Group {
    pub(crate) group: String,
    pub(crate) count: u64,
    pub(crate) min: f64,
    pub(crate) mean: f64,
    pub(crate) max: f64,
}

impl Summary {
    /// The summary of one value.
    pub(crate) fn of(value: f64) -> Self {
        Self { count: 1, sum: value, min: value, max: value }
    }

    /// Takes one more value in.
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The summary as the report shows it.
    pub(crate) fn group(self, name: String) -> Group {
        #[expect(clippy::cast_precision_loss, reason = "a table has far fewer rows than 2^53")]
        let count = self.count as f64;
        Group { group: name, count: self.count, min: self.min, mean: self.sum / count, max: self.max }
    }
}
