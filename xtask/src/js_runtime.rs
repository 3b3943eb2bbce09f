//! Building what JavaScript activities run on, which becomes part of Isolet: QuickJS in a component.

pub(crate) mod compiler;

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Command;

use anyhow::Context as _;

use crate::guest_target::{self, Choice, GuestToolchain, TARGET};
use crate::guests;
use crate::process;
use crate::toolchain;
use crate::tools::zig;
use crate::workspace;

/// The runtime's package.
const PACKAGE: &str = "js-runtime";

/// Builds it to where Isolet's own build takes it from.
///
/// # Errors
/// When there is no C compiler for it, or it does not compile.
pub(crate) fn build(toolchain: &GuestToolchain) -> anyhow::Result<()> {
    let mut command = toolchain.cargo_build();
    command.args(["--package", PACKAGE]);
    process::run(with_c(&mut command)?)?;
    let artefact = workspace::target().join(TARGET).join("guest").join("js_runtime.wasm");
    guests::copy_component(PACKAGE, &artefact).map(drop)
}

/// Lets clippy read it: it compiles for no other target.
///
/// # Errors
/// When there is something to mend.
pub(crate) fn lint() -> anyhow::Result<()> {
    // Debian's compiler for guests comes without clippy.
    let GuestToolchain::Own = guest_target::ensure(Choice::Auto)? else { return Ok(()) };
    let mut command = toolchain::cargo();
    command.args([
        "clippy",
        "--profile",
        "guest",
        "--target",
        TARGET,
        "--package",
        PACKAGE,
        "--",
        "--deny",
        "warnings",
    ]);
    process::run(with_c(&mut command)?)
}

/// Tells QuickJS's build about its C compiler.
fn with_c(command: &mut Command) -> anyhow::Result<&mut Command> {
    let zig = zig::ensure()?;
    // QuickJS's build looks at the compiler's name and not at what is included: it changes with that.
    let mut digest = DefaultHasher::new();
    for ours in ["quickjs/before.h", "quickjs/after.h"] {
        let path = workspace::root().join("guest-sdk/js/runtime").join(ours);
        fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?.hash(&mut digest);
    }
    include_str!("js_runtime/compiler.rs").hash(&mut digest);
    let digest = digest.finish();
    let this = env::current_exe().context("failed to find this program")?;
    let compiler = format!("{} {} -DOURS={digest}", this.display(), compiler::COMMAND);
    Ok(command
        .env(format!("CC_{}", TARGET.replace('-', "_")), compiler)
        .env(format!("AR_{}", TARGET.replace('-', "_")), format!("{} ar", zig.display()))
        // It would name the target in a way that zig does not know.
        .env("CRATE_CC_NO_DEFAULTS", "1")
        // It would fetch a compiler of its own.
        .env("RQUICKJS_SYS_NO_WASI_SDK", "1"))
}
