//! Who must have signed what comes from a registry, in the program as a whole.

mod sigstore_js;

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::KeyPair;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    supervisor::{Configured, Queue},
    support::{Isolet, Worker, component, isolet::Run, registry::Registry},
};

/// A machine of its own: with keys, with a configuration, and with what it keeps.
struct Machine {
    folder: TempDir,
    registry: String,
}

impl Machine {
    fn new(registry: &Registry) -> Self {
        let machine = Self { folder: TempDir::new().unwrap(), registry: registry.address().to_owned() };
        machine.configure("");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes what the configuration says beside where the registry is.
    fn configure(&self, text: &str) {
        let config = format!("[registry]\nplain-http = [\"{}\"]\ntimeout = \"5s\"\n{text}", self.registry);
        fs::write(self.path("isolet.toml"), config).unwrap();
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        let (home, cache) = (self.folder.path().display(), self.path("cache").display().to_string());
        Isolet::with(arguments).env("HOME", home).env("ISOLET_CACHE", cache).within(self.folder.path()).run().await
    }

    /// Runs it, and tells what it said if it ended with this code.
    async fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let run = self.run(arguments).await;
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, Some(code), "{arguments:?}: {said}");
        said
    }

    /// Pushes a component of the tests, with these options.
    async fn push(&self, name: &str, reference: &str, options: &[&str]) {
        let file = component(name).display().to_string();
        self.ends(0, &[&["push", &file, reference], options].concat()).await;
    }
}

/// Makes a pair of keys.
fn make_key(folder: &Path, name: &str) {
    let key = KeyPair::generate().unwrap();
    fs::write(folder.join(name).with_extension("pem"), key.serialize_pem()).unwrap();
    fs::write(folder.join(name).with_extension("pub"), key.public_key_pem()).unwrap();
}

#[tokio::test]
async fn what_is_signed_is_taken_and_what_is_not_is_refused() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    make_key(machine.folder.path(), "other");
    let reference = registry.reference("acme/greeter:1");
    machine.push("conformance", &reference, &[]).await;
    let said = machine.ends(3, &["verify", "--key", "acme.pub", &reference]).await;
    assert!(said.contains("nothing that is signed is attached to it") && said.contains("isolet push --sign"), "{said}");

    let options = ["--sign", "acme.pem", "--as-version", "7", "--expires-in", "1h"];
    machine.push("conformance", &reference, &options).await;
    let said = machine.ends(0, &["verify", "--key", "acme.pub", &reference]).await;
    assert!(said.contains("signed by key acme.pub as version 7, until 20"), "{said}");
    let said = machine.ends(3, &["verify", "--key", "other.pub", &reference]).await;
    assert!(said.contains("another key has signed it"), "{said}");
    let said = machine.ends(2, &["verify", &reference]).await;
    assert!(said.contains("nobody is said to be trusted"), "{said}");

    machine.configure("[[trust]]\nscope = \"*\"\nkey = \"other.pub\"\n");
    assert!(machine.ends(3, &["pull", &reference]).await.contains("another key has signed it"));
    assert!(!machine.path("cache/registry/components").join("x").exists());
    machine.configure(&format!("[[trust]]\nscope = \"{}/acme\"\nkey = \"acme.pub\"\n", registry.address()));
    machine.ends(0, &["pull", &reference]).await;
    let inspected = machine.ends(0, &["inspect", "--plain-http", registry.address(), &reference]).await;
    assert!(inspected.contains("attached    https://sigstore.dev/cosign/sign/v1"), "{inspected}");
}

#[tokio::test]
async fn an_old_version_that_is_well_signed_does_not_come_back_under_the_tag() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    machine.configure("[[trust]]\nscope = \"*\"\nkey = \"acme.pub\"\n");
    let reference = registry.reference("acme/greeter:stable");
    machine.push("dynamic", &reference, &["--sign", "acme.pem", "--as-version", "6"]).await;
    let old = machine.ends(0, &["pull", "--output", "json", &reference]).await;
    let old: serde_json::Value = serde_json::from_str(&old).unwrap();
    machine.push("conformance", &reference, &["--sign", "acme.pem", "--as-version", "7"]).await;
    machine.ends(0, &["pull", &reference]).await;
    // As somebody would who may write to the registry, and has no key.
    machine.push("dynamic", &reference, &[]).await;
    let said = machine.ends(3, &["pull", &reference]).await;
    assert!(said.contains("signed as version 6, and 7 is the least") && said.contains("pin its digest"), "{said}");
    machine.ends(0, &["pull", old["pinned"].as_str().unwrap()]).await;
}

#[tokio::test]
async fn signatures_that_are_kept_count_while_the_registry_is_away() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    make_key(machine.folder.path(), "other");
    machine.configure("[[trust]]\nscope = \"*\"\nkey = \"acme.pub\"\n");
    let reference = registry.reference("acme/greeter:1");
    machine.push("conformance", &reference, &["--sign", "acme.pem"]).await;
    machine.ends(0, &["pull", &reference]).await;
    registry.stop().await;
    machine.ends(0, &["pull", &reference]).await;
    machine.configure("[[trust]]\nscope = \"*\"\nkey = \"other.pub\"\n");
    assert!(machine.ends(3, &["pull", &reference]).await.contains("another key has signed it"));
}

