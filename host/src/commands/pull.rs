//! `isolet pull`: a component out of a registry.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use registry::Reference;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::{
    config::{
        load,
        registries::{Artifact, RegistryFlags},
    },
    exit::{CommandResult, Exit, OrExit as _, Problem, failed_to},
    output::{self, Format, human, log},
    wiring::artifacts::{self, Pulled},
};

/// Pulls a component out of a registry.
///
/// It is kept in the cache directory, where every other command finds it by its digest, also while the registry is away.
/// Nothing of it runs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet pull oci://registry.example.com/acme/orders:1.0
  isolet pull -o orders.wasm oci://registry.example.com/acme/orders:1.0
  isolet pull --plain-http localhost:5000 oci://localhost:5000/orders")]
pub(crate) struct PullArgs {
    /// What to pull: `oci://REGISTRY/REPOSITORY:TAG` or `…@DIGEST`.
    reference: Reference,
    /// Writes the component to a file, too.
    #[arg(long, short, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Where components are kept [default: what the configuration says, else the platform's cache directory].
    #[arg(long, value_name = "DIRECTORY", env = "ISOLET_CACHE")]
    cache: Option<PathBuf>,
    /// For people on standard error, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    registry: RegistryFlags,
}

impl PullArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let artifact = load::artifact(self.reference, &self.registry, self.cache)?;
        let Pulled { located, mut file, .. } = artifacts::pull(&artifact, &(), None)?;
        if let Some(path) = &self.output_file {
            let bytes = file.bytes.take().map_or_else(|| file.read(), Ok);
            write(path, &bytes.map_err(failed_to).or_exit(Exit::NotLoaded)?)?;
        }
        let Artifact { reference, .. } = artifact;
        match self.output {
            Format::Json => output::json(&json!({
                "reference": reference.to_string(),
                "pinned": located.reference.to_string(),
                "manifest": located.manifest.to_string(),
                "digest": file.digest,
                "size": file.size,
                "file": self.output_file.as_deref().unwrap_or(&file.path),
            })),
            Format::Human => {
                output::note(format_args!("pulled {} ({})", located.reference, human::size(located.size)));
            }
        }
        Ok(Exit::Completed)
    }
}

/// Writes a file, completely or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let write = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        // As for any file that is written here, and not for a secret.
        fs::set_permissions(file.path(), permissions())?;
        file.persist(path)?;
        anyhow::Ok(())
    };
    write().with_context(|| format!("failed to write {}", path.display())).or_exit(Exit::Other)
}

fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}
