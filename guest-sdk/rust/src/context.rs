//! The running attempt, as its activity sees it.

use std::cell::OnceCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use crate::activity::Definition;
use crate::attempt::Attempt;
use crate::cancellation::Events;
use crate::client::Client;
use crate::executor;
#[cfg(target_family = "wasm")]
use crate::host::Backend;
use crate::log::LogRecord;
#[cfg(not(target_family = "wasm"))]
use crate::test::Backend;
use crate::{
    ActivityError, ActivityInfo, ApplicationFailure, CancellationDetails, Cancelled, ConversionError, FromPayload,
    Level, LogField, MetricMeter, RawValue, ToPayload,
};

/// The running attempt: what it is, telling how far it is, and learning that it should stop.
///
/// An activity gets it by taking `&ActivityContext` as its first parameter. Unit tests make one with
/// [`TestContext`](crate::test).
#[derive(Debug)]
pub struct ActivityContext {
    /// Shared with its futures.
    attempt: Rc<Attempt>,
    /// The name under which log lines are written.
    logger: &'static str,
    /// Asked for once: the host's answer never changes.
    info: OnceCell<ActivityInfo>,
}

impl ActivityContext {
    pub(crate) fn new(backend: Backend, definition: &Definition) -> Self {
        Self {
            attempt: Rc::new(Attempt::new(backend, definition.interruptible)),
            logger: definition.module,
            info: OnceCell::new(),
        }
    }

    /// What the running attempt is.
    pub fn info(&self) -> &ActivityInfo {
        self.info.get_or_init(|| self.attempt.backend.info())
    }

    /// What is the same for all attempts of this activity, and for no other activity: a server that it is told can tell a
    /// retry from something new. 64 hexadecimal digits.
    pub fn idempotency_key(&self) -> String {
        self.attempt.backend.idempotency_key()
    }

