//! The examples on their real input.

use std::fs;

use image::ImageFormat;
use rustix::process::Signal;
use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::support::{DevServer, Isolet, Worker, call::Call, payload::encoded, repository, worker::is_about};

/// Weather of some years, a table of 2922 rows.
pub(crate) fn weather() -> Payload {
    encoded("binary/plain", fs::read(repository("guest-examples/rust-csv-report/data/weather.csv")).unwrap())
}

/// A worker that is killed in the middle of a report on the weather loses nothing that it had told: the next attempt
/// goes on from there, and what is below `same` is the same as without the interruption. `report` makes the call, with
/// a pause after each of its 11 chunks or with none.
pub(crate) async fn goes_on_where_it_was(component: &str, report: impl Fn(&Worker, bool) -> Call, same: &str) {
    let server = DevServer::start().await;
    let worker = || Isolet::worker(server).component(component).limit("memory=256MiB").heartbeats_often();
    let first = worker().start().await;
    let cut = report(&first, true).heartbeat("3s").attempts(2).start().await;
    // By the eighth chunk the first heartbeats have reached the server.
    first.nth_event(8, "heartbeat", |event| is_about(event, "heartbeat", cut.id())).await;
    first.signal(Signal::KILL);
    first.exit().await;

    let second = worker().queue(first.queue()).start().await;
    let resumed: Value = cut.outcome().await.json();
    let whole: Value = report(&second, false).run().await.json();
    assert_eq!((&whole["rows"], &whole["attempt"], &whole["resumed_after_row"]), (&json!(2922), &json!(1), &json!(0)));
    assert_eq!((&resumed["rows"], &resumed["attempt"]), (&json!(2922), &json!(2)));
    let row = resumed["resumed_after_row"].as_u64().unwrap();
    assert!(0 < row && row < 2922 && row.is_multiple_of(250), "resumed after row {row}");
    assert!(resumed[same].is_object() || resumed[same].is_array(), "{resumed}");
    assert_eq!(resumed[same], whole[same]);
    second.stop().await;
}

#[tokio::test]
async fn a_csv_report_goes_on_where_a_killed_attempt_was() {
    let report = |worker: &Worker, pauses: bool| {
        let pause = if pauses { 250 } else { 0 };
        let options = json!({"group_by": "location", "measure": "temp_max", "pause_per_chunk_ms": pause});
        worker.standalone("csv_report").payload(weather()).arg(options)
    };
    goes_on_where_it_was("rust-csv-report", report, "groups").await;
}

#[tokio::test]
async fn a_thumbnail_is_a_small_png() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("rust-thumbnail").limit("memory=256MiB").start().await;
    let photo = fs::read(repository("guest-examples/rust-thumbnail/data/rocket.jpg")).unwrap();
    let original = image::load_from_memory(&photo).unwrap();
    let outcome = worker.standalone("thumbnail").payload(encoded("binary/plain", photo)).arg(128).run().await;
    let small = image::load_from_memory_with_format(&outcome.payload().data, ImageFormat::Png).unwrap();
    assert_eq!(small.width().max(small.height()), 128);
    let ratio = |image: &image::DynamicImage| f64::from(image.width()) / f64::from(image.height());
    assert!((ratio(&small) - ratio(&original)).abs() < 0.02, "{} instead of {}", ratio(&small), ratio(&original));
    worker.stop().await;
}
