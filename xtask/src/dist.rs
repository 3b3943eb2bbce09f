//! Programs to give away: static, for each processor, with what is in them and under which licences, as archives with
//! their digests in `target/dist`.

mod archive;
mod licences;
mod parts;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::guest_target::{self, Choice};
use crate::js_runtime;
use crate::process;
use crate::steps::Steps;
use crate::toolchain;
use crate::tools::{cargo_zigbuild, zig};
use crate::workspace;

/// What is built unless others are named.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// The package, its program, and the files beside it.
const PACKAGE: &str = "isolet";
const FILES: [&str; 4] = ["LICENSE", "README.md", "CHANGELOG.md", "deploy/isolet.service"];

/// Builds an archive for each target, or for those that are named.
///
/// # Errors
/// The first failed step's.
pub(crate) fn run(named: &[String], choice: Choice) -> anyhow::Result<()> {
    let targets: Vec<&str> =
        if named.is_empty() { TARGETS.to_vec() } else { named.iter().map(String::as_str).collect() };
    let mut steps = Steps::new(3 + targets.len());
    let cure = "see docs/getting-started.md, \"The guests' toolchain\"";
    steps.run("building the runtime of JavaScript", cure, || js_runtime::build(&guest_target::ensure(choice)?))?;
    let folder = workspace::target().join("dist");
    fs::create_dir_all(&folder).with_context(|| format!("failed to create {}", workspace::shown(&folder)))?;
    let licences = steps.run("gathering the licences", "read the message above", || licences::text(&targets))?;
    let parts = steps.run("listing the parts (a minute the first time)", "read the message above", parts::list)?;
    for target in targets {
        let cure = "read the compiler's message above; only a linker and a C compiler for the target are zig's";
        steps.run(&format!("building for {target} (many minutes)"), cure, || {
            let program = build(target)?;
            let archive = pack(&folder, target, &program, &licences, &parts)?;
            println!("  {}", workspace::shown(&archive));
            Ok(())
        })?;
    }
    let sums = archive::sums(&folder)?;
    steps.finish(&format!("{} has the archives and their digests", workspace::shown(&sums)));
    Ok(())
}

/// Compiles the program for a target, with zig for what is in C and for linking.
fn build(target: &str) -> anyhow::Result<PathBuf> {
    if let Ok(mut rustup) = toolchain::rustup(&["target", "add", target]) {
        process::capture(&mut rustup)?;
    }
    let zigbuild = cargo_zigbuild::ensure()?;
    let mut command = toolchain::cargo();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = zigbuild.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders)?).env("CARGO_ZIGBUILD_ZIG_PATH", zig::ensure()?);
    command.args(["zigbuild", "--release", "--locked", "--package", PACKAGE, "--bin", PACKAGE, "--target", target]);
    process::run(&mut command)?;
    Ok(workspace::target().join(target).join("release").join(PACKAGE))
}

/// Makes the archive of a target.
fn pack(folder: &Path, target: &str, program: &Path, licences: &str, parts: &str) -> anyhow::Result<PathBuf> {
    let name = format!("{PACKAGE}-{}-{target}", env!("CARGO_PKG_VERSION"));
    let staged = folder.join(&name);
    if staged.exists() {
        fs::remove_dir_all(&staged)?;
    }
    fs::create_dir_all(&staged)?;
    fs::copy(program, staged.join(PACKAGE)).with_context(|| format!("failed to copy {}", program.display()))?;
    for file in FILES {
        let source = workspace::root().join(file);
        let last = source.file_name().context("a file has a name")?;
        fs::copy(&source, staged.join(last)).with_context(|| format!("failed to copy {file}"))?;
    }
    fs::write(staged.join("THIRD-PARTY-LICENSES.txt"), licences)?;
    fs::write(staged.join("isolet.cdx.json"), parts)?;
    let archive = archive::pack(folder, &name)?;
    fs::remove_dir_all(&staged)?;
    Ok(archive)
}
