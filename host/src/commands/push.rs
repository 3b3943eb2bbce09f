//! `isolet push`: a component into a registry.

mod interfaces;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::anyhow;
use catalog::ComponentFile;
use clap::Args;
use registry::{Component, Reference};
use serde_json::json;

use self::interfaces::Interfaces;
use crate::{
    config::{
        load,
        registry::{Artifact, RegistryFlags},
    },
    exit::{CommandResult, Exit, OrCure as _, OrExit as _, Problem, failed_to},
    output::{self, Format, human, log, progress::Progress},
    wiring::artifacts,
};

/// Pushes a component into a registry.
///
/// The layout is CNCF's for Wasm artifacts, which `wkg`, `wash` and `oras` can pull, too. Credentials are those of
/// `docker login`. The same component is the same artefact: pushing it twice is pushing it once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet push orders.wasm oci://registry.example.com/acme/orders:1.0
  isolet push --annotation org.opencontainers.image.revision=4d1f0c9 orders.wasm oci://registry.example.com/acme/orders:1.0
  isolet push --plain-http localhost:5000 orders.wasm oci://localhost:5000/orders")]
pub(crate) struct PushArgs {
    /// The component's file.
    component: PathBuf,
    /// To where: `oci://REGISTRY/REPOSITORY:TAG`.
    reference: Reference,
    /// Something to note on it, such as where it comes from. May be repeated.
    #[arg(long = "annotation", value_name = "KEY=VALUE", value_parser = annotation)]
    annotations: Vec<(String, String)>,
    /// For people on standard error, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    registry: RegistryFlags,
}

impl PushArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        if self.reference.digest().is_some() {
            let error = anyhow!("{} has a digest, and what is pushed gets its own", self.reference);
            return Err(Problem::new(Exit::Usage, error).cure("name a tag alone, as in oci://…/orders:1.0"));
        }
        let component = self.component()?;
        let Artifact { reference, registry } = load::artifact(self.reference, &self.registry, None)?;
        let progress = Progress::start(format!("pushing {}", self.component.display()));
        let pushed = registry::push(&registry, &reference, component).map_err(artifacts::problem)?;
        drop(progress);
        match self.output {
            Format::Json => output::json(&json!({
                "reference": reference.to_string(),
                "pinned": pushed.reference.to_string(),
                "manifest": pushed.manifest.to_string(),
                "digest": pushed.component.hex(),
                "size": pushed.size,
            })),
            Format::Human => {
                output::note(format_args!("pushed {} ({})", pushed.reference, human::size(pushed.size)));
            }
        }
        Ok(Exit::Completed)
    }

    fn component(&self) -> Result<Component, Problem> {
        let file = ComponentFile::find_anew(&self.component, &()).map_err(failed_to).or_exit(Exit::NotLoaded)?;
        let bytes = file.bytes.unwrap_or_default();
        let Interfaces { imports, exports } = interfaces::read(&bytes)
            .map_err(|why| anyhow!("failed to push {}: {why}", self.component.display()))
            .or_exit(Exit::NotLoaded)
            .or_cure("`isolet build` makes components, of projects and of core modules")?;
        let title = self.component.file_name().unwrap_or(self.component.as_os_str()).to_string_lossy().into_owned();
        let annotations: BTreeMap<_, _> = self.annotations.iter().cloned().collect();
        Ok(Component { bytes, title, imports, exports, annotations })
    }
}

fn annotation(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("an annotation is written KEY=VALUE")?;
    match key.is_empty() {
        true => Err("it has no key"),
        false => Ok((key.to_owned(), value.to_owned())),
    }
}
