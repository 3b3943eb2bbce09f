//! A task that this worker holds until it is reported or lost.

use std::{future::Future, sync::Arc, time::Duration};

use activity::{CancellationDetails, ClientAnswer, Failure, Info, Payload, Report, deadline::after};
use futures_util::future::BoxFuture;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::source::{Completion, Delivery, LeaseSource, Question};

/// A leased task. Opened when a poll returns it, and closed exactly once, by [`Lease::close`].
///
/// Dropping it open is a bug: it is logged, and what was leased goes to the worker, which gives the slot back.
pub(crate) struct Lease<S: LeaseSource> {
    source: Arc<S>,
    info: Arc<Info>,
    opened: Instant,
    cancellation: Option<oneshot::Receiver<CancellationDetails>>,
    lost: mpsc::UnboundedSender<Arc<Info>>,
    last_heartbeat: Option<Vec<Payload>>,
    is_open: bool,
}

impl<S: LeaseSource> Lease<S> {
    /// Opens the lease on the task described by `info`; a cancellation of it is expected on `cancellation`, and if it
    /// is lost by a bug, what was leased is sent to `lost`.
    pub(crate) fn open(
        source: Arc<S>,
        info: Arc<Info>,
        cancellation: oneshot::Receiver<CancellationDetails>,
        lost: mpsc::UnboundedSender<Arc<Info>>,
    ) -> Self {
        let opened = Instant::now();
        Self { source, info, opened, cancellation: Some(cancellation), lost, last_heartbeat: None, is_open: true }
    }

    /// What is leased.
    pub(crate) fn info(&self) -> &Arc<Info> {
        &self.info
    }

    /// When it was received.
    pub(crate) fn opened(&self) -> Instant {
        self.opened
    }

    /// The time from then to the nearer close deadline, which the server counts from the moment it handed out the task.
    pub(crate) fn time_to_close(&self) -> Option<Duration> {
        let deadline = self.info.deadline?;
        Some(deadline.duration_since(self.info.started_time).unwrap_or_default())
    }

    /// When the nearer close deadline is, by this worker's clock.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.time_to_close().map(|time| after(self.opened, time))
    }

    /// Waits until the server cancels it, which happens once at most. Cancel safe.
    pub(crate) async fn cancelled(&mut self) -> CancellationDetails {
        if let Some(cancellation) = &mut self.cancellation {
            let details = cancellation.await;
            self.cancellation = None;
            if let Ok(details) = details {
                return details;
            }
        }
        std::future::pending().await
    }

    /// Waits until there is memory to run what is leased.
    pub(crate) fn backed(&self) -> impl Future<Output = ()> + use<S> {
        let source = Arc::clone(&self.source);
        async move { source.backed().await }
    }

    /// Records a heartbeat.
    pub(crate) fn heartbeat(&mut self, details: Vec<Payload>) {
        self.last_heartbeat = Some(details.clone());
        self.source.record_heartbeat(&self.info.task_token, details);
    }

    /// Does what the attempt asks of Temporal, as far as it may. Given up by being dropped.
    pub(crate) fn call(&self, question: Question) -> BoxFuture<'static, ClientAnswer> {
        let source = Arc::clone(&self.source);
        Box::pin(async move { source.call(question).await })
    }

    /// What the server takes of a report; the error is what to report instead.
    pub(crate) fn admit(&self, report: Report) -> Result<Report, Box<Failure>> {
        self.source.admit(report)
    }

    /// Closes the lease with what became of the attempt, which the component with this digest ran; that is told to the server
    /// unless `given_up` returns before.
    pub(crate) async fn close(
        mut self,
        report: Report,
        digest: Option<String>,
        given_up: impl Future<Output = ()> + Send,
    ) -> Delivery {
        let last_heartbeat = self.last_heartbeat.take();
        let completion = Completion { info: Arc::clone(&self.info), report, digest, last_heartbeat };
        let delivery = self.source.complete(completion, given_up).await;
        self.is_open = false;
        delivery
    }
}

impl<S: LeaseSource> Drop for Lease<S> {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        tracing::error!(
            activity_type = self.info.activity_type,
            activity_id = self.info.activity_id,
            attempt = self.info.attempt,
            "a lease was dropped before it was closed: the attempt is lost to this worker"
        );
        // Without a receiver the worker has ended, and with it the slot.
        let _ = self.lost.send(Arc::clone(&self.info));
    }
}
