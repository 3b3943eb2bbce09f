//! Whoever completes an activity that its worker left open: by its ids, or by its task token.

use serde::Serialize;
use temporalio_client::{Connection, tonic::IntoRequest as _};
use temporalio_common::protos::temporal::api::{
    common::v1::Payloads,
    failure::v1::Failure,
    workflowservice::v1::{
        RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedRequest,
        RespondActivityTaskFailedByIdRequest, RespondActivityTaskFailedRequest,
    },
};

use super::{
    call::{NAMESPACE, Started},
    payload,
};

impl Started {
    /// Completes it from elsewhere, by its ids.
    pub(crate) async fn complete(&self, value: impl Serialize) {
        let (workflow_id, run_id) = self.ids();
        let request = RespondActivityTaskCompletedByIdRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id,
            run_id,
            activity_id: self.id().to_owned(),
            result: result(value),
            ..RespondActivityTaskCompletedByIdRequest::default()
        };
        let mut service = self.connection().workflow_service();
        service.respond_activity_task_completed_by_id(request.into_request()).await.unwrap();
    }

    /// Fails it from elsewhere, by its ids.
    pub(crate) async fn fail(&self, failure: Failure) {
        let (workflow_id, run_id) = self.ids();
        let request = RespondActivityTaskFailedByIdRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id,
            run_id,
            activity_id: self.id().to_owned(),
            failure: Some(failure),
            ..RespondActivityTaskFailedByIdRequest::default()
        };
        let mut service = self.connection().workflow_service();
        service.respond_activity_task_failed_by_id(request.into_request()).await.unwrap();
    }

    /// Completes it from elsewhere, by its task token.
    pub(crate) async fn complete_by_token(&self, task_token: Vec<u8>, value: impl Serialize) {
        let request = RespondActivityTaskCompletedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token,
            result: result(value),
            ..RespondActivityTaskCompletedRequest::default()
        };
        self.connection().workflow_service().respond_activity_task_completed(request.into_request()).await.unwrap();
    }

    /// Fails it from elsewhere, by its task token.
    pub(crate) async fn fail_by_token(&self, task_token: Vec<u8>, failure: Failure) {
        let request = RespondActivityTaskFailedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token,
            failure: Some(failure),
            ..RespondActivityTaskFailedRequest::default()
        };
        self.connection().workflow_service().respond_activity_task_failed(request.into_request()).await.unwrap();
    }

    pub(super) fn connection(&self) -> &Connection {
        match self {
            Self::Standalone(activity) => &activity.connection,
            Self::InWorkflow(activity) => &activity.connection,
        }
    }

    /// The workflow's id and the run's id that name it beside its own: one of them is empty.
    pub(crate) fn ids(&self) -> (String, String) {
        match self {
            Self::Standalone(activity) => (String::new(), activity.run_id.clone()),
            Self::InWorkflow(activity) => (activity.workflow_id.clone(), String::new()),
        }
    }
}

fn result(value: impl Serialize) -> Option<Payloads> {
    Some(Payloads { payloads: vec![payload::json(value)] })
}
