//! Go projects: compiled by Go itself, of one version, with a module of Isolet's in the place of Temporal's.
//!
//! # Layout
//! - [`toolchain`]: Go and the SDK's files, set up once.
//! - [`replaced`]: the project's own `go.mod`, as it is for a build.

mod replaced;

mod toolchain;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, anyhow};
use tempfile::TempDir;

use self::toolchain::Toolchain;
use super::{Built, Checked, Language, Leavings, Task, Template, builder::ran, module, shown, template::files};
use crate::{
    exit::{Exit, OrExit as _, Problem},
    output::progress::Progress,
};

/// The package that decides whether a component can send HTTP requests.
const HTTP: &str = "net/http";

/// What the paths of Temporal's packages begin with.
const TEMPORAL: &str = "go.temporal.io/";

/// The package of the SDK that every program of activities has.
const WORKER: &str = "go.temporal.io/sdk/worker";

/// What the linker is told: no debugger's sections; and that functions may be linked by name, as the bindings do with
/// what of Go's runtime is not public.
const LINKER: &str = "-s -w -checklinkname=0";

/// Go.
#[derive(Debug)]
pub(super) struct Go;

impl Language for Go {
    fn name(&self) -> &'static str {
        "Go"
    }

    fn declaring(&self) -> &'static [&'static str] {
        &["go.mod"]
    }

    fn endings(&self) -> &'static [&'static str] {
        &["go"]
    }

    /// A folder of a module is a package without a file of its own for that.
    fn is_declared_in(&self, folder: &Path) -> bool {
        let is_go = |path: PathBuf| path.extension().is_some_and(|ending| ending == "go");
        folder.join("go.mod").exists()
            || fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_go(entry.path())))
    }

    fn cure_without_activities(&self) -> &'static str {
        "let main register functions with the worker: w.RegisterActivity(Greet)"
    }

    fn cure_of_start(&self) -> &'static str {
        "let main register activities and end with the worker's Run: it runs at the start of every attempt"
    }

    fn templates(&self) -> &'static [Template] {
        &TEMPLATES
    }

    fn leavings(&self) -> Leavings {
        Leavings { folders: &[], endings: &["test"] }
    }

    fn build(&self, task: &Task<'_>, component: &Path) -> Result<Built, Problem> {
        let project = Project::new(task)?;
        let packages = project.packages()?;
        let core = project.scratch.path().join("core.wasm");
        let mut go = project.go("build");
        go.args(["-buildmode=c-shared", "-ldflags", LINKER, "-o"]).arg(&core);
        if packages.has(HTTP) {
            go.args(["-tags", "isolet_http"]);
        }
        let progress = Progress::start("compiling".to_owned());
        project.run(&mut go)?;
        drop(progress);
        let core = fs::read(&core).context("Go left no module")?;
        module::write(component, &module::made_of(&core, task.project)?)?;
        Ok(Built { modules: packages.own(), warnings: Vec::new() })
    }

    /// What Go's own `vet` says, which compiles it, too.
    fn check(&self, task: &Task<'_>) -> Result<(Checked, Vec<String>), Problem> {
        let project = Project::new(task)?;
        let packages = project.packages()?;
        let _progress = Progress::start("checking".to_owned());
        project.run(&mut project.go("vet"))?;
        Ok((Checked { modules: packages.own(), ..Checked::default() }, Vec::new()))
    }

    /// Lets plain Go use the SDK, too: `go.work` is for this machine alone, and git leaves it out.
    fn begin(&self, folder: &Path, cache: &Path) -> Result<(), Problem> {
        let sdk = toolchain::sdk(cache)?;
        fs::write(folder.join("go.work"), replaced::workspace(&sdk))?;
        Ok(())
    }
}

static TEMPLATES: [Template; 1] = [Template {
    lang: "go",
    alias: None,
    language: "Go",
    test: &["go test ./..."],
    activities: "They are the functions that `main.go` registers, in `activities.go`; they import `go.temporal.io/sdk`, and \
                 run on Temporal's own worker, too, once `go.work` is removed and `go mod tidy` was run.",
    tests: "`activities_test.go`, where `TestActivityEnvironment` stands for the worker. It is a Go of your own that does, \
            1.24 or newer; `isolet build` brings one for itself",
    files: files![
        ".gitignore": "go/gitignore",
        "go.mod": "go/gomod",
        "main.go": "go/main.go",
        "activities.go": "go/activities.go",
        "activities_test.go": "go/activities_test.go",
    ],
}];

/// The packages that a program is made of.
struct Packages(String);

impl Packages {
    /// Name, `true` for one of Go's own, and path of each: what was asked for comes last, behind what it imports.
    const FORMAT: &str = "{{.Name}} {{.Standard}} {{.ImportPath}}";

