//! (f) What a guest of the Rust SDK pays for a host call.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use activity::{Info, RetryPolicy, WorkflowExecution};

use crate::{
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, short},
    sandboxes::{self, Sandboxes, Workload},
    settings::Settings,
};

/// Calls of one attempt, so many that the clock's own cost does not count.
const CALLS: u32 = 1_000;

/// A call, and the attempts whose difference is its cost.
struct Call {
    name: &'static str,
    /// An attempt with the calls.
    with: Workload,
    /// The same without any.
    without: Workload,
    /// Whether there is a target for it.
    is_target: bool,
}

/// Attempts of `activity`, which takes how often it calls and returns that.
const fn call(name: &'static str, activity: &'static str, is_target: bool) -> Call {
    let with = Workload { component: "conformance", activity, argument: "1000", result: "1000" };
    Call { name, with, without: Workload { argument: "0", result: "0", ..with }, is_target }
}

const MEASURED: [Call; 4] = [
    call("info", "call_info_of_sdk", true),
    call("is-cancelled", "call_is_cancelled", true),
    call("heartbeat", "call_heartbeat", true),
    call("info, asked of the host each time", "call_info", false),
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
        let each = with.p50().saturating_sub(without.p50()).as_secs_f64() * 1e6 / f64::from(CALLS);
        table.row(vec![
            call.name.to_owned(),
            CALLS.to_string(),
            with.count().to_string(),
            short(with.p50()),
            short(without.p50()),
            format!("{each:.3} µs"),
        ]);
        if call.is_target {
            section.target(&format!("`{}`", call.name), Limit::AtMost(1.0, " µs"), each);
        }
    }
    section.method.push(
        "Attempts with calls and attempts without any in turns, on the measuring thread; the difference of their \
         medians is shared out among the calls. The SDK's own part, such as encoding a heartbeat's number, is in it; \
         it asks for the info once in an attempt and keeps the answer, so the last row tells what asking the host costs. \
         The attempt is one of a workflow with a retry policy and heartbeat details."
            .to_owned(),
    );
    section.tables.push(table);
    Ok(())
}

async fn attempt(sandboxes: &Sandboxes, workload: &Workload) -> anyhow::Result<Duration> {
    let mut task = sandboxes.task(workload);
    task.info = Arc::new(info(workload.activity));
    let started = Instant::now();
    let ending = sandboxes.run_inline(task).await;
    let took = started.elapsed();
    workload.check(&ending)?;
    Ok(took)
}

/// An info with all that one usually has.
fn info(activity_type: &str) -> Info {
    let now = SystemTime::now();
    Info {
        activity_id: "5".to_owned(),
        activity_type: activity_type.to_owned(),
        attempt: 2,
        namespace: "default".to_owned(),
        task_queue: "benchmark".to_owned(),
        task_token: vec![7; 150].into(),
        workflow: Some(WorkflowExecution {
            namespace: "default".to_owned(),
            workflow_id: "order-2026-11-22-000017".to_owned(),
            run_id: "0199f0a5-6f0e-7c1a-b1f7-2f6a0d4c5e11".to_owned(),
            workflow_type: "Order".to_owned(),
        }),
        scheduled_time: now,
        current_attempt_scheduled_time: now,
        started_time: now,
        start_to_close_timeout: Some(Duration::from_secs(60)),
        heartbeat_timeout: Some(Duration::from_secs(10)),
        deadline: Some(now + Duration::from_secs(60)),
        heartbeat_details: vec![activity::Payload::json("41")],
        retry_policy: Some(RetryPolicy {
            initial_interval: Some(Duration::from_secs(1)),
            backoff_coefficient: 2.0,
            maximum_interval: Some(Duration::from_secs(100)),
            maximum_attempts: 0,
            non_retryable_error_types: Vec::new(),
        }),
        ..Info::default()
    }
}
