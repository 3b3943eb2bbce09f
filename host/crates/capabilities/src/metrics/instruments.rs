//! The instruments of one attempt: few, with usable names, and each name for one kind of metric.

use std::{collections::HashMap, sync::Arc};

use activity::Instrument;

use crate::bindings::isolet::activity::metrics::MetricError;

/// Instruments of one attempt.
const MAX_COUNT: usize = 256;

/// Bytes of a name: what OpenTelemetry allows.
const MAX_NAME: usize = 255;

/// Bytes of a description.
const MAX_DESCRIPTION: usize = 1_024;

/// Bytes of a unit: what OpenTelemetry allows.
const MAX_UNIT: usize = 63;

/// What the metrics of Temporal's core and of the host begin with.
const RESERVED_PREFIXES: [&str; 2] = ["temporal_", "isolet_"];

/// The instruments that an attempt has made, by number.
#[derive(Debug, Default)]
pub(super) struct Instruments {
    all: Vec<Arc<Instrument>>,
    /// The numbers of those of one name, each of a kind of its own.
    by_name: HashMap<String, Vec<u32>>,
}

impl Instruments {
    pub(super) fn get(&self, number: u32) -> Option<Arc<Instrument>> {
        self.all.get(number as usize).cloned()
    }

    /// The number of this instrument: that of the first one of its name and kind, which stays as it was.
    pub(super) fn find_or_add(&mut self, instrument: Instrument) -> Result<u32, MetricError> {
        if let Some(number) = self.find(&instrument)? {
            return Ok(number);
        }
        check(&instrument).map_err(MetricError::Invalid)?;
        let number = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < MAX_COUNT);
        let number = number.ok_or_else(|| {
            MetricError::TooMany(format!("an attempt may have {MAX_COUNT} instruments, and it has them all"))
        })?;
        self.by_name.entry(instrument.name.clone()).or_default().push(number);
        self.all.push(Arc::new(instrument));
        Ok(number)
    }

    fn find(&self, wanted: &Instrument) -> Result<Option<u32>, MetricError> {
        let Some(numbers) = self.by_name.get(&wanted.name) else { return Ok(None) };
        let found = numbers.iter().filter_map(|number| Some((*number, self.all.get(*number as usize)?)));
        let (mut same, mut other) = (None, None);
        for (number, instrument) in found {
            if instrument.kind == wanted.kind {
                same = Some(number);
            } else if instrument.kind.aggregation() != wanted.kind.aggregation() {
                other = Some(instrument.kind.aggregation());
            }
        }
        match other {
            Some(taken) => Err(MetricError::Invalid(format!("the metric {:?} is a {taken} already", wanted.name))),
            None => Ok(same),
        }
    }
}

/// Why an instrument can't be made, if it can't.
fn check(instrument: &Instrument) -> Result<(), String> {
    let Instrument { name, description, unit, kind: _ } = instrument;
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
    if !name.starts_with(first) || !name.chars().all(rest) {
        let shown: String = name.chars().take(40).collect();
        return Err(format!("the name {shown:?} is not a letter with letters, digits, `_`, `.`, `-` and `/` after it"));
    }
    let exported = activity::exported_name(name);
    if let Some(prefix) = RESERVED_PREFIXES.iter().find(|prefix| exported.starts_with(**prefix)) {
        return Err(format!("the name {name:?} begins with {prefix:?}, as only the worker's own metrics do"));
    }
    for (what, text, limit) in
        [("name", name, MAX_NAME), ("description", description, MAX_DESCRIPTION), ("unit", unit, MAX_UNIT)]
    {
        if limit < text.len() {
            return Err(format!("the {what} has {} bytes, and may have {limit}", text.len()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use activity::InstrumentKind;

    use super::*;

    fn counter(name: &str) -> Instrument {
        Instrument {
            kind: InstrumentKind::Counter,
            name: name.to_owned(),
            description: String::new(),
            unit: String::new(),
        }
    }

    fn text<T: std::fmt::Debug>(refused: Result<T, MetricError>) -> String {
        match refused.unwrap_err() {
            MetricError::Invalid(text) | MetricError::TooMany(text) | MetricError::NotGranted(text) => text,
        }
    }

    #[test]
    fn an_instrument_is_found_by_its_name_and_kind() {
        let mut instruments = Instruments::default();
        let rows = Instrument { description: "first".to_owned(), ..counter("rows") };
        assert_eq!(instruments.find_or_add(rows).unwrap(), 0);
        assert_eq!(instruments.find_or_add(counter("rows")).unwrap(), 0);
        assert_eq!(instruments.get(0).unwrap().description, "first");
        let size = |kind| Instrument { kind, ..counter("size") };
        assert_eq!(instruments.find_or_add(size(InstrumentKind::Histogram)).unwrap(), 1);
        assert_eq!(instruments.find_or_add(size(InstrumentKind::HistogramFloat)).unwrap(), 2);
        assert_eq!(instruments.find_or_add(size(InstrumentKind::Histogram)).unwrap(), 1);
        let refused = text(instruments.find_or_add(size(InstrumentKind::Gauge)));
        assert_eq!(refused, "the metric \"size\" is a histogram already");
        assert!(instruments.get(3).is_none());
    }

    #[test]
    fn a_name_that_no_exporter_takes_or_that_is_not_the_guests_is_refused() {
        let long = "n".repeat(MAX_NAME + 1);
        for name in ["", "9", "a b", "é", "temporal_request", "temporal-request", "isolet.attempts", &long] {
            assert!(
                matches!(Instruments::default().find_or_add(counter(name)), Err(MetricError::Invalid(_))),
                "{name}"
            );
        }
        for name in ["a", "_a", "rows.read-ok/all", "my_temporal_x"] {
            assert!(Instruments::default().find_or_add(counter(name)).is_ok(), "{name}");
        }
        let described = Instrument { description: "d".repeat(MAX_DESCRIPTION + 1), ..counter("a") };
        assert!(text(Instruments::default().find_or_add(described)).contains("1025 bytes, and may have 1024"));
    }

    #[test]
    fn there_are_not_too_many() {
        let mut instruments = Instruments::default();
        for number in 0..MAX_COUNT {
            instruments.find_or_add(counter(&format!("c{number}"))).unwrap();
        }
        assert!(text(instruments.find_or_add(counter("more"))).contains("256 instruments"));
        assert_eq!(instruments.find_or_add(counter("c7")).unwrap(), 7, "those that it has it may go on using");
    }
}
