//! The typed requests about activities that complete asynchronously.

use activity::{
    ActivityIds, ActivityReference, CancellationDetails, ClientAnswer, ClientError, ClientRequest, ClientResponse, End,
    Failure, Outcome, Payload, Report,
};
use temporalio_common::protos::temporal::api::{
    common::v1::Payloads, failure::v1 as failure, workflowservice::v1 as proto,
};

use super::{Granted, Wire};
use crate::{PayloadCoding, to_proto};

/// Performs one of two requests, which differ only in how they name the activity: by its token, or by its ids. What is
/// made of the answer is the same for both, too.
macro_rules! perform {
    ($granted:ident, $activity:ident, $by_token:ident, $by_ids:ident { $field:ident }, |$answer:ident| $response:expr) => {
        match $activity {
            ActivityReference::TaskToken(token) => {
                let request = proto::$by_token { task_token: token.into(), $field, ..Default::default() };
                let $answer = $granted.perform(request, None).await?;
                Ok($response)
            }
            ActivityReference::Ids(ActivityIds { namespace, workflow_id, run_id, activity_id }) => {
                let namespace = namespace.unwrap_or_default();
                let request =
                    proto::$by_ids { namespace, workflow_id, run_id, activity_id, $field, ..Default::default() };
                let $answer = $granted.perform(request, None).await?;
                Ok($response)
            }
        }
    };
}

impl<W: Wire> Granted<'_, W> {
    /// Answers a request about an activity that completes asynchronously.
    pub(super) async fn completion(&self, request: ClientRequest) -> ClientAnswer {
        match request {
            ClientRequest::CompleteActivity { activity, output } => {
                let output = to_proto::payload(output.unwrap_or_else(Payload::null));
                let result = Some(Payloads { payloads: vec![output] });
                perform!(
                    self,
                    activity,
                    RespondActivityTaskCompletedRequest,
                    RespondActivityTaskCompletedByIdRequest { result },
                    |_answer| ClientResponse::Done
                )
            }
            ClientRequest::FailActivity { activity, failure } => {
                let failure = Some(acceptable(failure, self.coding));
                perform!(
                    self,
                    activity,
                    RespondActivityTaskFailedRequest,
                    RespondActivityTaskFailedByIdRequest { failure },
                    |_answer| ClientResponse::Done
                )
            }
            ClientRequest::ReportActivityCancelled { activity, details } => {
                let details = to_proto::some_payloads(details);
                perform!(
                    self,
                    activity,
                    RespondActivityTaskCanceledRequest,
                    RespondActivityTaskCanceledByIdRequest { details },
                    |_answer| ClientResponse::Done
                )
            }
            ClientRequest::HeartbeatActivity { activity, details } => {
                let details = to_proto::some_payloads(details);
                perform!(
                    self,
                    activity,
                    RecordActivityTaskHeartbeatRequest,
                    RecordActivityTaskHeartbeatByIdRequest { details },
                    |answer| ClientResponse::Heartbeat(CancellationDetails::from_flags([
                        (answer.cancel_requested, CancellationDetails::CANCEL_REQUESTED),
                        (answer.activity_paused, CancellationDetails::PAUSED),
                        (answer.activity_reset, CancellationDetails::RESET),
                    ]))
                )
            }
            _ => Err(ClientError::Invalid("the request is not about an activity that completes elsewhere".to_owned())),
        }
    }
}

/// A failure that the server takes, made as for an attempt's own end.
fn acceptable(failure: Failure, coding: &PayloadCoding) -> failure::Failure {
    let end = End::Returned(Outcome::Failed(failure));
    match Report::decide(end, CancellationDetails::default(), None) {
        Report::Failed(mut failure) => {
            coding.hide_texts(&mut failure);
            to_proto::whole_failure(*failure)
        }
        // A failure is never reported as anything else.
        _ => failure::Failure::default(),
    }
}
