//! Who has which name. Two metrics of one name whose values become one differently would spoil each other, and with some
//! scrapers everything else too, so the first one keeps the name.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use activity::{Aggregation, Instrument, InstrumentKind, NameTaken, exported_name};

use super::settings::{MetricExporter, TelemetrySettings};

/// The names of all metrics that were ever measured.
#[derive(Debug)]
pub(super) struct Names {
    /// Whether they are those of Prometheus.
    plain: bool,
    counters_total_suffix: bool,
    unit_suffix: bool,
    durations_in_seconds: bool,
    claims: Mutex<HashMap<String, Claim>>,
}

/// What has a name.
#[derive(Debug)]
struct Claim {
    aggregation: Aggregation,
    /// The first instrument's, because one name has one description.
    description: String,
    /// Whether it is the name of a histogram's own sums and counts.
    is_part: bool,
}

impl Names {
    pub(super) fn new(settings: &TelemetrySettings) -> Self {
        Self {
            plain: matches!(settings.exporter, MetricExporter::Prometheus { .. }),
            counters_total_suffix: settings.counters_total_suffix,
            unit_suffix: settings.unit_suffix,
            durations_in_seconds: settings.durations_in_seconds,
            claims: Mutex::default(),
        }
    }

    /// Claims the name of `instrument`; returns how to call it and how to describe it.
    ///
    /// Fails when something else has the name.
    pub(super) fn claim(&self, instrument: &Instrument) -> Result<(String, String), NameTaken> {
        let wanted = instrument.kind.aggregation();
        let name = if self.plain { exported_name(&instrument.name) } else { instrument.name.clone() };
        let exported = self.exported(&name, instrument);
        // Each change is complete when the lock is given back.
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let parts: Vec<String> = match wanted {
            Aggregation::Histogram if self.plain => {
                ["bucket", "count", "sum"].map(|part| format!("{exported}_{part}")).into()
            }
            _ => Vec::new(),
        };
        let in_the_way = |claim: &Claim| claim.is_part || claim.aggregation != wanted;
        if let Some(claim) = claims.get(&exported).filter(|claim| in_the_way(claim)) {
            return Err(NameTaken { name: exported, wanted, taken: claim.aggregation });
        }
        for part in &parts {
            if let Some(claim) = claims.get(part).filter(|claim| !claim.is_part) {
                return Err(NameTaken { name: part.clone(), wanted, taken: claim.aggregation });
            }
        }
        for part in parts {
            claims.insert(part, Claim { aggregation: wanted, description: String::new(), is_part: true });
        }
        let description = instrument.description.clone();
        let claim = claims.entry(exported).or_insert(Claim { aggregation: wanted, description, is_part: false });
        Ok((name, claim.description.clone()))
    }

    /// What core's exporter makes of the name.
    fn exported(&self, name: &str, instrument: &Instrument) -> String {
        let unit = match instrument.kind {
            InstrumentKind::HistogramDuration if self.durations_in_seconds => "seconds",
            InstrumentKind::HistogramDuration => "milliseconds",
            _ => &instrument.unit,
        };
        match instrument.kind.aggregation() {
            Aggregation::Counter if self.plain && self.counters_total_suffix => format!("{name}_total"),
            Aggregation::Histogram if self.plain && self.unit_suffix && !unit.is_empty() => format!("{name}_{unit}"),
            _ => name.to_owned(),
        }
    }

    /// The unit as it can be part of a name, where it will be.
    pub(super) fn unit(&self, instrument: &Instrument) -> String {
        if self.plain { exported_name(&instrument.unit) } else { instrument.unit.clone() }
    }
}
