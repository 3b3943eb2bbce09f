//! Everything that the host measures, by name. `docs/metrics.md` explains each; a test holds the two together.

use activity::{AttributeValue, Instrument, InstrumentKind, Meter, Series};

/// Under which target the log knows what is told here: people have one program before them.
pub(crate) const PROGRAM: &str = "isolet";

/// Something that the host measures.
#[derive(Clone, Copy, Debug)]
pub struct HostInstrument {
    /// Its name; each begins with `isolet_`.
    pub name: &'static str,
    /// How its values are put together.
    pub kind: InstrumentKind,
    /// In what it is measured.
    pub unit: &'static str,
    /// What it is.
    pub description: &'static str,
}

macro_rules! instruments {
    ($($constant:ident = $kind:ident $name:literal, $unit:literal, $description:literal;)*) => {
        $(
            pub(crate) const $constant: HostInstrument = HostInstrument {
                name: $name,
                kind: InstrumentKind::$kind,
                unit: $unit,
                description: $description,
            };
        )*

        /// All of them, as documented.
        #[cfg(test)]
        pub(crate) const ALL: &[HostInstrument] = &[$($constant),*];
    };
}

instruments! {
    ATTEMPTS = Counter "isolet_attempts", "", "Attempts that ended, by outcome and type of failure.";
    ATTEMPTS_RUNNING = Gauge "isolet_attempts_running", "", "Attempts that run now.";
    ATTEMPT_SECONDS = HistogramFloat "isolet_attempt_seconds", "s", "Time from an attempt's start to its end.";
    CPU_SECONDS = HistogramFloat "isolet_attempt_cpu_seconds", "s", "Processor time of an attempt.";
    SANDBOX_START_SECONDS = HistogramFloat "isolet_sandbox_start_seconds", "s",
        "Time from an attempt's start until the guest's code begins to run.";
    PEAK_MEMORY = Histogram "isolet_attempt_peak_memory_bytes", "By", "The most memory that an attempt held at once.";
    PEAK_SCRATCH = Histogram "isolet_attempt_peak_scratch_bytes", "By", "The most that a scratch directory held at once.";
    KILLS = Counter "isolet_kills", "", "Attempts that were killed, by reason.";
    KILL_DELAY_SECONDS = HistogramFloat "isolet_kill_delay_seconds", "s",
        "Time from when an attempt was to be killed until it had ended.";
    HTTP_REQUESTS = Counter "isolet_http_requests", "", "HTTP requests of guests, by what became of them.";
    HOST_CALLS = Counter "isolet_host_calls", "", "Calls that guests made of their host, in attempts that ended.";
    ATTEMPT_BYTES = Counter "isolet_attempt_bytes", "By", "What went into attempts that ended and out of them.";
    LOG_LINES_DROPPED = Counter "isolet_log_lines_dropped", "", "Log lines of guests that were too many.";
    MEASUREMENTS_DROPPED = Counter "isolet_measurements_dropped", "",
        "Values that guests recorded and that were not exported, by reason.";
    LIMITED = Counter "isolet_limited", "", "How often a tenant was held up, or lost something, for a limit of its own.";
    WOULD_LIMIT = Counter "isolet_would_limit", "", "How often a limit that only counts would have held up a tenant.";
    WOULD_REFUSE = Counter "isolet_would_refuse", "",
        "What attempts did beyond grants and limits of their component that only count.";
    SLOTS = Gauge "isolet_slots", "", "Attempts that may run at once on a task queue.";
    SLOTS_RESERVED = Gauge "isolet_slots_reserved", "", "Slots that an attempt has, or a poll that waits for one.";
    MEMORY_RESERVED = Gauge "isolet_memory_reserved_bytes", "By", "Memory budget that a task queue holds.";
    MEMORY_BUDGET = Gauge "isolet_memory_budget_bytes", "By", "Memory that all attempts may use together.";
    MEMORY_USED = Gauge "isolet_memory_used_bytes", "By", "Memory that all guests hold now.";
    SANDBOXES = Gauge "isolet_sandboxes", "", "Sandboxes that there are now.";
    COMPONENTS = Gauge "isolet_components", "", "Components that are loaded.";
    COMPONENT_INFO = Gauge "isolet_component_info", "", "1 for each version of a component that is served, by its digest.";
    RELEASE_SHARE = Gauge "isolet_release_share_percent", "", "The share of attempts that a released candidate runs.";
    RELEASE_ATTEMPTS = Counter "isolet_release_attempts", "",
        "Attempts that ended while a candidate was released, by version and outcome.";
    RELEASE_DECISIONS = Counter "isolet_release_decisions", "", "Candidates that were promoted and rolled back.";
    SPANS_EXPORTED = Counter "isolet_spans_exported", "", "Spans of attempts that a collector took.";
    SPANS_DROPPED = Counter "isolet_spans_dropped", "", "Spans of attempts that were not exported, by reason.";
    COMPILE_CACHE_LOOKUPS = Counter "isolet_compile_cache_lookups", "",
        "Components looked up in the store of compiled components, by result.";
}

/// Upper bounds of the buckets of what is not measured in milliseconds.
pub const BUCKETS: &[(HostInstrument, &[f64])] = &[
    (ATTEMPT_SECONDS, &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 3_600.0]),
    (CPU_SECONDS, &[0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0]),
    (SANDBOX_START_SECONDS, &[0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1.0]),
    (PEAK_MEMORY, &[262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0, 67_108_864.0, 268_435_456.0, 1_073_741_824.0]),
    (
        PEAK_SCRATCH,
        &[65_536.0, 1_048_576.0, 16_777_216.0, 67_108_864.0, 268_435_456.0, 1_073_741_824.0, 4_294_967_296.0],
    ),
    (KILL_DELAY_SECONDS, &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0]),
];

impl HostInstrument {
    /// The series with these attributes.
    pub(crate) fn series(self, meter: &dyn Meter, attributes: &[(&str, &str)]) -> Option<Box<dyn Series>> {
        let instrument = Instrument {
            kind: self.kind,
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            unit: self.unit.to_owned(),
        };
        let attribute = |(name, value): &(&str, &str)| ((*name).to_owned(), AttributeValue::Text((*value).to_owned()));
        let attributes: Vec<_> = attributes.iter().map(attribute).collect();
        // No guest can have taken a name that begins like this.
        meter
            .series(&instrument, &attributes)
            .inspect_err(|error| tracing::error!(target: PROGRAM, "failed to {error}"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../../docs/metrics.md");

    #[test]
    fn every_metric_of_the_host_is_documented() {
        let row = |instrument: &HostInstrument| format!("| `{}` |", instrument.name);
        let missing: Vec<_> = ALL.iter().filter(|instrument| !PAGE.contains(&row(instrument))).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let rows = PAGE.lines().filter(|line| line.starts_with("| `isolet_")).count();
        assert_eq!(rows, ALL.len(), "the page describes what is not measured");
    }
}
