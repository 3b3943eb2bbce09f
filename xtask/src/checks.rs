//! The checks and tests, each a step that can be run alone.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::columns;
use crate::js_runtime;
use crate::process::{self, run};
use crate::steps::Steps;
use crate::toolchain::{self, cargo};
use crate::tools;
use crate::workspace;

/// Refuses sources that rustfmt would change.
pub(crate) fn formatting(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("checking the formatting", "run `cargo xtask fmt`", || {
        ensure_component("fmt", "rustfmt")?;
        run(cargo().args(["fmt", "--all", "--check"]))
    })
}

/// Formats the sources.
pub(crate) fn format_sources() -> anyhow::Result<()> {
    ensure_component("fmt", "rustfmt")?;
    run(cargo().args(["fmt", "--all"]))
}

/// Refuses what clippy warns of.
pub(crate) fn clippy(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("checking with clippy", "mend what clippy names above", || {
        ensure_component("clippy", "clippy")?;
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
        js_runtime::lint()
    })
}

/// The C library that the programs which are given away stand on.
const MUSL: &str = "x86_64-unknown-linux-musl";

/// The crates whose code knows the C library, as far as they can be checked in seconds.
const KNOW_LIBC: [&str; 2] = ["confinement", "cgroup"];

/// Refuses what compiles with glibc alone. A machine that can't have the target does without.
pub(crate) fn musl(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("checking what calls the system with musl", "mend what rustc names above", || {
        let added = toolchain::rustup(&["target", "add", MUSL]).and_then(|mut rustup| process::capture(&mut rustup));
        if let Err(why) = added {
            println!("  there is no target {MUSL}, and nothing is checked for it: {why:#}");
            return Ok(());
        }
        let packages = KNOW_LIBC.iter().flat_map(|name| ["--package", name]);
        run(cargo().args(["check", "--target", MUSL]).args(packages))
    })
}

/// Refuses broken documentation.
pub(crate) fn docs(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("building the API documentation", "mend what rustdoc names above", || {
        let mut command = cargo();
        command.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
        run(command.env("RUSTDOCFLAGS", "--deny warnings"))
    })
}

/// Refuses dependencies that `deny.toml` does not allow.
pub(crate) fn deny(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("checking the dependencies", "see deny.toml and the report above", || {
        let deny = tools::cargo_deny::ensure()?;
        let check = |what: &[&str]| {
            let mut command = Command::new(&deny);
            command.current_dir(workspace::root()).args(["--all-features", "check", "--hide-inclusion-graph"]);
            // The licences of those are settled in deny.toml.
            command.args(["--allow", "no-license-field"]);
            command.args(what);
            command
        };
        run(&mut check(&["licenses", "bans", "sources"]))?;
        if process::capture(Command::new(&deny).current_dir(workspace::root()).args(["fetch", "db"])).is_err() {
            println!("  the advisory database can't be reached from here: known vulnerabilities are NOT checked");
            return Ok(());
        }
        run(&mut check(&["advisories"]))
    })
}

/// Builds Isolet for the demo.
pub(crate) fn build_isolet(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("building Isolet (minutes the first time)", "read the compiler's message above", || {
        // There are no examples; asking for them gives dependencies the features that tests give them, so that what is
        // compiled here is not compiled again for the tests.
        run(cargo().args(["build", "--workspace", "--bin", "isolet", "--examples"]))
    })
}

/// Builds Isolet, which the integration tests start, and all tests.
///
/// In one go: a build without the tests would give some dependencies other features, and all that stands on them would
/// be compiled twice.
pub(crate) fn build_tests(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("building Isolet and its tests (minutes the first time)", "read the compiler's message above", || {
        run(cargo().args(["build", "--workspace", "--bin", "isolet", "--tests"]))
    })
}

/// Makes sure of the Temporal CLI.
pub(crate) fn temporal(steps: &mut Steps) -> anyhow::Result<PathBuf> {
    let cure = "install the Temporal CLI, 1.9.1 or a newer 1.x, and put it on PATH";
    steps.run("finding the Temporal CLI", cure, || {
        let cli = tools::temporal::ensure()?;
        println!("  {}", workspace::shown(&cli));
        Ok(cli)
    })
}

/// Looks for a registry, and for others' programs that use it.
pub(crate) fn registry(steps: &mut Steps) -> anyhow::Result<()> {
    let cure = "put Docker's registry on PATH, as `docker-registry`, and `skopeo`";
    can_be_without(steps, "finding a registry, and what others use it with", cure, || {
        tools::oras::ensure()?;
        tools::sigstore_js::ensure()?;
        tools::skopeo::ensure()?;
        tools::docker_registry::ensure()
    })
}

