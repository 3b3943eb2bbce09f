//! Activities while all that has to do with them is killed at random: cells, the worker, the server.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use rustix::process::{Signal, kill_process};
use tokio::time::timeout;

use super::{cells, configuration};
use crate::support::{
    Caller, DevServer, Isolet, Worker,
    call::{Call, unique},
    dev_server::connect,
    standalone::described,
};

const ACTIVITIES: u64 = 10_000;

/// Activities that are going at once, for each of both tenants.
const CALLERS: usize = 25;

/// Longer than an activity takes whose every attempt is unlucky.
const LONGEST: Duration = Duration::from_secs(300);

/// What is killed in turns, most often what costs least.
const DEATHS: [Victim; 12] = {
    use Victim::{Cell, Server, Worker};
    [Cell, Cell, Cell, Worker, Cell, Cell, Cell, Worker, Cell, Cell, Cell, Server]
};

#[derive(Clone, Copy, Debug)]
enum Victim {
    Cell,
    Worker,
    Server,
}

/// A configuration with two tenants, and a server that keeps its state.
struct Stage {
    server: DevServer,
    names: [String; 2],
    file: tempfile::TempPath,
}

impl Stage {
    async fn new() -> Self {
        let (server, names) = (DevServer::start_persistent().await, ["acme", "beta"].map(unique));
        let config = configuration(&server.address(), "conformance", &names, ["tenant", "tenant"]);
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap().into_temp_path();
        std::fs::write(&file, config).unwrap();
        Self { server, names, file }
    }

    async fn worker(&self) -> Worker {
        let isolet = Isolet::with(["worker", "--output", "json", "--config", &self.file.display().to_string()]);
        Worker::start(isolet, &self.names[0]).await
    }

    /// Starts activities and checks what they come to, until all that there are have been started.
    async fn call(&self, queue: usize, next: &AtomicU64) -> u64 {
        let connection = connect(&self.server.address()).await;
        let mut ended = 0;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if ACTIVITIES <= number {
                return ended;
            }
            // Each takes another time, which is its result.
            let call = Call::new(connection.clone(), &self.names[queue], Caller::Client, "sleep_ms").arg(number % 200);
            let call = call.start_to_close("10s").attempts(0).start().await;
            let Ok(outcome) = timeout(LONGEST, call.standalone().outcome()).await else {
                panic!("{} does not end\n{}", call.id(), described(&connection, call.id()).await);
            };
            assert_eq!(outcome.json::<u64>(), number % 200);
            ended += 1;
        }
    }

    /// Kills one after the other, for ever. Workers that are gone are kept, for what they told.
    async fn kill(&self, worker: &mut Worker, gone: &mut Vec<Worker>) {
        let random = RandomState::new();
        for turn in 0_usize.. {
            tokio::time::sleep(Duration::from_millis(2_000 + random.hash_one(turn) % 4_000)).await;
            match DEATHS[turn % DEATHS.len()] {
                Victim::Cell => {
                    let name = &self.names[turn % self.names.len()];
                    for cell in cells(name) {
                        // It may be gone already.
                        let _ = kill_process(cell, Signal::KILL);
                    }
                }
                Victim::Worker => {
                    worker.signal(Signal::KILL);
                    worker.everything_ended().await;
                    gone.push(std::mem::replace(worker, self.worker().await));
                }
                Victim::Server => self.server.restart().await,
            }
        }
    }
}

#[tokio::test]
#[ignore = "runs 10,000 activities, for minutes: `cargo xtask ci-full` runs it"]
async fn no_activity_is_lost_or_told_twice() {
    let stage = Stage::new().await;
    let mut worker = stage.worker().await;
    let next = AtomicU64::new(0);
    let callers = join_all((0..2 * CALLERS).map(|caller| stage.call(caller % 2, &next)));
    let mut gone = Vec::new();
    let ended: Vec<u64> = tokio::select! {
        ended = callers => ended,
        () = stage.kill(&mut worker, &mut gone) => unreachable!("it kills for ever"),
    };
    assert_eq!(ended.iter().sum::<u64>(), ACTIVITIES);
    worker.stop().await;
    gone.push(worker);
    let mut told = HashMap::<(String, u64), u32>::new();
    for end in gone.iter().flat_map(|worker| worker.events_named("attempt-finished")) {
        *told.entry((end["activity_id"].to_string(), end["attempt"].as_u64().unwrap())).or_default() += 1;
    }
    let twice: Vec<_> = told.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "ends of attempts that were told more than once: {twice:?}");
}
