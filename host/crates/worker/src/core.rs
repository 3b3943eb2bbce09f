//! Temporal's core behind the port: the one file that a new version of it touches, beside the conversions.

use std::{future::Future, sync::Arc, time::Duration};

use activity::{ClientAnswer, Failure, Payload, Report};
use async_trait::async_trait;
use bytes::Bytes;
use temporalio_client::tonic::{Code, Status};
use temporalio_common::{
    protos::coresdk::{
        ActivityHeartbeat, ActivityTaskCompletion,
        activity_result::ActivityExecutionResult,
        activity_task::{ActivityTask, activity_task::Variant},
    },
    worker::{WorkerDeploymentOptions, WorkerDeploymentVersion, WorkerTaskTypes},
};
use temporalio_sdk_core::{
    ActivitySlotKind, PollError, PollerBehavior, SlotMarkUsedContext, SlotReleaseContext, SlotReservationContext,
    SlotSupplier, SlotSupplierPermit, TunerBuilder, Worker, WorkerConfig, WorkerValidationError,
    WorkerVersioningStrategy, init_worker,
};
use tokio::sync::OnceCell;

use crate::{
    Connection, Error, WorkerSettings,
    client::Client,
    connection::{PATIENCE, Place},
    delivery::Reports,
    error::Refusal,
    from_proto,
    slots::{Slots, TenantSlot},
    source::{Completion, Delivery, LeaseSource, Polled, Question},
    to_proto,
};

/// How long core may take to free everything at the end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(15);

/// The largest failure that a namespace takes, unless it tells otherwise.
const FAILURE_LIMIT: usize = 2 << 20;

/// A worker of core.
pub(crate) struct CoreSource {
    worker: Worker,
    client: Client,
    reports: Reports,
    _place: Arc<Place>,
    slots: Slots,
    namespace: String,
    task_queue: String,
    /// The most bytes of payloads in one place, or of a failure, that the namespace takes, if it tells.
    blob_limit: Option<usize>,
}

impl CoreSource {
    /// Registers a worker whose slots come from `slots`.
    pub(crate) async fn start(connection: &Connection, settings: &WorkerSettings, slots: Slots) -> Result<Self, Error> {
        let registration = |reason: String| Error::Registration {
            namespace: settings.namespace.clone(),
            task_queue: settings.task_queue.clone(),
            reason,
        };
        let place = Arc::new(connection.place().await);
        let config = config(settings, CoreSlots::new(slots.clone(), &place))
            .map_err(|reason| Error::Settings { task_queue: settings.task_queue.clone(), reason })?;
        let runtime = connection.telemetry().core_runtime(settings.worker_heartbeat).map_err(registration)?;
        let worker = init_worker(&runtime, config, place.core());
        let worker = worker.map_err(|error| registration(error.to_string()))?;
        let source = Self {
            worker,
            client: Client::new(connection, &settings.namespace),
            reports: Reports::new(connection, &place, &settings.namespace, &settings.task_queue),
            _place: place,
            slots,
            namespace: settings.namespace.clone(),
            task_queue: settings.task_queue.clone(),
            blob_limit: None,
        };
        let Ok(validated) = tokio::time::timeout(PATIENCE, source.worker.validate()).await else {
            source.discard().await;
            return Err(connection.no_answer());
        };
        match validated {
            Ok(info) => {
                let limit = info.limits.and_then(|limits| usize::try_from(limits.blob_size_limit_error).ok());
                Ok(Self { blob_limit: limit.filter(|limit| *limit != 0), ..source })
            }
            Err(WorkerValidationError::NamespaceDescribeError { source: status, namespace }) => {
                source.discard().await;
                Err(connection.refused_namespace(&namespace, status))
            }
        }
    }

    /// Frees everything without having served a task.
    pub(crate) async fn discard(self) {
        self.initiate_shutdown();
        loop {
            match self.poll().await {
                Polled::ShutDown => return self.close().await,
                // Nothing was polled yet, so this can only be a task that slipped in; another worker takes the retry.
                Polled::Leased(leased) => {
                    let info = Arc::new(leased.info);
                    let completion = Completion { info, report: Report::lost(), digest: None, last_heartbeat: None };
                    self.complete(completion, tokio::time::sleep(PATIENCE)).await;
                }
                Polled::Cancelled { .. } | Polled::Refused(_) => {}
            }
        }
    }

    fn refused(&self, status: &Status) -> Error {
        Error::PollRefused {
            namespace: self.namespace.clone(),
            task_queue: self.task_queue.clone(),
            code: format!("{:?}", status.code()),
            refusal: match status.code() {
                Code::Unauthenticated | Code::PermissionDenied => Refusal::NotAllowed,
                Code::NotFound => Refusal::NoNamespace,
                Code::Unimplemented => Refusal::NotTemporal,
                _ => Refusal::Other,
            },
            reason: status.message().to_owned(),
        }
    }
}

