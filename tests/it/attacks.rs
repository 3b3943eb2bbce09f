//! One guest for each attack, at default limits, while a good tenant's activities go on: each is contained, and nobody else
//! notices. What was tried, what came of it and how long that took is the table of `docs/hostile.md`.
//!
//! # Layout
//! - [`guests`]: attacks of activities that are served; [`requests`]: those by HTTP; [`loads`]: those of components that are
//!   to be served.
//! - [`table`]: what is written of them.

mod guests;
mod loads;
mod requests;
mod table;

use std::{fs, os::unix::fs::symlink, path::PathBuf, time::Instant};

use serde_json::{Value, json};
use tokio::{join, sync::watch};

use self::{
    loads::Load,
    table::{Row, Table},
};
use crate::{
    hostile::{Guests, liars},
    supervisor::Configured,
    support::{Worker, call::unique, component, http_server::HttpServer},
};

/// An attack of an activity.
pub(crate) struct Attack {
    /// What it is aimed at.
    about: &'static str,
    /// What is tried.
    what: &'static str,
    activity: String,
    arguments: Value,
    /// What the caller is told of it, or the guest: a part of that.
    told: &'static str,
    /// Whether it is by a guest that may send requests to the hostile server.
    is_with_server: bool,
}

fn attack(
    about: &'static str,
    what: &'static str,
    activity: impl Into<String>,
    arguments: Value,
    told: &'static str,
) -> Attack {
    Attack { about, what, activity: activity.into(), arguments, told, is_with_server: false }
}

/// What the caller is told of an attempt that never ends.
const TIMES_OUT: &str = "timed out: StartToClose";

/// A worker with an evil tenant, which has all that guests attack with, and a good one.
struct Scene {
    configured: Configured,
    guests: Guests,
    server: HttpServer,
    /// Task queues of the evil tenant: the second is of the guest that may send requests to the hostile server.
    evil: [String; 2],
    good: String,
}

impl Scene {
    async fn new() -> Self {
        let scene = Self {
            configured: Configured::new().await,
            guests: Guests::default(),
            server: HttpServer::start(),
            evil: [unique("evil"), unique("evil-with-server")],
            good: unique("good"),
        };
        scene.fill_folder();
        scene
    }

    /// What the evil tenant finds in the folder that it is granted; others' things are beside it.
    fn fill_folder(&self) {
        let folder = self.configured.path("granted");
        fs::create_dir_all(&folder).unwrap();
        fs::write(self.configured.path("secret"), "of somebody else").unwrap();
        fs::write(folder.join("own"), "of its own").unwrap();
        symlink(self.configured.path("secret"), folder.join("to-secret")).unwrap();
        symlink("..", folder.join("up")).unwrap();
        symlink("/dev/zero", folder.join("to-device")).unwrap();
        let fifo = folder.join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    }

    /// The configuration, with one more component, on a task queue of its own.
    fn configure(&self, more: Option<(&str, &PathBuf)>) {
        let component_of =
            |path: PathBuf, grants: &str| format!("[[tenants.workers.components]]\npath = {path:?}\n{grants}\n");
        let queue = |name: &str| format!("[[tenants.workers]]\ntask-queue = {name:?}\n");
        let folder = self.configured.path("granted");
        let hostile = format!(
            "grants.directories = [{{ host = {folder:?}, guest = \"/data\", writable = true }}]\n\
             grants.scratch = \"4MiB\"\n\
             grants.environment = {{ MINE = \"1\" }}\n\
             grants.client = {{ methods = [\"SignalWorkflowExecution\"], workflow-ids = [\"mine-*\"] }}"
        );
        let anywhere = "grants.http = [\"public\"]";
        let origin = self.server.origin("127.0.0.1");
        let mut text = format!("[connection]\n{}\n[[tenants]]\nname = \"evil\"\n", self.configured.connection);
        text += &(queue(&self.evil[0]) + &component_of(component("hostile"), &hostile));
        text += &component_of(component("fetcher"), anywhere);
        text.extend(liars(&self.guests).into_iter().map(|liar| component_of(liar, "")));
        text.extend(guests::written(&self.guests).into_iter().map(|guest| component_of(guest, "")));
        text += &(queue(&self.evil[1]) + &component_of(component("fetcher"), &format!("grants.http = [{origin:?}]")));
        if let Some((name, path)) = more {
            text += &(queue(name) + &component_of(path.clone(), ""));
        }
        text += &format!("[[tenants]]\nname = \"good\"\n{}", queue(&self.good));
        text += &component_of(component("conformance"), "");
        self.configured.write("isolet.toml", text);
    }

