//! Registries that answer slowly, wrongly, without end or not at all.

use serde_json::json;

use super::{Machine, sha256};
use crate::support::{
    DevServer, Worker,
    call::unique,
    component,
    false_registry::{self, Said},
    registry::ANN,
};

/// A manifest of a component with this digest and size.
fn manifest(digest: &str, size: u64) -> String {
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let config = json!({ "mediaType": "application/vnd.wasm.config.v0+json", "digest": sha256(b"{}"), "size": 2 });
    let layer = json!({ "mediaType": "application/wasm", "digest": digest, "size": size });
    json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer] }).to_string()
}

/// What is told of pulling from a registry that answers so to each method and path.
async fn pull(tag: &str, answer: impl Fn(&str) -> Said + Send + Sync + 'static) -> String {
    pull_beside(&[], tag, answer).await
}

/// The same, with other servers that may be asked without TLS.
async fn pull_beside(others: &[&str], tag: &str, answer: impl Fn(&str) -> Said + Send + Sync + 'static) -> String {
    let machine = Machine::new();
    let address = false_registry::start(answer);
    let plain: Vec<_> = others.iter().copied().chain([address.as_str()]).collect();
    let config = format!("[registry]\nplain-http = {plain:?}\ntimeout = \"1s\"\npull-time = \"3s\"\n");
    std::fs::write(machine.0.path().join("isolet.toml"), config).unwrap();
    let reference = format!("oci://{address}/acme/greeter{tag}");
    let run = machine.isolet(&["pull", &reference]).within(machine.0.path()).run().await;
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.lines().all(|line| line.len() < 2_000), "{}", run.stderr);
    run.stderr.replace(&address, "REGISTRY")
}

async fn check(why: &str, answer: impl Fn(&str) -> Said + Send + Sync + 'static) {
    let told = pull(":1", answer).await;
    assert!(told.contains("error: failed to pull oci://REGISTRY/acme/greeter:1"), "{told}");
    assert!(told.contains(why), "{why}: {told}");
}

#[tokio::test]
async fn a_manifest_that_can_t_be_one_is_refused_with_what_and_why() {
    check("did not answer within 1s", |_| Said::Nothing).await;
    check("more than the 1048576 bytes", |_| Said::Endless).await;
    check("connection broke", |_| Said::Half).await;
    check("no JSON", |_| Said::ok("<html>hello</html>")).await;
    check("no JSON", |_| Said::ok("[".repeat(1 << 20))).await;
    check("503 Service Unavailable", |_| Said::Whole("503 Service Unavailable", String::new(), Vec::new())).await;
    check("no such artefact", |_| Said::Whole("404 Not Found", String::new(), b"<html>".to_vec())).await;
    check("418 I'm a teapot", |_| Said::Whole("418 I'm a teapot", String::new(), vec![b'x'; 1 << 20])).await;
    let other = format!("docker-content-digest: {}\r\n", sha256(b"other"));
    check("was asked for", move |_| Said::Whole("200 OK", other.clone(), manifest(&sha256(b"abc"), 3).into())).await;
    let layers = vec![json!({ "mediaType": "application/wasm", "digest": sha256(b""), "size": 0 }); 2_000];
    let many = json!({ "schemaVersion": 2, "config": layers[0], "layers": layers }).to_string();
    check("it has 2000 layers", move |_| Said::ok(many.clone())).await;
}

#[tokio::test]
async fn a_registry_that_sends_us_around_is_left() {
    check("more than 5 times", |request| Said::elsewhere(&format!("{}x", request.split_once(' ').unwrap().1))).await;
    check("no TLS", |_| Said::elsewhere("ftp://127.0.0.1/")).await;
    let tokens = false_registry::start(|_| Said::ok("{}"));
    let challenge = format!("www-authenticate: Bearer realm=\"http://{tokens}/token\"\r\n");
    let answer = move |_: &str| Said::Whole("401 Unauthorized", challenge.clone(), Vec::new());
    let told = pull_beside(&[&tokens], ":1", answer.clone()).await;
    assert!(told.contains("has no token"), "{told}");
    // That the registry may be asked without TLS says nothing of other servers.
    check("hands out tokens without TLS", answer).await;
    let inside = false_registry::start(|_| Said::ok("secret"));
    check("no TLS", move |_| Said::elsewhere(&format!("http://{inside}/"))).await;
    check("no TLS", |_| Said::elsewhere("http://169.254.169.254/latest/meta-data")).await;
}