fn config(settings: &WorkerSettings, slots: CoreSlots) -> Result<WorkerConfig, String> {
    let mut tuner = TunerBuilder::default();
    tuner.activity_slot_supplier(Arc::new(slots));
    // Core's own graceful shutdown stays off: the worker cancels its attempts itself, because it can be hastened.
    WorkerConfig::builder()
        .namespace(&settings.namespace)
        .task_queue(&settings.task_queue)
        .task_types(WorkerTaskTypes::activity_only())
        .versioning_strategy(versioning(settings))
        .tuner(Arc::new(tuner.build()))
        // The slots say how many polls there are. Core's own scaling reserves a slot before it knows whether it will
        // poll, so an idle queue held two; and it repeats a poll that the server refuses for good without a word.
        .activity_task_poller_behavior(PollerBehavior::SimpleMaximum(settings.pollers))
        .default_heartbeat_throttle_interval(settings.cancel_check_interval)
        .max_heartbeat_throttle_interval(settings.max_heartbeat_throttle)
        .maybe_max_worker_activities_per_second(settings.max_tasks_per_second)
        .maybe_max_task_queue_activities_per_second(settings.max_queue_tasks_per_second)
        // A worker that takes another one's place polls while that one ends.
        .skip_client_worker_set_check(true)
        .build()
}

/// As which version the worker is known.
fn versioning(settings: &WorkerSettings) -> WorkerVersioningStrategy {
    let build_id = settings.build_id.clone();
    let Some(deployment) = &settings.deployment else { return WorkerVersioningStrategy::None { build_id } };
    let version = WorkerDeploymentVersion::builder().deployment_name(deployment.clone()).build_id(build_id).build();
    let options = WorkerDeploymentOptions::new(version).use_worker_versioning(true).build();
    WorkerVersioningStrategy::WorkerDeploymentBased(options)
}

impl LeaseSource for CoreSource {
    async fn poll(&self) -> Polled {
        loop {
            match self.worker.poll_activity_task().await {
                Ok(ActivityTask { task_token, variant: Some(Variant::Start(start)) }) => {
                    let leased = from_proto::leased(task_token.into(), start, &self.namespace, &self.task_queue);
                    return Polled::Leased(Box::new(leased));
                }
                Ok(ActivityTask { task_token, variant: Some(Variant::Cancel(cancel)) }) => {
                    let details = from_proto::cancellation_details(cancel);
                    return Polled::Cancelled { task_token: task_token.into(), details };
                }
                Ok(ActivityTask { variant: None, .. }) => tracing::error!("core returned a task without content"),
                Err(PollError::TonicError(status)) => return Polled::Refused(self.refused(&status)),
                Err(PollError::ShutDown) => return Polled::ShutDown,
            }
        }
    }

    fn admit(&self, report: Report) -> Result<Report, Box<Failure>> {
        match self.blob_limit {
            Some(limit) => to_proto::admit(report, limit),
            None => Ok(report),
        }
    }

    async fn backed(&self) {
        self.slots.backed().await;
    }

    fn record_heartbeat(&self, task_token: &Bytes, details: Vec<Payload>) {
        self.worker.record_activity_heartbeat(ActivityHeartbeat {
            task_token: task_token.to_vec(),
            details: to_proto::payloads(details),
        });
    }

    async fn complete(&self, completion: Completion, given_up: impl Future<Output = ()> + Send) -> Delivery {
        let task_token = completion.info.task_token.to_vec();
        let limit = self.blob_limit.unwrap_or(FAILURE_LIMIT);
        let delivery = self.reports.send(completion, limit, given_up).await;
        // Core says nothing to the server of an attempt that completes elsewhere.
        let elsewhere = Some(ActivityExecutionResult::will_complete_async());
        let completion = ActivityTaskCompletion { task_token, result: elsewhere };
        if let Err(error) = self.worker.complete_activity_task(completion).await {
            tracing::error!(%error, "core refused to close an attempt: this is a bug of the worker");
        }
        delivery
    }

    async fn call(&self, question: Question) -> ClientAnswer {
        self.client.call(question).await
    }

    fn end_polls(&self) {
        self.slots.polls().end();
    }

    async fn polls_over(&self) {
        self.slots.polls().over().await;
    }

    fn initiate_shutdown(&self) {
        self.worker.initiate_shutdown();
    }

    async fn close(self) {
        if tokio::time::timeout(CLOSE_PATIENCE, self.worker.finalize_shutdown()).await.is_err() {
            tracing::warn!(
                task_queue = self.task_queue,
                "the server was not told in time that the worker has stopped; it will notice by itself"
            );
        }
    }
}

/// Slots as core wants them. A permit holds its slot, and core drops it when the lease is closed.
struct CoreSlots {
    slots: Slots,
    place: Arc<Place>,
    has_begun: OnceCell<()>,
}

impl CoreSlots {
    fn new(slots: Slots, place: &Arc<Place>) -> Self {
        Self { slots, place: Arc::clone(place), has_begun: OnceCell::new() }
    }
}

#[async_trait]
impl SlotSupplier for CoreSlots {
    type SlotKind = ActivitySlotKind;

    async fn reserve_slot(&self, _: &dyn SlotReservationContext) -> SlotSupplierPermit {
        self.has_begun.get_or_init(|| self.place.first_poll()).await;
        match self.slots.reserve().await {
            Some(slot) => SlotSupplierPermit::with_user_data(slot),
            None => std::future::pending().await,
        }
    }

    /// Asked only for activities that a workflow task starts eagerly, which this worker never gets.
    fn try_reserve_slot(&self, _: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        None
    }

    fn mark_slot_used(&self, used: &dyn SlotMarkUsedContext<SlotKind = ActivitySlotKind>) {
        if let Some(slot) = used.permit().user_data::<TenantSlot>() {
            slot.take_task();
        }
    }

    fn release_slot(&self, _: &dyn SlotReleaseContext<SlotKind = ActivitySlotKind>) {}

    fn available_slots(&self) -> Option<usize> {
        Some(self.slots.available())
    }

    fn slot_supplier_kind(&self) -> String {
        "Memory".to_owned()
    }
}
