//! A leased task as a guest takes it.

use std::sync::Arc;

use activity::{
    CancellationDetails, CodecError, End, Failure, FailureKind, Info, Outcome, Payload, Report, deadline::sleep_until,
};
use tokio::sync::watch;

use super::{PayloadCoding, explained};
use crate::{lease::Lease, shutdown::Stop, source::LeaseSource};

/// The payloads of a task, decoded.
pub(crate) struct DecodedTask {
    /// The arguments.
    pub(crate) input: Vec<Payload>,
    /// What the attempt is, with the last heartbeat's details of the attempt before.
    pub(crate) info: Arc<Info>,
}

/// Decodes what came with the task, once there is memory to run it. Without them there is nothing to run: the error is
/// what to report, be it that they can't be decoded, or that the attempt is over before they were.
pub(crate) async fn decode_task<S: LeaseSource>(
    lease: &mut Lease<S>,
    input: Vec<Payload>,
    coding: &PayloadCoding,
    stop: &watch::Receiver<Stop>,
) -> Result<DecodedTask, Report> {
    let info = Arc::clone(lease.info());
    let deadline = lease.deadline();
    let backed = lease.backed();
    let decoded = async {
        backed.await;
        decode(coding, &info, input).await
    };
    let reasons = tokio::select! {
        biased;
        decoded = decoded => return decoded.map_err(|failure| Report::Failed(Box::new(failure))),
        details = lease.cancelled() => details,
        () = graces_over(stop.clone()) => CancellationDetails::WORKER_SHUTDOWN,
        () = sleep_until(deadline) => CancellationDetails::TIMED_OUT,
    };
    Err(Report::decide(End::Returned(Outcome::Cancelled(Vec::new())), reasons, None))
}

/// Arguments first, then heartbeat details, with the failures of Temporal's Python worker.
async fn decode(coding: &PayloadCoding, info: &Arc<Info>, input: Vec<Payload>) -> Result<DecodedTask, Failure> {
    let input = coding.decode(input).await.map_err(|error| undecoded("Failed decoding arguments", false, &error))?;
    let details = coding.decode(info.heartbeat_details.clone()).await;
    let heartbeat_details = details.map_err(|error| {
        // A reference stays one; a codec may work again, and then the progress is not lost.
        let is_lasting = matches!(error, CodecError::ExternalReference { .. });
        undecoded("Failed decoding heartbeat details", is_lasting, &error)
    })?;
    let info = match coding.keeps_payloads() || heartbeat_details.is_empty() {
        true => Arc::clone(info),
        false => Arc::new(Info { heartbeat_details, ..info.as_ref().clone() }),
    };
    Ok(DecodedTask { input, info })
}

fn undecoded(message: &str, non_retryable: bool, error: &CodecError) -> Failure {
    let fields = activity::ApplicationFailure { non_retryable, ..Default::default() };
    Failure { cause: Some(Box::new(explained(error))), ..Failure::new(message, FailureKind::Application(fields)) }
}

/// Ends when a shutdown cancels its attempts.
async fn graces_over(mut stop: watch::Receiver<Stop>) {
    loop {
        let stage = *stop.borrow_and_update();
        let cancel_at = match stage {
            Stop::Running => None,
            Stop::CancelAt(at) => Some(at),
            Stop::Now => return,
        };
        tokio::select! {
            () = sleep_until(cancel_at) => return,
            // A worker that has gone stops nobody any more.
            Ok(()) = stop.changed() => {}
        }
    }
}
