//! Identical tasks in any number of queues, and the check of what comes back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use temporalio_common::protos::temporal::api::{
    common::v1::{ActivityType, Payload, Payloads, WorkflowExecution},
    workflowservice::v1::PollActivityTaskQueueResponse,
};

use super::queue::{Burst, Queue, Token};

/// How long a poll waits for a task before it is answered empty, as the real server does.
const LONG_POLL: Duration = Duration::from_secs(50);

/// The same task over and over.
#[derive(Debug)]
pub(crate) struct Replay {
    namespace: String,
    activity_type: String,
    input: Payload,
    expected: Vec<u8>,
    queues: Mutex<Queues>,
}

#[derive(Debug, Default)]
struct Queues {
    by_name: HashMap<String, Arc<Queue>>,
    by_number: Vec<Arc<Queue>>,
}

impl Replay {
    /// Tasks of `activity_type` with one argument; each must be completed with the data `expected`.
    pub(crate) fn new(namespace: &str, activity_type: &str, input: Payload, expected: Vec<u8>) -> Self {
        let (namespace, activity_type) = (namespace.to_owned(), activity_type.to_owned());
        Self { namespace, activity_type, input, expected, queues: Mutex::default() }
    }

    /// The namespace of the tasks.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Waits until a worker asks for tasks of `queue`.
    pub(crate) async fn polled(&self, queue: &str) {
        self.queue(queue).polled().await;
    }

    /// Hands out `size` tasks in `queue` and waits until all have come back.
    ///
    /// # Errors
    /// When one comes back as anything but the expected result.
    pub(crate) async fn burst(&self, queue: &str, size: u32) -> anyhow::Result<Burst> {
        self.queue(queue).burst(size).await
    }

    /// Answers a poll: a task, or nothing after a while.
    pub(super) async fn poll(&self, queue: &str) -> PollActivityTaskQueueResponse {
        match tokio::time::timeout(LONG_POLL, self.queue(queue).poll()).await {
            Ok(Some(token)) => self.task(token),
            _ => PollActivityTaskQueueResponse::default(),
        }
    }

    /// Takes back a task with its result, or with why there is none.
    pub(super) fn take_back(&self, task_token: &[u8], result: Result<Option<Payloads>, String>) {
        let Some(token) = Token::from_bytes(task_token) else { return };
        let queue = usize::try_from(token.queue).ok().and_then(|number| self.lock().by_number.get(number).cloned());
        if let Some(queue) = queue {
            queue.take_back(token, result.and_then(|payloads| self.checked(payloads)));
        }
    }

    fn checked(&self, payloads: Option<Payloads>) -> Result<(), String> {
        let data = payloads.and_then(|payloads| payloads.payloads.into_iter().next()).map(|payload| payload.data);
        if data.as_ref() == Some(&self.expected) {
            return Ok(());
        }
        Err(format!("a task was completed with {:?}", String::from_utf8_lossy(&data.unwrap_or_default())))
    }

    fn task(&self, token: Token) -> PollActivityTaskQueueResponse {
        let now = Some(SystemTime::now().into());
        PollActivityTaskQueueResponse {
            task_token: token.to_bytes(),
            workflow_namespace: self.namespace.clone(),
            workflow_execution: Some(WorkflowExecution::default()),
            activity_run_id: format!("run-{}-{}", token.burst, token.place),
            activity_id: format!("activity-{}-{}", token.burst, token.place),
            activity_type: Some(ActivityType { name: self.activity_type.clone() }),
            input: Some(Payloads { payloads: vec![self.input.clone()] }),
            scheduled_time: now,
            current_attempt_scheduled_time: now,
            started_time: now,
            attempt: 1,
            start_to_close_timeout: Duration::from_secs(60).try_into().ok(),
            // None, as a server says it. The official TypeScript worker can't do without being told.
            schedule_to_close_timeout: Duration::ZERO.try_into().ok(),
            heartbeat_timeout: Duration::ZERO.try_into().ok(),
            ..PollActivityTaskQueueResponse::default()
        }
    }

    fn queue(&self, name: &str) -> Arc<Queue> {
        let mut queues = self.lock();
        if let Some(queue) = queues.by_name.get(name) {
            return Arc::clone(queue);
        }
        let number = u32::try_from(queues.by_number.len()).unwrap_or(u32::MAX);
        let queue = Arc::new(Queue::new(number));
        queues.by_name.insert(name.to_owned(), Arc::clone(&queue));
        queues.by_number.push(Arc::clone(&queue));
        queue
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
