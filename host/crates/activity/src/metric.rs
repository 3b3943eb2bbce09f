//! Metrics: what is measured, by guests and by the host, and the port to whatever exports it.

use std::{fmt, sync::Arc, time::Duration};

/// What a metric is called and how its values add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// What it takes.
    pub kind: InstrumentKind,
    /// The metric's name.
    pub name: String,
    /// What it measures, for people; may be empty.
    pub description: String,
    /// Its unit; may be empty.
    pub unit: String,
}

/// What an instrument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstrumentKind {
    /// Whole numbers that add up.
    Counter,
    /// Whole numbers, of which the distribution counts.
    Histogram,
    /// Numbers, of which the distribution counts.
    HistogramFloat,
    /// Durations, of which the distribution counts.
    HistogramDuration,
    /// Whole numbers, of which the last counts.
    Gauge,
    /// Numbers, of which the last counts.
    GaugeFloat,
}

/// How an instrument's values become one: instruments of one name must agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregation {
    /// They add up.
    Counter,
    /// Their distribution counts.
    Histogram,
    /// The last one counts.
    Gauge,
}

impl InstrumentKind {
    /// How its values become one.
    pub fn aggregation(self) -> Aggregation {
        match self {
            Self::Counter => Aggregation::Counter,
            Self::Histogram | Self::HistogramFloat | Self::HistogramDuration => Aggregation::Histogram,
            Self::Gauge | Self::GaugeFloat => Aggregation::Gauge,
        }
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Histogram => "histogram",
            Self::Gauge => "gauge",
        })
    }
}

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MeasuredValue {
    /// A whole number.
    Integer(u64),
    /// A number.
    Float(f64),
    /// A duration.
    Duration(Duration),
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A truth value.
    Boolean(bool),
}

/// Attributes by name, sorted, each name once.
pub type Attributes = Vec<(String, AttributeValue)>;

/// One value that a guest recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// On which instrument.
    pub instrument: Arc<Instrument>,
    /// The value.
    pub value: MeasuredValue,
    /// The guest's own attributes. None of them has a name that the host gives.
    pub attributes: Attributes,
}

impl Measurement {
    /// Bytes that it holds, about.
    pub fn size(&self) -> usize {
        let text = |(name, value): &(String, AttributeValue)| match value {
            AttributeValue::Text(text) => name.len() + text.len(),
            AttributeValue::Integer(_) | AttributeValue::Float(_) | AttributeValue::Boolean(_) => name.len(),
        };
        size_of::<Self>() + size_of_val(self.attributes.as_slice()) + self.attributes.iter().map(text).sum::<usize>()
    }
}

/// Where metrics go: the worker's exporter.
pub trait Meter: Send + Sync + 'static {
    /// The series of `instrument` with exactly these attributes. It lives as long as the exporter, so who asks must
    /// bound how many there are.
    ///
    /// # Errors
    /// When another instrument has taken the name.
    fn series(
        &self,
        instrument: &Instrument,
        attributes: &[(String, AttributeValue)],
    ) -> Result<Box<dyn Series>, NameTaken>;
}

/// One series of a metric.
pub trait Series: Send + Sync {
    /// Records a value. Never blocks.
    fn record(&self, value: MeasuredValue);
}

/// The name of an instrument is that of another, whose values become one differently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("make the {wanted} {name:?}: another metric of that name is a {taken} already")]
pub struct NameTaken {
    /// The name, as it is exported.
    pub name: String,
    /// What was asked for.
    pub wanted: Aggregation,
    /// What has the name.
    pub taken: Aggregation,
}

/// A metric's or an attribute's name as every exporter can hold it: letters, digits and underscores.
pub fn exported_name(name: &str) -> String {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let mut exported = name.replace(odd, "_");
    if exported.starts_with(|first: char| first.is_ascii_digit()) {
        exported.insert(0, '_');
    }
    exported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_every_exporter_can_hold() {
        let cases = [("rows", "rows"), ("rows.read-ok", "rows_read_ok"), ("9é", "_9_"), ("", "")];
        for (name, exported) in cases {
            assert_eq!(exported_name(name), exported);
        }
    }
}
