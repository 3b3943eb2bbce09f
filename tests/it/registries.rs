//! Components in registries: a real one, and some that answer as none should.

mod false_ones;

mod kept;

mod others;

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    DevServer, Isolet, Worker, component,
    isolet::Run,
    registry::{ANN, Registry},
    tls::Authority,
};

/// A machine of its own: what it keeps, and what it knows of registries.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// The program on it.
    fn isolet(&self, arguments: &[&str]) -> Isolet {
        let folder = self.0.path();
        let isolet =
            Isolet::with(arguments).env("HOME", folder.display()).env("ISOLET_CACHE", folder.join("cache").display());
        isolet.env("DOCKER_CONFIG", folder.display())
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        self.isolet(arguments).run().await
    }

    /// Pushes a component of the tests, and tells the reference with its digest.
    async fn push(&self, registry: &Registry, name: &str, rest: &str) -> String {
        let (file, reference) = (component(name).display().to_string(), registry.reference(rest));
        let pushed =
            self.run(&["push", "--plain-http", registry.address(), "--output", "json", &file, &reference]).await;
        assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
        let told: Value = serde_json::from_str(&pushed.stdout).unwrap();
        told["pinned"].as_str().unwrap().to_owned()
    }

    /// Runs an activity of what a registry without TLS has.
    async fn greet(&self, registry: &Registry, reference: &str) -> Run {
        self.run(&["run", "--plain-http", registry.address(), reference, "greet", "\"Ada\""]).await
    }

    /// Logs in as Ann, as Docker would.
    fn log_in(&self, registry: &str) {
        let config = json!({ "auths": { registry: { "auth": ANN } } });
        fs::write(self.0.path().join("config.json"), config.to_string()).unwrap();
    }
}

#[tokio::test]
async fn a_component_that_was_pushed_is_run_inspected_and_pulled_by_tag_and_digest() {
    let (registry, machine) = (Registry::start().await, Machine::new());
    let pinned = machine.push(&registry, "conformance", "acme/greeter:1.0").await;
    let tag = registry.reference("acme/greeter:1.0");
    assert!(pinned.starts_with(&format!("{tag}@sha256:")), "{pinned}");
    assert_eq!(machine.push(&registry, "conformance", "acme/greeter:1.0").await, pinned, "it is the same once more");

    let other = Machine::new();
    for reference in [&tag, &pinned, &format!("{}@{}", registry.reference("acme/greeter"), digest(&pinned))] {
        let run = other.greet(&registry, reference).await;
        assert_eq!(run.stdout, "\"Hello, Ada!\"", "{}", run.stderr);
    }
    let file = other.0.path().join("pulled.wasm");
    let output = file.display().to_string();
    let pulled = other.run(&["pull", "--plain-http", registry.address(), "-o", &output, &tag]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(pulled.stderr.contains(&pinned), "{}", pulled.stderr);
    assert!(fs::read(&file).unwrap() == fs::read(component("conformance")).unwrap());
    let inspected = other.run(&["inspect", "--plain-http", registry.address(), "--output", "json", &tag]).await;
    let inspected: Value = serde_json::from_str(&inspected.stdout).unwrap();
    let own = machine.run(&["inspect", "--output", "json", &component("conformance").display().to_string()]).await;
    let own: Value = serde_json::from_str(&own.stdout).unwrap();
    assert_eq!((&inspected["digest"], &inspected["activities"]), (&own["digest"], &own["activities"]));
}

#[tokio::test]
async fn a_worker_serves_what_a_tag_stands_for_and_tells_its_digest() {
    let (server, registry, machine) = (DevServer::start().await, Registry::start().await, Machine::new());
    machine.push(&registry, "dynamic", "acme/greeter:1").await;
    let pinned = machine.push(&registry, "conformance", "acme/greeter:1").await;
    let config = machine.0.path().join("isolet.toml");
    let text = format!(
        "[registry]\nplain-http = [\"{}\"]\n[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\n\
         task-queue = \"tagged-{}\"\n[[tenants.workers.components]]\npath = \"{}\"\n",
        registry.address(),
        registry.address(),
        registry.reference("acme/greeter:1"),
    );
    fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let arguments = ["worker", "--output", "json", "--address", &server.address(), "--config", &config];
    let worker = Worker::start(
        machine.isolet(&arguments).env("ISOLET_LOG", "warn,isolet=info"),
        &format!("tagged-{}", registry.address()),
    )
    .await;
    let outcome = worker.standalone("greet").arg("Ada").run().await;
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&outcome.to_string());
    worker.stop().await;
    let said = worker.exit().await.stderr;
    assert!(said.contains(&pinned), "{said}");
}

