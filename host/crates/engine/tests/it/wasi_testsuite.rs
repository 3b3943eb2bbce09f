//! WASI's own test-suite: its programs on bare wasmtime, and as activities. What passes there passes here.
//!
//! The suite is not part of this repository: `ISOLET_WASI_TESTSUITE` names a copy of its branch `prod/testsuite-base`,
//! which has the programs compiled. They are of WASI's first preview, and become components by wasmtime's own adapter.

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use activity::{DirectoryGrant, End, Executor as _, Grants, Info, Outcome, Payload, Policy, Task};
use engine::{Engine, Source};
use serde::Deserialize;
use tempfile::TempDir;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxView, WasiView, p2::bindings::sync::Command};

use crate::support::{ending, engine, line, task};

/// Where a copy of the suite is.
const FOLDER: &str = "ISOLET_WASI_TESTSUITE";

/// One program of it.
struct Case {
    name: String,
    component: Vec<u8>,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    /// The directory that it works in.
    root: Option<PathBuf>,
    exit_code: i64,
}

/// What the suite says of a program, in a file beside it if there is anything to say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    args: Vec<String>,
    env: BTreeMap<String, String>,
    root: Option<PathBuf>,
    exit_code: i64,
}

/// How a program ended: its exit code, or what else happened.
#[derive(PartialEq, Eq)]
enum Ended {
    Exit(i64),
    Otherwise(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "exit code {code}"),
            Self::Otherwise(what) => f.write_str(what),
        }
    }
}

impl Case {
    /// A program, and what its file says of how it is called.
    fn read(path: &Path) -> Self {
        let told = fs::read_to_string(path.with_extension("json")).unwrap_or_else(|_| "{}".to_owned());
        let told: Told = serde_json::from_str(&told).unwrap();
        let suite = path.parent().unwrap().components().rev().nth(2).unwrap().as_os_str().display().to_string();
        let module = fs::read(path).unwrap();
        let mut encoder = wit_component::ComponentEncoder::default();
        encoder.module(&module).unwrap();
        encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER).unwrap();
        Self {
            name: format!("{suite}/{}", path.file_stem().unwrap().display()),
            component: encoder.encode().unwrap(),
            arguments: told.args,
            environment: told.env,
            root: told.root.map(|root| path.parent().unwrap().join(root)),
            exit_code: told.exit_code,
        }
    }

    /// A copy of its directory, which it may change as it likes.
    fn directory(&self) -> TempDir {
        let directory = TempDir::new().unwrap();
        if let Some(root) = &self.root {
            copy(root, directory.path());
        }
        directory
    }

    /// On bare wasmtime, with its own WASI.
    fn on_wasmtime(&self, wasmtime: &wasmtime::Engine) -> Ended {
        let directory = self.directory();
        let mut wasi = WasiCtx::builder();
        wasi.arg("run").args(&self.arguments);
        self.environment.iter().for_each(|(name, value)| {
            wasi.env(name, value);
        });
        if self.root.is_some() {
            wasi.preopened_dir(directory.path(), "/", FsPerms::ReadWrite).unwrap();
        }
        let state = Bare { wasi: wasi.build(), table: ResourceTable::new() };
        let mut store = wasmtime::Store::new(wasmtime, state);
        let mut linker = Linker::new(wasmtime);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker).unwrap();
        let component = Component::new(wasmtime, &self.component).unwrap();
        let command = Command::instantiate(&mut store, &component, &linker).unwrap();
        match command.wasi_cli_run().call_run(&mut store) {
            Ok(Ok(())) => Ended::Exit(0),
            Ok(Err(())) => Ended::Exit(1),
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(I32Exit(code)) => Ended::Exit((*code).into()),
                None => Ended::Otherwise(format!("{error:#}")),
            },
        }
    }

    /// As an activity.
    fn as_an_activity(&self, engine: &Engine, runtime: &tokio::runtime::Runtime) -> Ended {
        let directory = self.directory();
        let granted = DirectoryGrant { host: directory.path().to_owned(), guest: "/".to_owned(), writable: true };
        let grants = Grants {
            environment: self.environment.clone(),
            directories: self.root.iter().map(|_| granted.clone()).collect(),
            ..Grants::default()
        };
        let loaded = match engine
            .load(&Source::new("guest", &self.component), Arc::new(Policy { grants, ..Policy::default() }))
        {
            Ok(loaded) => loaded,
            Err(error) => return Ended::Otherwise(format!("refused: {error}")),
        };
        let info = Info { activity_type: "run".to_owned(), attempt: 1, ..Info::default() };
        let input = self.arguments.iter().map(|word| Payload::json(serde_json::to_vec(word).unwrap())).collect();
        let task = Task { info: Arc::new(info), input, ..task(&loaded.component) };
        let end = runtime.block_on(async { ending(engine.start(task)).await }).end;
        match &end {
            End::Returned(Outcome::Completed(None)) => Ended::Exit(0),
            End::Returned(Outcome::Failed(failure)) if failure.message == "run returned an error" => Ended::Exit(1),
            end => match line(end).split_once("exited with code ") {
                Some((_, code)) => {
                    Ended::Exit(code.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap())
                }
                None => Ended::Otherwise(line(end)),
            },
        }
    }
}

struct Bare {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Bare {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => {
                fs::create_dir(&to).unwrap();
                copy(&entry.path(), &to);
            }
            false => {
                fs::copy(entry.path(), &to).unwrap();
            }
        }
    }
}

/// The programs of the suite's first preview.
fn programs(suite: &Path) -> Vec<PathBuf> {
    let folders = ["assemblyscript", "c", "rust"]
        .map(|language| suite.join("tests").join(language).join("testsuite/wasm32-wasip1"));
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())));
    let mut programs: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "wasm"))
        .collect();
    programs.sort();
    programs
}

#[test]
#[ignore = "needs a copy of WASI's test-suite, which `ISOLET_WASI_TESTSUITE` names: `cargo xtask ci-full` runs it if there is one"]
fn what_of_wasi_s_test_suite_passes_on_wasmtime_passes_here() {
    let Some(suite) = env::var_os(FOLDER) else {
        eprintln!("not run: {FOLDER} names no copy of WASI's test-suite");
        return;
    };
    let (engine, wasmtime) = (engine(), wasmtime::Engine::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut there, mut here, mut worse) = (0, 0, Vec::new());
    let programs = programs(Path::new(&suite));
    for path in &programs {
        let case = Case::read(path);
        let expected = Ended::Exit(case.exit_code);
        let bare = case.on_wasmtime(&wasmtime);
        let ours = case.as_an_activity(&engine, &runtime);
        // What the adapter between the previews tells of an exit is that it was one.
        let passes = |ended: &Ended| {
            *ended == expected || (case.exit_code != 0 && matches!(ended, Ended::Exit(code) if *code != 0))
        };
        there += usize::from(passes(&bare));
        here += usize::from(passes(&ours));
        if !passes(&bare) || !passes(&ours) {
            eprintln!("{}: wasmtime: {bare}; Isolet: {ours}", case.name);
        }
        if passes(&bare) && !passes(&ours) {
            worse.push(case.name.clone());
        }
    }
    eprintln!("{} programs: {there} pass on wasmtime, {here} as activities", programs.len());
    assert!(50 < there, "{there} programs passed on wasmtime: is this a copy of the suite?");
    assert!(worse.is_empty(), "pass on wasmtime alone: {worse:?}");
}
