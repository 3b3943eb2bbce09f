//! The example commands of the documentation: run as they stand there, or in other tests, or marked with the reason why
//! nobody runs them.

use std::{env, fs, os::unix::fs::symlink, path::Path, process};

use rcgen::KeyPair;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{component, isolet, registry::Registry, repository};

/// Subcommands that need no server.
const RUN: [&str; 9] = ["run", "inspect", "compile", "config", "completions", "diff", "push", "pull", "verify"];

/// How commands begin that are run elsewhere, as they need more than files: what they begin with, and where that is.
/// Options of those that are Isolet's are looked for in its help.
const ELSEWHERE: [(&str, &str); 25] = [
    ("isolet new", "new"),
    ("isolet dev", "dev"),
    ("isolet worker", "all tests of workers"),
    ("ISOLET_LOG=warn,activity=debug isolet worker", "logs"),
    ("isolet status", "control"),
    ("isolet block", "control"),
    ("isolet unblock", "control"),
    ("isolet release", "releases"),
    ("isolet audit", "records"),
    ("isolet test", "cases"),
    ("isolet build", "python, typescript, c, go and rust, where the projects are"),
    ("isolet wheel", "python::native"),
    ("openssl ", "signatures: keys are made there by rcgen, and by this test"),
    ("cargo xtask demo", "ci-full"),
    ("cargo xtask ci", "it runs this"),
    ("cargo xtask cargo install", "the same package is built before this runs"),
    ("cargo new", "new: a project of Isolet's own has the same files"),
    ("cargo build", "rust::building"),
    ("cargo test", "new"),
    ("rustup target add", "guests: the target is there once they are built"),
    ("temporal ", "standalone and codec: the same request by another client"),
    ("curl http://127.0.0.1:9464/", "metrics, and page"),
    ("curl --header \"Authorization: Bearer $(cat token)\" http://127.0.0.1:9464/", "page"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317 isolet worker", "traces"),
    ("go test", "go::native"),
];

/// What stands before a block of commands that nobody runs.
const NOT_RUN: &str = "<!-- not run: ";

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

#[test]
fn every_command_is_run_or_it_is_said_why_not() {
    let mut complaints = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(repository(&page)).unwrap();
        for (before, block) in blocks(&text) {
            let reason = before.trim_end().lines().last().unwrap_or_default();
            if reason.starts_with(NOT_RUN) && reason.ends_with("-->") {
                continue;
            }
            let commands = block.lines().map(str::trim).filter(|line| !line.is_empty());
            complaints.extend(commands.filter_map(complaint).map(|complaint| format!("{page}: {complaint}")));
        }
    }
    assert!(
        complaints.is_empty(),
        "run these commands, name the test that does in ELSEWHERE, or write `{NOT_RUN}REASON -->` before the block:\n{}",
        complaints.join("\n")
    );
}

/// What is wrong with a command, if it is not one of those that are run here.
fn complaint(command: &str) -> Option<String> {
    if is_run(command) || command.starts_with("cd ") || command.starts_with("npm ") {
        return None;
    }
    if !ELSEWHERE.iter().any(|(start, _)| command.starts_with(start)) {
        return Some(format!("no test runs `{command}`"));
    }
    let words: Vec<&str> = command.split_once("isolet ")?.1.split_whitespace().collect();
    let mut help = help_of(&words[..1]);
    if help.contains("\nCommands:\n") {
        help = help_of(words.get(..2)?);
    }
    let options = words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    let unknown: Vec<&str> = options.filter(|option| !help.contains(*option)).collect();
    (!unknown.is_empty() && !command.starts_with("cargo "))
        .then(|| format!("`{command}` has no {}", unknown.join(", ")))
}

fn help_of(subcommand: &[&str]) -> String {
    let output = process::Command::new(isolet::program()).args(subcommand).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
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
        if name.ends_with(".md") && name != "SUMMARY.md" {
            pages.push(format!("docs/{name}"));
        }
    }
    pages.sort();
    pages
}

/// The console examples of a page, each with what stands before it; lines that go on are one.
fn blocks(page: &str) -> impl Iterator<Item = (&str, String)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let begin = from + page.get(from..)?.find(FENCE)?;
        let (block, _) = page[begin + FENCE.len()..].split_once("```")?;
        from = begin + FENCE.len() + block.len() + 3;
        Some((&page[..begin], block.replace("\\\n", " ")))
    })
}

/// How a console example begins.
const FENCE: &str = "```console\n";

/// The commands in the console examples of a page that can be run here.
fn commands_of(page: &str) -> Vec<String> {
    let commands = blocks(page).map(|(_, block)| block);
    commands
        .flat_map(|block| block.lines().filter(|line| is_run(line)).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn is_run(line: &str) -> bool {
    line.strip_prefix("isolet ").is_some_and(|rest| RUN.contains(&rest.split(' ').next().unwrap_or_default()))
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
