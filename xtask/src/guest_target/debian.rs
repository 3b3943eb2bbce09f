//! The guests' toolchain from Debian's packages, for machines where rustup can't fetch the target.
//!
//! Debian ships a recent compiler with the sources of its standard library, and a C library for WASI. The standard
//! library is built once, about a minute, into `.tools/sysroot`. The linker is the one of the toolchain in use: Rust's
//! toolchains bring `wasm-component-ld`, which emits finished components.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::guest_target::{TARGET, has_std};
use crate::process;
use crate::steps::cured;
use crate::toolchain;
use crate::tools;
use crate::workspace;

/// What has to be installed.
pub(crate) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "wasi-libc"];

const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
/// Present once all packages are: each brings one.
const MARKS: [&str; 4] = [RUSTC, CARGO, "/usr/lib/rustlib/src/rust/library/std", "/usr/lib/wasm32-wasi/libc.a"];
/// Debian's C library for WASI.
const LIBC: &str = "/usr/lib/wasm32-wasi";

/// A crate whose dependency is the standard library, and nothing else.
const STD_BUILDER: &str = "\
[package]
name = \"std-builder\"
version = \"0.0.0\"
edition = \"2021\"

[profile.release]
lto = \"off\"
panic = \"abort\"

[workspace]
";

/// Debian's compiler, our linker, and the standard library that was built from Debian's sources.
pub(crate) struct Toolchain {
    sysroot: PathBuf,
    linker: Linker,
}

/// The two programs that turn object files into a component.
struct Linker {
    component: PathBuf,
    wasm: PathBuf,
}

impl Toolchain {
    /// Debian's cargo, set up to compile guests.
    pub(crate) fn cargo(&self) -> Command {
        let flags = format!(
            "--sysroot={} -Clink-arg=--wasm-ld-path={} -Clink-arg={} -Clink-arg=--wrap=sbrk",
            self.sysroot.display(),
            self.linker.wasm.display(),
            gaps(&self.sysroot).display()
        );
        let mut command = debian_cargo();
        command
            .current_dir(workspace::root())
            .env("CARGO_TARGET_WASM32_WASIP2_LINKER", &self.linker.component)
            .env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", flags);
        command
    }
}

/// Finds the toolchain, installing packages (as root) and building the standard library where they are missing.
///
/// # Errors
/// When a package is missing and can't be installed, there is no linker, or the library can't be built.
pub(super) fn ensure() -> anyhow::Result<Toolchain> {
    let missing = || MARKS.iter().find(|path| !Path::new(path).exists());
    if missing().is_some() {
        install_packages()?;
    }
    if let Some(path) = missing() {
        return Err(cured(format!("{path} is missing"), format!("install {}", PACKAGES.join(" "))));
    }
    let linker = find_linker()?;
    let sysroot = workspace::tools().join("sysroot");
    let version = process::capture(Command::new(RUSTC).arg("--version"))?;
    let stamp = sysroot.join("rustc-version");
    if !(fs::read_to_string(&stamp).is_ok_and(|built| built == version) && has_std(&libraries(&sysroot))) {
        println!("  building the standard library of {TARGET} with {}", version.trim());
        build_std(&sysroot, &linker)?;
        fs::write(&stamp, version).context("failed to note the version of the standard library")?;
    }
    compile_gaps(&sysroot)?;
    Ok(Toolchain { sysroot, linker })
}

