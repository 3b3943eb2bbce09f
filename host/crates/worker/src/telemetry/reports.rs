//! What core measures of reports that it sends. It sends none of ours (see `delivery`), so they are measured here, under
//! core's names.

use std::{sync::Arc, time::SystemTime};

use activity::Info;
use temporalio_common::telemetry::{
    TaskQueueLabelStrategy,
    metrics::{
        CoreMeter, Counter, CounterBase as _, HistogramDuration, HistogramDurationBase as _, MetricAttributable as _,
        MetricAttributes, MetricKeyValue, MetricParameters, NewAttributes, TemporalMeter,
    },
};

use super::SERVICE_NAME;

/// What core puts before its own names.
const PREFIX: &str = "temporal_";

/// Why an attempt failed, as far as core tells: its other reasons can't occur here.
const FAILURE_REASON: &str = "ActivityError";

/// The metrics of one worker's reports.
pub(crate) struct ReportMetrics {
    meter: TemporalMeter,
    failed: Counter,
    succeeded: HistogramDuration,
}

impl ReportMetrics {
    pub(super) fn new(core: &Arc<dyn CoreMeter>, namespace: &str, task_queue: &str) -> Self {
        let attributes = [("service_name", SERVICE_NAME), ("namespace", namespace), ("task_queue", task_queue)];
        let attributes = attributes.map(|(name, value)| MetricKeyValue::new(name, value.to_owned()));
        let attributes = NewAttributes::new(attributes.to_vec());
        let meter = TemporalMeter::new(Arc::clone(core), attributes, TaskQueueLabelStrategy::UseNormal);
        let parameters = |name: &str, description: &str, unit: &str| {
            let (name, description) = (format!("{PREFIX}{name}"), description.to_owned());
            MetricParameters::builder().name(name).description(description).unit(unit.to_owned()).build()
        };
        let failed = parameters("activity_execution_failed", "Count of activity task execution failures", "");
        let succeeded = parameters(
            "activity_succeed_endtoend_latency",
            "Histogram of activity execution latencies for successful activities",
            "duration",
        );
        Self { failed: meter.counter(failed), succeeded: meter.histogram_duration(succeeded), meter }
    }

    /// An attempt is reported as failed.
    pub(crate) fn failed(&self, info: &Info) {
        let reason = MetricKeyValue::new("failure_reason", FAILURE_REASON);
        if let Ok(failed) = self.failed.with_attributes(&self.attributes(info, Some(reason))) {
            failed.adds(1);
        }
    }

    /// The result of an attempt has reached the server.
    pub(crate) fn succeeded(&self, info: &Info) {
        let Ok(elapsed) = SystemTime::now().duration_since(info.scheduled_time) else {
            return;
        };
        if let Ok(succeeded) = self.succeeded.with_attributes(&self.attributes(info, None)) {
            succeeded.records(elapsed);
        }
    }

    fn attributes(&self, info: &Info, reason: Option<MetricKeyValue>) -> MetricAttributes {
        let workflow_type = info.workflow.as_ref().map_or_else(String::new, |workflow| workflow.workflow_type.clone());
        let types = [("activity_type", info.activity_type.clone()), ("workflow_type", workflow_type)];
        let types = types.map(|(name, value)| MetricKeyValue::new(name, value));
        let attributes = NewAttributes::new(types.into_iter().chain(reason).collect());
        self.meter.extend_attributes(self.meter.get_default_attributes().clone(), attributes)
    }
}
