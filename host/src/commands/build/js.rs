//! JavaScript and TypeScript projects: bundled by Node, and started once in the runtime that comes with this program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, anyhow};
use snapshot::Snapshot;

use super::{
    Built,
    builder::{Checked, Done, folder, is_missing, listen, made_whole, ran},
    files,
};
use crate::{
    exit::{Exit, Problem},
    output::progress::Progress,
};

/// The runtime, empty where it was not built: see `build.rs`.
const RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/js-runtime.wasm"));

/// The runtime's function that takes the project's code.
const INITIALISE: &str = "init";

/// The folder in the cache directory of what builds keep.
const FOLDER: &str = "js";

/// What the SDK writes before what is wrong with a project.
const PROBLEM: &str = "isolet-problem: ";

/// The same before what its author should know.
const WARNING: &str = "isolet-warning: ";

/// What the endings of files with JavaScript and TypeScript are.
pub(super) const ENDINGS: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// Builds the project at `project` into the file `component`.
///
/// # Errors
/// When the machine lacks Node or the tools can't be fetched, and when there is something wrong with the project.
pub(super) fn build(
    node: &Path,
    cache: &Path,
    project: &Path,
    component: &Path,
    check_types: bool,
) -> Result<Built, Problem> {
    if RUNTIME.is_empty() {
        let error = anyhow!("this program was built without the runtime for JavaScript");
        return Err(Problem::new(Exit::Other, error).cure("build it with `cargo xtask`, which builds that first"));
    }
    let (done, mut warnings) = bundle(node, cache, project, check_types)?;
    let Snapshot { component: made, said } = start_once(done.bundle, &cache.join(FOLDER))?;
    warnings.extend(said.lines().filter_map(|line| line.strip_prefix(WARNING)).map(str::to_owned));
    fs::write(component, made).with_context(|| format!("failed to write {}", component.display()))?;
    Ok(Built { modules: done.modules, warnings })
}

/// Checks the types of the project at `project`, and that its imports lead somewhere. Returns what was found, with
/// warnings.
///
/// # Errors
/// As [`build`], but for what only running the code shows.
pub(super) fn check(
    node: &Path,
    cache: &Path,
    project: &Path,
    check_types: bool,
) -> Result<(Checked, Vec<String>), Problem> {
    let (done, warnings) = bundle(node, cache, project, check_types)?;
    Ok((Checked { modules: done.modules, ..Checked::default() }, warnings))
}

/// What the builder makes of the project, with warnings.
fn bundle(node: &Path, cache: &Path, project: &Path, check_types: bool) -> Result<(Done, Vec<String>), Problem> {
    has_node(node)?;
    let mut builder = Command::new(node);
    builder.arg(sdk(cache)?.join("build").join("main.js")).arg(project).arg(worker::CLIENT_METHODS.join(","));
    if !check_types {
        builder.arg("--no-types");
    }
    listen(builder, "building".to_owned())
}

/// The component that begins where the project's code was loaded.
fn start_once(bundle: String, folder: &Path) -> Result<Snapshot, Problem> {
    let _progress = Progress::start("loading the project's code".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(snapshot::take(RUNTIME, INITIALISE, bundle.into_bytes(), folder)).map_err(|error| match error {
        snapshot::Error::Failed { said, .. } if said.contains(PROBLEM) => {
            let told = said.split_once(PROBLEM).map_or_else(String::new, |(_, told)| told.to_owned());
            Problem::new(Exit::Usage, anyhow!(told))
                .cure("export functions: docs/javascript.md says which are activities")
        }
        snapshot::Error::Failed { said, .. } => {
            // As packages tell that look for native code themselves.
            let cure = if said.contains(".node\"") {
                "native code for this machine does not run in a sandbox: use a package in plain JavaScript instead"
            } else {
                "what needs the network, files or an attempt belongs into activities, and not beside them"
            };
            Problem::new(Exit::Usage, anyhow!("the project's code fails when it is loaded\n{said}")).cure(cure)
        }
        snapshot::Error::Endless { .. } => Problem::new(Exit::Usage, anyhow!("the project's code: {error}"))
            .cure("what computes or waits at the top level of modules belongs into activities"),
        snapshot::Error::Unfit(error) => anyhow::Error::from(error).into(),
    })
}

/// The folder with this version's files and the packages that they need.
fn sdk(cache: &Path) -> Result<PathBuf, Problem> {
    let (folder, _lock) = folder(cache, FOLDER)?;
    let sdk = folder.join(format!("sdk-{}", files::JS.digest()));
    made_whole(&sdk, |target| {
        files::JS.write(target)?;
        let _progress = Progress::start("fetching esbuild and the packages that JavaScript activities need".to_owned());
        install(target)
    })?;
    Ok(sdk)
}

fn has_node(node: &Path) -> Result<(), Problem> {
    ran(Command::new(node).arg("--version")).map_err(|error| {
        let missing = is_missing(&error);
        let error = error.context(format!("there is no Node to build JavaScript projects with: {}", node.display()));
        let cure =
            if missing { "install Node 20 or newer, or name one with --node" } else { "name another with --node" };
        Problem::new(Exit::Other, error).cure(cure)
    })
}

fn install(target: &Path) -> Result<(), Problem> {
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"];
    ran(Command::new("npm").args(arguments).current_dir(target)).map_err(|error| {
        Problem::new(Exit::Other, error.context("npm can't install what JavaScript projects are built with"))
            .cure("check that npm is installed, and its connection to the registry; they are fetched once and kept")
    })
}
