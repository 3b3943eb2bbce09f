//! What is kept of registries, while they are there and while they are not.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::{Machine, digest, file_in};
use crate::support::registry::Registry;

#[tokio::test]
async fn what_is_kept_serves_while_its_registry_is_away_and_a_tag_stands_for_what_it_last_stood_for() {
    let (registry, machine) = (Registry::start().await, Machine::new());
    let pinned = machine.push(&registry, "conformance", "acme/greeter:1").await;
    let tag = registry.reference("acme/greeter:1");
    assert_eq!(machine.greet(&registry, &tag).await.stdout, "\"Hello, Ada!\"");
    let (address, unseen) = (registry.address().to_owned(), registry.reference("acme/greeter:2"));
    let stopped = registry.stop().await;

    let greet =
        async |reference: &str| machine.run(&["run", "--plain-http", &address, reference, "greet", "\"Ada\""]).await;
    assert_eq!(greet(&pinned).await.stdout, "\"Hello, Ada!\"");
    let run = greet(&tag).await;
    assert_eq!(run.stdout, "\"Hello, Ada!\"");
    assert!(run.stderr.contains("stands for what it last stood for"), "{}", run.stderr);
    let run = greet(&unseen).await;
    assert!(run.code == Some(3) && run.stderr.contains("can't be reached"), "{}", run.stderr);

    let registry = stopped.start().await;
    machine.push(&registry, "dynamic", "acme/greeter:1").await;
    assert_eq!(greet(&tag).await.stdout, "\"greet with 1 arguments\"", "the tag stands for something else now");
    assert_eq!(greet(&pinned).await.stdout, "\"Hello, Ada!\"", "and the digest does not");
}

#[tokio::test]
async fn what_was_changed_on_disk_is_pulled_again_and_never_run() {
    let (registry, machine) = (Registry::start().await, Machine::new());
    let pinned = machine.push(&registry, "conformance", "acme/greeter:1").await;
    assert_eq!(machine.greet(&registry, &pinned).await.stdout, "\"Hello, Ada!\"");
    let store = machine.0.path().join("cache/registry");
    let change = || {
        let file = file_in(&store.join("components"), ".wasm");
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, bytes).unwrap();
    };
    change();
    let run = machine.greet(&registry, &pinned).await;
    assert_eq!(run.stdout, "\"Hello, Ada!\"", "{}", run.stderr);
    assert!(run.stderr.contains("was changed by someone: it is pulled again"), "{}", run.stderr);

    change();
    let address = registry.address().to_owned();
    registry.stop().await;
    let run = machine.run(&["run", "--plain-http", &address, &pinned, "greet", "\"Ada\""]).await;
    assert!(run.code == Some(3) && run.stderr.contains("can't be reached"), "{}", run.stderr);

    let manifest = store.join("manifests").join(digest(&pinned).strip_prefix("sha256:").unwrap());
    fs::write(manifest, "{}").unwrap();
    let run = machine.run(&["run", "--plain-http", &address, &pinned, "greet", "\"Ada\""]).await;
    assert!(run.code == Some(3) && run.stderr.contains("can't be reached"), "{}", run.stderr);
}
