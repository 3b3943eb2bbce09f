//! How a worker is set up.

use std::{ops::RangeInclusive, time::Duration};

use crate::{Error, stopping::MAX_HEARTBEAT_THROTTLE};

/// How often a worker can tell how it is, for core.
const HEARTBEATS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);

/// How one worker, which serves one task queue of one namespace, is set up.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerSettings {
    /// The namespace.
    pub namespace: String,
    /// The task queue.
    pub task_queue: String,
    /// Attempts that run at once.
    pub slots: usize,
    /// Bytes of the memory budget that each slot reserves: the largest memory limit of the queue's components.
    pub slot_memory: u64,
    /// Polls that wait at the server at once, at most: there is one while polls bring nothing. Each holds a slot while it
    /// waits.
    pub pollers: usize,
    /// How long attempts may go on after a shutdown has begun before they are cancelled.
    pub shutdown_grace: Duration,
    /// How often the worker asks whether an activity without a heartbeat timeout is cancelled, by heartbeating for it.
    pub cancel_check_interval: Duration,
    /// The longest time that a heartbeat is held back before it is sent, however long the heartbeat timeout.
    pub max_heartbeat_throttle: Duration,
    /// Tasks per second that this worker takes at most; `None` for no limit.
    pub max_tasks_per_second: Option<f64>,
    /// Tasks per second that the server hands out on the whole task queue at most; `None` leaves it as it is.
    pub max_queue_tasks_per_second: Option<f64>,
    /// How often the worker tells the server how it is, from a second to a minute; `None` for never. Without it, the server
    /// can't tell the worker either that an activity is cancelled, but in answer to that activity's heartbeats.
    pub worker_heartbeat: Option<Duration>,
    /// Whether results carry what their attempts have cost, as metadata.
    pub result_metadata: bool,
    /// Which version of what it serves it is, as Temporal tells workers apart.
    pub build_id: String,
    /// The Worker Deployment that it is a version of, if it is of any: the server sends it what is for this version alone.
    pub deployment: Option<String>,
}

impl WorkerSettings {
    /// The settings that suit most workers: 100 slots of 64 MiB, 5 polls, no grace at shutdown, a check for
    /// cancellation every 5 s.
    pub fn new(namespace: impl Into<String>, task_queue: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            task_queue: task_queue.into(),
            slots: 100,
            slot_memory: 64 << 20,
            pollers: 5,
            shutdown_grace: Duration::ZERO,
            cancel_check_interval: Duration::from_secs(5),
            max_heartbeat_throttle: MAX_HEARTBEAT_THROTTLE,
            max_tasks_per_second: None,
            max_queue_tasks_per_second: None,
            worker_heartbeat: Some(Duration::from_secs(60)),
            result_metadata: false,
            build_id: concat!("isolet-", env!("CARGO_PKG_VERSION")).to_owned(),
            deployment: None,
        }
    }

    /// Checks what no type can express.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let rates = [
            ("max_tasks_per_second", self.max_tasks_per_second),
            ("max_queue_tasks_per_second", self.max_queue_tasks_per_second),
        ];
        let bad_rate = rates.iter().find(|(_, rate)| rate.is_some_and(|rate| !rate.is_normal() || rate < 0.0));
        let reason = if self.namespace.is_empty() {
            "the namespace must not be empty".to_owned()
        } else if self.task_queue.is_empty() {
            "the name of the task queue must not be empty".to_owned()
        } else if self.slots == 0 {
            "slots must be at least 1".to_owned()
        } else if self.pollers == 0 {
            "pollers must be at least 1".to_owned()
        } else if self.cancel_check_interval.is_zero() {
            "cancel_check_interval must be longer than zero".to_owned()
        } else if self.max_heartbeat_throttle.is_zero() {
            "max_heartbeat_throttle must be longer than zero".to_owned()
        } else if self.worker_heartbeat.is_some_and(|interval| !HEARTBEATS.contains(&interval)) {
            "worker_heartbeat must be from a second to a minute".to_owned()
        } else if let Some((name, _)) = bad_rate {
            format!("{name} must be above zero")
        } else {
            return Ok(());
        };
        Err(Error::Settings { task_queue: self.task_queue.clone(), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_makes_no_sense_is_named() {
        let good = WorkerSettings::new("default", "orders");
        assert!(good.check().is_ok());
        let cases = [
            (WorkerSettings { task_queue: String::new(), ..good.clone() }, "task queue"),
            (WorkerSettings { namespace: String::new(), ..good.clone() }, "namespace"),
            (WorkerSettings { slots: 0, ..good.clone() }, "slots"),
            (WorkerSettings { pollers: 0, ..good.clone() }, "pollers"),
            (WorkerSettings { cancel_check_interval: Duration::ZERO, ..good.clone() }, "cancel_check_interval"),
            (WorkerSettings { max_heartbeat_throttle: Duration::ZERO, ..good.clone() }, "max_heartbeat_throttle"),
            (WorkerSettings { worker_heartbeat: Some(Duration::ZERO), ..good.clone() }, "worker_heartbeat"),
            (WorkerSettings { max_tasks_per_second: Some(-1.0), ..good.clone() }, "max_tasks_per_second"),
            (WorkerSettings { max_queue_tasks_per_second: Some(f64::NAN), ..good }, "max_queue_tasks_per_second"),
        ];
        for (settings, named) in cases {
            let text = settings.check().unwrap_err().to_string();
            assert!(text.contains(named), "{text}");
        }
    }
}
