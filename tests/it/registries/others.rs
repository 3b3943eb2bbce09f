//! Programs of others at the same registry: they pull what Isolet pushes, and Isolet runs what they push and copy.

use std::{fs, process::Command};

use tempfile::TempDir;

use super::{Machine, digest, sha256};
use crate::support::{
    component,
    registry::Registry,
    tool::{python_package, tool},
};

/// What ORAS' library is asked for, by a registry, a repository and a tag.
const ORAS: &str = "
import sys, oras.client
command, address, reference, file = sys.argv[1:]
client = oras.client.OrasClient(hostname=address, insecure=True)
if command == 'pull':
    print(client.pull(target=f'{address}/{reference}', outdir=file)[0])
else:
    client.push(target=f'{address}/{reference}', files=[f'{file}:application/wasm'], disable_path_validation=True)
";

fn oras(registry: &Registry, command: &str, reference: &str, file: &str, folder: &TempDir) -> String {
    let mut python = Command::new("python3");
    python.args(["-c", ORAS, command, registry.address(), reference, file]).current_dir(folder.path());
    said(python.env("PYTHONPATH", python_package("oras-0.2.43")).env("PYTHONDONTWRITEBYTECODE", "1"))
}

/// What a command that is successful writes.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text.trim().to_owned()
}

#[tokio::test]
async fn oras_pulls_what_is_pushed_and_pushes_what_is_run() {
    let (registry, machine, folder) = (Registry::start().await, Machine::new(), TempDir::new().unwrap());
    machine.push(&registry, "conformance", "acme/greeter:1").await;
    let bytes = fs::read(component("conformance")).unwrap();
    let pulled = oras(&registry, "pull", "acme/greeter:1", "pulled", &folder);
    assert!(pulled.ends_with("/conformance.wasm"), "{pulled}");
    assert_eq!(sha256(&fs::read(pulled).unwrap()), sha256(&bytes));

    fs::write(folder.path().join("greeter.wasm"), &bytes).unwrap();
    oras(&registry, "push", "acme/by-oras:1", "greeter.wasm", &folder);
    let run = machine.greet(&registry, &registry.reference("acme/by-oras:1")).await;
    assert_eq!(run.stdout, "\"Hello, Ada!\"", "{}", run.stderr);
}

#[tokio::test]
async fn skopeo_copies_what_is_pushed_and_its_digest_stays() {
    let (registry, machine, folder) = (Registry::start().await, Machine::new(), TempDir::new().unwrap());
    let pinned = machine.push(&registry, "conformance", "acme/greeter:1").await;
    fs::write(folder.path().join("policy.json"), r#"{ "default": [{ "type": "insecureAcceptAnything" }] }"#).unwrap();
    let copy = |from: &str, to: &str| {
        let mut skopeo = Command::new(tool("skopeo"));
        skopeo.args(["--policy", "policy.json", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to]);
        said(skopeo.current_dir(folder.path()));
    };
    copy(&format!("docker://{}/acme/greeter:1", registry.address()), "oci:mirror:1");
    copy("oci:mirror:1", &format!("docker://{}/mirror/greeter:1", registry.address()));
    let copied = registry.reference(&format!("mirror/greeter@{}", digest(&pinned)));
    let run = machine.greet(&registry, &copied).await;
    assert_eq!(run.stdout, "\"Hello, Ada!\"", "{}", run.stderr);
}
