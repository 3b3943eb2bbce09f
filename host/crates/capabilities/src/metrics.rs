//! `metrics`: the activity's own metrics. Nothing is granted yet, so no instrument can be made and none can be used.

use wasmtime::component::Resource;

use crate::bindings::isolet::activity::metrics::{
    Attributes, Counter, Duration, Gauge, GaugeFloat, Histogram, HistogramDuration, HistogramFloat, Host, HostCounter,
    HostGauge, HostGaugeFloat, HostHistogram, HostHistogramDuration, HostHistogramFloat, Instrument, MetricError,
};

/// The state of `metrics` for one attempt.
pub(crate) struct MetricsCtx;

fn not_granted<T>() -> wasmtime::Result<Result<T, MetricError>> {
    let text = "the component lacks the grant `metrics`, which this version of Isolet does not have yet";
    Ok(Err(MetricError::NotGranted(text.to_owned())))
}

/// An instrument that was never handed out is used: the component-model runtime lets no guest do this.
fn no_such_instrument() -> wasmtime::Result<()> {
    Err(wasmtime::Error::msg("no such instrument"))
}

/// Refuses all there is to an instrument, given its trait, its resource, its verb and what it records.
macro_rules! instrument {
    ($host:ident, $resource:ident, $verb:ident, $value:ty) => {
        impl $host for MetricsCtx {
            fn create(&mut self, _: Instrument) -> wasmtime::Result<Result<Resource<$resource>, MetricError>> {
                not_granted()
            }

            fn $verb(&mut self, _: Resource<$resource>, _: $value, _: Attributes) -> wasmtime::Result<()> {
                no_such_instrument()
            }

            fn drop(&mut self, _: Resource<$resource>) -> wasmtime::Result<()> {
                no_such_instrument()
            }
        }
    };
}

instrument!(HostCounter, Counter, add, u64);
instrument!(HostHistogram, Histogram, record, u64);
instrument!(HostHistogramFloat, HistogramFloat, record, f64);
instrument!(HostHistogramDuration, HistogramDuration, record, Duration);
instrument!(HostGauge, Gauge, set, u64);
instrument!(HostGaugeFloat, GaugeFloat, set, f64);

impl Host for MetricsCtx {}
