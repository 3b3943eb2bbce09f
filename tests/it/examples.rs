//! The examples on their real input.

use std::fs;

use image::ImageFormat;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, Worker, call::Call, payload::encoded, repository, worker::is_about};

/// The report of the weather data, with a pause after each of its 11 chunks.
fn report(worker: &Worker, pause_ms: u64) -> Call {
    let table = fs::read(repository("guest-examples/rust-csv-report/data/weather.csv")).unwrap();
    let options = json!({"group_by": "location", "measure": "temp_max", "pause_per_chunk_ms": pause_ms});
    worker.standalone("csv_report").payload(encoded("binary/plain", table)).arg(options)
}

#[tokio::test]
async fn a_csv_report_goes_on_where_a_killed_attempt_was() {
    let server = DevServer::start().await;
    let first = Isolet::worker(server).component("rust-csv-report").start().await;
    let cut = report(&first, 250).heartbeat("1s").attempts(2).start().await;
    // By the eighth chunk the first heartbeats have reached the server.
    let mut heartbeats = 0;
    first
        .event("eighth heartbeat", |event| {
            heartbeats += u32::from(is_about(event, "heartbeat", cut.id()));
            heartbeats == 8
        })
        .await;
    first.signal(Signal::KILL);
    first.exit().await;

    let second = Isolet::worker(server).queue(first.queue()).component("rust-csv-report").start().await;
    let resumed: Value = cut.outcome().await.json();
    let whole: Value = report(&second, 0).run().await.json();
    assert_eq!((&whole["rows"], &whole["attempt"], &whole["resumed_after_row"]), (&json!(2922), &json!(1), &json!(0)));
    assert_eq!((&resumed["rows"], &resumed["attempt"]), (&json!(2922), &json!(2)));
    let row = resumed["resumed_after_row"].as_u64().unwrap();
    assert!(0 < row && row < 2922 && row.is_multiple_of(250), "resumed after row {row}");
    assert_eq!(resumed["groups"], whole["groups"]);
    second.stop().await;
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
