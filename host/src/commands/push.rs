//! `isolet push`: a component into a registry.

mod interfaces;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow};
use catalog::ComponentFile;
use clap::Args;
use registry::{Component, Pushed, Reference};
use serde_json::json;
use trust::BUNDLE;

use self::interfaces::Interfaces;
use crate::{
    config::{
        load,
        quantity::Span,
        registries::{Artifact, RegistryFlags},
    },
    exit::{CommandResult, Exit, OrCure as _, OrExit as _, Problem, failed_to},
    files,
    output::{self, Format, human, log, progress::Progress},
    wiring::artifacts,
};

/// The most bytes of a file that is attached: a long list of parts.
const LARGEST_ATTACHED: u64 = 64 << 20;

/// The shortest time that something is signed for.
const SHORTEST: Duration = Duration::from_secs(1);

/// Pushes a component into a registry.
///
/// The layout is CNCF's for Wasm artifacts, which `wkg`, `wash` and `oras` can pull, too. Credentials are those of
/// `docker login`. The same component is the same artefact: pushing it twice is pushing it once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet push orders.wasm oci://registry.example.com/acme/orders:1.0
  isolet push --annotation org.opencontainers.image.revision=4d1f0c9 orders.wasm oci://registry.example.com/acme/orders:1.0
  isolet push --sign acme.pem --as-version 7 orders.wasm oci://registry.example.com/acme/orders:1.0
  isolet push --plain-http localhost:5000 orders.wasm oci://localhost:5000/orders")]
pub(crate) struct PushArgs {
    /// The component's file.
    component: PathBuf,
    /// To where: `oci://REGISTRY/REPOSITORY:TAG`.
    reference: Reference,
    /// Something to note on it, such as where it comes from. May be repeated.
    #[arg(long = "annotation", value_name = "KEY=VALUE", value_parser = annotation)]
    annotations: Vec<(String, String)>,
    /// Signs it with the private key in this file.
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
    /// Signs it as this version: who trusts the key takes none that is lower from then on.
    #[arg(long, value_name = "NUMBER", requires = "sign")]
    as_version: Option<u64>,
    /// Signs it for this long: after it, nobody takes the signature any more.
    #[arg(long, value_name = "DURATION", requires = "sign")]
    expires_in: Option<Span>,
    /// Attaches a file to it, such as a list of its parts, with the type that is written before it. May be repeated.
    #[arg(long, value_name = "TYPE=FILE", value_parser = attachment)]
    attach: Vec<(String, PathBuf)>,
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
        if self.expires_in.is_some_and(|Span(time)| time < SHORTEST) {
            let error = anyhow!("what is signed with --expires-in below {} is worth nothing at once", Span(SHORTEST));
            return Err(Problem::new(Exit::Usage, error).cure("name a longer time, such as 90days"));
        }
        let component = self.component()?;
        // Before anything is pushed that would not be signed.
        if let Some(key) = &self.sign {
            trust::check_key(key).map_err(artifacts::untrusted)?;
        }
        let attached = self.attached()?;
        let Artifact { reference, registry, .. } = load::artifact(self.reference.clone(), &self.registry, None)?;
        let progress = Progress::start(format!("pushing {}", self.component.display()));
        let pushed = registry::push(&registry, &reference, component).map_err(artifacts::problem)?;
        self.sign(&registry, &pushed)?;
        for (artifact_type, bytes) in attached {
            registry::attach(&registry, &pushed, (artifact_type, bytes), &BTreeMap::new())
                .map_err(artifacts::problem)?;
        }
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

    fn sign(&self, registry: &registry::Settings, pushed: &Pushed) -> Result<(), Problem> {
        let Some(key) = &self.sign else { return Ok(()) };
        let expires = self.expires_in.map(|Span(time)| time);
        let about = (pushed.reference.place(), pushed.manifest.hex());
        let signed = trust::sign(key, (&about.0, about.1), self.as_version, expires).map_err(artifacts::untrusted)?;
        let attached = (BUNDLE, signed.bundle.into_bytes());
        registry::attach(registry, pushed, attached, &signed.annotations.into()).map_err(artifacts::problem)?;
        Ok(())
    }

    /// What is to be attached, read.
    fn attached(&self) -> Result<Vec<(&str, Vec<u8>)>, Problem> {
        let read = |path: &PathBuf| {
            let bytes = files::read(path, LARGEST_ATTACHED);
            bytes.with_context(|| format!("failed to read {}", path.display())).or_exit(Exit::Usage)
        };
        self.attach.iter().map(|each| Ok((each.0.as_str(), read(&each.1)?))).collect()
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

fn attachment(text: &str) -> Result<(String, PathBuf), &'static str> {
    let (artifact_type, path) = text.split_once('=').ok_or("what is attached is written TYPE=FILE")?;
    match artifact_type.split_once('/') {
        Some((main, sub)) if !main.is_empty() && !sub.is_empty() => Ok((artifact_type.to_owned(), path.into())),
        _ => Err("its type is none: write one like application/spdx+json"),
    }
}

fn annotation(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("an annotation is written KEY=VALUE")?;
    match key.is_empty() {
        true => Err("it has no key"),
        false => Ok((key.to_owned(), value.to_owned())),
    }
}
