//! What the activity is told of its attempt.

use std::time::SystemTime;

use activity::{Info, Priority, WorkflowExecution};
use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use clap::Args;

use super::input;
use crate::{
    config::quantity::Span,
    exit::{Exit, OrExit as _, Problem},
};

/// What the activity is told of its attempt.
#[derive(Debug, Args)]
#[command(next_help_heading = "What the activity is told of its attempt")]
pub(super) struct ToldFlags {
    /// The number of the attempt.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
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
    /// The run of the workflow, or else of the standalone activity.
    #[arg(long, default_value = "run", value_name = "ID")]
    run_id: String,
    /// The heartbeat timeout. It does not pass.
    #[arg(long, value_name = "DURATION")]
    heartbeat_timeout: Option<Span>,
    /// A header of the caller, with a value as for an argument. May be repeated.
    #[arg(long = "header", value_name = "NAME=JSON")]
    headers: Vec<String>,
    /// The priority; 1 is the most urgent.
    #[arg(long, value_name = "NUMBER")]
    priority: Option<u32>,
    /// The fairness key.
    #[arg(long, value_name = "KEY")]
    fairness_key: Option<String>,
    /// The weight of the fairness key.
    #[arg(long, value_name = "NUMBER")]
    fairness_weight: Option<f32>,
}

impl ToldFlags {
    /// What the flags say.
    ///
    /// # Errors
    /// When one holds what is neither JSON nor names a file.
    pub(super) fn info(&self) -> Result<Info, Problem> {
        let now = SystemTime::now();
        let workflow = self.workflow_id.as_ref().map(|workflow_id| WorkflowExecution {
            namespace: self.namespace.clone(),
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
        if self.attempt == 0 {
            return Err(Problem::new(Exit::Usage, anyhow!("attempts are counted from 1")));
        }
        Ok(Info {
            activity_id: self.activity_id.clone(),
            activity_run_id: workflow.is_none().then(|| self.run_id.clone()),
            attempt: self.attempt,
            namespace: self.namespace.clone(),
            task_queue: self.task_queue.clone(),
            task_token: Bytes::from_static(b"run"),
            workflow,
            scheduled_time: now,
            current_attempt_scheduled_time: now,
            started_time: now,
            schedule_to_close_timeout: None,
            start_to_close_timeout: None,
            heartbeat_timeout: self.heartbeat_timeout.map(|span| span.0),
            heartbeat_details: input::payloads(&self.heartbeat_details)?,
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
