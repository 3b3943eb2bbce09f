//! Whoever operates activities: pauses them, lets them go on, and has them begin again.

use temporalio_client::tonic::IntoRequest as _;
use temporalio_common::protos::temporal::api::{
    activity::v1::ActivityOptions,
    workflowservice::v1::{
        PauseActivityExecutionRequest, ResetActivityExecutionRequest, UnpauseActivityExecutionRequest,
        UpdateActivityExecutionOptionsRequest,
    },
};

use super::call::{NAMESPACE, Started, duration, proto_duration, unique};

/// The request named `$message` about the activity.
macro_rules! about {
    ($started:expr, $message:ident) => {{
        let (workflow_id, run_id) = $started.ids();
        $message {
            namespace: NAMESPACE.to_owned(),
            workflow_id,
            run_id,
            activity_id: $started.id().to_owned(),
            request_id: unique("request"),
            ..$message::default()
        }
    }};
}

impl Started {
    /// Pauses it: its attempt is to stop, and no other begins.
    pub(crate) async fn pause(&self) {
        let request = about!(self, PauseActivityExecutionRequest);
        self.connection().workflow_service().pause_activity_execution(request.into_request()).await.unwrap();
    }

    /// Lets it go on.
    pub(crate) async fn unpause(&self) {
        let request = about!(self, UnpauseActivityExecutionRequest);
        self.connection().workflow_service().unpause_activity_execution(request.into_request()).await.unwrap();
    }

    /// Has it begin again with its first attempt.
    pub(crate) async fn reset(&self) {
        let request = about!(self, ResetActivityExecutionRequest);
        self.connection().workflow_service().reset_activity_execution(request.into_request()).await.unwrap();
    }

    /// Gives its next attempts this much time each.
    pub(crate) async fn change_start_to_close(&self, timeout: &str) {
        let start_to_close_timeout = proto_duration(Some(duration(timeout)));
        let mut request = about!(self, UpdateActivityExecutionOptionsRequest);
        request.activity_options = Some(ActivityOptions { start_to_close_timeout, ..ActivityOptions::default() });
        request.update_mask.get_or_insert_default().paths.push("start_to_close_timeout".to_owned());
        let mut service = self.connection().workflow_service();
        service.update_activity_execution_options(request.into_request()).await.unwrap();
    }
}