fn install_packages() -> anyhow::Result<()> {
    let cure = format!("as root: apt-get install {}", PACKAGES.join(" "));
    anyhow::ensure!(tools::on_path("apt-get").is_some(), "this is no Debian: there is no apt-get");
    let user = process::capture(Command::new("id").arg("-u"))?;
    if user.trim() != "0" {
        return Err(cured("Debian's packages for guests are missing, and installing them takes root", cure));
    }
    println!("  installing {}", PACKAGES.join(" "));
    let install = || {
        let mut command = Command::new("apt-get");
        command.args(["install", "--yes", "--no-install-recommends"]).args(PACKAGES);
        process::capture(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // On a fresh machine the lists of packages may be empty or old.
    let installed =
        install().or_else(|_| process::capture(Command::new("apt-get").arg("update")).and_then(|_| install()));
    installed.map(|_| ()).map_err(|why| cured(format!("{why:#}"), cure))
}

/// The linker of the toolchain in use.
fn find_linker() -> anyhow::Result<Linker> {
    let rustc = |query: &[&str]| process::capture(toolchain::rustc().args(query));
    let sysroot = rustc(&["--print", "sysroot"])?;
    let host = rustc(&["--print", "host-tuple"])?;
    let bin = Path::new(sysroot.trim()).join("lib/rustlib").join(host.trim()).join("bin");
    let linker = Linker { component: bin.join("wasm-component-ld"), wasm: bin.join("gcc-ld").join("wasm-ld") };
    if linker.component.is_file() && linker.wasm.is_file() {
        return Ok(linker);
    }
    Err(cured(
        "the toolchain in use brings no wasm-component-ld",
        "use a toolchain of rustup: those bring the linker for components",
    ))
}

/// Builds the standard library and lays it out as a compiler expects it.
fn build_std(sysroot: &Path, linker: &Linker) -> anyhow::Result<()> {
    let builder = workspace::tools().join("std-builder");
    fs::create_dir_all(builder.join("src"))?;
    fs::write(builder.join("Cargo.toml"), STD_BUILDER)?;
    fs::write(builder.join("src/lib.rs"), "//! Nothing.\n")?;
    let mut build = debian_cargo();
    build
        .current_dir(&builder)
        .args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"])
        .env("RUSTC_BOOTSTRAP", "1")
        // With bitcode it serves both guests that are optimised as a whole and those that are not.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", builder.join("target"))
        .env("CARGO_TARGET_WASM32_WASIP2_LINKER", &linker.component);
    process::run(&mut build)?;

    let libraries = libraries(sysroot);
    if sysroot.exists() {
        fs::remove_dir_all(sysroot)?;
    }
    copy_files(&builder.join("target").join(TARGET).join("release/deps"), &libraries, &["rlib"])?;
    copy_files(Path::new(LIBC), &libraries.join("self-contained"), &["a", "o"])?;
    link_host_libraries(sysroot)
}

/// Build scripts and macros run on the host: its libraries are Debian's.
fn link_host_libraries(sysroot: &Path) -> anyhow::Result<()> {
    let host = process::capture(Command::new(RUSTC).args(["--print", "host-tuple"]))?;
    let folder = Path::new("/usr/lib/rustlib").join(host.trim());
    std::os::unix::fs::symlink(folder, sysroot.join("lib/rustlib").join(host.trim()))?;
    Ok(())
}

fn compile_gaps(sysroot: &Path) -> anyhow::Result<()> {
    let source = workspace::root().join("xtask/guest-target/libc-gaps.rs");
    let mut compile = Command::new(RUSTC);
    compile
        .args(["--edition", "2024", "--target", TARGET, "-O", "-Cpanic=abort", "--crate-type", "lib", "--emit", "obj"])
        .arg("--sysroot")
        .arg(sysroot)
        .arg("-o")
        .arg(gaps(sysroot))
        .arg(source);
    process::capture(&mut compile).map(|_| ())
}

fn copy_files(from: &Path, to: &Path, extensions: &[&str]) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("failed to read {}", from.display()))? {
        let path = entry?.path();
        let wanted = path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension));
        if let (true, Some(name)) = (wanted, path.file_name()) {
            fs::copy(&path, to.join(name)).with_context(|| format!("failed to copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// Debian's cargo and compiler, whatever toolchain runs us.
fn debian_cargo() -> Command {
    let mut command = Command::new(CARGO);
    tools::forget_own_package(&mut command);
    tools::forget_own_toolchain(&mut command);
    command.env("RUSTC", RUSTC).env_remove("RUSTUP_TOOLCHAIN");
    command
}

fn libraries(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn gaps(sysroot: &Path) -> PathBuf {
    sysroot.join("libc-gaps.o")
}
