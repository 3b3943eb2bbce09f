//! The command line of `cargo xtask`.

use crate::guest_target::Choice;

/// Printed by `help` and after a wrong command line.
pub(crate) const USAGE: &str = "\
cargo xtask <command> [options]

  setup     install what is missing: the Rust toolchain, its wasm32-wasip2 target, the Temporal CLI, just
  demo      set up, build, and run the example activities on a real Temporal server
  ci        set up, then run every check and test
  ci-full   what ci does, then what takes longer: some tests, the demo, fuzz targets for a minute, benchmarks in short
  guests    build every guest component into target/guests
  fmt       format the sources
  lint      rustfmt and clippy, warnings refused
  test      build what the tests need and run them; what follows is passed to the test runner
  fuzz      run every fuzz target for ten minutes; or those that are named, or for so many seconds
  parity    write the table of guest-sdk/README.md from the results of the last run of the conformance suite
  bindings  make the Go SDK's bindings of the contract anew
  docs      build the API documentation, warnings refused
  book      make the site of the documentation, target/book
  dist      build static programs as archives with digests, licences and parts, target/dist; or for the targets that are
            named
  deny      check licences, bans and sources of the dependencies
  cargo     run cargo with the toolchain that the workspace needs; what follows is passed to it
  help      show this text

  --guest-toolchain=auto|rustup|debian   where the guests' standard library comes from (default: auto)
  --keep                                 demo: leave the server and the worker running until Ctrl-C";

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Command {
    /// Install what is missing.
    Setup,
    /// Run the examples on a real server.
    Demo,
    /// Every check and test.
    Ci,
    /// The same, and what takes longer.
    CiFull,
    /// Build the guest components.
    Guests,
    /// Format the sources.
    Fmt,
    /// rustfmt and clippy.
    Lint,
    /// The tests alone.
    Test,
    /// The fuzz targets.
    Fuzz,
    /// The table of the guest SDKs.
    Parity,
    Bindings,
    /// The API documentation.
    Docs,
    /// The site of the documentation.
    Book,
    /// Programs to give away.
    Dist,
    /// The dependency policy.
    Deny,
    /// Cargo itself.
    Cargo,
    /// Show the usage.
    Help,
}

/// The parsed command line.
#[derive(Debug)]
pub(crate) struct Options {
    /// What to do.
    pub(crate) command: Command,
    /// Where the guests' standard library comes from.
    pub(crate) guest_toolchain: Choice,
    /// Whether the demo stays up.
    pub(crate) keep: bool,
    /// Arguments for the test runner, for cargo, for the fuzz targets, or the targets of programs.
    pub(crate) passed_on: Vec<String>,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// A message that names the argument which is not understood.
pub(crate) fn parse(arguments: &[String]) -> Result<Options, String> {
    let Some((first, rest)) = arguments.split_first() else {
        return Err("a command is missing".to_owned());
    };
    let command = parse_command(first)?;
    let mut options = Options { command, guest_toolchain: Choice::Auto, keep: false, passed_on: Vec::new() };
    if command == Command::Cargo {
        options.passed_on = rest.to_vec();
        return Ok(options);
    }
    for argument in rest {
        match (argument.as_str(), command) {
            ("--keep", Command::Demo) => options.keep = true,
            ("--help" | "-h", _) => options.command = Command::Help,
            (other, _) if other.starts_with("--guest-toolchain=") => {
                options.guest_toolchain = parse_choice(other.trim_start_matches("--guest-toolchain="))?;
            }
            (other, Command::Test | Command::Fuzz | Command::Dist) => options.passed_on.push(other.to_owned()),
            (other, _) => return Err(format!("`{first}` does not take `{other}`")),
        }
    }
    Ok(options)
}

fn parse_command(name: &str) -> Result<Command, String> {
    Ok(match name {
        "setup" => Command::Setup,
        "demo" => Command::Demo,
        "ci" => Command::Ci,
        "ci-full" => Command::CiFull,
        "guests" => Command::Guests,
        "fmt" => Command::Fmt,
        "lint" => Command::Lint,
        "test" => Command::Test,
        "fuzz" => Command::Fuzz,
        "parity" => Command::Parity,
        "bindings" => Command::Bindings,
        "docs" => Command::Docs,
        "book" => Command::Book,
        "dist" => Command::Dist,
        "deny" => Command::Deny,
        "cargo" => Command::Cargo,
        "help" | "--help" | "-h" => Command::Help,
        other => return Err(format!("there is no command `{other}`")),
    })
}

fn parse_choice(name: &str) -> Result<Choice, String> {
    match name {
        "auto" => Ok(Choice::Auto),
        "rustup" => Ok(Choice::Rustup),
        "debian" => Ok(Choice::Debian),
        other => Err(format!("`{other}` is not a guest toolchain: use auto, rustup or debian")),
    }
}
