//! Whom the demo's worker serves: one who does what the examples do, and one who means harm.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::demo::examples;
use crate::workspace;

/// The good one. Each tenant's task queue is called like it.
pub(crate) const ACME: &str = "acme";
/// The other one.
pub(crate) const MALLORY: &str = "mallory";

/// What it brings.
const HOSTILE: &str = "hostile";

/// What opens the worker's page.
const TOKEN: &str = "the-demo-s-own-token";

/// Writes the configuration, and returns its file. Activities of the good tenant may send requests to the server of
/// reports; the other one is granted nothing.
///
/// # Errors
/// When it can't be written.
pub(crate) fn write_configuration(reports: &str) -> anyhow::Result<PathBuf> {
    let mut text = format!("[[tenants]]\nname = \"{ACME}\"\n\n[[tenants.workers]]\ntask-queue = \"{ACME}\"\n");
    for component in examples::components() {
        writeln!(text, "{}grants.http = [\"{reports}\"]", component_of(&component))?;
    }
    write!(text, "\n[[tenants]]\nname = \"{MALLORY}\"\n\n[[tenants.workers]]\ntask-queue = \"{MALLORY}\"\n")?;
    let hostile = workspace::guests().join(HOSTILE).with_extension("wasm");
    writeln!(text, "{}stopping.kill-grace = \"500ms\"", component_of(&hostile))?;
    save("isolet.toml", &text)
}

fn component_of(file: &Path) -> String {
    format!("\n[[tenants.workers.components]]\npath = {:?}\n", file.display().to_string())
}

/// Writes the file with the token of the worker's page.
///
/// # Errors
/// When it can't be written.
pub(crate) fn write_token() -> anyhow::Result<PathBuf> {
    save("token", TOKEN)
}

/// The token itself.
pub(crate) fn token() -> &'static str {
    TOKEN
}

fn save(name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let folder = examples::output_folder();
    fs::create_dir_all(&folder).with_context(|| format!("failed to create {}", workspace::shown(&folder)))?;
    let file = folder.join(name);
    fs::write(&file, text).with_context(|| format!("failed to write {}", workspace::shown(&file)))?;
    Ok(file)
}