    /// Temporal's client on the worker's connection. What it may do is granted by the operator.
    pub fn client(&self) -> Client<'_> {
        Client::new(&self.attempt.backend)
    }

    /// Tells the server that the attempt is alive and how far it is. The next attempt finds the value in
    /// [`heartbeat_details`](Self::heartbeat_details).
    ///
    /// Returns at once and can be called as often as you like: the host sends the newest value now and then. It never
    /// tells of a cancellation: see [`check_cancelled`](Self::check_cancelled). A value that can't be encoded cancels
    /// the attempt, which fails for that reason if it obeys.
    pub fn heartbeat(&self, detail: impl ToPayload) {
        self.heartbeat_each(&[&detail]);
    }

    /// [`heartbeat`](Self::heartbeat) with any number of values, each of which is a detail of its own.
    pub fn heartbeat_each(&self, details: &[&dyn ToPayload]) {
        let encoded: Result<Vec<_>, ConversionError> = details.iter().map(|detail| detail.to_payload()).collect();
        match encoded {
            Ok(details) => self.attempt.backend.record(details),
            Err(error) => {
                let reason = ApplicationFailure::new(error.to_string()).with_type(error.failure_type());
                self.attempt.backend.record_failed(&reason);
            }
        }
    }

    /// The value of the previous attempt's last heartbeat, the first one if it had several; none if there was none.
    ///
    /// # Errors
    /// A failure that is not retried when the value is not a `T`.
    pub fn heartbeat_details<T: FromPayload>(&self) -> Result<Option<T>, ActivityError> {
        self.heartbeat_detail(0)
    }

    /// The value at `index`, from 0, of the previous attempt's last heartbeat; none if it had fewer.
    ///
    /// # Errors
    /// A failure that is not retried when the value is not a `T`.
    pub fn heartbeat_detail<T: FromPayload>(&self, index: usize) -> Result<Option<T>, ActivityError> {
        let Some(detail) = self.info().heartbeat_details.get(index) else { return Ok(None) };
        detail.clone().decode().map(Some).map_err(|error| {
            ActivityError::not_decoded("Failed decoding heartbeat details", &error).non_retryable().into()
        })
    }

    /// Whether the attempt is cancelled, for whatever reason. Once true, always true.
    pub fn is_cancelled(&self) -> bool {
        self.attempt.backend.is_cancelled()
    }

    /// A safe point: the error to pass on with `?` once the attempt is cancelled.
    ///
    /// # Errors
    /// [`Cancelled`] when the attempt is cancelled, except in a [`shield`](Self::shield) and in an activity that is
    /// not interruptible.
    pub fn check_cancelled(&self) -> Result<(), Cancelled> {
        self.attempt.check_cancelled()
    }

    /// Does work that a cancellation must not cut short: no safe point in it tells of one, the shield's end does.
    ///
    /// Shields nest; only the end of the outermost is a safe point. The host kills an attempt that should have ended
    /// all the same, when its grace is over. To keep what the work has made of a cancelled attempt, let the closure
    /// put it into a variable of yours.
    ///
    /// # Errors
    /// [`Cancelled`], instead of what the work returned, when the attempt is cancelled by the end of the outermost
    /// shield; never in an activity that is not interruptible.
    pub fn shield<T>(&self, work: impl FnOnce() -> T) -> Result<T, Cancelled> {
        let shield = self.attempt.shield();
        let done = work();
        drop(shield);
        self.check_cancelled()?;
        Ok(done)
    }

    /// Why the attempt is cancelled; none while it is not, and after a heartbeat that could not be encoded.
    pub fn cancellation_details(&self) -> Option<CancellationDetails> {
        self.attempt.backend.cancellation_details()
    }

    /// Whether the worker has begun to shut down. The attempt is cancelled only when the worker's grace has passed.
    pub fn is_worker_shutdown(&self) -> bool {
        self.attempt.backend.is_worker_shutdown()
    }

    /// Sleeps: a safe point that a cancellation ends at once.
    ///
    /// # Errors
    /// [`Cancelled`] when the attempt is cancelled, also before the sleep, except in a [`shield`](Self::shield) and in
    /// an activity that is not interruptible: those sleep to the end.
    pub fn sleep(&self, duration: Duration) -> Result<(), Cancelled> {
        let until = self.attempt.interruptions();
        let happened = self.attempt.backend.wait(until, Some(duration));
        if until.cancelled && happened.cancelled { Err(Cancelled::new()) } else { Ok(()) }
    }

    /// Waits until the attempt is cancelled, at most `timeout` long, and tells whether it is.
    pub fn wait_for_cancelled(&self, timeout: Option<Duration>) -> bool {
        self.attempt.backend.wait(Events { cancelled: true, ..Events::default() }, timeout).cancelled
    }

    /// Waits until the worker begins to shut down, at most `timeout` long, and tells whether it has.
    pub fn wait_for_worker_shutdown(&self, timeout: Option<Duration>) -> bool {
        self.attempt.backend.wait(Events { worker_shutdown: true, ..Events::default() }, timeout).worker_shutdown
    }

    /// Runs a future to its end, in an activity that is no `async fn` or in a native test. Nothing else runs meanwhile.
    ///
    /// # Panics
    /// When the future can't end any more, because nothing is left that could wake it.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        executor::block_on(&self.attempt, future)
    }

    pub(crate) fn attempt(&self) -> &Rc<Attempt> {
        &self.attempt
    }

    /// Makes the instruments of the activity's metrics, which the worker exports.
    pub fn metrics(&self) -> MetricMeter {
        MetricMeter::new(self.attempt.backend.clone())
    }

    /// Whether lines of this level are kept: saves the work of formatting those that are not.
    pub fn log_enabled(&self, level: Level) -> bool {
        self.attempt.backend.log_enabled(level)
    }

    /// Writes a log line. The host adds what identifies the attempt.
    pub fn log(&self, level: Level, message: impl Into<String>) {
        self.log_with(level, message, &[]);
    }

    /// Writes a log line with structured fields, such as `&[("rows", &rows)]`.
    pub fn log_with(&self, level: Level, message: impl Into<String>, fields: &[(&str, &dyn LogField)]) {
        self.attempt.backend.log(LogRecord {
            level,
            logger: self.logger.to_owned(),
            message: message.into(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect(),
        });
    }

    /// The previous attempt's last heartbeat, undecoded.
    pub fn raw_heartbeat_details(&self) -> &[RawValue] {
        &self.info().heartbeat_details
    }
}