#[tokio::test]
async fn credentials_are_those_of_docker() {
    let (registry, machine) = (Registry::start_with_password().await, Machine::new());
    let file = component("conformance").display().to_string();
    let reference = registry.reference("private/greeter:1");
    let push = ["push", "--plain-http", registry.address(), &file, &reference];
    let refused = machine.run(&push).await;
    let refusal = refused.refusal().replace(registry.address(), "REGISTRY");
    expect![[r#"
        exit code 3
        error: failed to push oci://REGISTRY/private/greeter:1: the registry refuses (401 Unauthorized)
          cure: log in to it as with `docker login`, or name a file with credentials with registry.credentials
    "#]]
    .assert_eq(&refusal);
    machine.log_in(registry.address());
    let pushed = machine.run(&push).await;
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    assert_eq!(machine.greet(&registry, &reference).await.stdout, "\"Hello, Ada!\"");

    let helped = Machine::new();
    let helper = helped.0.path().join("docker-credential-tests");
    fs::write(&helper, "#!/bin/sh\nread -r _\necho '{\"Username\":\"ann\",\"Secret\":\"secret\"}'\n").unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o700)).unwrap();
    let config = json!({ "credHelpers": { registry.address(): "tests" } });
    fs::write(helped.0.path().join("config.json"), config.to_string()).unwrap();
    let path = format!("{}:{}", helped.0.path().display(), std::env::var("PATH").unwrap());
    let pull = ["pull", "--plain-http", registry.address(), &reference];
    let pulled = helped.isolet(&pull).env("PATH", path).run().await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
}

#[tokio::test]
async fn a_registry_has_tls_unless_it_is_said_otherwise_and_certificates_that_are_known() {
    let authority = Authority::new();
    let (registry, machine) = (Registry::start_tls(&authority).await, Machine::new());
    let (file, reference) = (component("conformance").display().to_string(), registry.reference("acme/greeter:1"));
    let unknown = machine.run(&["push", &file, &reference]).await;
    assert_eq!(unknown.code, Some(3));
    assert!(unknown.stderr.contains("can't be reached") && unknown.stderr.contains("--ca-file"), "{}", unknown.stderr);
    assert!(!unknown.stderr.contains("ERROR"), "it is told once: {}", unknown.stderr);
    let ca = machine.0.path().join("ca.pem");
    fs::write(&ca, authority.pem()).unwrap();
    let ca = ca.display().to_string();
    let pushed = machine.run(&["push", "--ca-file", &ca, &file, &reference]).await;
    assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    let run = machine.run(&["run", "--ca-file", &ca, &reference, "greet", "\"Ada\""]).await;
    assert_eq!(run.stdout, "\"Hello, Ada!\"", "{}", run.stderr);

    let plain = Registry::start().await;
    let without = machine.run(&["pull", &plain.reference("acme/greeter:1")]).await;
    assert_eq!(without.code, Some(3));
    assert!(without.stderr.contains("it answers without TLS"), "{}", without.stderr);
    assert!(without.stderr.contains("--plain-http"), "{}", without.stderr);
}

#[tokio::test]
async fn layouts_of_others_are_pulled_and_what_is_no_component_is_not() {
    let (registry, machine) = (Registry::start().await, Machine::new());
    machine.push(&registry, "conformance", "acme/greeter:1").await;
    let (bytes, folder) = (fs::read(component("conformance")).unwrap(), "/v2/acme/greeter/manifests/");
    let layer = |media_type: &str| json!({ "mediaType": media_type, "digest": sha256(&bytes), "size": bytes.len() });
    let empty = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2 });
    put_blob(&registry, b"{}");
    let manifest = |config: &Value, layers: &[Value]| {
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let mut manifest = json!({ "schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers });
        manifest["artifactType"] = json!("application/vnd.unknown.artifact.v1");
        (media_type, manifest.to_string())
    };
    let wasm = layer("application/wasm");
    let index = "application/vnd.oci.image.index.v1+json";
    let cases = [
        ("oras", manifest(&empty, std::slice::from_ref(&wasm)), None),
        ("older", manifest(&empty, &[layer("application/vnd.wasm.content.layer.v1+wasm")]), None),
        ("two", manifest(&empty, &[wasm.clone(), wasm]), Some("it has 2 layers")),
        ("tar", manifest(&empty, &[layer("application/vnd.oci.image.layer.v1.tar")]), Some("no component")),
        (
            "index",
            (index, json!({ "schemaVersion": 2, "mediaType": index, "manifests": [] }).to_string()),
            Some("list of artefacts"),
        ),
    ];
    for (tag, (media_type, body), refused) in cases {
        let answer = registry.put(&format!("{folder}{tag}"), media_type, body.as_bytes());
        assert!(answer.contains("201 Created"), "{tag}: {answer}");
        let run = machine.greet(&registry, &registry.reference(&format!("acme/greeter:{tag}"))).await;
        match refused {
            None => assert_eq!(run.stdout, "\"Hello, Ada!\"", "{tag}: {}", run.stderr),
            Some(why) => assert!(run.code == Some(3) && run.stderr.contains(why), "{tag}: {}", run.stderr),
        }
    }
}

/// Puts content into the repository of the tests.
fn put_blob(registry: &Registry, content: &[u8]) {
    let begun = registry.post("/v2/acme/greeter/blobs/uploads/");
    let location = begun.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap();
    let path = location.trim_end().split_once(registry.address()).map_or(location, |(_, path)| path);
    let path = format!("{}&digest={}", path.trim_end(), sha256(content));
    let answer = registry.put(&path, "application/octet-stream", content);
    assert!(answer.contains("201 Created"), "{answer}");
}

fn digest(pinned: &str) -> &str {
    pinned.split_once('@').unwrap().1
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{:x}", <sha2::Sha256 as sha2::Digest>::digest(bytes))
}

/// The only file of a folder whose name ends so.
fn file_in(folder: &Path, ending: &str) -> std::path::PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.to_string_lossy().ends_with(ending));
    files.next().unwrap_or_else(|| panic!("there is no {ending} in {}", folder.display()))
}
