//! One function per command: which steps it takes.

use crate::book;
use crate::checks;
use crate::columns;
use crate::demo;
use crate::dist;
use crate::fuzz;
use crate::go_bindings;
use crate::guests;
use crate::options::{Command, Options, USAGE};
use crate::parity;
use crate::process;
use crate::project_guests;
use crate::steps::Steps;
use crate::toolchain;
use crate::tools;
use crate::workspace;

/// Does what the command line asks for.
///
/// # Errors
/// The first failed step's.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    if options.command != Command::Help {
        toolchain::ensure()?;
    }
    match options.command {
        Command::Setup => setup(options),
        Command::Demo => demo::run(options),
        Command::Ci => ci(options),
        Command::CiFull => ci_full(options),
        Command::Guests => guests(options),
        Command::Fmt => checks::format_sources(),
        Command::Lint => lint(),
        Command::Test => test(options),
        Command::Fuzz => fuzz::run_targets(&options.passed_on),
        Command::Parity => parity::write(),
        Command::Bindings => go_bindings::write(),
        Command::Docs => checks::docs(&mut Steps::new(1)),
        Command::Book => book::build_step(&mut Steps::new(1)),
        Command::Dist => dist::run(&options.passed_on, options.guest_toolchain),
        Command::Deny => checks::deny(&mut Steps::new(1)),
        Command::Cargo => process::replace_with(toolchain::cargo().args(&options.passed_on)),
        Command::Help => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

fn setup(options: &Options) -> anyhow::Result<()> {
    let mut steps = Steps::new(7);
    let cure = "see docs/getting-started.md, \"The guests' toolchain\"";
    steps.run("finding the guests' toolchain", cure, || {
        crate::guest_target::ensure(options.guest_toolchain).map(|_| ())
    })?;
    checks::temporal(&mut steps)?;
    checks::registry(&mut steps)?;
    checks::deploy_tools(&mut steps)?;
    checks::browser(&mut steps)?;
    checks::web_platform_tests(&mut steps)?;
    steps.run("finding just", "nothing needs it: every recipe of the justfile is a `cargo xtask` command", || {
        let just = tools::just::ensure()?;
        println!("  {}", workspace::shown(&just));
        Ok(())
    })?;
    steps.finish("set up");
    Ok(())
}

fn guests(options: &Options) -> anyhow::Result<()> {
    let mut steps = Steps::new(guests::STEPS + 2);
    guests::build_steps(&mut steps, options.guest_toolchain)?;
    // With the tests, so that their build finds what this one compiled.
    checks::build_tests(&mut steps)?;
    project_guests::build_step(&mut steps)
}

fn lint() -> anyhow::Result<()> {
    let mut steps = Steps::new(2);
    checks::formatting(&mut steps)?;
    checks::clippy(&mut steps)
}

fn test(options: &Options) -> anyhow::Result<()> {
    let mut steps = Steps::new(guests::STEPS + 8);
    checks::temporal(&mut steps)?;
    checks::registry(&mut steps)?;
    checks::deploy_tools(&mut steps)?;
    checks::browser(&mut steps)?;
    checks::web_platform_tests(&mut steps)?;
    guests::build_steps(&mut steps, options.guest_toolchain)?;
    checks::build_tests(&mut steps)?;
    project_guests::build_step(&mut steps)?;
    checks::tests(&mut steps, &options.passed_on, &[])
}

/// How long each fuzz target runs there: enough to find what a change has just broken.
const FUZZ_SECONDS: &str = "60";

/// Everything that is not worth its time at each change.
fn ci_full(options: &Options) -> anyhow::Result<()> {
    check_all(options, &[])?;
    Steps::new(1).run("running the tests that take longer", "read the failed tests' output above", || {
        checks::tests_that_take_longer()
    })?;
    demo::run(options)?;
    fuzz::run_targets(&[FUZZ_SECONDS.to_owned()])?;
    Steps::new(1).run("running the benchmarks in short", "see docs/benchmarks.md", || {
        let arguments = ["run", "--release", "--bin", "isolet-benches", "--", "--quick"];
        process::run(toolchain::cargo().args(arguments))
    })
}

fn ci(options: &Options) -> anyhow::Result<()> {
    let short = columns::unchanged();
    check_all(options, &short)?;
    if !short.is_empty() {
        println!("of the conformance suite, in part: {}; in full: `cargo xtask test conformance::`", short.join(", "));
    }
    Ok(())
}

/// Quick refusals first, the tests last, so that their verdict is at the end of the output. Columns of the conformance
/// suite that are `short` run in part.
fn check_all(options: &Options, short: &[&str]) -> anyhow::Result<()> {
    let mut steps = Steps::new(guests::STEPS + 15);
    checks::temporal(&mut steps)?;
    checks::registry(&mut steps)?;
    checks::deploy_tools(&mut steps)?;
    checks::browser(&mut steps)?;
    checks::web_platform_tests(&mut steps)?;
    checks::formatting(&mut steps)?;
    checks::deny(&mut steps)?;
    guests::build_steps(&mut steps, options.guest_toolchain)?;
    checks::clippy(&mut steps)?;
    checks::musl(&mut steps)?;
    checks::docs(&mut steps)?;
    book::build_step(&mut steps)?;
    checks::build_tests(&mut steps)?;
    project_guests::build_step(&mut steps)?;
    parity::forget()?;
    checks::tests(&mut steps, &options.passed_on, short)?;
    parity::check(&mut steps)?;
    steps.finish("every check and test passed");
    Ok(())
}
