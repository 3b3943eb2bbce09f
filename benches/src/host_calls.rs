//! (f) What a guest of the Rust SDK pays for a host call.

use std::time::{Duration, Instant};

use crate::{
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, short},
    sandboxes::{self, Sandboxes, Workload},
    settings::Settings,
};

/// Calls of one attempt, so many that the clock's own cost does not count.
const CALLS: u32 = 1_000;

/// A host call, and the attempts whose difference is its cost.
struct Call {
    name: &'static str,
    /// An attempt with `calls` calls.
    with: Workload,
    /// The same without any.
    without: Workload,
    calls: u32,
}

/// Attempts of `activity`, which takes how often it calls and returns that.
const fn call(name: &'static str, activity: &'static str, calls: u32, times: &'static str) -> Call {
    let with = Workload { component: "conformance", activity, argument: times, result: times };
    Call { name, with, without: Workload { argument: "0", result: "0", ..with }, calls }
}

const MEASURED: [Call; 3] = [
    // Asked for once in an attempt: the SDK keeps the answer.
    call("info", "call_info", 1, "1"),
    call("is-cancelled", "call_is_cancelled", CALLS, "1000"),
    call("heartbeat", "call_heartbeat", CALLS, "1000"),
];

/// Measures each call.
///
/// # Errors
/// When the guest can't be run.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
    let sandboxes = Sandboxes::open(settings, engine, "conformance").await?;
    let mut table =
        Table::new(&["host call", "calls in an attempt", "attempts", "with them p50", "without p50", "each"]);
    for call in MEASURED {
        progress::say(format!("  {}", call.name));
        let (mut with, mut without) = (Samples::new()?, Samples::new()?);
        for _ in 0..settings.sizes.host_call_attempts {
            with.add(attempt(&sandboxes, &call.with).await?);
            without.add(attempt(&sandboxes, &call.without).await?);
        }
        let each = with.p50().saturating_sub(without.p50()).as_secs_f64() * 1e6 / f64::from(call.calls);
        table.row(vec![
            format!("`{}`", call.name),
            call.calls.to_string(),
            with.count().to_string(),
            short(with.p50()),
            short(without.p50()),
            format!("{each:.3} µs"),
        ]);
        section.target(&format!("`{}`", call.name), Limit::AtMost(1.0, " µs"), each);
    }
    section.method.push(
        "Attempts with calls and attempts without any in turns, on the measuring thread; the difference of their \
         medians is shared out among the calls. The SDK's own part, such as encoding a heartbeat's number or taking \
         over all fields of the info, is in it. The SDK asks for the info once in an attempt and keeps it."
            .to_owned(),
    );
    section.tables.push(table);
    Ok(())
}

async fn attempt(sandboxes: &Sandboxes, workload: &Workload) -> anyhow::Result<Duration> {
    let task = sandboxes.task(workload);
    let started = Instant::now();
    let ending = sandboxes.run_inline(task).await;
    let took = started.elapsed();
    workload.check(&ending)?;
    Ok(took)
}
