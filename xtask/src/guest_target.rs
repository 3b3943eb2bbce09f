//! The toolchain that compiles guests: a compiler with the standard library of `wasm32-wasip2`.
//!
//! The library comes from rustup where rustup can fetch it. Elsewhere [`debian`] builds it from the distribution's
//! sources.

mod debian;

use std::path::Path;
use std::process::Command;

use crate::process;
use crate::steps::cured;
use crate::toolchain;

/// The target that guests are compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Where the guests' standard library is to come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Choice {
    /// Whatever is there, else rustup, else Debian's packages.
    Auto,
    /// The toolchain that builds everything else, completed by rustup.
    Rustup,
    /// A compiler and a standard library from Debian's packages.
    Debian,
}

/// A toolchain that can compile guests.
pub(crate) enum GuestToolchain {
    /// The one that builds everything else.
    Own,
    /// Debian's compiler with a standard library that was built here.
    Debian(debian::Toolchain),
}

impl GuestToolchain {
    /// `cargo build` for the guest target, so far without packages.
    pub(crate) fn cargo_build(&self) -> Command {
        let mut command = match self {
            Self::Own => toolchain::cargo(),
            Self::Debian(toolchain) => toolchain.cargo(),
        };
        command.args(["build", "--profile", "guest", "--target", TARGET]);
        command
    }
}

/// Finds the guests' toolchain, installing what is missing.
///
/// # Errors
/// When the target is missing and can't be installed; the cure lists the ways to get it.
pub(crate) fn ensure(choice: Choice) -> anyhow::Result<GuestToolchain> {
    match choice {
        Choice::Rustup => add_with_rustup().map(|()| GuestToolchain::Own),
        Choice::Debian => debian::ensure().map(GuestToolchain::Debian),
        Choice::Auto => {
            let Err(rustup) = add_with_rustup() else { return Ok(GuestToolchain::Own) };
            println!("  {rustup:#}");
            println!("  trying Debian's packages instead");
            debian::ensure().map(GuestToolchain::Debian).map_err(|debian| no_way(&rustup, &debian))
        }
    }
}

fn no_way(rustup: &anyhow::Error, debian: &anyhow::Error) -> anyhow::Error {
    cured(
        format!("the standard library of {TARGET} is missing: {rustup:#}; {debian:#}"),
        format!(
            "run `rustup target add {TARGET}` where rustup can download, or on Debian install {} and run this again",
            debian::PACKAGES.join(" ")
        ),
    )
}

fn add_with_rustup() -> anyhow::Result<()> {
    if has_target() {
        return Ok(());
    }
    let mut rustup = toolchain::rustup(&["target", "add", TARGET])?;
    println!("  adding {TARGET} with rustup");
    // Where it fails, its own stack says nothing to us.
    process::capture(rustup.env("RUST_BACKTRACE", "0"))?;
    anyhow::ensure!(has_target(), "rustup added {TARGET} to another toolchain than the one in use");
    Ok(())
}

/// Whether the toolchain in use has the target's standard library.
fn has_target() -> bool {
    let query = ["--print", "target-libdir", "--target", TARGET];
    process::capture(toolchain::rustc().args(query)).is_ok_and(|folder| has_std(Path::new(folder.trim())))
}

/// Whether a folder of libraries holds a standard library.
fn has_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}
