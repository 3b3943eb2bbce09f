//! Limits of a tenant on HTTP requests, and grants and limits of components that only count.

use expect_test::expect;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    metrics,
    supervisor::Configured,
    support::{
        Isolet, Worker,
        call::{Call, unique},
        component,
        http_server::HttpServer,
    },
};

/// A worker of one tenant, whose guests send HTTP requests on two task queues, and ask Temporal on a third.
struct Tenant {
    configured: Configured,
    worker: Worker,
    http: HttpServer,
    queues: [String; 3],
}

impl Tenant {
    /// With these limits, and with these keys of each component.
    async fn start(limits: &str, keys: &str) -> Self {
        let (configured, http) = (Configured::new().await, HttpServer::start());
        let queues = ["one", "two", "asking"].map(unique);
        let workers: String = queues
            .iter()
            .zip(["fetcher", "fetcher", "conformance"])
            .map(|(queue, name)| {
                format!(
                    "[[tenants.workers]]\ntask-queue = {queue:?}\n[[tenants.workers.components]]\npath = {:?}\n{keys}\n",
                    component(name)
                )
            })
            .collect();
        let text = format!(
            "metrics = {{ export = \"prometheus\", address = \"127.0.0.1:0\" }}\n\
             admin = {{ socket = \"run/admin.sock\", state = \"state\" }}\n[connection]\n{}\n\
             [[tenants]]\nname = \"acme\"\nlimits = {{ {limits} }}\n{workers}",
            configured.connection,
        );
        configured.write("isolet.toml", text.replace("SERVER", &http.origin("localhost")));
        let socket = configured.path("run/admin.sock");
        let worker = Worker::start(configured.isolet().env("ISOLET_ADMIN_SOCKET", socket.display()), &queues[0]).await;
        Self { configured, worker, http, queues }
    }

    fn fetch(&self, queue: usize, method: &str, path: &str) -> Call {
        let request = json!({"url": format!("{}{path}", self.http.origin("localhost")), "method": method});
        self.worker.standalone_on(&self.queues[queue], "fetch").arg(request)
    }

