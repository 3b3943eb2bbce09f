//! Metrics of an activity's own.

use expect_test::expect;

use super::Guest;
use crate::metrics::{lines, scrape};

pub(super) async fn every_kind_is_exported_as_a_native_worker_would(guest: Guest) {
    let worker = guest.worker().await.option("--metrics-address", "127.0.0.1:0").start().await;
    let call = worker.standalone("measure").arg("suite").start().await;
    expect!["completed: null"].assert_eq(&call.outcome().await.to_string());
    worker.finished(call.id(), 1).await;
    expect![[r##"
        # HELP suite_counter Rows read
        # TYPE suite_counter counter
        suite_counter{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 9
        suite_counter{activity_type="measure",boolean="true",float="0.5",integer="-1",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE",text="a \"b\""} 1
        # HELP suite_gauge suite_gauge
        # TYPE suite_gauge gauge
        suite_gauge{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 18446744073709552000
        # HELP suite_gauge_float suite_gauge_float
        # TYPE suite_gauge_float gauge
        suite_gauge_float{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} -0.25
        # HELP suite_histogram Sizes
        # TYPE suite_histogram histogram
        suite_histogram_sum{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 70.5
        suite_histogram_count{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 2
        # HELP suite_latency suite_latency
        # TYPE suite_latency histogram
        suite_latency_sum{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 1500
        suite_latency_count{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 1
    "##]]
    .assert_eq(&lines(&scrape(&worker).await, "suite_"));
    worker.stop().await;
}
