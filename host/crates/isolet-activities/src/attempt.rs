//! One attempt, between the SDK's context and the engine's port.

use std::{sync::Arc, time::Duration, time::SystemTime};

use activity::{
    Attempt, CancellationDetails, Command, Ending, Event, Failure, Level, LogRecord, Report, Task,
    deadline::sleep_until,
};
use temporalio_common::data_converters::RawValue;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::Instant;

use crate::{WasmActivities, convert};

/// Runs it to its end.
pub(crate) async fn run(
    activities: &WasmActivities,
    context: ActivityContext,
    input: RawValue,
) -> Result<RawValue, ActivityError> {
    let info = convert::info(&context);
    let left = info.deadline.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default());
    let task = Task {
        component: activities.component.clone(),
        info: Arc::new(info),
        input: input.payloads.into_iter().map(convert::payload_from_sdk).collect(),
        kill_after: left.map(|left| left.saturating_add(activities.stopping.kill_grace)),
        worker_shutdown: false,
        identity: Default::default(),
    };
    // Watched, so that lines come as they are.
    let (mut attempt, port) = activity::watched_attempt(|_| Vec::new());
    attempt.pace(context.info().heartbeat_timeout);
    activities.engine.start_on(port, task);
    let running = Running { activities, context: &context, reasons: CancellationDetails::default(), failure: None };
    convert::report(running.finish(&mut attempt, left).await)
}

struct Running<'a> {
    activities: &'a WasmActivities,
    context: &'a ActivityContext,
    reasons: CancellationDetails,
    /// Why a heartbeat could not be encoded, the first time.
    failure: Option<Failure>,
}

impl Running<'_> {
    async fn finish(mut self, attempt: &mut Attempt, left: Option<Duration>) -> Report {
        let mut deadline = left.and_then(|left| Instant::now().checked_add(left));
        let mut kill = None;
        loop {
            let is_cancelled = !self.reasons.is_empty();
            tokio::select! {
                event = attempt.next() => if let Some(ending) = self.take(event).await {
                    return Report::decide(ending.end, self.reasons, self.failure);
                },
                () = self.context.cancelled(), if !is_cancelled => {
                    kill = self.cancel(attempt, CancellationDetails::CANCEL_REQUESTED);
                },
                () = sleep_until(deadline), if deadline.is_some() => {
                    deadline = None;
                    self.cancel(attempt, CancellationDetails::TIMED_OUT);
                },
                () = sleep_until(kill.map(|(at, _)| at)), if kill.is_some() => {
                    if let Some((_, reason)) = kill.take() {
                        attempt.send(Command::Kill(reason));
                    }
                },
            }
        }
    }

    /// Tells the guest. Returns when it is killed if it goes on.
    fn cancel(&mut self, attempt: &Attempt, reason: CancellationDetails) -> Option<(Instant, activity::KillReason)> {
        self.reasons |= reason;
        attempt.send(Command::Cancel(reason));
        let (grace, kill) = self.activities.stopping.kill_after(reason)?;
        Some((Instant::now().checked_add(grace)?, kill))
    }

    /// Passes on what the guest says. Its end is returned.
    async fn take(&mut self, event: Event) -> Option<Ending> {
        match event {
            Event::Ended(ending) => return Some(*ending),
            Event::Heartbeat(details) => {
                let details = details.into_iter().map(convert::payload_to_sdk).collect();
                // It can't fail: nothing of it is converted.
                let _ = self.context.record_heartbeat(RawValue::new(details)).await;
            }
            Event::HeartbeatFailed(failure) => {
                self.failure.get_or_insert(failure);
            }
            Event::Logged(record) => self.log(&record),
            Event::LogLinesDropped(count) => {
                tracing::warn!(target: "activity", count, "lines of an activity were dropped");
            }
            // Neither is granted, and lines are watched.
            Event::Written(_) | Event::Measured(_) | Event::Called(_) => {}
        }
        None
    }

    /// Under the target `activity`, as the program does, with the guest's fields as one text: those of tracing have names
    /// that are known when it is compiled.
    fn log(&self, record: &LogRecord) {
        let info = self.context.info();
        let (id, kind, attempt) = (&info.activity_id, &info.activity_type, info.attempt);
        let LogRecord { level, logger, message, fields, .. } = record;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "activity",
                    logger,
                    ?fields,
                    activity_id = id,
                    activity_type = kind,
                    attempt,
                    "{message}"
                )
            };
        }
        match level {
            Level::Trace => line!(trace),
            Level::Debug => line!(debug),
            Level::Info => line!(info),
            Level::Warn => line!(warn),
            Level::Error => line!(error),
        }
    }
}
