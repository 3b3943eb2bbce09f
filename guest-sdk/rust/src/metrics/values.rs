//! What can be measured, and what can be said of it.

use std::time::Duration;

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

/// What can be the value of an attribute: texts, numbers and truth values.
pub trait Attribute {
    /// The value.
    fn to_value(&self) -> AttributeValue;
}

impl Attribute for str {
    fn to_value(&self) -> AttributeValue {
        AttributeValue::Text(self.to_owned())
    }
}

impl Attribute for String {
    fn to_value(&self) -> AttributeValue {
        self.as_str().to_value()
    }
}

impl Attribute for f64 {
    fn to_value(&self) -> AttributeValue {
        AttributeValue::Float(*self)
    }
}

impl Attribute for f32 {
    fn to_value(&self) -> AttributeValue {
        AttributeValue::Float((*self).into())
    }
}

impl Attribute for bool {
    fn to_value(&self) -> AttributeValue {
        AttributeValue::Boolean(*self)
    }
}

impl<T: Attribute + ?Sized> Attribute for &T {
    fn to_value(&self) -> AttributeValue {
        (*self).to_value()
    }
}

macro_rules! integer_attributes {
    ($($integer:ty)*) => {$(
        impl Attribute for $integer {
            fn to_value(&self) -> AttributeValue {
                AttributeValue::Integer(i64::from(*self))
            }
        }
    )*};
}

integer_attributes!(i8 i16 i32 i64 u8 u16 u32);

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

impl From<u64> for MeasuredValue {
    fn from(value: u64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for MeasuredValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Duration> for MeasuredValue {
    fn from(value: Duration) -> Self {
        Self::Duration(value)
    }
}

/// What a histogram takes: `u64`, `f64` or [`Duration`].
pub trait HistogramValue: Into<MeasuredValue> + sealed::Sealed {
    #[doc(hidden)]
    const KIND: Kind;
}

/// What a gauge takes: `u64` or `f64`.
pub trait GaugeValue: Into<MeasuredValue> + sealed::Sealed {
    #[doc(hidden)]
    const KIND: Kind;
}

impl HistogramValue for u64 {
    const KIND: Kind = Kind::Histogram;
}

impl HistogramValue for f64 {
    const KIND: Kind = Kind::HistogramFloat;
}

impl HistogramValue for Duration {
    const KIND: Kind = Kind::HistogramDuration;
}

impl GaugeValue for u64 {
    const KIND: Kind = Kind::Gauge;
}

impl GaugeValue for f64 {
    const KIND: Kind = Kind::GaugeFloat;
}

/// What an instrument takes.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Histogram,
    HistogramFloat,
    HistogramDuration,
    Gauge,
    GaugeFloat,
}

/// Keeps others from adding types.
pub(super) mod sealed {
    /// What only this crate makes.
    pub trait Sealed {}

    impl Sealed for u64 {}
    impl Sealed for f64 {}
    impl Sealed for std::time::Duration {}
}
