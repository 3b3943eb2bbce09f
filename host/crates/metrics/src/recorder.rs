//! A meter for tests: keeps what is recorded, by series.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use activity::{AttributeValue, Instrument, MeasuredValue, Meter, NameTaken, Series};

type Values = Arc<Mutex<BTreeMap<String, Vec<MeasuredValue>>>>;

/// Keeps what is recorded. The names `taken` and `taken_counter` are taken, and all that begin with `never`.
#[derive(Default)]
pub(crate) struct Recorder {
    values: Values,
}

struct Recorded {
    line: String,
    values: Values,
}

impl Recorder {
    /// The last value of the one series whose line begins like this.
    pub(crate) fn last(&self, line: &str) -> String {
        match self.all(line).last() {
            Some(MeasuredValue::Integer(value)) => value.to_string(),
            Some(MeasuredValue::Float(value)) => value.to_string(),
            other => format!("{other:?}"),
        }
    }

    /// All values of the one series whose line begins like this.
    pub(crate) fn all(&self, line: &str) -> Vec<MeasuredValue> {
        let values = self.values.lock().unwrap();
        let is_it = |other: &str| other == line || other.starts_with(&format!("{line}{{"));
        let found: Vec<_> = values.iter().filter(|(other, _)| is_it(other)).collect();
        assert_eq!(found.len(), 1, "{line} in {:?}", values.keys());
        found[0].1.clone()
    }

    /// How many series the metric has.
    pub(crate) fn series_of(&self, name: &str) -> usize {
        self.values.lock().unwrap().keys().filter(|line| line.starts_with(&format!("{name}{{"))).count()
    }
}

impl Meter for Recorder {
    fn series(
        &self,
        instrument: &Instrument,
        attributes: &[(String, AttributeValue)],
    ) -> Result<Box<dyn Series>, NameTaken> {
        let aggregation = instrument.kind.aggregation();
        let name = instrument.name.as_str();
        if matches!(name, "taken" | "taken_counter") || name.starts_with("never") {
            return Err(NameTaken { name: instrument.name.clone(), wanted: aggregation, taken: aggregation });
        }
        let attribute = |(name, value): &(String, AttributeValue)| match value {
            AttributeValue::Text(text) => format!("{name}={text}"),
            other => format!("{name}={other:?}"),
        };
        let attributes: Vec<_> = attributes.iter().map(attribute).collect();
        let line = format!("{}{{{}}}", instrument.name, attributes.join(","));
        self.values.lock().unwrap().entry(line.clone()).or_default();
        Ok(Box::new(Recorded { line, values: Arc::clone(&self.values) }))
    }
}

impl Series for Recorded {
    fn record(&self, value: MeasuredValue) {
        self.values.lock().unwrap().entry(self.line.clone()).or_default().push(value);
    }
}
