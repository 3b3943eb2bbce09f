//! Metrics. An instrument is known to the bundle by its number.

use std::cell::RefCell;

use rquickjs::{Array, Ctx, Exception, Function, Object, Result, Value};

use crate::{
    contract::isolet::activity::metrics::{
        AttributeValue, Counter, Gauge, GaugeFloat, Histogram, HistogramDuration, HistogramFloat, Instrument,
        MetricError,
    },
    text::Text,
    values,
};

enum Made {
    Counter(Counter),
    Histogram(Histogram),
    HistogramFloat(HistogramFloat),
    HistogramDuration(HistogramDuration),
    Gauge(Gauge),
    GaugeFloat(GaugeFloat),
}

thread_local! {
    /// Each with what it was asked for by.
    static INSTRUMENTS: RefCell<Vec<(Asked, Made)>> = const { RefCell::new(Vec::new()) };
}

/// Kind, name, description and unit.
type Asked = (String, String, Option<String>, Option<String>);

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("createInstrument", Function::new(ctx.clone(), create)?)?;
    host.set("measure", Function::new(ctx.clone(), measure)?)
}

/// The number of an instrument of a kind, which is the contract's name for it. Who asks for the same again gets it
/// again: each is one of the host's resources, and one too many of those ends the attempt.
fn create(ctx: Ctx<'_>, kind: Text, name: Text, description: Option<Text>, unit: Option<Text>) -> Result<usize> {
    let asked = (kind.0, name.0, description.map(|text| text.0), unit.map(|text| text.0));
    let known = INSTRUMENTS.with_borrow(|known| known.iter().position(|(each, _)| *each == asked).ok_or(known.len()));
    let number = match known {
        Ok(known) => return Ok(known),
        Err(next) => next,
    };
    let (kind, name, description, unit) = asked.clone();
    let instrument = Instrument { name, description, unit };
    let made = match kind.as_str() {
        "counter" => Counter::create(&instrument).map(Made::Counter),
        "histogram" => Histogram::create(&instrument).map(Made::Histogram),
        "histogram-float" => HistogramFloat::create(&instrument).map(Made::HistogramFloat),
        "histogram-duration" => HistogramDuration::create(&instrument).map(Made::HistogramDuration),
        "gauge" => Gauge::create(&instrument).map(Made::Gauge),
        _ => GaugeFloat::create(&instrument).map(Made::GaugeFloat),
    };
    let made = made.map_err(|error| {
        let (MetricError::NotGranted(why) | MetricError::Invalid(why) | MetricError::TooMany(why)) = error;
        Exception::throw_message(&ctx, &why)
    })?;
    INSTRUMENTS.with_borrow_mut(|instruments| instruments.push((asked, made)));
    Ok(number)
}

/// Adds, records or sets, whatever the instrument does. Durations are milliseconds.
fn measure(number: usize, value: f64, attributes: Array<'_>) -> Result<()> {
    let attributes = attributes.iter::<Array<'_>>().map(|pair| attribute(&pair?)).collect::<Result<Vec<_>>>()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bundle lets nothing else through")]
    let whole = value as u64;
    INSTRUMENTS.with_borrow(|instruments| match instruments.get(number).map(|(_, made)| made) {
        Some(Made::Counter(counter)) => counter.add(whole, &attributes),
        Some(Made::Histogram(histogram)) => histogram.record(whole, &attributes),
        Some(Made::HistogramFloat(histogram)) => histogram.record(value, &attributes),
        Some(Made::HistogramDuration(histogram)) => histogram.record(values::duration(value), &attributes),
        Some(Made::Gauge(gauge)) => gauge.set(whole, &attributes),
        Some(Made::GaugeFloat(gauge)) => gauge.set(value, &attributes),
        None => {}
    });
    Ok(())
}

fn attribute(pair: &Array<'_>) -> Result<(String, AttributeValue)> {
    let value: Value<'_> = pair.get(1)?;
    let value = if let Some(truth) = value.as_bool() {
        AttributeValue::Boolean(truth)
    } else if let Some(number) = value.as_number() {
        number_attribute(number)
    } else {
        AttributeValue::Text(value.get::<Text>()?.0)
    };
    Ok((pair.get::<Text>(0)?.0, value))
}

/// JavaScript has one kind of numbers; the exporter tells whole ones from others.
fn number_attribute(number: f64) -> AttributeValue {
    #[expect(clippy::cast_possible_truncation, reason = "what does not come back is no whole number")]
    let whole = number as i64;
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "compared to see whether it comes back")]
    if whole as f64 == number { AttributeValue::Integer(whole) } else { AttributeValue::Float(number) }
}