    fn all(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.0.lines().filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            let (is_standard, path) = rest.split_once(' ')?;
            Some((name, is_standard, path))
        })
    }

    fn has(&self, package: &str) -> bool {
        self.all().any(|(_, _, path)| path == package)
    }

    /// Those of the project, and of modules that it requires.
    fn own(&self) -> Vec<String> {
        let own = self.all().filter(|(_, is_standard, path)| *is_standard == "false" && !path.starts_with(TEMPORAL));
        own.map(|(_, _, path)| path.to_owned()).collect()
    }
}

/// A project that is built.
struct Project<'a> {
    toolchain: Toolchain,
    /// The folder that Go is run in.
    folder: PathBuf,
    /// What is built in it: the folder's package, or one file.
    package: PathBuf,
    project: &'a Path,
    /// Where what replaces files is, and what is built.
    scratch: TempDir,
}

impl<'a> Project<'a> {
    fn new(task: &Task<'a>) -> Result<Self, Problem> {
        let found = task.project.canonicalize();
        let found = found.with_context(|| format!("failed to find {}", task.project.display())).or_exit(Exit::Usage)?;
        let (folder, package) = if found.is_dir() {
            (found, PathBuf::from("."))
        } else {
            let file = found.file_name().map(PathBuf::from).unwrap_or_default();
            (found.parent().map(Path::to_owned).unwrap_or_default(), file)
        };
        let toolchain = Toolchain::ensure(task)?;
        replaced::refresh(&folder, &toolchain.sdk)?;
        let scratch = tempfile::tempdir().context("failed to make a folder for what is built")?;
        replaced::write(&toolchain, &folder, scratch.path())?;
        Ok(Self { toolchain, folder, package, project: task.project, scratch })
    }

    /// Go with a command for the project's package, to which options can be added.
    fn go(&self, command: &str) -> Command {
        let mut go = self.toolchain.go();
        go.current_dir(&self.folder).env("GOOS", "wasip1").env("GOARCH", "wasm").env("GOWORK", "off");
        go.args([command, "-mod=readonly", "-trimpath", "-overlay"]).arg(self.scratch.path().join(replaced::OVERLAY));
        go
    }

    /// Runs Go on the project's package.
    fn run(&self, go: &mut Command) -> Result<(), Problem> {
        ran(go.arg(&self.package)).map_err(|error| self.told(&error))
    }

    /// What Go says is wrong. It names files by where it runs.
    fn told(&self, error: &anyhow::Error) -> Problem {
        let said = error.to_string();
        let problem = Problem::new(Exit::Usage, anyhow!("{} can't be built\n{said}", shown(self.project)));
        if said.contains("dial tcp") || said.contains("module lookup disabled") {
            return problem
                .cure("run `go mod download` where Go's module proxy can be reached: modules are fetched once");
        }
        if said.contains("missing go.sum entry") || said.contains("updates to go.mod needed") {
            return problem.cure("run `go mod tidy`");
        }
        let missing = ["is not in std", "no required module provides package", "cannot find module providing package"];
        if missing.iter().any(|text| said.contains(text)) {
            return problem.cure(
                "of Temporal's module there is what activities and the registration of workers take: \
                 docs/writing-activities-go.md lists it; for other modules, run `go get`",
            );
        }
        problem
    }

    /// All packages that the program is made of, if it is a program of activities.
    fn packages(&self) -> Result<Packages, Problem> {
        let mut list = self.go("list");
        list.args(["-deps", "-f", Packages::FORMAT]).arg(&self.package);
        let listed = list.output().context("failed to start Go")?;
        if !listed.status.success() {
            return Err(self.told(&anyhow!("{}", String::from_utf8_lossy(&listed.stderr).trim().to_owned())));
        }
        let packages = Packages(String::from_utf8_lossy(&listed.stdout).into_owned());
        let (name, _, _) = packages.all().last().unwrap_or_default();
        let shown = shown(self.project);
        if name != "main" {
            let error = anyhow!("{shown} is the package {name:?}, and no program");
            let cure = "name the folder of the program that registers the activities: its package is `main`";
            return Err(Problem::new(Exit::Usage, error).cure(cure));
        }
        if !packages.has(WORKER) {
            let error = anyhow!("{shown} registers no activities: it does not import {WORKER}");
            let cure =
                "let `main` make a worker and register activities with it: docs/writing-activities-go.md has one";
            return Err(Problem::new(Exit::Usage, error).cure(cure));
        }
        Ok(packages)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use componentize::CONTRACT;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_bindings_are_those_of_the_contract() {
        let mut hash = Sha256::new();
        for (_, text) in CONTRACT.iter().copied().collect::<BTreeMap<_, _>>() {
            hash.update(text);
        }
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let of = include_str!("../../../guest-sdk/go/sdk/internal/wit/contract.sha256").trim_end();
        assert_eq!(of, digest, "the Go SDK's bindings are of another contract: run `cargo xtask bindings`");
    }
}
