//! The licences of everything that is in the program: what its crates say, and the texts that they bring.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use crate::process;
use crate::toolchain;

/// What the program is made from: itself, and the runtime of JavaScript that it holds.
const ROOTS: [&str; 2] = ["isolet", "js-runtime"];

/// How the names of files begin that hold licences.
const STARTS: [&str; 5] = ["license", "licence", "copying", "notice", "unlicense"];

/// Rust's own libraries are in every program: the folder of its documents in a toolchain, and the file about them.
const RUST: &str = "share/doc/rust/COPYRIGHT-library.html";

/// All of them as one text.
///
/// # Errors
/// When cargo can't say what the program is made of.
pub(super) fn text(targets: &[&str]) -> anyhow::Result<String> {
    let mut crates = BTreeMap::new();
    for target in targets.iter().copied().chain(["wasm32-wasip2"]) {
        let mut ask = toolchain::cargo();
        ask.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", target]);
        let told: Value = serde_json::from_str(&process::capture(&mut ask)?).context("cargo wrote no JSON")?;
        crates.extend(linked(&told));
    }
    let mut text =
        "Isolet holds the following, beside what is under its own licence in the file LICENSE.\n\n".to_owned();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, (licence, folder)) in &crates {
        writeln!(text, "{name}: {licence}")?;
        for content in files(folder)? {
            texts.entry(content).or_default().insert(name.clone());
        }
    }
    for (content, names) in texts {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        write!(text, "\n{}\n{names}\n\n{}\n", "=".repeat(80), content.trim_end())?;
    }
    write!(text, "\n{}\nThe Rust Standard Library, and musl within it\n\n{}", "=".repeat(80), rust()?)?;
    Ok(text)
}

/// The crates of others that the program is made from, by name and version: licence and folder.
fn linked(metadata: &Value) -> Vec<(String, (String, PathBuf))> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let nodes: HashMap<String, Value> = list(&metadata["resolve"]["nodes"])
        .into_iter()
        .filter_map(|node| Some((node["id"].as_str()?.to_owned(), node)))
        .collect();
    let packages = list(&metadata["packages"]);
    let is_root = |package: &&Value| package["name"].as_str().is_some_and(|name| ROOTS.contains(&name));
    let mut waiting: Vec<String> =
        packages.iter().filter(is_root).filter_map(|package| package["id"].as_str().map(str::to_owned)).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let dependencies = nodes.get(&id).map(|node| list(&node["deps"])).unwrap_or_default();
        if reached.insert(id) {
            // What only builds or tests something is in no program.
            let normal =
                dependencies.into_iter().filter(|one| list(&one["dep_kinds"]).iter().any(|it| it["kind"].is_null()));
            waiting.extend(normal.filter_map(|one| one["pkg"].as_str().map(str::to_owned)));
        }
    }
    let others = packages.iter().filter(|package| {
        package["source"].is_string() && package["id"].as_str().is_some_and(|id| reached.contains(id))
    });
    others.filter_map(described).collect()
}

fn described(package: &Value) -> Option<(String, (String, PathBuf))> {
    let name = format!("{} {}", package["name"].as_str()?, package["version"].as_str()?);
    let licence = package["license"].as_str().unwrap_or("see its file below").to_owned();
    Some((name, (licence, Path::new(package["manifest_path"].as_str()?).parent()?.to_path_buf())))
}

/// The texts of licences in a crate's folder.
fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("failed to read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_file() && STARTS.iter().any(|start| name.starts_with(start)) {
            texts.push(String::from_utf8_lossy(&fs::read(&path)?).replace("\r\n", "\n"));
        }
    }
    Ok(texts)
}

/// What Rust's toolchain says of its libraries.
fn rust() -> anyhow::Result<String> {
    let folder = process::capture(toolchain::rustc().args(["--print", "sysroot"]))?;
    let file = Path::new(folder.trim()).join(RUST);
    fs::read_to_string(&file).with_context(|| format!("failed to read {}, which rustup installs", file.display()))
}
