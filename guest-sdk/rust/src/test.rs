//! Unit tests of activities, natively: no Wasm, no worker, no server.
//!
//! ```
//! use isolet_sdk::test::TestContext;
//! use isolet_sdk::{ActivityContext, ActivityError, activity};
//!
//! #[activity]
//! fn count(context: &ActivityContext, to: u32) -> Result<u32, ActivityError> {
//!     for number in 0..to {
//!         context.heartbeat(number);
//!         context.check_cancelled()?;
//!     }
//!     Ok(to)
//! }
//!
//! let test = TestContext::new().cancelled_after_heartbeats(2);
//! assert!(matches!(count(&test.context(), 5), Err(ActivityError::Cancelled(_))));
//! assert_eq!(test.heartbeats::<u32>().unwrap(), [0, 1]);
//! ```

mod client;
#[cfg(feature = "http")]
pub(crate) mod http;
mod measurements;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use crate::activity::Definition;
use crate::cancellation::Events;
use crate::log::LogRecord;
use crate::waits::Pollable;
use crate::{
    Activity, ActivityContext, ActivityError, ActivityInfo, ApplicationFailure, CancellationDetails, ConversionError,
    FromPayload, Level, Priority, RawValue, ToPayload, WorkflowExecution,
};

pub(crate) use self::measurements::Handle;
pub use self::measurements::Measurement;

/// An attempt without a server: decides what the activity sees and keeps what it did.
///
/// Time is not spent: sleeps and waits return at once, as if their time had passed.
#[derive(Clone, Debug)]
pub struct TestContext {
    state: Rc<RefCell<State>>,
}

/// One log line that an activity wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine {
    /// How important it is.
    pub level: Level,
    /// The module of the activity.
    pub logger: String,
    /// The text.
    pub message: String,
    /// The structured fields: names, and values as JSON.
    pub fields: Vec<(String, String)>,
}

/// What happens to the attempt, set by the test, and what it did, kept by the backend.
#[derive(Debug)]
struct State {
    info: ActivityInfo,
    cancelled: bool,
    details: CancellationDetails,
    cancel_after_heartbeats: Option<usize>,
    cancel_after: Option<Duration>,
    shutdown_after: Option<Duration>,
    waited: Duration,
    heartbeats: Vec<Vec<RawValue>>,
    heartbeat_failure: Option<String>,
    logs: Vec<LogLine>,
    client: client::Stub,
    #[cfg(feature = "http")]
    http: http::Stub,
    measurements: Vec<Measurement>,
}

