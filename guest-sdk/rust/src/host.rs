//! The context's backend in a component: the host's imports.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::bindings::isolet::activity::{cancellation, heartbeat, info, log, types};
use crate::cancellation::Events;
use crate::log::LogRecord;
use crate::waits::Pollable;
use crate::{
    ActivityInfo, ApplicationFailure, CancellationDetails, Level, Priority, RawValue, RetryPolicy, WorkflowExecution,
};

thread_local! {
    /// Where time begins for futures: at the first look at it.
    static BEGINNING: Instant = Instant::now();
}

/// The host of the running attempt. It needs no state: each attempt has an instance of its own.
#[derive(Clone, Debug)]
pub(crate) struct Backend;

impl Backend {
    pub(crate) fn info(&self) -> ActivityInfo {
        info_from_wit(info::get())
    }

    pub(crate) fn idempotency_key(&self) -> String {
        info::idempotency_key()
    }

    pub(crate) fn record(&self, details: Vec<RawValue>) {
        heartbeat::record(&details.into_iter().map(Into::into).collect::<Vec<_>>());
    }

    pub(crate) fn record_failed(&self, reason: &ApplicationFailure) {
        heartbeat::record_failed(&reason.chain());
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        cancellation::is_cancelled()
    }

    pub(crate) fn cancellation_details(&self) -> Option<CancellationDetails> {
        cancellation::details().map(details_from_wit)
    }

    pub(crate) fn is_worker_shutdown(&self) -> bool {
        cancellation::is_worker_shutdown()
    }

    pub(crate) fn wait(&self, until: Events, timeout: Option<Duration>) -> Events {
        use cancellation::Event;

        let happened = cancellation::wait(events_to_wit(until), timeout.map(Into::into)).bits();
        Events {
            cancelled: happened & Event::CANCELLED.bits() != 0,
            worker_shutdown: happened & Event::WORKER_SHUTDOWN.bits() != 0,
        }
    }

    /// Waits until one of the pollables is ready, too. Returns what has happened and the indexes of those that are.
    pub(crate) fn wait_for_any(
        &self,
        pollables: &[&Pollable],
        until: Events,
        timeout: Option<Duration>,
    ) -> (Events, Vec<usize>) {
        #[cfg(feature = "http")]
        if !pollables.is_empty() {
            let ready = crate::http::poll(pollables, events_to_wit(until), timeout);
            let happened = if until == Events::default() { until } else { self.wait(until, Some(Duration::ZERO)) };
            return (happened, ready);
        }
        debug_assert!(pollables.is_empty());
        (self.wait(until, timeout), Vec::new())
    }

    /// The time that futures wait by.
    pub(crate) fn now(&self) -> Duration {
        BEGINNING.with(Instant::elapsed)
    }

    pub(crate) fn log_enabled(&self, level: Level) -> bool {
        log::enabled(level_to_wit(level))
    }

    pub(crate) fn log(&self, line: LogRecord) {
        log::write(&log::LogRecord {
            level: level_to_wit(line.level),
            logger: line.logger,
            message: line.message,
            fields: line.fields,
        });
    }
}

fn events_to_wit(until: Events) -> cancellation::Event {
    use cancellation::Event;

    let mut events = Event::empty();
    if until.cancelled {
        events = events | Event::CANCELLED;
    }
    if until.worker_shutdown {
        events = events | Event::WORKER_SHUTDOWN;
    }
    events
}

pub(crate) fn details_from_wit(details: cancellation::CancellationDetails) -> CancellationDetails {
    use cancellation::CancellationDetails as Flags;

    let flags = details.bits();
    let has = |flag: Flags| flags & flag.bits() != 0;
    CancellationDetails {
        not_found: has(Flags::NOT_FOUND),
        cancel_requested: has(Flags::CANCEL_REQUESTED),
        paused: has(Flags::PAUSED),
        reset: has(Flags::RESET),
        timed_out: has(Flags::TIMED_OUT),
        worker_shutdown: has(Flags::WORKER_SHUTDOWN),
    }
}

fn level_to_wit(level: Level) -> log::Level {
    match level {
        Level::Trace => log::Level::Trace,
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    }
}

fn info_from_wit(info: info::ActivityInfo) -> ActivityInfo {
    ActivityInfo {
        activity_id: info.activity_id,
        activity_run_id: info.activity_run_id,
        activity_type: info.activity_type,
        attempt: info.attempt,
        namespace: info.namespace,
        task_queue: info.task_queue,
        task_token: info.task_token,
        workflow: info.workflow.map(|workflow| WorkflowExecution {
            namespace: workflow.namespace,
            workflow_id: workflow.workflow_id,
            run_id: workflow.run_id,
            workflow_type: workflow.workflow_type,
        }),
        is_local: info.is_local,
        scheduled_time: time_from_wit(info.scheduled_time),
        current_attempt_scheduled_time: time_from_wit(info.current_attempt_scheduled_time),
        started_time: time_from_wit(info.started_time),
        schedule_to_close_timeout: info.schedule_to_close_timeout.map(Into::into),
        start_to_close_timeout: info.start_to_close_timeout.map(Into::into),
        heartbeat_timeout: info.heartbeat_timeout.map(Into::into),
        deadline: info.deadline.map(time_from_wit),
        heartbeat_details: info.heartbeat_details.into_iter().map(Into::into).collect(),
        retry_policy: info.retry_policy.map(retry_policy_from_wit),
        priority: Priority {
            priority_key: info.priority.priority_key,
            fairness_key: info.priority.fairness_key,
            fairness_weight: info.priority.fairness_weight,
        },
        headers: info.headers.into_iter().map(|(name, payload)| (name, payload.into())).collect(),
    }
}

fn retry_policy_from_wit(policy: types::RetryPolicy) -> RetryPolicy {
    RetryPolicy {
        initial_interval: policy.initial_interval.map(Into::into),
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: policy.maximum_interval.map(Into::into),
        maximum_attempts: policy.maximum_attempts,
        non_retryable_error_types: policy.non_retryable_error_types,
    }
}

/// A time that this platform can't express, which the server never sends, counts as the epoch.
pub(crate) fn time_from_wit(time: types::Timestamp) -> SystemTime {
    let seconds = Duration::from_secs(time.seconds.unsigned_abs());
    let second = if time.seconds < 0 { UNIX_EPOCH.checked_sub(seconds) } else { UNIX_EPOCH.checked_add(seconds) };
    second.and_then(|second| second.checked_add(Duration::from_nanos(time.nanoseconds.into()))).unwrap_or(UNIX_EPOCH)
}
