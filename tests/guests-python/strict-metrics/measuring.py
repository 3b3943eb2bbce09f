"""Metrics that are as strict as on Temporal's own worker."""

from temporalio import activity


@activity.defn
def measures_floats_strictly(instrument: str) -> None:
    meter = activity.metric_meter()
    meter.create_counter("strict_counter").add(1)
    if instrument == "histogram":
        meter.create_histogram("strict_histogram").record(0.5)  # type: ignore[arg-type]
    elif instrument == "gauge":
        meter.create_gauge("strict_gauge").set(0.5)  # type: ignore[arg-type]
    else:
        meter.create_histogram_float("strict_histogram_float").record(0.5)