impl TestContext {
    /// The first attempt of an activity that nobody cancels.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: Rc::new(RefCell::new(State {
                info: default_info(),
                cancelled: false,
                details: CancellationDetails { cancel_requested: true, ..CancellationDetails::default() },
                cancel_after_heartbeats: None,
                cancel_after: None,
                shutdown_after: None,
                waited: Duration::ZERO,
                heartbeats: Vec::new(),
                heartbeat_failure: None,
                logs: Vec::new(),
                client: client::Stub::default(),
                #[cfg(feature = "http")]
                http: http::Stub::default(),
                measurements: Vec::new(),
            })),
        }
    }

    /// Changes what [`ActivityContext::info`] tells.
    #[must_use]
    pub fn with_info(self, change: impl FnOnce(&mut ActivityInfo)) -> Self {
        change(&mut self.state.borrow_mut().info);
        self
    }

    /// Makes it a later attempt, whose predecessor's last heartbeat had these details.
    ///
    /// # Panics
    /// When a value can't be encoded.
    #[must_use]
    pub fn with_heartbeat_details(self, details: &[&dyn ToPayload]) -> Self {
        let details = encode(details);
        self.with_info(|info| {
            info.attempt += 1;
            info.heartbeat_details = details;
        })
    }

    /// Cancels the attempt before it begins.
    #[must_use]
    pub fn cancelled(self) -> Self {
        self.state.borrow_mut().cancelled = true;
        self
    }

    /// Cancels the attempt with its `count`th heartbeat.
    #[must_use]
    pub fn cancelled_after_heartbeats(self, count: usize) -> Self {
        self.state.borrow_mut().cancel_after_heartbeats = Some(count);
        self
    }

    /// Cancels the attempt when it has slept or waited so long.
    #[must_use]
    pub fn cancelled_after(self, waited: Duration) -> Self {
        self.state.borrow_mut().cancel_after = Some(waited);
        self
    }

    /// Why the attempt is cancelled, if it is; without this, because that was requested.
    #[must_use]
    pub fn with_cancellation_details(self, details: CancellationDetails) -> Self {
        self.state.borrow_mut().details = details;
        self
    }

    /// Begins the worker's shutdown when the attempt has slept or waited so long; at once for zero.
    #[must_use]
    pub fn worker_shutdown_after(self, waited: Duration) -> Self {
        self.state.borrow_mut().shutdown_after = Some(waited);
        self
    }

    /// The context to call the activity with.
    #[must_use]
    pub fn context(&self) -> ActivityContext {
        let definition = Definition { name: None, interruptible: true, module: "test" };
        self.context_of(&definition)
    }

    /// Calls an activity as the worker does, through the encodings: `test.run::<greet>(&[&"World"])`.
    ///
    /// # Errors
    /// What the activity returns, and failures of arguments that don't fit.
    ///
    /// # Panics
    /// When an argument can't be encoded.
    pub fn run<A: Activity>(&self, arguments: &[&dyn ToPayload]) -> Result<RawValue, ActivityError> {
        A::execute(&self.context_of(&A::DEFINITION), encode(arguments))
    }

    /// The first detail of each heartbeat.
    ///
    /// # Errors
    /// When one is not a `T`; for a heartbeat without details, null is tried.
    pub fn heartbeats<T: FromPayload>(&self) -> Result<Vec<T>, ConversionError> {
        let first = |details: Vec<RawValue>| details.into_iter().next().unwrap_or_else(RawValue::null).decode();
        self.raw_heartbeats().into_iter().map(first).collect()
    }

    /// All details of each heartbeat, encoded.
    #[must_use]
    pub fn raw_heartbeats(&self) -> Vec<Vec<RawValue>> {
        self.state.borrow().heartbeats.clone()
    }

    /// Why a heartbeat could not be encoded, when one couldn't.
    #[must_use]
    pub fn heartbeat_failure(&self) -> Option<String> {
        self.state.borrow().heartbeat_failure.clone()
    }

    /// The log lines.
    #[must_use]
    pub fn logs(&self) -> Vec<LogLine> {
        self.state.borrow().logs.clone()
    }

    /// What the activity measured: each value, in order.
    #[must_use]
    pub fn measurements(&self) -> Vec<Measurement> {
        self.state.borrow().measurements.clone()
    }

    /// How long the attempt slept and waited.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.state.borrow().waited
    }

    pub(crate) fn context_of(&self, definition: &Definition) -> ActivityContext {
        ActivityContext::new(Backend { state: Rc::clone(&self.state) }, definition)
    }
}

impl Default for TestContext {
    fn default() -> Self {
        Self::new()
    }
}

/// The context's backend in native tests.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    state: Rc<RefCell<State>>,
}

impl Backend {
    pub(crate) fn info(&self) -> ActivityInfo {
        self.state.borrow().info.clone()
    }

    /// Not the host's, but what it is made of.
    pub(crate) fn idempotency_key(&self) -> String {
        let info = self.info();
        let (workflow_id, run_id) = match (&info.workflow, &info.activity_run_id) {
            (Some(workflow), _) => (workflow.workflow_id.as_str(), workflow.run_id.as_str()),
            (None, run_id) => ("", run_id.as_deref().unwrap_or_default()),
        };
        [&info.namespace, workflow_id, run_id, &info.activity_id].join("/")
    }

    pub(crate) fn record(&self, details: Vec<RawValue>) {
        let mut state = self.state.borrow_mut();
        state.heartbeats.push(details);
        let count = state.heartbeats.len();
        state.cancelled |= state.cancel_after_heartbeats.is_some_and(|limit| limit <= count);
    }