    /// Lets an attack happen.
    async fn attacked(&self, worker: &Worker, attack: &Attack) -> Row {
        let queue = &self.evil[usize::from(attack.is_with_server)];
        let call = worker.standalone_on(queue, &attack.activity).args(&attack.arguments);
        // What is to end in time needs more of it on a busy machine.
        let time = if attack.told == TIMES_OUT { "2s" } else { "45s" };
        let call = call.start_to_close(time).attempts(1).start().await;
        let outcome = call.outcome().await.to_string();
        let ended = worker.finished(call.id(), 1).await;
        let milliseconds = ended["wall_ms"].as_f64().unwrap();
        Row::new(attack.about, attack.what, attack.told, &outcome, milliseconds)
    }

    /// Lets a component be served, which it is or not.
    async fn loaded(&self, worker: &Worker, number: usize, load: &Load) -> Row {
        let queue = unique(&format!("evil-load-{number}"));
        let begun = Instant::now();
        self.configure(Some((&queue, &load.file)));
        let is_settled = |event: &Value| {
            event["task_queue"] == *queue && ["serving", "refused"].map(Value::from).contains(&event["status"])
        };
        let told = worker.event(&format!("the end of loading {queue}"), is_settled).await;
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        let said = format!("{}: {}", told["status"].as_str().unwrap(), told["reason"].as_str().unwrap_or_default());
        Row::new("loading", load.what, load.told, &said, milliseconds)
    }
}

/// Calls an activity of the good tenant again and again, each of which has one attempt. Returns how many there were.
async fn good_calls(worker: &Worker, queue: &str, stopped: watch::Receiver<bool>) -> usize {
    let call = worker.standalone_on(queue, "greet").arg("Ada").start_to_close("30s").attempts(1);
    let mut count = 0;
    while !*stopped.borrow() {
        let greeting = call.again().run().await.to_string();
        assert_eq!(greeting, "completed: \"Hello, Ada!\"", "after {count} that were well");
        count += 1;
    }
    count
}

/// Lets all attacks happen.
async fn all_attacks(scene: &Scene, worker: &Worker, stop: watch::Sender<bool>) -> Table {
    let mut table = Table::default();
    for attack in guests::attacks().into_iter().chain(requests::attacks(&scene.server)) {
        table.rows.push(scene.attacked(worker, &attack).await);
    }
    for (number, load) in loads::loads(&scene.guests).iter().enumerate() {
        table.rows.push(scene.loaded(worker, number, load).await);
    }
    stop.send_replace(true);
    table
}

#[tokio::test]
async fn each_attack_is_contained_while_a_good_tenant_goes_on() {
    let scene = Scene::new().await;
    scene.configure(None);
    let worker = Worker::start(scene.configured.isolet(), &scene.evil[0]).await;
    let (stop, stopped) = watch::channel(false);
    let (table, good) = join!(all_attacks(&scene, &worker, stop), good_calls(&worker, &scene.good, stopped));
    assert!(good > table.rows.len(), "only {good} activities of the good tenant");
    assert_eq!(scene.server.seen().iter().filter(|asked| asked.contains("/stolen")).count(), 0);
    worker.stop().await;
    table.check();
}

const NOTHING: fn() -> Value = || json!([]);
