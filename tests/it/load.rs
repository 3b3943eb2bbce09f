//! Many activities at once.

use std::fs;

use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, Worker, call::unique, isolet::component, proxy::Proxy};

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

/// A server may let a hundred requests wait on a connection, and each task queue has some.
#[tokio::test]
async fn many_task_queues_have_several_connections() {
    let few = connections_of(12).await;
    assert_eq!(connections_of(25).await - few, 2);
}

/// How many connections a worker has opened that serves so many task queues.
async fn connections_of(count: usize) -> usize {
    let proxy = Proxy::start(DevServer::start().await.address().to_owned()).await;
    let queues: Vec<_> = (0..count).map(|number| unique(&format!("one-of-many-{number}"))).collect();
    let path = component("conformance");
    let workers = queues.iter().map(|queue| {
        format!("[[tenants.workers]]\ntask-queue = {queue:?}\n[[tenants.workers.components]]\npath = {path:?}\n")
    });
    let workers: String = workers.collect();
    let config = format!("[connection]\naddress = {:?}\n[[tenants]]\nname = \"acme\"\n{workers}", proxy.address());
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    fs::write(&file, config).unwrap();
    let isolet = Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]);
    let worker = Worker::start(isolet, &queues[0]).await;
    let opened = proxy.connections();
    for queue in &queues {
        assert_eq!(worker.standalone_on(queue, "echo").arg(7).run().await.to_string(), "completed: 7");
    }
    worker.stop().await;
    opened
}

/// With a slot of memory for each idle queue, only four of these could run at once.
#[tokio::test]
async fn idle_queues_leave_their_memory_to_a_busy_one() {
    const IDLE: usize = 12;
    // The budget has room for 16 of 41 MiB each, 31 of which are the host's and 2 are the image's. One is kept for the next task of an idle
    // queue.
    const RUNNING: usize = 15;
    let server = DevServer::start().await;
    let queues: Vec<_> = (0..=IDLE).map(|number| unique(&format!("idle-{number}"))).collect();
    let (busy, idle) = queues.split_first().unwrap();
    let workers = queues.iter().map(|queue| {
        let component = component("conformance");
        format!(
            "[[tenants.workers]]\ntask-queue = \"{queue}\"\n[[tenants.workers.components]]\npath = \"{}\"\n\
             limits.memory = \"8MiB\"\n",
            component.display()
        )
    });
    let config = format!(
        "[connection]\naddress = \"{}\"\n[engine]\nmemory-budget = \"660MiB\"\n[[tenants]]\nname = \"acme\"\n{}",
        server.address(),
        workers.collect::<String>()
    );
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    fs::write(&file, config).unwrap();
    let isolet = Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]);
    let worker = Worker::start(isolet, busy).await;

    let mut running = Vec::new();
    for _ in 0..RUNNING {
        running.push(worker.standalone("wait_cancel_caught").heartbeat("10s").start().await);
    }
    for call in &running {
        worker.started(call.id()).await;
    }
    // All that the others may have is taken, and yet the next one of an idle queue starts at once.
    for queue in idle {
        let outcome = worker.standalone_on(queue, "echo").arg(7).run().await;
        assert_eq!(outcome.to_string(), "completed: 7");
    }
    for call in &running {
        call.cancel().await;
    }
    for call in &running {
        call.outcome().await;
    }
    worker.stop().await;
}