    pub(crate) fn record_failed(&self, reason: &ApplicationFailure) {
        let mut state = self.state.borrow_mut();
        state.cancelled = true;
        state.heartbeat_failure.get_or_insert_with(|| reason.to_string());
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.state.borrow().events().cancelled
    }

    pub(crate) fn cancellation_details(&self) -> Option<CancellationDetails> {
        let state = self.state.borrow();
        (state.events().cancelled && state.heartbeat_failure.is_none()).then_some(state.details)
    }

    pub(crate) fn is_worker_shutdown(&self) -> bool {
        self.state.borrow().events().worker_shutdown
    }

    pub(crate) fn wait(&self, until: Events, timeout: Option<Duration>) -> Events {
        let mut state = self.state.borrow_mut();
        let now = state.events();
        if !(until.cancelled && now.cancelled || until.worker_shutdown && now.worker_shutdown) {
            let cancelled = state.cancel_after.filter(|_| until.cancelled);
            let shutdown = state.shutdown_after.filter(|_| until.worker_shutdown);
            let end = timeout.map(|timeout| state.waited.saturating_add(timeout));
            match [cancelled, shutdown, end].into_iter().flatten().min() {
                Some(end) => state.waited = end,
                None => {
                    end_of_test("the activity waits for ever: the test neither cancels it nor shuts the worker down")
                }
            }
        }
        state.events()
    }

    /// As [`wait`](Self::wait): natively nothing else becomes ready.
    pub(crate) fn wait_for_any(
        &self,
        _pollables: &[&Pollable],
        until: Events,
        timeout: Option<Duration>,
    ) -> (Events, Vec<usize>) {
        (self.wait(until, timeout), Vec::new())
    }

    /// The time that futures wait by.
    pub(crate) fn now(&self) -> Duration {
        self.state.borrow().waited
    }

    #[expect(clippy::unused_self, reason = "the host's backend asks the host")]
    pub(crate) fn log_enabled(&self, _level: Level) -> bool {
        true
    }

    pub(crate) fn log(&self, line: LogRecord) {
        let LogRecord { level, logger, message, fields } = line;
        self.state.borrow_mut().logs.push(LogLine { level, logger, message, fields });
    }
}

impl State {
    /// What has happened by now.
    fn events(&self) -> Events {
        let passed = |after: Option<Duration>| after.is_some_and(|after| after <= self.waited);
        Events { cancelled: self.cancelled || passed(self.cancel_after), worker_shutdown: passed(self.shutdown_after) }
    }
}

fn encode(values: &[&dyn ToPayload]) -> Vec<RawValue> {
    let encode = |value: &&dyn ToPayload| {
        value.to_payload().unwrap_or_else(|error| end_of_test(&format!("the test's value can't be encoded: {error}")))
    };
    values.iter().map(encode).collect()
}

#[expect(clippy::panic, reason = "only tests run this, and the test itself is wrong")]
fn end_of_test(message: &str) -> ! {
    panic!("{message}")
}

fn default_info() -> ActivityInfo {
    ActivityInfo {
        activity_id: "test".to_owned(),
        activity_run_id: None,
        activity_type: "test".to_owned(),
        attempt: 1,
        namespace: "default".to_owned(),
        task_queue: "test".to_owned(),
        task_token: b"test".to_vec(),
        workflow: Some(WorkflowExecution {
            namespace: "default".to_owned(),
            workflow_id: "test".to_owned(),
            run_id: "test-run".to_owned(),
            workflow_type: "test".to_owned(),
        }),
        is_local: false,
        scheduled_time: UNIX_EPOCH,
        current_attempt_scheduled_time: UNIX_EPOCH,
        started_time: UNIX_EPOCH,
        schedule_to_close_timeout: Some(Duration::from_secs(1)),
        start_to_close_timeout: Some(Duration::from_secs(1)),
        heartbeat_timeout: None,
        deadline: None,
        heartbeat_details: Vec::new(),
        retry_policy: None,
        priority: Priority::default(),
        headers: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
