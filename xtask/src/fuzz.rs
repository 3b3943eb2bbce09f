//! The fuzz targets: each for a time, or one of them.

use std::fs;

use anyhow::Context as _;

use crate::process::run;
use crate::steps::Steps;
use crate::toolchain::cargo;
use crate::tools;
use crate::workspace;

/// How long each target runs when nothing else is said.
const SECONDS: u64 = 600;

/// Runs every target for ten minutes, or the first of `arguments` for as many seconds as the second one says.
///
/// # Errors
/// When a target finds an input that breaks what it asserts, and when it can't be built.
pub(crate) fn run_targets(arguments: &[String]) -> anyhow::Result<()> {
    let known = targets()?;
    let (chosen, seconds) = match arguments {
        [] => (known.clone(), SECONDS),
        [name] => (vec![name.clone()], SECONDS),
        [name, seconds] => {
            let seconds = seconds.parse().with_context(|| format!("`{seconds}` is not a number of seconds"))?;
            (vec![name.clone()], seconds)
        }
        _ => anyhow::bail!("`fuzz` takes the name of a target and a number of seconds"),
    };
    let unknown = chosen.iter().find(|name| !known.contains(name));
    anyhow::ensure!(unknown.is_none(), "there is no such fuzz target: there are {}", known.join(", "));
    let mut steps = Steps::new(chosen.len() + 1);
    steps.run("finding cargo-fuzz", "see docs/fuzzing.md", || {
        let found = tools::cargo_fuzz::ensure()?;
        println!("  {}", workspace::shown(&found));
        Ok(())
    })?;
    for name in &chosen {
        let cure = "the input is in fuzz/artifacts: see docs/fuzzing.md, \"What is found\"";
        steps.run(&format!("fuzzing {name} for {seconds} s"), cure, || run_target(name, seconds))?;
    }
    steps.finish("nothing was found");
    Ok(())
}

/// Without a sanitizer, so that the workspace's own toolchain will do.
fn run_target(name: &str, seconds: u64) -> anyhow::Result<()> {
    let mut command = cargo();
    command.args(["fuzz", "run", "--sanitizer", "none", name, "--"]);
    command.args([&format!("-max_total_time={seconds}"), "-timeout=10", "-rss_limit_mb=2048"]);
    run(command.env("PATH", tools::path_with_tools()?))
}

/// The names of all targets: those of their files.
fn targets() -> anyhow::Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("failed to read {}", workspace::shown(&folder)))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("failed to read {}", workspace::shown(&folder)))?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}
