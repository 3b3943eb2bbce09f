//! Bundles of Sigstore's own libraries for JavaScript: those take what Isolet signs, and Isolet takes what they sign.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use super::{Machine, make_key};
use crate::support::{component, registry::Registry, repository, tool::npm_packages};

/// Cosign's statement that something is signed.
const SIGNED: &str = "https://sigstore.dev/cosign/sign/v1";

/// The media type of a bundle.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// Has the libraries do something, and tells what they complain about.
fn ask(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("node")
        .arg(repository("tests/it/signatures/sigstore-js/bundles.js"))
        .args(arguments)
        .current_dir(folder)
        .env("NODE_PATH", npm_packages("sigstore-js"))
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8(output.stderr).unwrap()) }
}

/// The first bundle that is attached to a manifest, as the registry has it.
fn attached(registry: &Registry, repository: &str, digest: &str) -> String {
    let get = |path: &str, media_type: &str| registry.get(&format!("/v2/{repository}/{path}"), media_type);
    let index = "application/vnd.oci.image.index.v1+json";
    let list: Value = serde_json::from_str(&get(&format!("manifests/{}", digest.replace(':', "-")), index)).unwrap();
    let first = list["manifests"][0]["digest"].as_str().unwrap();
    let manifest = get(&format!("manifests/{first}"), "application/vnd.oci.image.manifest.v1+json");
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    get(&format!("blobs/{}", manifest["layers"][0]["digest"].as_str().unwrap()), "*/*")
}

#[tokio::test]
async fn sigstore_s_own_libraries_take_what_is_signed_and_make_what_is_taken() {
    let registry = Registry::start().await;
    let machine = Machine::new(&registry);
    let folder = machine.folder.path();
    make_key(folder, "acme");
    make_key(folder, "other");
    let reference = registry.reference("acme/greeter:1");
    let file = component("conformance").display().to_string();
    let pushed = ["push", &file, &reference, "--output", "json"];
    let said = machine.ends(0, &[&pushed[..], &["--sign", "acme.pem", "--as-version", "7"]].concat()).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    let digest = said["manifest"].as_str().unwrap();
    std::fs::write(machine.path("ours.json"), attached(&registry, "acme/greeter", digest)).unwrap();
    assert_eq!(ask(folder, &["verify", "acme.pub", "ours.json"]), Ok(()));
    let refused = ask(folder, &["verify", "other.pub", "ours.json"]).unwrap_err();
    assert!(refused.contains("signature verification failed"), "{refused}");

    let subject = json!({ "name": "greeter", "digest": { "sha256": digest.trim_start_matches("sha256:") } });
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": [subject], "predicateType": SIGNED, "predicate": {},
    });
    std::fs::write(machine.path("statement.json"), statement.to_string()).unwrap();
    assert_eq!(ask(folder, &["sign", "other.pem", "statement.json", "theirs.json"]), Ok(()));
    let refused = machine.ends(3, &["verify", "--key", "other.pub", &reference]).await;
    assert!(refused.contains("another key has signed it"), "{refused}");
    machine.ends(0, &["push", &file, &reference, "--attach", &format!("{BUNDLE}=theirs.json")]).await;
    let taken = machine.ends(0, &["verify", "--key", "other.pub", &reference]).await;
    assert!(taken.contains("signed by key other.pub"), "{taken}");
}
