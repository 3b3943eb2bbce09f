//! What the activity is told of its attempt.

mod retry;

mod instant;

use std::time::SystemTime;

use activity::{Info, Priority, WorkflowExecution};
use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;

use self::{instant::Instant, retry::RetrySetting};
use super::input;
use crate::{
    config::quantity::Span,
    exit::{Exit, OrExit as _, Problem},
};

/// What the activity is told of its attempt.
#[derive(Debug, Args)]
#[command(next_help_heading = "What the activity is told of its attempt")]
pub(super) struct ContextFlags {
    /// The number of the attempt.
    #[arg(long, default_value_t = 1, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    attempt: u32,
    /// Heartbeat details of the attempt before, as JSON: one for each use of this flag.
    #[arg(long, value_name = "JSON")]
    heartbeat_details: Vec<String>,
    /// The activity's id.
    #[arg(long, default_value = "run", value_name = "ID")]
    activity_id: String,
    /// The namespace.
    #[arg(long, default_value = "default", value_name = "NAME")]
    namespace: String,
    /// The task queue.
    #[arg(long, default_value = "run", value_name = "NAME")]
    task_queue: String,
    /// The workflow that called it; none, for a standalone activity, unless this is given.
    #[arg(long, value_name = "ID")]
    workflow_id: Option<String>,
    /// The workflow's type.
    #[arg(long, default_value = "run", value_name = "TYPE", requires = "workflow_id")]
    workflow_type: String,
    /// The workflow's namespace [default: that of the activity].
    #[arg(long, value_name = "NAME", requires = "workflow_id")]
    workflow_namespace: Option<String>,
    /// The run of the workflow, or else of the standalone activity.
    #[arg(long, default_value = "run", value_name = "ID")]
    run_id: String,
    /// That it is a local activity.
    #[arg(long)]
    local: bool,
    /// The task token, as text.
    #[arg(long, default_value = "run", value_name = "TEXT")]
    task_token: String,
    /// When the activity was scheduled, such as `2026-01-31T12:00:00Z` or `5m ago` [default: now].
    #[arg(long, value_name = "TIME")]
    scheduled_time: Option<Instant>,
    /// When this attempt was scheduled [default: now].
    #[arg(long, value_name = "TIME")]
    current_attempt_scheduled_time: Option<Instant>,
    /// When this attempt was started [default: now].
    #[arg(long, value_name = "TIME")]
    started_time: Option<Instant>,
    /// The schedule-to-close timeout. It does not pass; `--timeout` does.
    #[arg(long, value_name = "DURATION")]
    schedule_to_close_timeout: Option<Span>,
    /// The heartbeat timeout. It does not pass.
    #[arg(long, value_name = "DURATION")]
    heartbeat_timeout: Option<Span>,
    /// A setting of the retry policy: initial-interval, backoff-coefficient, maximum-interval, maximum-attempts or
    /// non-retryable-error-types. The others are then those of the server; without any, there is no policy. May be
    /// repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    retry: Vec<RetrySetting>,
    /// A header of the caller, with a value as for an argument. May be repeated.
    #[arg(long = "header", value_name = "NAME=JSON")]
    headers: Vec<String>,
    /// The priority; 1 is the most urgent.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    priority: Option<u32>,
    /// The fairness key.
    #[arg(long, value_name = "KEY")]
    fairness_key: Option<String>,
    /// The weight of the fairness key; more than 0.
    #[arg(long, value_name = "NUMBER", value_parser = weight)]
    fairness_weight: Option<f32>,
}

impl ContextFlags {
    /// What the flags say.
    ///
    /// # Errors
    /// When one holds what is neither JSON nor names a file, and when the server has no such retry policy.
    pub(super) fn info(&self) -> Result<Info, Problem> {
        let now = SystemTime::now();
        let time = |given: Option<Instant>| given.map_or(now, |instant| instant.0);
        let workflow = self.workflow_id.as_ref().map(|workflow_id| WorkflowExecution {
            namespace: self.workflow_namespace.as_ref().unwrap_or(&self.namespace).clone(),
            workflow_id: workflow_id.clone(),
            run_id: self.run_id.clone(),
            workflow_type: self.workflow_type.clone(),
        });
        let headers = self.headers.iter().map(|header| {
            let (name, value) = header
                .split_once('=')
                .with_context(|| format!("{header:?} is not a header; write it NAME=JSON"))
                .or_exit(Exit::Usage)?;
            Ok((name.to_owned(), input::payload(value)?))
        });
        Ok(Info {
            activity_id: self.activity_id.clone(),
            activity_run_id: workflow.is_none().then(|| self.run_id.clone()),
            attempt: self.attempt,
            namespace: self.namespace.clone(),
            task_queue: self.task_queue.clone(),
            task_token: Bytes::from(self.task_token.clone()),
            workflow,
            is_local: self.local,
            scheduled_time: time(self.scheduled_time),
            current_attempt_scheduled_time: time(self.current_attempt_scheduled_time),
            started_time: time(self.started_time),
            schedule_to_close_timeout: self.schedule_to_close_timeout.map(|span| span.0),
            start_to_close_timeout: None,
            heartbeat_timeout: self.heartbeat_timeout.map(|span| span.0),
            heartbeat_details: input::payloads(&self.heartbeat_details)?,
            retry_policy: retry::policy(&self.retry)?,
            priority: Priority {
                priority_key: self.priority,
                fairness_key: self.fairness_key.clone(),
                fairness_weight: self.fairness_weight,
            },
            headers: headers.collect::<Result<_, Problem>>()?,
            ..testing::default_info()
        })
    }
}

fn weight(text: &str) -> Result<f32, String> {
    let weight = text.parse::<f32>().ok().filter(|weight| weight.is_finite() && 0.0 < *weight);
    weight.ok_or_else(|| format!("{text:?} is no number above 0"))
}
