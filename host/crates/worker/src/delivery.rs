//! Reports of attempts, sent until the server has taken or refused them.
//!
//! Core would send them, too, but it gives up after ten seconds, whatever the attempt's deadline, and tells nobody
//! whether the server took one. So it only learns that the attempt ended.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use activity::Report;
use backon::{ExponentialBuilder, Retryable};
use temporalio_client::{
    Connection as CoreConnection,
    grpc::WorkflowService,
    tonic::{Code, Request, Status},
};
use temporalio_common::protos::temporal::api::{
    common::v1::Payloads,
    enums::v1::ActivityTaskFailedCause,
    workflowservice::v1::{
        RecordActivityTaskHeartbeatRequest, RespondActivityTaskCanceledRequest, RespondActivityTaskCompletedRequest,
        RespondActivityTaskFailedRequest,
    },
};

use crate::{
    Connection,
    connection::Place,
    source::{Completion, Delivery},
    telemetry::ReportMetrics,
    to_proto,
};

/// How long the server may take to answer once. Only a server that hangs needs so much.
const ANSWER: Duration = Duration::from_secs(10);

/// The pauses between tries, those of core. Whoever sends says until when it is tried.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(100))
    .with_factor(1.7)
    .with_max_delay(Duration::from_secs(5))
    .with_jitter()
    .without_max_times();

/// The least pause when the server is asked too much.
const THROTTLED: Duration = Duration::from_secs(1);

/// Sends the reports of one worker.
pub(crate) struct Reports {
    connection: CoreConnection,
    namespace: String,
    metrics: Option<ReportMetrics>,
}

/// A report as the server takes it.
#[derive(Clone, Debug)]
enum Message {
    Completed(RespondActivityTaskCompletedRequest),
    Failed(Box<RespondActivityTaskFailedRequest>),
    /// Can't carry the last heartbeat, which the next attempt may need, so that goes before it.
    Cancelled(Option<RecordActivityTaskHeartbeatRequest>, RespondActivityTaskCanceledRequest),
}

impl Reports {
    /// Reports of the worker of `task_queue`.
    pub(crate) fn new(connection: &Connection, place: &Place, namespace: &str, task_queue: &str) -> Self {
        let metrics = connection.telemetry().report_metrics(namespace, task_queue);
        Self { connection: place.without_retries(), namespace: namespace.to_owned(), metrics }
    }

    /// Sends a report whose payloads, and whose failure, have at most `limit` bytes.
    pub(crate) async fn send(
        &self,
        completion: Completion,
        limit: usize,
        given_up: impl Future<Output = ()>,
    ) -> Delivery {
        let info = Arc::clone(&completion.info);
        let Some(message) = self.message(completion, limit) else {
            return Delivery::Delivered;
        };
        if let (Some(metrics), Message::Failed(request)) = (&self.metrics, &message)
            && !request.failure.as_ref().is_some_and(to_proto::is_benign)
        {
            metrics.failed(&info);
        }
        let is_completed = matches!(message, Message::Completed(_));
        let delivery = tokio::select! {
            biased;
            delivery = self.send_until_answered(message) => delivery,
            () = given_up => Delivery::GivenUp,
        };
        if let (Some(metrics), true, Delivery::Delivered) = (&self.metrics, is_completed, &delivery) {
            metrics.succeeded(&info);
        }
        delivery
    }

    /// What is sent; `None` when the server need not hear anything.
    fn message(&self, completion: Completion, limit: usize) -> Option<Message> {
        let Completion { info, report, digest, last_heartbeat } = completion;
        let (identity, namespace) = (self.connection.identity().to_owned(), self.namespace.clone());
        let task_token: Vec<u8> = info.task_token.to_vec();
        // One without details is one, too: the next attempt is told so.
        let last_heartbeat = last_heartbeat
            .filter(|details| to_proto::size(details) <= limit)
            .map(|details| Payloads { payloads: to_proto::payloads(details) });
        match report {
            Report::Completed(output) => {
                let result = to_proto::some_payloads(vec![output]);
                let request = RespondActivityTaskCompletedRequest {
                    task_token,
                    result,
                    identity,
                    namespace,
                    ..Default::default()
                };
                Some(Message::Completed(request))
            }
            Report::Failed(failure) => Some(Message::Failed(Box::new(RespondActivityTaskFailedRequest {
                task_token,
                failure: Some(to_proto::fitted_failure(*failure, digest.as_deref(), limit)),
                last_heartbeat_details: last_heartbeat,
                cause: ActivityTaskFailedCause::ActivityWorkerUnhandledFailure.into(),
                identity,
                namespace,
                ..Default::default()
            }))),
            Report::Cancelled(details) => {
                let heartbeat = last_heartbeat.map(|details| RecordActivityTaskHeartbeatRequest {
                    task_token: task_token.clone(),
                    details: Some(details),
                    identity: identity.clone(),
                    namespace: namespace.clone(),
                    ..Default::default()
                });
                let details = to_proto::some_payloads(details);
                let request = RespondActivityTaskCanceledRequest {
                    task_token,
                    details,
                    identity,
                    namespace,
                    ..Default::default()
                };
                Some(Message::Cancelled(heartbeat, request))
            }
            Report::WillCompleteAsync | Report::TimedOut | Report::Abandoned => None,
        }
    }

    /// Sends until the server has answered for good.
    async fn send_until_answered(&self, message: Message) -> Delivery {
        // Whether an earlier try may have arrived although it failed.
        let may_have_arrived = AtomicBool::new(false);
        let sent = (|| self.send_once(message.clone()))
            .retry(PAUSES)
            .when(passes)
            .adjust(|status, pause| match status.code() {
                Code::ResourceExhausted => pause.map(|pause| pause.max(THROTTLED)),
                _ => pause,
            })
            .notify(|status, pause| {
                may_have_arrived.store(true, Ordering::Relaxed);
                tracing::debug!(code = ?status.code(), reason = status.message(), ?pause, "a report is sent again");
            })
            .await;
        match sent {
            Ok(()) => Delivery::Delivered,
            // The server forgets an attempt once it has its report.
            Err(status) if status.code() == Code::NotFound && may_have_arrived.into_inner() => Delivery::Delivered,
            Err(status) if status.code() == Code::NotFound => Delivery::NotFound,
            Err(status) => Delivery::Refused(format!("{:?}: {}", status.code(), status.message())),
        }
    }

    async fn send_once(&self, message: Message) -> Result<(), Status> {
        let mut connection = self.connection.clone();
        match message {
            Message::Completed(request) => drop(connection.respond_activity_task_completed(timed(request)).await?),
            Message::Failed(request) => drop(connection.respond_activity_task_failed(timed(*request)).await?),
            Message::Cancelled(heartbeat, request) => {
                if let Some(heartbeat) = heartbeat {
                    connection.record_activity_task_heartbeat(timed(heartbeat)).await?;
                }
                connection.respond_activity_task_canceled(timed(request)).await?;
            }
        }
        Ok(())
    }
}

fn timed<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(ANSWER);
    request
}

/// Whether what failed with this status may succeed when it is tried again.
fn passes(status: &Status) -> bool {
    match status.code() {
        // A message that is larger than the server reads stays so.
        Code::ResourceExhausted => !status.message().contains("larger than max"),
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Unavailable
        | Code::Internal
        | Code::Unknown
        | Code::Aborted
        | Code::DataLoss
        | Code::OutOfRange => true,
        _ => false,
    }
}
