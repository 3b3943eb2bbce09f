//! What runs is what the configuration says now: it changes while attempts run, and what goes wrong with one task queue is
//! nobody else's.

use std::{
    fs,
    path::{Path, PathBuf},
};

use expect_test::expect;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    cells::cells,
    support::{
        DevServer, Isolet, Worker,
        call::unique,
        component,
        dev_server::temporal_cli,
        mutual_tls::MutualTls,
        payload::{self, encoding},
        process::Process,
        proxy::Proxy,
        tls::Authority,
    },
};

/// A folder with a configuration that the test may change.
pub(crate) struct Configured {
    folder: TempDir,
    pub(crate) connection: String,
}

impl Configured {
    pub(crate) async fn new() -> Self {
        let address = DevServer::start().await.address();
        Self { folder: TempDir::new().unwrap(), connection: format!("address = {address:?}") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file as a careful editor does, all at once.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let draft = self.path(".draft");
        fs::write(&draft, content).unwrap();
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::rename(draft, self.path(name)).unwrap();
    }

    /// Writes a configuration with these task queues.
    pub(crate) fn configure(&self, queues: &[&Queue]) {
        let queues: String = queues.iter().map(|queue| queue.as_tenant()).collect();
        self.write("isolet.toml", format!("[connection]\n{}\n{queues}", self.connection));
    }

    pub(crate) fn isolet(&self) -> Isolet {
        Isolet::with(["worker", "--output", "json", "--config", &self.path("isolet.toml").display().to_string()])
    }

    /// A worker with these task queues, whose own is the first.
    pub(crate) async fn start(&self, queues: &[&Queue]) -> Worker {
        self.configure(queues);
        Worker::start(self.isolet(), queues.first().map_or("", |queue| queue.name.as_str())).await
    }
}

/// A task queue of a tenant that is called the same.
#[derive(Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    component: PathBuf,
    /// More keys of the worker, and of the component.
    keys: [String; 2],
}

impl Queue {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: unique(name), component: component("conformance"), keys: Default::default() }
    }

    pub(crate) fn component(self, file: &Path) -> Self {
        Self { component: file.to_owned(), ..self }
    }

    pub(crate) fn with(self, worker: &str, component: &str) -> Self {
        Self { keys: [worker, component].map(str::to_owned), ..self }
    }

    fn as_tenant(&self) -> String {
        format!("[[tenants]]\nname = {:?}\n{}", self.name, self.as_workers().replace("[[", "[[tenants."))
    }

    fn as_workers(&self) -> String {
        let Self { name, component, keys: [of_worker, of_component] } = self;
        format!(
            "[[workers]]\ntask-queue = {name:?}\n{of_worker}\n[[workers.components]]\npath = {component:?}\n{of_component}\n"
        )
    }
}

impl Worker {
    /// Waits until it has told this of the task queue.
    pub(crate) async fn told(&self, queue: &str, status: &str) -> Value {
        let is_told = |event: &Value| event["task_queue"] == queue && event["status"] == status;
        self.event(&format!("{queue} {status}"), is_told).await
    }

    /// Waits until it has told so many events of this kind.
    pub(crate) async fn nth(&self, count: usize, name: &str) -> Value {
        self.nth_event(count, name, |event| event["event"] == name).await
    }

    pub(crate) async fn greets_on(&self, queue: &str) {
        let greeting = self.standalone_on(queue, "greet").arg("Ada").run().await;
        assert_eq!(greeting.to_string(), "completed: \"Hello, Ada!\"");
    }
}