/// Looks for what checks the files of `deploy/`.
pub(crate) fn deploy_tools(steps: &mut Steps) -> anyhow::Result<()> {
    let cure = "put `helm` and `systemd-analyze` on PATH";
    can_be_without(steps, "finding Helm, Kubernetes' schemas and systemd's checks", cure, || {
        tools::kubernetes_schemas::ensure()?;
        tools::systemd::ensure()?;
        tools::helm::ensure()
    })
}

/// Looks for a browser.
pub(crate) fn browser(steps: &mut Steps) -> anyhow::Result<()> {
    let cure = "put Chromium and what drives it on PATH, as `chromium` and `chromedriver`";
    can_be_without(steps, "finding a browser", cure, tools::chromium::ensure)
}

/// Looks for web-platform-tests' files.
pub(crate) fn web_platform_tests(steps: &mut Steps) -> anyhow::Result<()> {
    can_be_without(
        steps,
        "finding web-platform-tests' files",
        "fetch them on a Debian",
        tools::web_platform_tests::ensure,
    )
}

/// Looks for something. On a machine that can't have it there is all else, and the tests that need it are left out.
fn can_be_without(
    steps: &mut Steps,
    what: &str,
    cure: &str,
    ensure: impl FnOnce() -> anyhow::Result<PathBuf>,
) -> anyhow::Result<()> {
    steps.run(what, cure, || {
        match ensure() {
            Ok(found) => println!("  {}", workspace::shown(&found)),
            Err(why) => println!("  there is none, and the tests that need it are NOT run: {why:#}"),
        }
        Ok(())
    })
}

/// Names of tests that push to a registry.
const NEED_REGISTRY: [&str; 3] = ["registries::", "signatures::", "doc_examples::"];

/// Names of tests that check the files of `deploy/`.
const NEED_DEPLOY_TOOLS: [&str; 1] = ["deploy::"];

/// Names of tests that look at the worker's page in a browser.
const NEED_BROWSER: [&str; 1] = ["page::a_browser_"];

/// Names of tests that run web-platform-tests' files.
const NEED_WEB_PLATFORM_TESTS: [&str; 1] = ["typescript::web_platform::"];

/// Names of tests that this machine can't run.
fn left_out() -> Vec<&'static str> {
    let mut names = Vec::new();
    if tools::docker_registry::installed().is_none() || tools::skopeo::installed().is_none() {
        names.extend(NEED_REGISTRY);
    }
    if tools::helm::installed().is_none() || tools::systemd::installed().is_none() {
        names.extend(NEED_DEPLOY_TOOLS);
    }
    if tools::chromium::installed().is_none() {
        names.extend(NEED_BROWSER);
    }
    if tools::web_platform_tests::installed().is_none() {
        names.extend(NEED_WEB_PLATFORM_TESTS);
    }
    names
}

/// Runs the tests; what `arguments` holds goes to the runner. Columns of the conformance suite that are `short` run in
/// part.
pub(crate) fn tests(steps: &mut Steps, arguments: &[String], short: &[&str]) -> anyhow::Result<()> {
    let cure = "read the failed tests' output above; `cargo xtask test NAME` runs one again";
    steps.run("running the tests", cure, || {
        let temporal = tools::temporal::installed().context("the Temporal CLI is missing: run `cargo xtask setup`")?;
        // The integration tests share one server, so they run in one process. They wait more than they compute, but with
        // too many at once the server itself falls behind.
        let threads = std::env::var("RUST_TEST_THREADS").unwrap_or_else(|_| "3".to_owned());
        let mut command = cargo();
        command.env("ISOLET_TEMPORAL_CLI", temporal).env("PATH", tools::path_with_tools()?);
        command.env("RUST_TEST_THREADS", threads).env(columns::VARIABLE, short.join(","));
        command.args(["test", "--workspace", "--no-fail-fast"]).args(arguments);
        let left_out = left_out();
        if !left_out.is_empty() {
            let is_runner_s = arguments.iter().any(|argument| argument == "--");
            command.args((!is_runner_s).then_some("--"));
            command.args(left_out.into_iter().flat_map(|name| ["--skip", name]));
        }
        run(&mut command)
    })
}

/// Runs what is left to `ci-full`.
pub(crate) fn tests_that_take_longer() -> anyhow::Result<()> {
    let skipped = left_out().into_iter().flat_map(|name| ["--skip", name]);
    run(cargo().args(["test", "--workspace", "--test", "it", "--", "--ignored"]).args(skipped))
}

/// Adds a part of the Rust toolchain where it is missing.
fn ensure_component(subcommand: &str, component: &str) -> anyhow::Result<()> {
    if process::capture(cargo().args([subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    println!("  adding {component} with rustup");
    toolchain::rustup(&["component", "add", component])
        .and_then(|mut rustup| process::capture(&mut rustup).map(|_| ()))
        .with_context(|| format!("`cargo {subcommand}` is missing and rustup can't add it"))
}