#[tokio::test]
async fn a_token_is_asked_for_where_the_registry_says_and_told_to_nobody_else() {
    let content = false_registry::start(|request| match request.contains("Bearer") || request.contains("Basic") {
        true => Said::Whole("400 Bad Request", String::new(), Vec::new()),
        false => Said::ok("abc"),
    });
    let tokens = false_registry::start(|request| {
        let asked = ["service=tests", "scope=repository%3Aacme%2Fgreeter%3Apull", &format!("Basic {ANN}")];
        match asked.iter().all(|part| request.contains(part)) {
            true => Said::ok("{\"token\":\"t1\"}"),
            false => Said::Whole("401 Unauthorized", String::new(), Vec::new()),
        }
    });
    let others = format!("[registry]\nplain-http = [\"{tokens}\", \"{content}\"]\n");
    let challenge = format!("www-authenticate: Bearer realm=\"http://{tokens}/token\",service=\"tests\"\r\n");
    let registry = false_registry::start(move |request| match request.split_once(" Bearer t1") {
        None => Said::Whole("401 Unauthorized", challenge.clone(), Vec::new()),
        Some((path, _)) if path.contains("/blobs/") => Said::elsewhere(&format!("http://{content}/abc")),
        Some(_) => Said::ok(manifest(&sha256(b"abc"), 3)),
    });
    let machine = Machine::new();
    std::fs::write(machine.0.path().join("isolet.toml"), others).unwrap();
    let pull = ["pull", "--plain-http", &registry, "-o", "abc.wasm", &format!("oci://{registry}/acme/greeter:1")];
    let refused = machine.isolet(&pull).within(machine.0.path()).run().await;
    assert!(refused.code == Some(3) && refused.stderr.contains("the registry refuses"), "{}", refused.stderr);
    machine.log_in(&registry);
    let pulled = machine.isolet(&pull).within(machine.0.path()).run().await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert_eq!(std::fs::read(machine.0.path().join("abc.wasm")).unwrap(), b"abc");
}

#[tokio::test]
async fn a_component_that_is_not_what_its_manifest_says_is_refused() {
    let serve = |content: Said, digest: String, size: u64| {
        move |request: &str| match request.contains("/blobs/") {
            true => content.clone(),
            false => Said::ok(manifest(&digest, size)),
        }
    };
    let abc = sha256(b"abc");
    check("has digest", serve(Said::ok("abd"), abc.clone(), 3)).await;
    check("sent 2 bytes of 3", serve(Said::ok("ab"), abc.clone(), 3)).await;
    check("sent 4 bytes of 3", serve(Said::ok("abcd"), abc.clone(), 3)).await;
    check("sent more than the 3 bytes", serve(Said::Endless, abc.clone(), 3)).await;
    check("connection broke", serve(Said::Half, abc.clone(), 3)).await;
    check("did not answer within 1s", serve(Said::Nothing, abc.clone(), 3)).await;
    check("536870912 are allowed", serve(Said::Endless, abc.clone(), u64::MAX)).await;
    check("can't be understood", serve(Said::Endless, "sha256:../../../../etc/passwd".to_owned(), 3)).await;
}

#[tokio::test]
async fn a_digest_is_what_was_asked_for_or_nothing() {
    let told = pull(&format!("@{}", sha256(b"other")), |_| Said::ok(manifest(&sha256(b"abc"), 3))).await;
    assert!(told.contains("was asked for") && told.contains("don't use this registry"), "{told}");
}

/// Of two that load at once, both could wait for ever.
#[tokio::test]
async fn a_registry_that_says_nothing_holds_up_no_other_tenant() {
    let (machine, queue) = (Machine::new(), unique("files"));
    let address = false_registry::start(|_| Said::Nothing);
    let server = DevServer::start().await.address();
    let mut config = format!(
        "connection.address = {server:?}\n[registry]\nplain-http = [{address:?}]\ntimeout = \"10m\"\npull-time = \"10m\"\n"
    );
    let of_registry = |name: &str| (name.to_owned(), format!("oci://{address}/acme/{name}:1"));
    let of_file = (queue.clone(), component("greeter").display().to_string());
    for (name, path) in [of_registry("one"), of_registry("two"), of_file] {
        config += &format!(
            "[[tenants]]\nname = {name:?}\n[[tenants.workers]]\ntask-queue = {name:?}\n\
             [[tenants.workers.components]]\npath = {path:?}\n"
        );
    }
    let file = machine.0.path().join("isolet.toml");
    std::fs::write(&file, config).unwrap();
    let isolet = machine.isolet(&["worker", "--output", "json", "--config", &file.display().to_string()]);
    let worker = Worker::start(isolet, &queue).await;
    let greeting = worker.standalone("greet").arg("Ada").run().await;
    assert_eq!(greeting.json::<String>(), "Hello, Ada!");
    let waiting = worker.events_named("queue");
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    for event in waiting {
        assert_eq!(event["status"], "loading");
        assert!(event["reason"].as_str().unwrap().contains("a registry was asked"), "{event}");
    }
    worker.stop().await;
}
