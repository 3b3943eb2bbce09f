//! `metrics`: the activity's own metrics, recorded on their way out of the attempt.
//!
//! What becomes of them is the worker's business. Here they are made harmless: names and texts are short, and no
//! attribute has a name that the host gives.

mod attributes;
mod instruments;

use std::sync::Arc;

use activity::{InstrumentKind, MeasuredValue, Measurement, MetricsGrant};
use wasmtime::component::Resource;

use self::instruments::Instruments;
use crate::{
    Outlet, Policy,
    bindings::isolet::activity::metrics::{
        Attributes, Counter, Duration, Gauge, GaugeFloat, Histogram, HistogramDuration, HistogramFloat, Host,
        HostCounter, HostGauge, HostGaugeFloat, HostHistogram, HostHistogramDuration, HostHistogramFloat, Instrument,
        MetricError,
    },
    convert,
};

/// The logger of what the host says about an attempt's metrics.
const LOGGER: &str = "isolet.metrics";

/// The state of `metrics` for one attempt.
pub(crate) struct MetricsCtx {
    is_attempt: bool,
    policy: Arc<Policy>,
    outlet: Arc<Outlet>,
    instruments: Instruments,
    /// Whether the guest was told that its attributes are cut.
    has_warned: bool,
}

impl MetricsCtx {
    pub(crate) fn new(is_attempt: bool, policy: Arc<Policy>, outlet: Arc<Outlet>) -> Self {
        Self { is_attempt, policy, outlet, instruments: Instruments::default(), has_warned: false }
    }

    /// Makes an instrument, or finds the one of the same name and kind.
    fn create<T>(&mut self, kind: InstrumentKind, instrument: Instrument) -> Result<Resource<T>, MetricError>
    where
        T: 'static,
    {
        if !self.is_attempt {
            let text = "there is no attempt: only a running activity can make instruments";
            return Err(MetricError::Invalid(text.to_owned()));
        }
        if self.policy.grants.metrics == MetricsGrant::Refused {
            let text = "the component may not record metrics: its grants say `metrics = false`";
            return Err(MetricError::NotGranted(text.to_owned()));
        }
        let Instrument { name, description, unit } = instrument;
        let instrument = activity::Instrument {
            kind,
            name,
            description: description.unwrap_or_default(),
            unit: unit.unwrap_or_default(),
        };
        self.instruments.find_or_add(instrument).map(Resource::new_own)
    }

    /// Records a value; waits while many values of the attempt wait to be taken.
    async fn record(&mut self, number: u32, value: MeasuredValue, attributes: Attributes) -> wasmtime::Result<()> {
        // The component-model runtime hands out no other numbers.
        let instrument = self.instruments.get(number).ok_or_else(|| wasmtime::Error::msg("no such instrument"))?;
        let (attributes, is_whole) = attributes::sanitise(attributes);
        if !is_whole && !self.has_warned {
            self.has_warned = true;
            self.outlet.warn(LOGGER, cut_warning(&instrument.name));
        }
        self.outlet.measure(Measurement { instrument, value, attributes }).await;
        Ok(())
    }
}

fn cut_warning(name: &str) -> String {
    format!(
        "attributes of metric {name:?} are cut: there may be {} with names of at most {} bytes and texts of at most {} \
         bytes; the attempt is not told again",
        attributes::MAX_COUNT,
        attributes::MAX_NAME,
        attributes::MAX_TEXT
    )
}

/// All there is to an instrument, given its trait, its resource, its kind, its verb, what it records and as what.
macro_rules! instrument {
    ($host:ident, $resource:ident, $kind:ident, $verb:ident, $value:ty, $measured:expr) => {
        impl $host for MetricsCtx {
            fn create(&mut self, of: Instrument) -> wasmtime::Result<Result<Resource<$resource>, MetricError>> {
                Ok(self.create(InstrumentKind::$kind, of))
            }

            async fn $verb(
                &mut self,
                instrument: Resource<$resource>,
                value: $value,
                attributes: Attributes,
            ) -> wasmtime::Result<()> {
                self.record(instrument.rep(), $measured(value), attributes).await
            }

            fn drop(&mut self, _: Resource<$resource>) -> wasmtime::Result<()> {
                // The attempt keeps its instruments, few as they are: another one of the name may follow.
                Ok(())
            }
        }
    };
}

instrument!(HostCounter, Counter, Counter, add, u64, MeasuredValue::Integer);
instrument!(HostHistogram, Histogram, Histogram, record, u64, MeasuredValue::Integer);
instrument!(HostHistogramFloat, HistogramFloat, HistogramFloat, record, f64, MeasuredValue::Float);
instrument!(HostHistogramDuration, HistogramDuration, HistogramDuration, record, Duration, duration);
instrument!(HostGauge, Gauge, Gauge, set, u64, MeasuredValue::Integer);
instrument!(HostGaugeFloat, GaugeFloat, GaugeFloat, set, f64, MeasuredValue::Float);

impl Host for MetricsCtx {}

fn duration(value: Duration) -> MeasuredValue {
    MeasuredValue::Duration(convert::duration_from_guest(value))
}
