//! JavaScript and TypeScript projects: bundled by Node, and started once in the runtime that comes with this program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use snapshot::{Initialisation, Snapshot};

use super::{
    Built, Checked, Language, Leavings, Task, Template,
    builder::{Done, folder, is_missing, listen, listen_and, made_whole, ran},
    files,
    template::files,
};
use crate::{
    exit::{Exit, Problem},
    output::progress::Progress,
};

/// The runtime, empty where it was not built: see `build.rs`.
const RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/js-runtime.wasm"));

/// The runtime's function that takes the project's code.
const INITIALISE: &str = "init";

/// How long it may run. It loads a project's code, which takes milliseconds; one that is not done by then computes for
/// ever or waits for what never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder in the cache directory of what builds keep.
const FOLDER: &str = "js";

/// What the SDK writes before what is wrong with a project.
const PROBLEM: &str = "isolet-problem: ";

/// The same before what its author should know.
const WARNING: &str = "isolet-warning: ";

/// JavaScript, with TypeScript.
#[derive(Debug)]
pub(super) struct JavaScript;

impl Language for JavaScript {
    fn name(&self) -> &'static str {
        "TypeScript and JavaScript"
    }

    fn declaring(&self) -> &'static [&'static str] {
        &["package.json", "tsconfig.json", "activities.ts", "activities.js"]
    }

    fn endings(&self) -> &'static [&'static str] {
        &["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"]
    }

    fn cure_without_activities(&self) -> &'static str {
        "export functions: each is an activity"
    }

    fn templates(&self) -> &'static [Template] {
        &TEMPLATES
    }

    fn is_interpreted(&self) -> bool {
        true
    }

    fn leavings(&self) -> Leavings {
        Leavings { folders: &["node_modules"], endings: &[] }
    }

    fn build(&self, task: &Task<'_>, component: &Path) -> Result<Built, Problem> {
        if RUNTIME.is_empty() {
            let error = anyhow!("this program was built without the runtime for JavaScript");
            return Err(Problem::new(Exit::Other, error).cure("build it with `cargo xtask`, which builds that first"));
        }
        // While types are still checked, which takes as long as all else.
        let start = |done: &Done| start_once(done, &task.cache.join(FOLDER));
        let (done, snapshot, mut warnings) = listen_and(bundler(task)?, BUILDING.to_owned(), start)?;
        let Snapshot { component: made, said } = snapshot;
        warnings.extend(said.lines().filter_map(|line| line.strip_prefix(WARNING)).map(str::to_owned));
        fs::write(component, made).with_context(|| format!("failed to write {}", component.display()))?;
        Ok(Built { modules: done.modules, warnings })
    }

    /// Its types, and that its imports lead somewhere; not what only running the code shows.
    fn check(&self, task: &Task<'_>) -> Result<(Checked, Vec<String>), Problem> {
        let (done, warnings) = listen(bundler(task)?, BUILDING.to_owned())?;
        Ok((Checked { modules: done.modules, ..Checked::default() }, warnings))
    }
}

static TEMPLATES: [Template; 2] = [
    Template {
        lang: "ts",
        alias: Some("typescript"),
        language: "TypeScript",
        test: &["npm install", "npm test"],
        activities: "They are the functions that `src/activities.ts` exports; they import `@temporalio/activity`, and \
                     run on Temporal's own worker, too.",
        tests: "`src/activities.test.ts`, where `MockActivityEnvironment` stands for the worker",
        files: files![
            // Under its own name it would say what git leaves out of this repository.
            ".gitignore": "ts/gitignore",
            "package.json": "ts/package.json",
            "tsconfig.json": "ts/tsconfig.json",
            "src/activities.ts": "ts/src/activities.ts",
            "src/activities.test.ts": "ts/src/activities.test.ts",
        ],
    },
    Template {
        lang: "js",
        alias: Some("javascript"),
        language: "JavaScript",
        test: &["npm install", "npm test"],
        activities: "They are the functions that `src/activities.js` exports; they import `@temporalio/activity`, and \
                     run on Temporal's own worker, too.",
        tests: "`src/activities.test.js`, where `MockActivityEnvironment` stands for the worker",
        files: files![
            ".gitignore": "js/gitignore",
            "package.json": "js/package.json",
            "src/activities.js": "js/src/activities.js",
            "src/activities.test.js": "js/src/activities.test.js",
        ],
    },
];

/// What is told first of a build.
const BUILDING: &str = "building";

/// The builder, which makes one script of the project.
fn bundler(task: &Task<'_>) -> Result<Command, Problem> {
    let node = &task.programs.node;
    has_node(node)?;
    let mut builder = Command::new(node);
    builder.arg(sdk(task.cache)?.join("build").join("main.js")).arg(task.project).arg(worker::CLIENT_METHODS.join(","));
    if !task.has_types {
        builder.arg("--no-types");
    }
    Ok(builder)
}

/// The component that begins where the project's code was loaded.
fn start_once(done: &Done, folder: &Path) -> Result<Snapshot, Problem> {
    let Done { bundle, modules, .. } = done;
    let _progress = Progress::start("loading the project's code".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let initialisation = Initialisation {
        component: RUNTIME,
        function: INITIALISE,
        input: bundle.as_bytes(),
        folders: &[],
        patience: PATIENCE,
        is_long: false,
        codes: folder,
    };
    runtime.block_on(snapshot::take(&initialisation)).map_err(|error| {
        match error {
            snapshot::Error::Failed { said, .. } if said.contains(PROBLEM) => {
                let told = said.split_once(PROBLEM).map_or_else(String::new, |(_, told)| told.to_owned());
                Problem::new(Exit::Usage, anyhow!("{}: {told}", modules.join(", ")))
                    .cure("export functions: docs/javascript.md says which are activities")
            }
            snapshot::Error::Failed { said, why } => {
                let said = if said.is_empty() { why } else { said };
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
            error @ snapshot::Error::Folder { .. } => anyhow::Error::from(error).into(),
            snapshot::Error::Unfit(error) => anyhow::Error::from(error).into(),
        }
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
