//! The typed requests about standalone activities.

use activity::{
    ActivityDescription, ActivityIds, ActivityStart, ClientAnswer, ClientError, ClientRequest, ClientResponse,
    ExecutionStatus, IdConflictPolicy, IdReusePolicy,
};
use temporalio_common::protos::temporal::api::{
    activity::v1::ActivityExecutionInfo,
    common::v1 as common,
    enums::v1::{ActivityExecutionStatus, ActivityIdConflictPolicy, ActivityIdReusePolicy},
    taskqueue::v1::TaskQueue,
    workflowservice::v1 as proto,
};

use super::{
    Granted, Wire, ended,
    workflows::{duration, priority, retry_policy, search_attributes},
};
use crate::{from_proto, to_proto};

impl<W: Wire> Granted<'_, W> {
    /// Answers a request about a standalone activity.
    pub(super) async fn activity(&self, request: ClientRequest) -> ClientAnswer {
        match request {
            ClientRequest::StartActivity(start) => {
                let started = self.perform(start_request(*start)?, None).await?;
                Ok(ClientResponse::Started(started.run_id))
            }
            ClientRequest::WaitActivity(activity) => self.wait_for_activity(standalone(activity)?).await,
            ClientRequest::DescribeActivity(activity) => self.describe_activity(standalone(activity)?).await,
            ClientRequest::CancelActivity { activity, reason } => {
                let ActivityIds { namespace, run_id, activity_id, .. } = standalone(activity)?;
                let namespace = namespace.unwrap_or_default();
                let request = proto::RequestCancelActivityExecutionRequest {
                    namespace,
                    activity_id,
                    run_id,
                    reason,
                    ..Default::default()
                };
                self.perform(request, None).await?;
                Ok(ClientResponse::Done)
            }
            ClientRequest::TerminateActivity { activity, reason } => {
                let ActivityIds { namespace, run_id, activity_id, .. } = standalone(activity)?;
                let namespace = namespace.unwrap_or_default();
                let request = proto::TerminateActivityExecutionRequest {
                    namespace,
                    activity_id,
                    run_id,
                    reason,
                    ..Default::default()
                };
                self.perform(request, None).await?;
                Ok(ClientResponse::Done)
            }
            _ => Err(ClientError::Invalid("the request is not about a standalone activity".to_owned())),
        }
    }

    async fn wait_for_activity(&self, activity: ActivityIds) -> ClientAnswer {
        let ActivityIds { namespace, run_id, activity_id, .. } = activity;
        let namespace = namespace.unwrap_or_default();
        let mut request = proto::PollActivityExecutionRequest { namespace, activity_id, run_id };
        loop {
            let answer = self.poll(request.clone()).await?;
            if let Some(result) = answer.outcome.and_then(|outcome| outcome.value) {
                return Ok(ClientResponse::Ended(ended::activity(result)));
            }
            // Another run that gets the same id meanwhile is not what is waited for.
            request.run_id = answer.run_id;
        }
    }

    async fn describe_activity(&self, activity: ActivityIds) -> ClientAnswer {
        let request = proto::DescribeActivityExecutionRequest {
            namespace: activity.namespace.unwrap_or_default(),
            activity_id: activity.activity_id,
            run_id: activity.run_id,
            include_heartbeat_details: true,
            ..Default::default()
        };
        let described = self.perform(request, None).await?;
        let description = described.info.map(description).unwrap_or_default();
        Ok(ClientResponse::ActivityDescription(description))
    }
}

/// The ids, which must be those of a standalone activity.
fn standalone(activity: ActivityIds) -> Result<ActivityIds, ClientError> {
    if activity.workflow_id.is_empty() {
        return Ok(activity);
    }
    Err(ClientError::Invalid("only a standalone activity can be asked for; this one has a workflow".to_owned()))
}

fn start_request(start: ActivityStart) -> Result<proto::StartActivityExecutionRequest, ClientError> {
    Ok(proto::StartActivityExecutionRequest {
        namespace: start.namespace.unwrap_or_default(),
        activity_id: start.activity_id,
        activity_type: Some(common::ActivityType { name: start.activity_type }),
        task_queue: Some(TaskQueue { name: start.task_queue, ..Default::default() }),
        input: to_proto::some_payloads(start.input),
        schedule_to_close_timeout: duration(start.schedule_to_close_timeout, "the schedule-to-close timeout")?,
        schedule_to_start_timeout: duration(start.schedule_to_start_timeout, "the schedule-to-start timeout")?,
        start_to_close_timeout: duration(start.start_to_close_timeout, "the start-to-close timeout")?,
        heartbeat_timeout: duration(start.heartbeat_timeout, "the heartbeat timeout")?,
        start_delay: duration(start.start_delay, "the start delay")?,
        id_reuse_policy: match start.id_reuse {
            None => ActivityIdReusePolicy::Unspecified,
            Some(IdReusePolicy::AllowDuplicate) => ActivityIdReusePolicy::AllowDuplicate,
            Some(IdReusePolicy::AllowDuplicateFailedOnly) => ActivityIdReusePolicy::AllowDuplicateFailedOnly,
            Some(IdReusePolicy::RejectDuplicate) => ActivityIdReusePolicy::RejectDuplicate,
        }
        .into(),
        id_conflict_policy: match start.id_conflict {
            None => ActivityIdConflictPolicy::Unspecified,
            Some(IdConflictPolicy::Fail) => ActivityIdConflictPolicy::Fail,
            Some(IdConflictPolicy::UseExisting) => ActivityIdConflictPolicy::UseExisting,
            Some(IdConflictPolicy::TerminateExisting) => {
                return Err(ClientError::Invalid("starting an activity never terminates another one".to_owned()));
            }
        }
        .into(),
        retry_policy: start.retry_policy.map(retry_policy).transpose()?,
        search_attributes: search_attributes(start.search_attributes),
        priority: start.priority.map(priority),
        ..Default::default()
    })
}

fn description(info: ActivityExecutionInfo) -> ActivityDescription {
    let status = info.status();
    ActivityDescription {
        run_id: info.run_id,
        activity_type: info.activity_type.map(|kind| kind.name).unwrap_or_default(),
        task_queue: info.task_queue,
        status: match status {
            ActivityExecutionStatus::Unspecified => ExecutionStatus::Unspecified,
            ActivityExecutionStatus::Running => ExecutionStatus::Running,
            ActivityExecutionStatus::Completed => ExecutionStatus::Completed,
            ActivityExecutionStatus::Failed => ExecutionStatus::Failed,
            ActivityExecutionStatus::Canceled => ExecutionStatus::Cancelled,
            ActivityExecutionStatus::Terminated => ExecutionStatus::Terminated,
            ActivityExecutionStatus::TimedOut => ExecutionStatus::TimedOut,
            ActivityExecutionStatus::Paused => ExecutionStatus::Paused,
        },
        attempt: info.attempt.try_into().unwrap_or_default(),
        heartbeat_details: from_proto::payloads(info.heartbeat_details),
        scheduled_time: info.schedule_time.map(from_proto::time),
        close_time: info.close_time.map(from_proto::time),
    }
}
