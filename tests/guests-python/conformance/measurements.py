"""Metrics of an activity's own."""

from datetime import timedelta

from temporalio import activity

from wit_world.imports import metrics

FORGED = {key: "other" for key in ("namespace", "task-queue", "activity.type", "tenant", "service_name")}


@activity.defn
def measure(prefix: str) -> None:
    own = activity.metric_meter()
    forged = own.with_additional_attributes(FORGED)
    counter = forged.create_counter(f"{prefix}_counter", "Rows read", "{row}")
    counter.add(2)
    counter.add(3)
    counter.add(1, {"text": 'a "b"', "integer": -1, "float": 0.5, "boolean": True})
    own.create_counter(f"{prefix}_counter").add(4)
    forged.create_histogram(f"{prefix}_histogram", "Sizes").record(70)
    forged.create_histogram_float(f"{prefix}_histogram").record(0.5)
    forged.create_histogram_timedelta(f"{prefix}_latency", unit="duration").record(timedelta(seconds=1.5))
    gauge = forged.create_gauge(f"{prefix}_gauge")
    gauge.set(7)
    gauge.set(2**64 - 1)
    # Temporal's SDK for Python takes no negative values, so this one goes by the contract.
    gauge_float = metrics.GaugeFloat.create(metrics.Instrument(f"{prefix}_gauge_float", None, None))
    gauge_float.set(-0.25, [(key, metrics.AttributeValue_Text(value)) for key, value in FORGED.items()])


@activity.defn
def measure_series(name: str, series: int) -> int:
    counter = activity.metric_meter().create_counter(name)
    for number in range(series):
        counter.add(1, {"number": number})
    return series
