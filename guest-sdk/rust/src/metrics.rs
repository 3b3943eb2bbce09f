//! Metrics of the activity, exported by its worker.

#[cfg(target_family = "wasm")]
mod host;
mod values;

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

#[cfg(target_family = "wasm")]
pub(crate) use self::host::Handle;
pub(crate) use self::values::Kind;
use self::values::sealed::Sealed;
pub use self::values::{Attribute, AttributeValue, GaugeValue, HistogramValue, MeasuredValue};
#[cfg(target_family = "wasm")]
use crate::host::Backend;
#[cfg(not(target_family = "wasm"))]
use crate::test::{Backend, Handle};

/// Makes the instruments of an activity's metrics; see [`ActivityContext::metrics`](crate::ActivityContext::metrics).
///
/// The worker exports what they record, with `namespace`, `task_queue` and `activity_type` added. Attributes of those
/// names are ignored.
///
/// ```
/// # use isolet_sdk::{ActivityContext, ActivityError, activity};
/// #[activity]
/// fn import(context: &ActivityContext) -> Result<(), ActivityError> {
///     let metrics = context.metrics().with_attributes(&[("source", &"archive")]);
///     let rows = metrics.counter("rows_imported").description("Rows that were imported").make()?;
///     rows.add(12);
///     rows.add_with(3, &[("repaired", &true)]);
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct MetricMeter {
    backend: Backend,
    attributes: Attributes,
}

/// Attributes as they are recorded.
type Attributes = Vec<(String, AttributeValue)>;

impl MetricMeter {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, attributes: Vec::new() }
    }

    /// The same, with attributes that everything recorded with its instruments has.
    #[must_use]
    pub fn with_attributes(&self, attributes: &[(&str, &dyn Attribute)]) -> Self {
        Self { backend: self.backend.clone(), attributes: extended(&self.attributes, attributes) }
    }

    /// A sum that only grows.
    pub fn counter(&self, name: impl Into<String>) -> InstrumentBuilder<Counter> {
        self.instrument(Kind::Counter, name.into())
    }

    /// A distribution of whole numbers (`u64`), numbers (`f64`) or durations
    /// ([`Duration`](std::time::Duration)).
    pub fn histogram<T: HistogramValue>(&self, name: impl Into<String>) -> InstrumentBuilder<Histogram<T>> {
        self.instrument(T::KIND, name.into())
    }

    /// A whole number (`u64`) or a number (`f64`) that goes up and down.
    pub fn gauge<T: GaugeValue>(&self, name: impl Into<String>) -> InstrumentBuilder<Gauge<T>> {
        self.instrument(T::KIND, name.into())
    }

    fn instrument<I>(&self, kind: Kind, name: String) -> InstrumentBuilder<I> {
        let instrument = NewInstrument { kind, name, description: None, unit: None };
        InstrumentBuilder { meter: self.clone(), instrument, made: PhantomData }
    }
}

/// An instrument in the making.
#[derive(Debug)]
#[must_use = "nothing is made before `make`"]
pub struct InstrumentBuilder<I> {
    meter: MetricMeter,
    instrument: NewInstrument,
    made: PhantomData<fn() -> I>,
}

impl<I: Instrument> InstrumentBuilder<I> {
    /// What it measures, for people.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.instrument.description = Some(description.into());
        self
    }

    /// Its unit.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.instrument.unit = Some(unit.into());
        self
    }

    /// Makes the instrument, or finds the one of the same name.
    ///
    /// # Errors
    /// When the component may not record metrics, the name, description or unit is not usable, or the attempt has too
    /// many instruments.
    pub fn make(self) -> Result<I, MetricError> {
        let MetricMeter { backend, attributes } = self.meter;
        Ok(I::from_recorder(Recorder { handle: Rc::new(backend.instrument(self.instrument)?), attributes }))
    }
}

/// A sum that only grows.
#[derive(Clone, Debug)]
pub struct Counter(Recorder);

impl Counter {
    /// Adds to it.
    pub fn add(&self, value: u64) {
        self.add_with(value, &[]);
    }

    /// Adds to it, with attributes such as `&[("region", &"north")]`.
    pub fn add_with(&self, value: u64, attributes: &[(&str, &dyn Attribute)]) {
        self.0.record(MeasuredValue::Integer(value), attributes);
    }

