//! Metrics of an activity's own.

use std::time::Duration;

use isolet_sdk::{ActivityContext, ActivityError, MetricError, activity};

/// Measures with every kind of instrument, each named `{prefix}_…`, and tries to be somebody else.
#[activity]
pub(crate) fn measure(context: &ActivityContext, prefix: String) -> Result<(), ActivityError> {
    let spoofed = context.metrics().with_attributes(&[
        ("namespace", &"other"),
        ("task-queue", &"other"),
        ("activity.type", &"other"),
        ("tenant", &"other"),
        ("service_name", &"other"),
    ]);
    let name = |kind: &str| format!("{prefix}_{kind}");
    let counter = spoofed.counter(name("counter")).description("Rows read").unit("{row}").make()?;
    counter.add(2);
    counter.add(3);
    counter.add_with(1, &[("text", &"a \"b\""), ("integer", &-1), ("float", &0.5), ("boolean", &true)]);
    context.metrics().counter(name("counter")).make()?.add(4);
    spoofed.histogram::<u64>(name("histogram")).description("Sizes").make()?.record(70);
    spoofed.histogram::<f64>(name("histogram")).make()?.record(0.5);
    spoofed.histogram::<Duration>(name("latency")).unit("duration").make()?.record(Duration::from_millis(1_500));
    let gauge = spoofed.gauge::<u64>(name("gauge")).make()?;
    gauge.set(7);
    gauge.set(u64::MAX);
    spoofed.gauge::<f64>(name("gauge_float")).make()?.set(-0.25);
    Ok(())
}

/// Adds one to each of so many series of the counter `name`; returns how many.
#[activity]
pub(crate) fn measure_series(context: &ActivityContext, name: String, series: u32) -> Result<u32, ActivityError> {
    let counter = context.metrics().counter(name).make()?;
    for number in 0..series {
        counter.add_with(1, &[("number", &number)]);
    }
    Ok(series)
}

/// The errors of instruments that can't be made, or `made`.
#[activity]
pub(crate) fn unmakeable_instruments(context: &ActivityContext) -> Vec<String> {
    let metrics = context.metrics();
    // So that its name is taken.
    let counter = metrics.counter("conformance_taken").make();
    let told = |made: Result<(), MetricError>| made.map_or_else(|error| error.to_string(), |()| "made".to_owned());
    vec![
        told(counter.map(drop)),
        told(metrics.gauge::<u64>("conformance_taken").make().map(drop)),
        told(metrics.counter("").make().map(drop)),
        told(metrics.counter("two words").make().map(drop)),
        told(metrics.counter("temporal_request").make().map(drop)),
        told(metrics.counter("a".repeat(300)).make().map(drop)),
        told(metrics.counter("conformance_described").description("x".repeat(2_000)).make().map(drop)),
    ]
}