/// To find out what would be refused must cost nobody anything.
#[tokio::test]
async fn what_is_only_counted_is_taken_while_the_registry_is_away() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    let reference = registry.reference("acme/greeter:1");
    machine.push("greeter", &reference, &[]).await;
    let known = machine.ends(0, &["pull", "--output", "json", &reference]).await;
    let known: serde_json::Value = serde_json::from_str(&known).unwrap();
    let pinned = known["pinned"].as_str().unwrap();
    registry.stop().await;
    let rule = "[[trust]]\nscope = \"*\"\nkey = \"acme.pub\"\n";
    machine.configure(&format!("{rule}level = \"count\"\n"));
    for reference in [&reference, pinned] {
        let run = machine.run(&["pull", reference]).await;
        assert!(run.code == Some(0) && run.stderr.contains("which is only counted"), "{}", run.stderr);
    }
    machine.configure(rule);
    assert!(machine.ends(3, &["pull", pinned]).await.contains("can't be reached"));
}

#[tokio::test]
async fn every_command_asks_who_has_signed_and_none_pushes_what_it_can_t_sign() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    let reference = registry.reference("acme/greeter:1");
    let file = component("greeter").display().to_string();
    fs::write(machine.path("none.pem"), "no key").unwrap();
    machine.ends(2, &["push", &file, &reference, "--sign", "none.pem"]).await;
    machine.ends(2, &["push", &file, &reference, "--sign", "acme.pem", "--expires-in", "0s"]).await;
    assert!(machine.ends(3, &["pull", &reference]).await.contains("no such artefact"));
    machine.push("greeter", &reference, &[]).await;
    machine.configure("[[trust]]\nscope = \"*\"\nkey = \"acme.pub\"\n");
    let commands = [&["run", &reference, "greet", "\"Ada\""][..], &["inspect", &reference], &["compile", &reference]];
    for command in commands {
        assert!(machine.ends(3, command).await.contains("nothing that is signed is attached to it"), "{command:?}");
    }
    machine.push("greeter", &reference, &["--sign", "acme.pem"]).await;
    machine.ends(0, commands[0]).await;
}

#[tokio::test]
async fn a_tenant_s_wish_counts_beside_the_operator_s() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    let reference = registry.reference("acme/greeter:1");
    machine.push("conformance", &reference, &["--sign", "acme.pem", "--expires-in", "1s"]).await;
    let serve = |trust: &str, tenant: &str| {
        machine.configure(&format!(
            "{trust}[[tenants]]\nname = \"acme\"\n{tenant}[[tenants.workers]]\ntask-queue = \"q\"\n\
             [[tenants.workers.components]]\npath = \"{reference}\"\n"
        ));
        machine.run(&["worker", "--address", "127.0.0.1:1"])
    };
    let wish = "[[tenants.trust]]\nscope = \"*\"\nkey = \"acme.pub\"\n";
    let mut run = serve("", wish).await;
    // There is no server, which it finds out once the component is taken.
    while run.code == Some(4) {
        run = serve("", wish).await;
    }
    assert!(run.code == Some(3) && run.stderr.contains("what was signed expired at"), "{}", run.stderr);
    let run = serve("[[trust]]\nscope = \"registry.example.com\"\nkey = \"acme.pub\"\n", "").await;
    assert!(run.code == Some(3) && run.stderr.contains("no rule is for it"), "{}", run.stderr);
    // It goes on to the server, which is none.
    let run = serve("[[trust]]\nscope = \"*\"\nkey = \"acme.pub\"\nlevel = \"count\"\n", "").await;
    assert!(run.code == Some(4) && run.stderr.contains("which is only counted"), "{}", run.stderr);
}

#[tokio::test]
async fn whom_the_operator_trusts_changes_while_a_worker_runs() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    make_key(machine.folder.path(), "acme");
    make_key(machine.folder.path(), "other");
    let reference = registry.reference("acme/greeter:1");
    machine.push("conformance", &reference, &["--sign", "acme.pem"]).await;
    let mut configured = Configured::new().await;
    let queue = Queue::new("trusting").component(reference.as_ref());
    configured.connection += &format!("\n[registry]\nplain-http = [{:?}]", registry.address());
    let without = configured.connection.clone();
    let trust = |configured: &mut Configured, key: &str| {
        let key = machine.path(key);
        configured.connection = format!("{without}\n[[trust]]\nscope = \"*\"\nkey = {key:?}\n");
        configured.configure(&[&queue]);
    };
    trust(&mut configured, "acme.pub");
    let worker = Worker::start(configured.isolet(), &queue.name).await;
    trust(&mut configured, "other.pub");
    let told = worker.nth(1, "reconfigured").await;
    assert_eq!((&told["at_once"], &told["at_next_start"]), (&json!(["trust"]), &json!([])));
    let told = worker.nth(1, "reload-failed").await;
    assert!(told["message"].as_str().unwrap().contains("another key has signed it"), "{told}");
    // What was taken goes on.
    worker.greets_on(&queue.name).await;
    worker.stop().await;
}

#[tokio::test]
async fn other_things_are_attached_and_shown() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    fs::write(machine.path("sbom.json"), "{}").unwrap();
    let reference = registry.reference("acme/greeter:1");
    machine.push("conformance", &reference, &["--attach", "application/spdx+json=sbom.json"]).await;
    let inspect = ["inspect", "--plain-http", registry.address(), "--output", "json", &reference];
    let document: serde_json::Value = serde_json::from_str(&machine.run(&inspect).await.stdout).unwrap();
    assert_eq!(document["attached"][0]["type"], "application/spdx+json");
    assert_eq!(document["attached"][0]["size"], 2);
    assert!(document["pinned"].as_str().unwrap().starts_with(&format!("{reference}@sha256:")), "{document}");
}