#[tokio::test]
async fn a_queue_comes_and_goes_while_attempts_run() {
    let configured = Configured::new().await;
    let grace = "shutdown-grace = \"30s\"";
    let [first, second, third] = ["first", "second", "third"].map(|name| Queue::new(name).with(grace, ""));
    let worker = configured.start(&[&first, &second]).await;
    let calls = [&first, &second].map(|queue| worker.standalone_on(&queue.name, "sleep_ms").arg(3_000));
    let calls = futures_util::future::join_all(calls.map(|call| call.start())).await;
    for call in &calls {
        worker.started(call.id()).await;
    }
    configured.configure(&[&first, &third]);
    let told = worker.nth(1, "reconfigured").await;
    assert_eq!(told["added"], json!([format!("tenant {0}, task queue {0}", third.name)]));
    assert_eq!(told["removed"], json!([format!("tenant {0}, task queue {0}", second.name)]));
    assert_eq!((&told["changed"], &told["at_next_start"]), (&json!([]), &json!([])));
    worker.told(&second.name, "draining").await;
    worker.told(&third.name, "serving").await;
    worker.greets_on(&third.name).await;
    worker.greets_on(&first.name).await;
    for call in &calls {
        assert_eq!(call.outcome().await.to_string(), "completed: 3000", "it was ended by the change");
    }
    worker.told(&second.name, "removed").await;
    let greeting = worker.standalone_on(&second.name, "greet").arg("Ada").attempts(0).start().await;
    // The first one comes back.
    configured.configure(&[&first, &second, &third]);
    assert_eq!(greeting.outcome().await.to_string(), "completed: \"Hello, Ada!\"");
    worker.stop().await;
    let [stopped] = worker.events_named("stopped").try_into().unwrap();
    assert_eq!(stopped["completed"], 5);
}

#[tokio::test]
async fn what_changes_holds_for_attempts_that_start_later() {
    let configured = Configured::new().await;
    let queue = Queue::new("changing").with("shutdown-grace = \"30s\"", "");
    let worker = configured.start(&[&queue]).await;
    let running = worker.standalone("sleep_ms").arg(3_000).start().await;
    worker.started(running.id()).await;
    let grants = "grants.environment = { STAGE = \"later\" }";
    // In its place.
    configured.configure(&[&queue.clone().with("shutdown-grace = \"30s\"", grants)]);
    worker.nth(1, "reloaded").await;
    assert_eq!(worker.standalone("environment").run().await.to_string(), "completed: [\"STAGE\"]");
    // By another worker.
    configured.configure(&[&queue.with("max-concurrent = 1", grants)]);
    let told = worker.nth(2, "reconfigured").await;
    assert_eq!(told["changed"][0]["keys"], json!(["max-concurrent", "shutdown-grace"]));
    assert_eq!(running.outcome().await.to_string(), "completed: 3000");
    worker.greets_on(worker.queue()).await;
    worker.stop().await;
}

#[tokio::test]
async fn no_task_is_lost_when_another_worker_takes_over_and_each_is_run_as_is_wanted_then() {
    let configured = Configured::new().await;
    let queue = Queue::new("handed-over");
    let at_stage = |stage: usize| {
        let keys = format!("max-concurrent = {}\nshutdown-grace = \"0s\"", 20 + stage);
        queue.clone().with(&keys, &format!("grants.environment = {{ STAGE_{stage} = \"now\" }}"))
    };
    let worker = configured.start(&[&at_stage(0)]).await;
    let running = worker.standalone("sleep_ms").arg(4_000).start().await;
    worker.started(running.id()).await;
    for stage in 1..=10 {
        configured.configure(&[&at_stage(stage)]);
        worker.nth(stage, "queue").await;
        // The server may give them to polls of workers before this one.
        let calls = (0..10).map(|_| worker.standalone("environment").start_to_close("20s").run());
        for outcome in futures_util::future::join_all(calls).await {
            assert_eq!(outcome.to_string(), format!("completed: [\"STAGE_{stage}\"]"));
        }
    }
    assert_eq!(running.outcome().await.to_string(), "completed: 4000", "it was ended by a change");
    worker.stop().await;
}

#[tokio::test]
async fn where_there_is_memory_for_one_attempt_another_worker_takes_over() {
    let mut configured = Configured::new().await;
    configured.connection += "\n[engine]\nmemory-budget = \"150MiB\"";
    let queue = Queue::new("large");
    let worker = configured.start(&[&queue]).await;
    configured.configure(&[&queue.clone().with("max-concurrent = 1", "")]);
    worker.told(&queue.name, "serving").await;
    worker.greets_on(&queue.name).await;
    let refused = worker.events_named("queue").iter().filter(|told| told["status"] == "refused").count();
    assert_eq!(refused, 0, "neither holds any of it while it is idle");
    worker.stop().await;
}

