//! `isolet verify`: who has signed what a registry has.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use registry::Reference;
use serde_json::json;

use crate::{
    config::{load, raw::RawTrust, registries::RegistryFlags},
    exit::{CommandResult, Exit, OrCure as _, Problem},
    output::{self, Format, log},
    wiring::artifacts,
};

/// Tells who has signed what a registry has, and fails if that is not enough.
///
/// What is enough is said by the entries of `[[trust]]` in isolet.toml, or by --key, or by --identity and --issuer. Nothing
/// is pulled but what is attached, and nothing runs. The exit code is 3 when it is not to be trusted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet verify oci://registry.example.com/acme/orders:1.0
  isolet verify --key acme.pub oci://registry.example.com/acme/orders:1.0")]
pub(crate) struct VerifyArgs {
    /// What to look at: `oci://REGISTRY/REPOSITORY:TAG` or `…@DIGEST`.
    reference: Reference,
    /// A file with the public key that must have signed.
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    key: Option<PathBuf>,
    /// Who must have signed: a mail address, or a workflow's address.
    #[arg(long, value_name = "IDENTITY", requires = "issuer")]
    identity: Option<String>,
    /// Who says who that is.
    #[arg(long, value_name = "ADDRESS", requires = "identity")]
    issuer: Option<String>,
    /// What must be said: `signature`, `provenance`, `sbom`, or the type of another statement [default: signature]. May be
    /// repeated.
    #[arg(long, value_name = "KIND")]
    require: Vec<String>,
    /// A file with the authorities and logs that count [default: Sigstore's own].
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
    /// For people, or as one JSON document.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    registry: RegistryFlags,
}

impl VerifyArgs {
    pub(crate) fn run(self) -> CommandResult {
        log::start_quiet();
        let is_named = self.key.is_some() || self.identity.is_some();
        let rule = RawTrust {
            scope: Some("*".to_owned()),
            key: self.key,
            identity: self.identity,
            issuer: self.issuer,
            require: self.require,
            trusted_root: self.trusted_root,
            ..RawTrust::default()
        };
        let artifact = load::artifact_trusted(self.reference, &self.registry, is_named.then_some(rule))?;
        if artifact.trust.is_empty() {
            let error = anyhow!("nobody is said to be trusted");
            return Err(Problem::new(Exit::Usage, error))
                .or_cure("name a public key with --key, or --identity and --issuer, or add [[trust]] to isolet.toml");
        }
        let (located, verdict) = artifacts::locate(&artifact)?;
        let signed = artifacts::signed(&verdict);
        match self.output {
            Format::Json => output::json(&json!({
                "reference": artifact.reference.to_string(),
                "pinned": located.reference.to_string(),
                "signed": signed,
                "counted": verdict.counted.iter().map(|counted| &counted.0).collect::<Vec<_>>(),
            })),
            Format::Human => {
                output::line(format_args!("{}", located.reference));
                signed.iter().for_each(|line| output::line(format_args!("  {line}")));
                if signed.is_empty() {
                    output::line(format_args!(
                        "  nobody needs to have signed it: its digest is pinned, or it is only counted"
                    ));
                }
            }
        }
        Ok(Exit::Completed)
    }
}
