//! Series of core's exporter behind the port on which the host measures.

use activity::{AttributeValue, Instrument, InstrumentKind, MeasuredValue, Meter, NameTaken, Series, exported_name};
use temporalio_common::telemetry::metrics::{
    Counter, CounterBase as _, Gauge, GaugeBase as _, GaugeF64, GaugeF64Base as _, HistogramDuration,
    HistogramDurationBase as _, HistogramF64, HistogramF64Base as _, MetricAttributable as _, MetricAttributes,
    MetricKeyValue, MetricParameters, MetricValue, NewAttributes, TemporalMeter,
};

use super::{names::Names, settings::Labels};

/// Makes series of core's exporter.
pub(super) struct CoreSeriesMeter {
    meter: TemporalMeter,
    names: Names,
    labels: Labels,
}

impl CoreSeriesMeter {
    pub(super) fn new(meter: TemporalMeter, names: Names, labels: Labels) -> Self {
        Self { meter, names, labels }
    }

    fn attributes(&self, attributes: &[(String, AttributeValue)]) -> MetricAttributes {
        let Labels { plain, taken } = &self.labels;
        let attribute = |(name, value): &(String, AttributeValue)| {
            let name = if *plain { exported_name(name) } else { name.clone() };
            (!taken.contains(&name)).then(|| MetricKeyValue::new(name, core_value(value)))
        };
        let attributes = attributes.iter().filter_map(attribute).collect();
        self.meter.extend_attributes(self.meter.get_default_attributes().clone(), NewAttributes::new(attributes))
    }
}

impl Meter for CoreSeriesMeter {
    fn series(
        &self,
        instrument: &Instrument,
        attributes: &[(String, AttributeValue)],
    ) -> Result<Box<dyn Series>, NameTaken> {
        let (name, description) = self.names.claim(instrument)?;
        let unit = self.names.unit(instrument);
        let parameters = MetricParameters::builder().name(name).description(description).unit(unit).build();
        let attributes = self.attributes(attributes);
        let series = match instrument.kind {
            InstrumentKind::Counter => self.meter.counter(parameters).with_attributes(&attributes).map(Bound::Counter),
            // Both exporters keep the values of histograms as numbers, so whole numbers and others may share one.
            InstrumentKind::Histogram | InstrumentKind::HistogramFloat => {
                self.meter.histogram_f64(parameters).with_attributes(&attributes).map(Bound::Histogram)
            }
            InstrumentKind::HistogramDuration => {
                self.meter.histogram_duration(parameters).with_attributes(&attributes).map(Bound::Duration)
            }
            // So does that of Prometheus with gauges, where it also would take large numbers for negative ones.
            InstrumentKind::Gauge if !self.labels.plain => {
                self.meter.gauge(parameters).with_attributes(&attributes).map(Bound::Gauge)
            }
            InstrumentKind::Gauge | InstrumentKind::GaugeFloat => {
                self.meter.gauge_f64(parameters).with_attributes(&attributes).map(Bound::GaugeFloat)
            }
        };
        Ok(Box::new(series.unwrap_or_else(|error| {
            tracing::error!(%error, name = instrument.name, "a metric can't be exported: this is a bug of the worker");
            Bound::Lost
        })))
    }
}

/// One series, bound to its attributes.
enum Bound {
    Counter(Counter),
    Histogram(HistogramF64),
    Duration(HistogramDuration),
    Gauge(Gauge),
    GaugeFloat(GaugeF64),
    Lost,
}

impl Series for Bound {
    fn record(&self, value: MeasuredValue) {
        match (self, value) {
            (Self::Counter(counter), MeasuredValue::Integer(value)) => counter.adds(value),
            (Self::Histogram(histogram), value) => histogram.records(number(value)),
            (Self::Duration(histogram), MeasuredValue::Duration(value)) => histogram.records(value),
            // What OpenTelemetry's protocol can hold.
            (Self::Gauge(gauge), MeasuredValue::Integer(value)) => gauge.records(value.min(i64::MAX.unsigned_abs())),
            (Self::GaugeFloat(gauge), value) => gauge.records(number(value)),
            // Instruments and their values belong together.
            (Self::Counter(_) | Self::Duration(_) | Self::Gauge(_) | Self::Lost, _) => {}
        }
    }
}

fn number(value: MeasuredValue) -> f64 {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "exporters keep numbers with this precision")]
        MeasuredValue::Integer(value) => value as f64,
        MeasuredValue::Float(value) => value,
        MeasuredValue::Duration(value) => value.as_secs_f64(),
    }
}

fn core_value(value: &AttributeValue) -> MetricValue {
    match value {
        AttributeValue::Text(text) => MetricValue::String(text.clone()),
        AttributeValue::Integer(number) => MetricValue::Int(*number),
        AttributeValue::Float(number) => MetricValue::Float(*number),
        AttributeValue::Boolean(truth) => MetricValue::Bool(*truth),
    }
}
