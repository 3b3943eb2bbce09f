//! Many activities at once.

use futures_util::{StreamExt as _, stream};

use crate::support::{DevServer, Isolet};

#[tokio::test]
async fn five_hundred_activities_at_fifty_at_once() {
    const CALLS: u64 = 500;
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").max_concurrent(50).limit("memory=8MiB").start().await;
    let wrong: Vec<String> = stream::iter(0..CALLS)
        .map(|number| {
            // A server that is short of processor time may lose a task that it has just handed out.
            let call = worker.standalone("sleep_ms").arg(500 + number).start_to_close("5s").attempts(0);
            async move {
                let outcome = call.run().await.to_string();
                (outcome != format!("completed: {}", 500 + number)).then(|| format!("{number}: {outcome}"))
            }
        })
        .buffer_unordered(100)
        .filter_map(|wrong| async { wrong })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{wrong:#?}");

    // The last events may still be on their way.
    worker.stop().await;
    let (mut running, mut most) = (0_u32, 0);
    for event in worker.events() {
        match event["event"].as_str() {
            Some("attempt-started") => running += 1,
            Some("attempt-finished") => running -= 1,
            _ => {}
        }
        most = most.max(running);
    }
    assert_eq!(running, 0);
    assert!(30 <= most, "at most {most} ran at once");
}
