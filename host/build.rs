//! Takes the runtime of JavaScript activities into this program. `cargo xtask` builds it before this; where only cargo
//! is run and it was never built, `isolet build` says that it is not there.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // Below the target folder, how deep depends on how cargo is called.
    let guests = out.ancestors().map(|folder| folder.join("guests")).find(|guests| guests.is_dir());
    let runtime = guests.unwrap_or_default().join("js-runtime.wasm");
    println!("cargo::rerun-if-changed={}", runtime.display());
    fs::write(Path::new(&out).join("js-runtime.wasm"), fs::read(&runtime).unwrap_or_default())
}