#[tokio::test]
async fn an_invalid_change_is_refused_whole() {
    let mut configured = Configured::new().await;
    configured.connection += "\n[engine]\nmemory-budget = \"64GiB\"";
    let [first, second] = ["first", "second"].map(Queue::new);
    configured.configure(&[&first]);
    // What this process was started for is its own business.
    let worker = Worker::start(configured.isolet().env("ISOLET_ISOLATION", "none"), &first.name).await;
    let told = async |count: usize| {
        let told = worker.nth(count, "reconfigure-failed").await;
        let folder = configured.folder.path().display().to_string();
        let text = told["message"].as_str().unwrap().replace(&folder, "DIR");
        text.replace(&first.name, "FIRST").replace(&second.name, "SECOND")
    };
    configured.configure(&[&second, &first.clone().with("max-concurent = 3", "")]);
    expect![[r#"DIR/isolet.toml:17: unknown key "max-concurent"; did you mean "max-concurrent"?"#]]
        .assert_eq(&told(1).await);
    configured.configure(&[&second, &first.clone().with("max-concurrent = 0", "")]);
    expect![[r#"DIR/isolet.toml has problems: DIR/isolet.toml:17: tenant FIRST, workers[0].max-concurrent: 0 is too little; it must be from 1 to 100000"#]]
        .assert_eq(&told(2).await);
    configured
        .configure(&[&first, &Queue { name: first.name.clone(), ..second.clone() }.with("namespace = \"other\"", "")]);
    assert!(told(3).await.contains("2 tenants are called"), "{}", told(3).await);
    let many = "limits = { memory = \"64KiB\", result = \"64KiB\", heartbeat = \"64KiB\" }";
    configured.configure(&[&first, &second.clone().with("max-concurrent = 300", many)]);
    let refused = told(4).await;
    assert!(
        refused.starts_with("engine.slots: this process was started with room for 256 sandboxes, and "),
        "{refused}"
    );
    worker.greets_on(&first.name).await;
    assert_eq!(worker.events_named("queue"), <[Value; 0]>::default(), "something was changed");
    configured.configure(&[&first, &second]);
    worker.told(&second.name, "serving").await;
    worker.greets_on(&second.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_only_a_start_can_change_is_told_by_name() {
    let configured = Configured::new().await;
    let queue = Queue::new("first");
    let worker = configured.start(&[&queue]).await;
    let config = fs::read_to_string(configured.path("isolet.toml")).unwrap();
    configured.write("isolet.toml", format!("engine.tick = \"20ms\"\nlog.format = \"json\"\n{config}"));
    assert_eq!(worker.nth(1, "reconfigured").await["at_next_start"], json!(["engine.tick", "log.format"]));
    worker.greets_on(&queue.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_a_change_would_do_can_be_asked_before() {
    let configured = Configured::new().await;
    let [first, second, third] = ["first", "second", "third"].map(Queue::new);
    configured.configure(&[&first, &second]);
    fs::rename(configured.path("isolet.toml"), configured.path("old.toml")).unwrap();
    configured.configure(&[&first.clone().with("max-concurrent = 3", ""), &third]);
    let diff = async |other: &str, arguments: &[&str]| {
        let files = [other, "old.toml"].map(|file| configured.path(file).display().to_string());
        let run = Isolet::with(["config", "diff", &files[0], &files[1]].iter().chain(arguments)).run().await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let names = [(&first, "FIRST"), (&second, "SECOND"), (&third, "THIRD")];
        names.iter().fold(run.stdout, |text, (queue, name)| text.replace(&queue.name, name))
    };
    expect![[r#"
        + tenant THIRD, task queue THIRD
        - tenant SECOND, task queue SECOND
        ~ tenant FIRST, task queue FIRST
            max-concurrent: unset → 3"#]]
    .assert_eq(&diff("isolet.toml", &[]).await);
    expect!["nothing would change"].assert_eq(&diff("old.toml", &[]).await);
    let json: Value = serde_json::from_str(&diff("isolet.toml", &["--output", "json"]).await).unwrap();
    assert_eq!(json["changed"][0]["keys"], json!([{"key": "max-concurrent", "old": null, "new": "3"}]));
}

#[tokio::test]
async fn a_file_that_is_missing_is_its_queue_s_trouble_until_it_is_there() {
    let configured = Configured::new().await;
    let (well, file) = (Queue::new("well"), configured.path("later.wasm"));
    let lacking = Queue::new("lacking").component(&file);
    let worker = configured.start(&[&well, &lacking]).await;
    let refused = worker.told(&lacking.name, "refused").await;
    assert_eq!(refused["reason"], format!("failed to find component {}: no such file", file.display()));
    worker.greets_on(&well.name).await;
    let waiting = worker.standalone_on(&lacking.name, "greet").arg("Ada").start().await;
    configured.write("later.wasm", fs::read(component("conformance")).unwrap());
    worker.told(&lacking.name, "serving").await;
    assert_eq!(waiting.outcome().await.to_string(), "completed: \"Hello, Ada!\"");
    // A version that can't be had leaves the former one.
    configured.write("later.wasm", "half a component");
    worker.nth(1, "reload-failed").await;
    worker.greets_on(&lacking.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_start_at_which_nothing_can_be_served_ends_with_the_first_reason() {
    let configured = Configured::new().await;
    let queues = ["a", "b"].map(|name| Queue::new(name).component(&configured.path(&format!("{name}.wasm"))));
    configured.configure(&queues.each_ref());
    let run = configured.isolet().run().await;
    assert_eq!(run.stdout, "");
    let folder = configured.folder.path().display().to_string();
    expect![[r#"
        exit code 3
        error: failed to find component DIR/a.wasm: no such file
          cure: check the path; a component is a file that ends in .wasm
    "#]]
    .assert_eq(&run.refusal().replace(&folder, "DIR"));
}

#[tokio::test]
async fn a_namespace_that_is_missing_is_its_queue_s_trouble() {
    let configured = Configured::new().await;
    let (well, namespace) = (Queue::new("well"), unique("namespace"));
    let lacking = Queue::new("lacking").with(&format!("namespace = {namespace:?}"), "");
    let worker = configured.start(&[&lacking, &well]).await.on(&well.name);
    let refused = worker.told(&lacking.name, "refused").await;
    assert!(refused["reason"].as_str().unwrap().contains("there is none of that name"), "{refused}");
    assert_eq!(refused["namespace"], namespace.as_str());
    worker.greets_on(&well.name).await;
    let address = DevServer::start().await.address();
    let arguments = ["operator", "namespace", "create", "--address", &address, "--namespace", &namespace];
    let created = Process::start("temporal", &temporal_cli(), arguments, &[]).exit().await;
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    worker.told(&lacking.name, "serving").await;
    worker.stop().await;
}

#[tokio::test]
async fn a_hangup_has_everything_looked_at_again() {
    let configured = Configured::new().await;
    let queue = Queue::new("looked-at");
    let worker = configured.start(&[&queue]).await;
    worker.signal(Signal::HUP);
    assert_eq!(worker.nth(1, "reconfigured").await["changed"], json!([]));
    worker.nth(1, "read-again").await;
    worker.greets_on(&queue.name).await;
    assert_eq!(worker.events_named("reloaded"), <[Value; 0]>::default());
    worker.stop().await;
}

#[tokio::test]
async fn keys_of_a_codec_are_read_again() {
    let configured = Configured::new().await;
    configured.write("codec.key", "test-key-test-key-test-key-test!");
    let codec = "codec = { order = [\"encryption\"], encryption = { active = \"a\", keys = [{ id = \"a\", file = \"codec.key\" }] } }";
    let worker = configured.start(&[&Queue::new("coded").with(codec, "")]).await;
    let before = worker.standalone("echo").arg("Ada").run().await.payload().clone();
    assert_eq!(encoding(&before), "binary/encrypted");
    worker.standalone("echo").payload(before.clone()).run().await.payload();
    configured.write("codec.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    worker.nth(1, "read-again").await;
    let outcome = worker.standalone("echo").payload(before).run().await.to_string();
    assert!(outcome.contains("PayloadCodecError"), "{outcome}");
    let after = worker.standalone("echo").arg("Ada").run().await.payload().clone();
    worker.standalone("echo").payload(after).run().await.payload();
    // One that is none leaves the former one.
    configured.write("codec.key", "too short");
    worker.nth(1, "queue-unchanged").await;
    let still = worker
        .standalone("echo")
        .arg(payload::encoding(&worker.standalone("echo").arg(1).run().await.payload().clone()));
    assert_eq!(encoding(still.run().await.payload()), "binary/encrypted");
    worker.stop().await;
}

/// What HPACK makes of `Bearer ` and these digits is known by heart: five bits for each digit, after five whole bytes.
const KEYS: [(&str, [u8; 5]); 2] =
    [("11111111", [0x08, 0x42, 0x10, 0x84, 0x21]), ("22222222", [0x10, 0x84, 0x21, 0x08, 0x42])];

#[tokio::test]
async fn credentials_are_read_again() {
    let server = DevServer::start().await.address();
    let proxy = Proxy::start(server).await;
    let mut configured = Configured::new().await;
    configured.connection =
        format!("address = {:?}\napi-key-file = \"api.key\"\nconfig-file = \"temporal.toml\"", proxy.address());
    configured.write("api.key", KEYS[0].0);
    let profile = |header: &str| format!("[profile.default]\ntls.disabled = true\ngrpc_meta.stage = {header:?}\n");
    configured.write("temporal.toml", profile("000"));
    let worker = configured.start(&[&Queue::new("keyed")]).await;
    proxy.passed(&KEYS[0].1).await;
    let running = worker.standalone("sleep_ms").arg(3_000).start().await;
    worker.started(running.id()).await;
    configured.write("api.key", KEYS[1].0);
    proxy.passed(&KEYS[1].1).await;
    let connections = proxy.connections();
    // Another header needs another connection; attempts that run report on theirs.
    configured.write("temporal.toml", profile("111"));
    proxy.connected(connections + 1).await;
    assert_eq!(running.outcome().await.to_string(), "completed: 3000");
    worker.greets_on(worker.queue()).await;
    worker.stop().await;
}

/// A server that demands certificates trusts other ones all at once; attempts that run report on the connection they have.
#[tokio::test]
async fn client_certificates_are_read_again() {
    let (own, former, latter) = (Authority::new(), Authority::new(), Authority::new());
    let way = MutualTls::start(DevServer::start().await.address(), &own, &former).await;
    let mut configured = Configured::new().await;
    configured.connection = format!("address = {:?}\nconfig-file = \"temporal.toml\"", way.address());
    configured.write("authority.pem", own.pem());
    let give = |clients: &Authority| {
        let (certificate, key) = clients.certificate("worker");
        configured.write("worker.pem", certificate);
        // There is a moment in which it is not the certificate's.
        configured.write("worker.key", key);
    };
    give(&former);
    let files = [
        "server_ca_cert_path = \"authority.pem\"",
        "client_cert_path = \"worker.pem\"",
        "client_key_path = \"worker.key\"",
    ];
    let files = files.map(|line| line.replace("= \"", &format!("= \"{}/", configured.folder.path().display())));
    configured.write("temporal.toml", format!("[profile.default.tls]\n{}\n", files.join("\n")));
    let queue = Queue::new("proven");
    configured.configure(&[&queue]);
    let worker = Worker::start_through(configured.isolet(), &queue.name, DevServer::start().await).await;
    let running = worker.standalone("sleep_ms").arg(3_000).start().await;
    worker.started(running.id()).await;
    way.demand(&own, &latter);
    give(&latter);
    way.let_one_in().await;
    assert_eq!(running.outcome().await.to_string(), "completed: 3000");
    worker.greets_on(worker.queue()).await;
    // One that is not trusted any more leaves the connection that there is.
    way.demand(&own, &latter);
    give(&former);
    way.refused_one().await;
    worker.greets_on(worker.queue()).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_tenant_is_added_by_writing_a_file() {
    let configured = Configured::new().await;
    let [first, second] = ["first", "second"].map(Queue::new);
    fs::create_dir(configured.path("tenants.d")).unwrap();
    configured.write(&format!("tenants.d/{}.toml", first.name), first.as_workers());
    let worker = configured.start(&[]).await.on(&first.name);
    worker.greets_on(&first.name).await;
    let file = format!("tenants.d/{}.toml", second.name);
    configured.write(&file, second.as_workers().replace("path", "pth"));
    let refused = worker.nth(1, "reconfigure-failed").await;
    let place = format!("{}:5: unknown key \"pth\"", configured.path(&file).display());
    assert!(refused["message"].as_str().unwrap().starts_with(&place), "{refused}");
    configured.write(&file, second.as_workers());
    assert_eq!(worker.told(&second.name, "serving").await["tenant"], second.name.as_str());
    worker.greets_on(&second.name).await;
    fs::remove_file(configured.path(&file)).unwrap();
    worker.told(&second.name, "removed").await;
    worker.greets_on(&first.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_component_may_ask_for_less_and_not_for_more() {
    let configured = Configured::new().await;
    configured.write("asking.wasm", fs::read(component("conformance")).unwrap());
    let grants = "grants.environment = { STAGE = \"test\" }";
    let queue = Queue::new("asking").component(&configured.path("asking.wasm")).with("", grants);
    let worker = configured.start(&[&queue]).await;
    assert_eq!(worker.standalone("environment").run().await.to_string(), "completed: [\"STAGE\"]");
    configured.write("asking.isolet.toml", "grants = []");
    worker.nth(1, "reloaded").await;
    assert_eq!(worker.standalone("environment").run().await.to_string(), "completed: []");
    configured.write("asking.isolet.toml", "grants = [\"http\"]\nlimits.memory = \"1GiB\"");
    let refused = worker.nth(1, "reload-failed").await;
    let message = refused["message"].as_str().unwrap();
    for told in ["limits.memory: 1GiB is more than 64MiB", "it asks for \"http\", which is not granted"] {
        assert!(message.contains(told), "{message}");
    }
    worker.greets_on(&queue.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_tenant_s_cell_is_another_when_what_it_may_reach_is() {
    let configured = Configured::new().await;
    let [first, second] = ["first", "second"].map(|name| Queue::new(name).with("shutdown-grace = \"30s\"", ""));
    configured.write("data/file", "content");
    let isolated =
        |queue: &Queue, keys: &str| Queue { keys: [queue.keys[0].clone(), keys.to_owned()], ..queue.clone() };
    let isolate = |configured: &Configured| {
        let config = fs::read_to_string(configured.path("isolet.toml")).unwrap();
        configured.write("isolet.toml", format!("engine.isolation = \"tenant\"\n{config}"));
    };
    configured.configure(&[&first, &second]);
    isolate(&configured);
    let worker = Worker::start(configured.isolet(), &first.name).await;
    let running = worker.standalone("sleep_ms").arg(3_000).start().await;
    worker.started(running.id()).await;
    let grant = "grants.directories = [{ host = \"data\", guest = \"/data\" }]";
    configured.write("draft.toml", "");
    let wanted = [isolated(&first, grant), second.clone()];
    let queues: String = wanted.iter().map(Queue::as_tenant).collect();
    configured.write(
        "isolet.toml",
        format!("engine.isolation = \"tenant\"\n[connection]\n{}\n{queues}", configured.connection),
    );
    let told = worker.nth(1, "reconfigured").await;
    assert_eq!(told["changed"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(running.outcome().await.to_string(), "completed: 3000");
    worker.greets_on(&first.name).await;
    worker.greets_on(&second.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn weights_make_cells_nice_to_each_other() {
    let configured = Configured::new().await;
    let queues = ["light", "middle", "heavy"].map(Queue::new);
    let tenant = |(queue, weight): (&Queue, u32)| {
        let header = format!("[[tenants]]\nisolation = \"tenant\"\nweight = {weight}");
        queue.as_tenant().replacen("[[tenants]]", &header, 1)
    };
    let tenants: String = queues.iter().zip([100, 200, 400]).map(tenant).collect();
    let text = format!("engine.cell-start = \"load\"\n[connection]\n{}\n{tenants}", configured.connection);
    configured.write("isolet.toml", text);
    let worker = Worker::start(configured.isolet(), &queues[0].name).await;
    let own = nice("/proc/self/stat".as_ref());
    for (queue, steps) in queues.iter().zip([6, 3, 0]) {
        let [cell] = cells(&queue.name)[..] else { panic!("{} has another number of cells", queue.name) };
        let threads = fs::read_dir(format!("/proc/{}/task", cell.as_raw_nonzero())).unwrap();
        let guests: Vec<_> = threads.filter_map(|thread| of_guests(&thread.unwrap().path())).collect();
        assert!(guests.len() > 1, "{} has no threads for guests", queue.name);
        for (name, nice) in guests {
            // Those that keep a processor busy make way for others, as far as the weights leave room for it.
            let busy = if name == "isolet-busy" { 12 } else { 0 };
            assert_eq!(nice, (own + steps + busy).min(19), "{name} of {}", queue.name);
        }
    }
    worker.stop().await;
}

/// The name of a thread and how nice it is, if it runs guests.
fn of_guests(thread: &Path) -> Option<(String, i32)> {
    let name = fs::read_to_string(thread.join("comm")).unwrap().trim().to_owned();
    ["isolet-busy", "isolet-guest"].contains(&name.as_str()).then(|| (name, nice(&thread.join("stat"))))
}

/// How nice a thread is, of which the system tells this.
fn nice(stat: &Path) -> i32 {
    let stat = fs::read_to_string(stat).unwrap();
    // Its name may have blanks in it.
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(16).unwrap().parse().unwrap()
}
