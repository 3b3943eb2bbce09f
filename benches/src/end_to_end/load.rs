//! The client that starts standalone activities on the real server and waits for their results.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use temporalio_common::protos::temporal::api::{
    activity::v1::activity_execution_outcome::Value,
    common::v1::{ActivityType, Payload, Payloads, RetryPolicy},
    failure::v1::failure::FailureInfo,
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{
        PollActivityExecutionRequest, StartActivityExecutionRequest, workflow_service_client::WorkflowServiceClient,
    },
};
use tokio::task::JoinSet;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};

use super::NAMESPACE;
use crate::{samples::Samples, sandboxes::GREET};

/// The server's calls.
pub(crate) type Service = WorkflowServiceClient<Channel>;

/// A number that no activity id of this process has had.
static NEXT_ID: AtomicU32 = AtomicU32::new(0);

/// Connects to the server at `host:port`.
///
/// # Errors
/// When nobody listens there.
pub(crate) async fn connect(address: &str) -> anyhow::Result<Service> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    Ok(WorkflowServiceClient::new(endpoint.connect().await?))
}

/// What a burst of activities came to.
#[derive(Debug)]
pub(crate) struct Served {
    /// From the start request to the result.
    pub(crate) latencies: Samples,
    /// From the first start request to the last result.
    pub(crate) elapsed: Duration,
}

/// Runs `count` activities on `queue`, at most `at_once` at a time.
///
/// # Errors
/// When the server refuses one, or one ends with anything but its result.
pub(crate) async fn serve(service: &Service, queue: &str, count: u32, at_once: u32) -> anyhow::Result<Served> {
    let left = Arc::new(AtomicU32::new(count));
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..at_once.min(count) {
        let (service, queue, left) = (service.clone(), queue.to_owned(), Arc::clone(&left));
        callers.spawn(call_until_none_is_left(service, queue, left));
    }
    let mut latencies = Samples::new()?;
    while let Some(called) = callers.join_next().await {
        latencies.append(&called??)?;
    }
    Ok(Served { latencies, elapsed: started.elapsed() })
}

async fn call_until_none_is_left(mut service: Service, queue: String, left: Arc<AtomicU32>) -> anyhow::Result<Samples> {
    let mut latencies = Samples::new()?;
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
        let started = Instant::now();
        call(&mut service, &queue).await?;
        latencies.add(started.elapsed());
    }
    Ok(latencies)
}

/// An activity whose time was over before it had ended.
#[derive(Debug)]
pub(crate) struct TimedOut;

impl std::fmt::Display for TimedOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("its time was over")
    }
}

impl std::error::Error for TimedOut {}

/// Runs [`GREET`] once on `queue`.
///
/// # Errors
/// When the server refuses it, or it ends with anything but its result: with [`TimedOut`] if its time was over.
pub(crate) async fn call(service: &mut Service, queue: &str) -> anyhow::Result<()> {
    match run(service, start_request(queue, GREET.activity, vec![argument()])?).await? {
        Some(Value::Result(payloads)) if data(&payloads) == Some(GREET.result.as_bytes()) => Ok(()),
        Some(Value::Failure(failure)) if matches!(failure.failure_info, Some(FailureInfo::TimeoutFailureInfo(_))) => {
            Err(anyhow::Error::new(TimedOut).context(format!("an activity of {queue} ended with {failure:?}")))
        }
        other => Err(anyhow::anyhow!("an activity of {queue} ended with {other:?}")),
    }
}

/// Starts an activity and waits for its outcome.
///
/// # Errors
/// When the server refuses it.
pub(crate) async fn run(service: &mut Service, start: StartActivityExecutionRequest) -> anyhow::Result<Option<Value>> {
    let activity_id = start.activity_id.clone();
    // With its request id it is the same start, however often it is sent.
    let started = again(service, |mut service| {
        let start = start.clone();
        async move { service.start_activity_execution(start).await }
    });
    let started = started.await?;
    let run_id = started.into_inner().run_id;
    let poll = PollActivityExecutionRequest { namespace: NAMESPACE.to_owned(), activity_id, run_id };
    loop {
        let polled = again(service, |mut service| {
            let poll = poll.clone();
            async move { service.poll_activity_execution(poll).await }
        });
        if let Some(outcome) = polled.await?.into_inner().outcome {
            return Ok(outcome.value);
        }
    }
}

/// Asks, and asks once more where the connection is lost meanwhile: the server closes each after five minutes.
async fn again<T, F: Future<Output = Result<T, Status>>>(
    service: &Service,
    ask: impl Fn(Service) -> F,
) -> Result<T, Status> {
    match ask(service.clone()).await {
        Err(status) if matches!(status.code(), Code::Cancelled | Code::Unavailable) => ask(service.clone()).await,
        asked => asked,
    }
}

/// The start of an activity, with a minute for its one attempt.
///
/// # Errors
/// Never: the minute is a duration.
pub(crate) fn start_request(
    queue: &str,
    activity: &str,
    input: Vec<Payload>,
) -> anyhow::Result<StartActivityExecutionRequest> {
    let activity_id = format!("bench-{}-{}", std::process::id(), NEXT_ID.fetch_add(1, Ordering::Relaxed));
    Ok(StartActivityExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        identity: "isolet-benches".to_owned(),
        request_id: activity_id.clone(),
        activity_id,
        activity_type: Some(ActivityType { name: activity.to_owned() }),
        task_queue: Some(TaskQueue { name: queue.to_owned(), ..TaskQueue::default() }),
        start_to_close_timeout: Some(Duration::from_secs(60).try_into()?),
        retry_policy: Some(RetryPolicy { maximum_attempts: 1, ..RetryPolicy::default() }),
        input: Some(Payloads { payloads: input }),
        ..StartActivityExecutionRequest::default()
    })
}

/// The argument of [`GREET`].
pub(crate) fn argument() -> Payload {
    json(GREET.argument)
}

/// A JSON text as a payload.
pub(crate) fn json(text: &str) -> Payload {
    let metadata = [("encoding".to_owned(), b"json/plain".to_vec())].into();
    Payload { metadata, data: text.as_bytes().to_vec(), ..Payload::default() }
}

fn data(payloads: &Payloads) -> Option<&[u8]> {
    payloads.payloads.first().map(|payload| payload.data.as_slice())
}
