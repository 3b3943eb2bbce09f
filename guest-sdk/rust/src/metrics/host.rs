//! Instruments in a component: resources of the host.

use super::{AttributeValue, Kind, MeasuredValue, MetricError, NewInstrument};
use crate::bindings::isolet::activity::metrics;
use crate::host::Backend;

/// An instrument of the host.
#[derive(Debug)]
pub(crate) enum Handle {
    Counter(metrics::Counter),
    Histogram(metrics::Histogram),
    HistogramFloat(metrics::HistogramFloat),
    HistogramDuration(metrics::HistogramDuration),
    Gauge(metrics::Gauge),
    GaugeFloat(metrics::GaugeFloat),
}

impl Backend {
    pub(crate) fn instrument(&self, new: NewInstrument) -> Result<Handle, MetricError> {
        let NewInstrument { kind, name, description, unit } = new;
        let instrument = metrics::Instrument { name, description, unit };
        let made = match kind {
            Kind::Counter => metrics::Counter::create(&instrument).map(Handle::Counter),
            Kind::Histogram => metrics::Histogram::create(&instrument).map(Handle::Histogram),
            Kind::HistogramFloat => metrics::HistogramFloat::create(&instrument).map(Handle::HistogramFloat),
            Kind::HistogramDuration => metrics::HistogramDuration::create(&instrument).map(Handle::HistogramDuration),
            Kind::Gauge => metrics::Gauge::create(&instrument).map(Handle::Gauge),
            Kind::GaugeFloat => metrics::GaugeFloat::create(&instrument).map(Handle::GaugeFloat),
        };
        made.map_err(|error| match error {
            metrics::MetricError::NotGranted(text) => MetricError::NotGranted(text),
            metrics::MetricError::Invalid(text) => MetricError::Invalid(text),
            metrics::MetricError::TooMany(text) => MetricError::TooMany(text),
        })
    }
}

impl Handle {
    pub(crate) fn record(&self, value: MeasuredValue, attributes: Vec<(String, AttributeValue)>) {
        let attributes: Vec<_> = attributes.into_iter().map(|(name, value)| (name, value_to_wit(value))).collect();
        match (self, value) {
            (Self::Counter(counter), MeasuredValue::Integer(value)) => counter.add(value, &attributes),
            (Self::Histogram(histogram), MeasuredValue::Integer(value)) => histogram.record(value, &attributes),
            (Self::HistogramFloat(histogram), MeasuredValue::Float(value)) => histogram.record(value, &attributes),
            (Self::HistogramDuration(histogram), MeasuredValue::Duration(value)) => {
                histogram.record(value.into(), &attributes);
            }
            (Self::Gauge(gauge), MeasuredValue::Integer(value)) => gauge.set(value, &attributes),
            (Self::GaugeFloat(gauge), MeasuredValue::Float(value)) => gauge.set(value, &attributes),
            // The types of instruments let no other value through.
            _ => {}
        }
    }
}

fn value_to_wit(value: AttributeValue) -> metrics::AttributeValue {
    match value {
        AttributeValue::Text(text) => metrics::AttributeValue::Text(text),
        AttributeValue::Integer(number) => metrics::AttributeValue::Integer(number),
        AttributeValue::Float(number) => metrics::AttributeValue::Float(number),
        AttributeValue::Boolean(truth) => metrics::AttributeValue::Boolean(truth),
    }
}