    /// The same counter, with attributes that everything added to it has.
    #[must_use]
    pub fn with_attributes(&self, attributes: &[(&str, &dyn Attribute)]) -> Self {
        Self(self.0.with_attributes(attributes))
    }
}

/// A distribution of values.
#[derive(Clone, Debug)]
pub struct Histogram<T>(Recorder, PhantomData<fn(T)>);

impl<T: HistogramValue> Histogram<T> {
    /// Records one value.
    pub fn record(&self, value: T) {
        self.record_with(value, &[]);
    }

    /// Records one value, with attributes such as `&[("region", &"north")]`.
    pub fn record_with(&self, value: T, attributes: &[(&str, &dyn Attribute)]) {
        self.0.record(value.into(), attributes);
    }

    /// The same histogram, with attributes that everything recorded with it has.
    #[must_use]
    pub fn with_attributes(&self, attributes: &[(&str, &dyn Attribute)]) -> Self {
        Self(self.0.with_attributes(attributes), PhantomData)
    }
}

/// A value that goes up and down.
#[derive(Clone, Debug)]
pub struct Gauge<T>(Recorder, PhantomData<fn(T)>);

impl<T: GaugeValue> Gauge<T> {
    /// Sets it.
    pub fn set(&self, value: T) {
        self.set_with(value, &[]);
    }

    /// Sets it, for attributes such as `&[("region", &"north")]`.
    pub fn set_with(&self, value: T, attributes: &[(&str, &dyn Attribute)]) {
        self.0.record(value.into(), attributes);
    }

    /// The same gauge, for attributes that everything set with it has.
    #[must_use]
    pub fn with_attributes(&self, attributes: &[(&str, &dyn Attribute)]) -> Self {
        Self(self.0.with_attributes(attributes), PhantomData)
    }
}

/// Why an instrument could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricError {
    /// The component may not record metrics; the text names the grant.
    NotGranted(String),
    /// The name, description or unit is not usable; the text says why.
    Invalid(String),
    /// The attempt has too many instruments; the text names the limit.
    TooMany(String),
}

impl fmt::Display for MetricError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::NotGranted(text) | Self::Invalid(text) | Self::TooMany(text)) = self;
        formatter.write_str(text)
    }
}

impl std::error::Error for MetricError {}

/// What an instrument is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewInstrument {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) unit: Option<String>,
}

/// An instrument that exists, with the attributes of all that it records.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Recorder {
    handle: Rc<Handle>,
    attributes: Attributes,
}

impl Recorder {
    fn record(&self, value: MeasuredValue, attributes: &[(&str, &dyn Attribute)]) {
        self.handle.record(value, extended(&self.attributes, attributes));
    }

    fn with_attributes(&self, attributes: &[(&str, &dyn Attribute)]) -> Self {
        Self { handle: Rc::clone(&self.handle), attributes: extended(&self.attributes, attributes) }
    }
}

/// What an [`InstrumentBuilder`] makes.
pub trait Instrument: Sealed {
    #[doc(hidden)]
    fn from_recorder(recorder: Recorder) -> Self;
}

impl Sealed for Counter {}
impl<T> Sealed for Histogram<T> {}
impl<T> Sealed for Gauge<T> {}

impl Instrument for Counter {
    fn from_recorder(recorder: Recorder) -> Self {
        Self(recorder)
    }
}

impl<T> Instrument for Histogram<T> {
    fn from_recorder(recorder: Recorder) -> Self {
        Self(recorder, PhantomData)
    }
}

impl<T> Instrument for Gauge<T> {
    fn from_recorder(recorder: Recorder) -> Self {
        Self(recorder, PhantomData)
    }
}

/// `known` and `more`; of two with one name the later.
fn extended(known: &Attributes, more: &[(&str, &dyn Attribute)]) -> Attributes {
    let is_known = |name: &str| more.iter().any(|(other, _)| *other == name);
    let known = known.iter().filter(|(name, _)| !is_known(name)).cloned();
    known.chain(more.iter().map(|(name, value)| ((*name).to_owned(), value.to_value()))).collect()
}
