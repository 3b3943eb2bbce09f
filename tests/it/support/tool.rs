//! Programs that tests need beside Isolet: on `PATH`, or in the project's own `.tools`.

use std::{env, path::PathBuf};

/// The path of a program.
pub(crate) fn tool(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([tools().join("bin")])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is missing: run `cargo xtask setup`"))
}

/// The folder of a Python package, as `NAME-VERSION`.
pub(crate) fn python_package(name: &str) -> PathBuf {
    let folder = tools().join("pip").join(name);
    assert!(folder.is_dir(), "{} is missing: run `cargo xtask setup`", folder.display());
    folder
}

/// The packages of a list of npm's, by its name.
pub(crate) fn npm_packages(name: &str) -> PathBuf {
    let folder = tools().join("npm").join(name).join("node_modules");
    assert!(folder.is_dir(), "{} is missing: run `cargo xtask setup`", folder.display());
    folder
}

fn tools() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools")
}
