//! The example commands of the documentation, run as they stand there. Those that serve a task queue are left to the
//! tests of `isolet dev` and `isolet worker`.

use std::{env, fs, os::unix::fs::symlink, path::Path};

use rcgen::KeyPair;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{component, isolet, registry::Registry, repository};

/// Subcommands that need no server.
const RUN: [&str; 9] = ["run", "inspect", "compile", "config", "completions", "diff", "push", "pull", "verify"];

/// The registry of the documentation, in whose place the tests have one.
const REGISTRY: &str = "registry.example.com";

/// Components as the documentation calls them, and what stands in for them. `dynamic` takes any activity type.
const COMPONENTS: [(&str, &str); 11] = [
    ("convert.wasm", "dynamic"),
    ("orders.wasm", "dynamic"),
    ("activities.wasm", "greeter"),
    ("billing.wasm", "dynamic"),
    ("hello.wasm", "dynamic"),
    ("shop.wasm", "dynamic"),
    ("typed.wasm", "typed"),
    ("report.wasm", "rust-csv-report"),
    ("thumbnail.wasm", "rust-thumbnail"),
    ("target/wasm32-wasip2/release/greeter.wasm", "conformance"),
    ("target/wasm32-wasip2/release/shop.wasm", "typed"),
];

#[tokio::test]
async fn the_documentation_s_commands_work() {
    let folder = TempDir::new().unwrap();
    furnish(folder.path());
    let registry = Registry::start().await;
    let mut commands = 0;
    for page in pages() {
        for command in commands_of(&fs::read_to_string(repository(&page)).unwrap()) {
            let asks = command.contains(REGISTRY);
            let config = if asks { config_for(&registry) } else { config_of("isolet.toml") };
            fs::write(folder.path().join("isolet.toml"), config).unwrap();
            run(&page, &command.replace(REGISTRY, registry.address()), folder.path()).await;
            commands += 1;
        }
    }
    assert!(5 < commands, "only {commands} commands were found");
}

/// Puts into `folder` what the commands name.
fn furnish(folder: &Path) {
    for (name, stand_in) in COMPONENTS {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(component(stand_in), path).unwrap();
    }
    symlink(repository("guest-examples/rust-thumbnail/data/rocket.jpg"), folder.join("photo.jpg")).unwrap();
    fs::write(folder.join("orders.json"), "[1]").unwrap();
    fs::write(folder.join("answers.json"), "{}").unwrap();
    let key = KeyPair::generate().unwrap();
    fs::write(folder.join("acme.pem"), key.serialize_pem()).unwrap();
    fs::write(folder.join("acme.pub"), key.public_key_pem()).unwrap();
    fs::write(folder.join("new.toml"), config_of("new.toml")).unwrap();
    fs::create_dir(folder.join("data")).unwrap();
    fs::create_dir_all(folder.join(".local/share/bash-completion/completions")).unwrap();
}

/// What is served, by a task queue that is called as the file.
fn config_of(file: &str) -> String {
    let components = "[[tenants.workers.components]]\npath = \"orders.wasm\"\n";
    format!("[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-queue = {file:?}\n{components}")
}

/// How the registry is asked, and who is trusted.
fn config_for(registry: &Registry) -> String {
    let address = registry.address();
    format!("[registry]\nplain-http = [\"{address}\"]\n[[trust]]\nscope = \"{address}/acme\"\nkey = \"acme.pub\"\n")
}

fn pages() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned()];
    for entry in fs::read_dir(repository("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    pages.sort();
    pages
}

/// The commands in the console examples of a page that can be run here.
fn commands_of(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default().replace("\\\n", " ");
        let runs = |line: &&str| {
            line.strip_prefix("isolet ").is_some_and(|rest| RUN.contains(&rest.split(' ').next().unwrap_or_default()))
        };
        commands.extend(block.lines().filter(runs).map(str::to_owned));
    }
    commands
}

async fn run(page: &str, command: &str, folder: &Path) {
    let program = isolet::program();
    let path = env::join_paths([program.parent().unwrap(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let ended = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("ISOLET_CACHE", isolet::target().join("it-home/cache"))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{page}: `{command}` ended with {}:\n{said}", ended.status);
}
