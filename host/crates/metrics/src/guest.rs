//! What the guests of one component measure: its attempts share their series, of which there may not be many.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState},
    sync::Arc,
};

use activity::{Aggregation, AttributeValue, Info, Instrument, MeasuredValue, Measurement, Meter, Series};

use crate::{
    TenantSeries,
    attempts::{Labels, record},
    instruments::{MEASUREMENTS_DROPPED, PROGRAM},
};

/// Names that are tried for one instrument: more than all components of a worker could take in its way on purpose.
const MOST_NAMES: usize = 100_000;

/// The metrics of the guests of one component on one task queue.
pub(crate) struct GuestMetrics {
    meter: Arc<dyn Meter>,
    labels: Labels,
    max_series: usize,
    tenant: Arc<TenantSeries>,
    /// Every series by a number that nobody outside can foresee; nothing for one whose name is taken.
    series: HashMap<u64, Option<Box<dyn Series>>>,
    numbers: RandomState,
    /// What instruments are called whose own name another component's has.
    renamed: HashMap<(String, Aggregation), String>,
    dropped: HashMap<&'static str, Option<Box<dyn Series>>>,
}

impl GuestMetrics {
    pub(crate) fn new(meter: Arc<dyn Meter>, labels: Labels, max_series: usize, tenant: Arc<TenantSeries>) -> Self {
        let (series, renamed, dropped) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { meter, labels, max_series, tenant, series, numbers: RandomState::new(), renamed, dropped }
    }

    /// Records what a guest measured in the attempt described by `info`.
    pub(crate) fn record(&mut self, info: &Info, measurement: &Measurement) {
        let number = self.number(info, measurement);
        match self.series.get(&number) {
            Some(Some(series)) => series.record(measurement.value),
            Some(None) => self.drop_one("name-taken", String::new),
            None if self.max_series <= self.series.len() => self.drop_one_too_many(),
            None if !self.tenant.take_one() => self.drop_one_of_the_tenant_s(),
            None => self.add(number, info, measurement),
        }
    }

    /// Records the first value of a series.
    fn add(&mut self, number: u64, info: &Info, measurement: &Measurement) {
        let attributes = attributes(info, measurement);
        let series = self.find_name(&measurement.instrument, &attributes);
        match &series {
            Some(series) => series.record(measurement.value),
            None => {
                let component = self.labels.component.clone();
                self.drop_one("name-taken", || {
                    format!("guests of component {component} measure in vain: other metrics have all names for theirs")
                });
            }
        }
        self.series.insert(number, series);
    }

    /// A series under the instrument's name; where another component's metric of another kind has that, under one of
    /// this component's own.
    fn find_name(
        &mut self,
        instrument: &Instrument,
        attributes: &[(String, AttributeValue)],
    ) -> Option<Box<dyn Series>> {
        let key = (instrument.name.clone(), instrument.kind.aggregation());
        if let Some(name) = self.renamed.get(&key) {
            return self.meter.series(&Instrument { name: name.clone(), ..instrument.clone() }, attributes).ok();
        }
        if let Ok(series) = self.meter.series(instrument, attributes) {
            return Some(series);
        }
        let (name, series) = other_names(instrument).find_map(|name| {
            let renamed = Instrument { name: name.clone(), ..instrument.clone() };
            self.meter.series(&renamed, attributes).ok().map(|series| (name, series))
        })?;
        // One line for each component: guests choose how many names there are.
        if self.renamed.is_empty() {
            let Labels { tenant, component, .. } = &self.labels;
            let (own, aggregation) = (&key.0, key.1);
            tracing::warn!(
                target: PROGRAM,
                "the {aggregation} {own:?} of component {component} of tenant {tenant} is exported as {name:?}, because \
                 a metric of another kind has its name; it is not told of others"
            );
        }
        self.renamed.insert(key, name);
        Some(series)
    }

    fn drop_one_too_many(&mut self) {
        let (Labels { tenant, component, .. }, max) = (self.labels.clone(), self.max_series);
        self.drop_one("series-limit", || {
            format!(
                "guests of component {component} of tenant {tenant} have {max} series of metrics, as many as they may: \
                 what they measure beyond is dropped and counted; let them record fewer different attributes, or raise \
                 `metrics.max-series`"
            )
        });
    }

    fn drop_one_of_the_tenant_s(&mut self) {
        let (tenant, max) = (self.labels.tenant.clone(), self.tenant.most());
        self.drop_one("tenant-series-limit", || {
            format!(
                "guests of tenant {tenant} have {max} series of metrics, as many as its `limits.metric-series` allows: what \
                 they measure beyond is dropped and counted"
            )
        });
    }

