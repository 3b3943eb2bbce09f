//! The fuzz targets: each for a time, or some of them.

use std::fs;

use anyhow::Context as _;

use crate::process::run;
use crate::steps::Steps;
use crate::toolchain::cargo;
use crate::tools;
use crate::workspace;

/// How long each target runs when nothing else is said.
const SECONDS: u64 = 600;

/// Runs the targets that `arguments` name, else every one, for as many seconds as a number there says, else ten minutes
/// each.
///
/// # Errors
/// When a target finds an input that breaks what it asserts, and when it can't be built.
pub(crate) fn run_targets(arguments: &[String]) -> anyhow::Result<()> {
    let known = targets()?;
    let (mut chosen, mut seconds) = (Vec::new(), None);
    for argument in arguments {
        match argument.parse::<u64>() {
            Ok(number) if seconds.is_none() => seconds = Some(number),
            Ok(_) => anyhow::bail!("`fuzz` takes one number of seconds, for each target"),
            Err(_) if known.contains(argument) => chosen.push(argument.clone()),
            Err(_) => anyhow::bail!("there is no fuzz target `{argument}`: there are {}", known.join(", ")),
        }
    }
    let seconds = seconds.unwrap_or(SECONDS);
    if chosen.is_empty() {
        chosen = known;
    }
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
    // What is found while it runs goes to the first, which git does not keep.
    let (corpus, seeds) = (format!("fuzz/corpus/{name}"), format!("fuzz/seeds/{name}"));
    let root = workspace::root();
    fs::create_dir_all(root.join(&corpus)).with_context(|| format!("failed to make {corpus}"))?;
    let mut command = cargo();
    command.args(["fuzz", "run", "--sanitizer", "none", name, &corpus]);
    command.args(root.join(&seeds).is_dir().then_some(&seeds));
    command.args(["--", &format!("-max_total_time={seconds}"), "-timeout=10", "-rss_limit_mb=2048"]);
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
