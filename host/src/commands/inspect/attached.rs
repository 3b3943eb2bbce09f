//! What a registry has beside a component: its manifest's digest, and what others have attached to it.

use activity::shown;
use registry::Attached;
use serde_json::{Value, json};

use super::list;
use crate::{config::registries::Artifact, exit::Problem, wiring::artifacts};

/// How a bundle notes which statement it holds.
const PREDICATE: &str = "dev.sigstore.bundle.predicateType";

/// Where a component comes from.
pub(super) struct Origin {
    pinned: String,
    attached: Vec<Attached>,
}

impl Origin {
    /// That of what a registry has.
    ///
    /// # Errors
    /// When the registry refuses.
    pub(super) fn of(artifact: &Artifact) -> Result<Self, Problem> {
        let (located, _) = artifacts::locate(artifact)?;
        let (settings, reference) = (&artifact.registry, &located.reference);
        let attached = match registry::attached(settings, reference) {
            Err(away) if away.is_away() => {
                tracing::warn!("failed to {away}: what was attached when it was last asked is shown");
                registry::kept_attached(settings, reference).map(Option::unwrap_or_default)
            }
            attached => attached,
        };
        let attached = attached.map_err(artifacts::problem)?;
        Ok(Self { pinned: located.reference.to_string(), attached })
    }

    /// For people.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("pinned      {}", self.pinned)];
        let line = |attached: &Attached| {
            let kind = attached.annotations.get(PREDICATE).unwrap_or(&attached.artifact_type);
            format!("{} ({} bytes, {})", shown::name(kind), attached.size, shown::name(&attached.digest))
        };
        lines.extend(list("attached", self.attached.iter().map(line)));
        lines
    }

    /// Adds it to a document.
    pub(super) fn add_to(&self, document: &mut Value) {
        let attached = self.attached.iter().map(|attached| {
            json!({
                "type": attached.artifact_type,
                "predicate_type": attached.annotations.get(PREDICATE),
                "digest": attached.digest,
                "size": attached.size,
                "annotations": attached.annotations,
            })
        });
        if let Some(document) = document.as_object_mut() {
            document.insert("pinned".to_owned(), json!(self.pinned));
            document.insert("attached".to_owned(), attached.collect());
        }
    }
}