    async fn status(&self) -> Value {
        let socket = self.configured.path("run/admin.sock").display().to_string();
        let run = Isolet::with(["status", "--output", "json"]).env("ISOLET_ADMIN_SOCKET", socket).run().await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// How often it came to a limit of its own.
    async fn limited(&self, limit: &str) -> u64 {
        let status = self.status().await;
        let limited = status["tenants"][0]["limited"].as_array().unwrap().iter().find(|each| each["limit"] == limit);
        limited.map_or(0, |each| each["count"].as_u64().unwrap())
    }
}

#[tokio::test]
async fn a_tenant_s_requests_share_a_limit() {
    let tenant =
        Tenant::start("http-requests = 1", "grants.http = [\"SERVER\"]\nlimits.http-connect-timeout = \"500ms\"").await;
    let holding = tenant.fetch(0, "GET", "/drip").start().await;
    tenant.http.asked(1).await;
    let beyond = tenant.fetch(1, "GET", "/hello").run().await.to_string();
    assert!(beyond.contains("1 requests of the tenant are in flight, its limit `http-requests`"), "{beyond}");
    holding.standalone().terminate().await;
    tenant.http.connections(0).await;
    assert_eq!(tenant.fetch(1, "GET", "/hello").run().await.json::<Value>()["status"], 200);
    assert!(tenant.limited("http-requests").await > 0);
    tenant.worker.stop().await;
}

#[tokio::test]
async fn a_tenant_s_bytes_pass_at_a_pace() {
    let limits = "ingress-bytes-per-second = \"64KiB\", egress-bytes-per-second = \"1KiB\"";
    let tenant = Tenant::start(limits, "grants.http = [\"SERVER\"]").await;
    let answers = join_all([0, 1].map(|queue| tenant.fetch(queue, "GET", "/size/80000").run())).await;
    assert!(answers.iter().all(|answer| answer.json::<Value>()["size"] == 80_000));
    assert!(tenant.limited("ingress-bytes-per-second").await > 0);
    let long = format!("/hello/{}", "x".repeat(1_500));
    assert_eq!(tenant.fetch(0, "GET", &long).run().await.json::<Value>()["status"], 200);
    assert!(tenant.limited("egress-bytes-per-second").await > 0);
    tenant.worker.stop().await;
}

#[tokio::test]
async fn what_a_tenant_only_counts_goes_on() {
    let limits = "http-requests = 1, ingress-bytes-per-second = \"1KiB\", mode = \"count\"";
    let tenant = Tenant::start(limits, "grants.http = [\"SERVER\"]").await;
    let holding = tenant.fetch(0, "GET", "/silent").start().await;
    tenant.http.asked(1).await;
    assert_eq!(tenant.fetch(1, "GET", "/size/500000").run().await.json::<Value>()["size"], 500_000);
    assert!(tenant.limited("http-requests").await > 0);
    assert!(tenant.limited("ingress-bytes-per-second").await > 0);
    holding.standalone().terminate().await;
    tenant.worker.stop().await;
}

#[tokio::test]
async fn what_a_component_s_grants_and_limits_only_count_goes_on() {
    let grant = "grants.http = [{ url = \"SERVER\", methods = [\"GET\"] }]";
    let keys = format!(
        "{grant}\ngrants.mode = \"count\"\nlimits = {{ mode = \"count\", http-requests = 1, http-connect-timeout = \"500ms\" }}"
    );
    let tenant = Tenant::start("", &keys).await;
    let told = tenant.fetch(0, "POST", "/hello").run().await.json::<Value>();
    assert_eq!(told["status"], 200);
    // Where nothing is granted of a server, it must be a public one.
    let private = json!({"url": "http://127.0.0.1:1/"});
    let refused = tenant.worker.standalone_on(&tenant.queues[0], "fetch").arg(private).run().await.to_string();
    assert!(refused.contains("does not cover http://127.0.0.1:1"), "{refused}");
    // Whether there is a way to one is not for this test to say; it is tried, at whatever port.
    let public = json!({"url": "http://93.184.216.34:81/"});
    let tried = tenant.worker.standalone_on(&tenant.queues[0], "fetch").arg(public).run().await.to_string();
    assert!(!tried.contains("does not cover"), "{tried}");
    let hello = json!({"url": format!("{}/hello", tenant.http.origin("localhost"))});
    let two = json!([[hello, hello]]);
    let both = tenant.worker.standalone_on(&tenant.queues[0], "fetch_all").args(&two).run().await.json::<Vec<Value>>();
    assert!(both.iter().all(|each| each["Ok"]["status"] == 200), "{both:?}");
    // Neither client nor methods are granted; another namespace is refused in any case.
    let describe = |namespace: Value| {
        let asking = tenant.worker.standalone_on(&tenant.queues[2], "client_describe");
        asking.args(&json!(["nobody", namespace])).run()
    };
    expect![[r#"completed: "not found""#]].assert_eq(&describe(Value::Null).await.to_string());
    expect![[r#"completed: "not granted: the grant `client` does not cover namespace \"other\": add it to namespaces in [tenants.workers.components.grants.client]""#]].assert_eq(&describe(json!("other")).await.to_string());
    let status = tenant.status().await;
    let counted: Vec<_> = status["would_refuse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| {
            format!("{} {} {}", each["component"].as_str().unwrap(), each["what"].as_str().unwrap(), each["count"])
        })
        .collect();
    expect![[r#"
        conformance grants.client 3
        fetcher grants.http 2
        fetcher limits.http-requests 1"#]]
    .assert_eq(&counted.join("\n"));
    let exported = metrics::scrape(&tenant.worker).await;
    assert!(exported.contains("isolet_would_refuse") && exported.contains("what=\"grants.http\""), "{exported}");
    let lines = tenant.worker.events_named("log");
    let told: Vec<_> = lines.iter().filter(|line| line["logger"] == "isolet.mode").collect();
    let words = told.first().map(|line| line["message"].as_str().unwrap().to_owned()).unwrap_or_default();
    expect![[r#"`grants.http` would not let this be, and only counts it, as its mode says: the component's grant `http` does not cover POST http://localhost:PORT/hello: add { url = "http://localhost:PORT/hello", methods = ["POST"] } to it"#]].assert_eq(&words.replace(&tenant.http.port().to_string(), "PORT"));
    tenant.worker.stop().await;
}
