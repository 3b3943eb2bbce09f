//! The project's own `go.mod`, as it is for a build: with the SDK in the place of Temporal's modules. The user's files
//! stay as they are: Go is told to read others instead.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::json;

use super::toolchain::Toolchain;
use crate::{
    exit::{Exit, OrExit as _, Problem},
    languages::builder::ran,
};

/// The file that says which files are read instead of others.
pub(super) const OVERLAY: &str = "overlay.json";

/// Temporal's modules, the folders of the SDK that take their places, and a version for projects that name none.
const MODULES: [(&str, &str, &str); 2] =
    [("go.temporal.io/sdk", "sdk", "v1.48.0"), ("go.temporal.io/api", "api", "v1.64.3")];

/// The module of a project that has none.
const NO_MODULE: &str = "module activities\n\ngo 1.27\n";

/// Writes the files that Go is to read instead into `scratch`, for a project in `folder`.
///
/// # Errors
/// When the project's `go.mod` can't be read or is none.
pub(super) fn write(toolchain: &Toolchain, folder: &Path, scratch: &Path) -> Result<(), Problem> {
    let own = folder.ancestors().find(|above| above.join("go.mod").is_file());
    let root = own.unwrap_or(folder);
    let text = match own {
        Some(root) => fs::read_to_string(root.join("go.mod")).context("failed to read go.mod").or_exit(Exit::Usage)?,
        None => NO_MODULE.to_owned(),
    };
    let replacing = scratch.join("go.mod");
    fs::write(&replacing, &text)?;
    let mut edit = toolchain.go();
    edit.args(["mod", "edit"]);
    for (name, place, version) in MODULES {
        if !text.contains(&format!("{name} v")) {
            edit.arg(format!("-require={name}@{version}"));
        }
        edit.arg(format!("-replace={name}={}", toolchain.sdk.join(place).display()));
    }
    let go_mod = root.join("go.mod");
    ran(edit.arg(&replacing)).with_context(|| format!("{} is no go.mod", go_mod.display())).or_exit(Exit::Usage)?;
    let (scheduler, ours) = toolchain.scheduler();
    let overlay = json!({"Replace": {text_of(&go_mod)?: replacing, text_of(&scheduler)?: ours}});
    fs::write(scratch.join(OVERLAY), overlay.to_string())?;
    Ok(())
}

/// A workspace of the project in its folder, with the SDK in the place of Temporal's modules.
pub(super) fn workspace(sdk: &Path) -> String {
    let mut text = "// For this machine: Isolet's module for activities in the place of Temporal's.\n\ngo 1.24\n\nuse .\n".to_owned();
    for (name, place, _) in MODULES {
        text += &format!("\nreplace {name} => {}\n", sdk.join(place).display());
    }
    text
}

fn text_of(path: &Path) -> Result<String, Problem> {
    let shown = || format!("{} is no path that Go takes: it is not UTF-8", path.display());
    PathBuf::from(path).into_os_string().into_string().ok().with_context(shown).or_exit(Exit::Usage)
}