    /// The number of the measurement's series.
    fn number(&self, info: &Info, measurement: &Measurement) -> u64 {
        let mut hasher = self.numbers.build_hasher();
        measurement.instrument.kind.hash(&mut hasher);
        measurement.instrument.name.hash(&mut hasher);
        info.activity_type.hash(&mut hasher);
        for (name, value) in &measurement.attributes {
            name.hash(&mut hasher);
            std::mem::discriminant(value).hash(&mut hasher);
            match value {
                AttributeValue::Text(text) => text.hash(&mut hasher),
                AttributeValue::Integer(number) => number.hash(&mut hasher),
                AttributeValue::Float(number) => number.to_bits().hash(&mut hasher),
                AttributeValue::Boolean(truth) => truth.hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    /// Counts a value that is not exported; warns when it is the first for its reason.
    fn drop_one(&mut self, reason: &'static str, warning: impl FnOnce() -> String) {
        let Self { meter, labels, dropped, .. } = self;
        let line = dropped.entry(reason).or_insert_with(|| {
            tracing::warn!(target: PROGRAM, "{}", warning());
            MEASUREMENTS_DROPPED.series(meter.as_ref(), &labels.with(&[("reason", reason)]))
        });
        record(line, MeasuredValue::Integer(1));
    }
}

impl Drop for GuestMetrics {
    fn drop(&mut self) {
        self.tenant.give_back(self.series.len());
    }
}

/// Names that an instrument may have instead of its own: with its kind, and then a number.
fn other_names(instrument: &Instrument) -> impl Iterator<Item = String> {
    let name = format!("{}_{}", instrument.name, instrument.kind.aggregation());
    let numbered = name.clone();
    std::iter::once(name).chain((2..MOST_NAMES).map(move |number| format!("{numbered}_{number}")))
}

/// The guest's attributes with those of the host: those that every Temporal worker gives.
fn attributes(info: &Info, measurement: &Measurement) -> activity::Attributes {
    let host =
        [("namespace", &info.namespace), ("task_queue", &info.task_queue), ("activity_type", &info.activity_type)];
    let host = host.map(|(name, value)| (name.to_owned(), AttributeValue::Text(value.clone())));
    measurement.attributes.iter().cloned().chain(host).collect()
}

#[cfg(test)]
mod tests {
    use activity::InstrumentKind;

    use super::*;
    use crate::recorder::Recorder;

    fn info() -> Info {
        Info {
            namespace: "default".to_owned(),
            task_queue: "orders".to_owned(),
            activity_type: "ship".to_owned(),
            ..Info::default()
        }
    }

    fn measurement(name: &str, attributes: &[(&str, AttributeValue)]) -> Measurement {
        let instrument = Instrument {
            kind: InstrumentKind::Counter,
            name: name.to_owned(),
            description: String::new(),
            unit: String::new(),
        };
        Measurement {
            instrument: Arc::new(instrument),
            value: MeasuredValue::Integer(1),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }

    fn metrics(recorder: &Arc<Recorder>, max_series: usize) -> GuestMetrics {
        let labels = Labels {
            tenant: "acme".to_owned(),
            namespace: "default".to_owned(),
            task_queue: "orders".to_owned(),
            component: "ship".to_owned(),
        };
        let tenant = Arc::new(TenantSeries::default());
        tenant.limit(100, false);
        GuestMetrics::new(Arc::clone(recorder) as Arc<dyn Meter>, labels, max_series, tenant)
    }

    #[test]
    fn one_series_takes_all_values_of_the_same_attributes() {
        let recorder = Arc::new(Recorder::default());
        let (mut metrics, info) = (metrics(&recorder, 10), info());
        let north = measurement("rows", &[("region", AttributeValue::Text("north".to_owned()))]);
        metrics.record(&info, &north);
        metrics.record(&info, &north);
        metrics.record(&info, &measurement("rows", &[("region", AttributeValue::Integer(1))]));
        let line = "rows{region=north,namespace=default,task_queue=orders,activity_type=ship}";
        assert_eq!(recorder.all(line).len(), 2);
        assert_eq!(recorder.series_of("rows"), 2);
    }

    #[test]
    fn series_beyond_the_limit_are_counted_and_the_others_go_on() {
        let recorder = Arc::new(Recorder::default());
        let (mut metrics, info) = (metrics(&recorder, 3), info());
        for number in 0..10 {
            metrics.record(&info, &measurement("rows", &[("number", AttributeValue::Integer(number))]));
        }
        metrics.record(&info, &measurement("rows", &[("number", AttributeValue::Integer(0))]));
        assert_eq!(recorder.series_of("rows"), 3);
        assert_eq!(recorder.all("isolet_measurements_dropped").len(), 7);
    }

    #[test]
    fn what_is_measured_where_no_name_is_left_is_counted() {
        let recorder = Arc::new(Recorder::default());
        let (mut metrics, info) = (metrics(&recorder, 3), info());
        metrics.record(&info, &measurement("never", &[]));
        metrics.record(&info, &measurement("never", &[]));
        assert_eq!(recorder.all("isolet_measurements_dropped").len(), 2);
    }

    #[test]
    fn what_is_measured_under_another_s_name_gets_its_own() {
        let recorder = Arc::new(Recorder::default());
        let (mut metrics, info) = (metrics(&recorder, 3), info());
        for region in ["north", "south", "north"] {
            metrics.record(&info, &measurement("taken", &[("region", AttributeValue::Text(region.to_owned()))]));
        }
        assert_eq!(recorder.series_of("taken_counter_2"), 2);
        let line = "taken_counter_2{region=north,namespace=default,task_queue=orders,activity_type=ship}";
        assert_eq!(recorder.all(line).len(), 2);
    }
}
