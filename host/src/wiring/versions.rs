//! As which version of what it serves Temporal knows a worker: by the digests of its components, or as its configuration
//! and its environment say.
//!
//! The variables are those that Temporal's worker controller sets.

use std::{env, time::Duration};

use sha2::{Digest as _, Sha256};

use crate::config::settings::ConnectionSettings;

/// How many digits of a digest tell versions apart.
const DIGITS: usize = 16;

/// The version of a worker that serves components with these digests.
pub(crate) fn build_id<'a>(digests: impl Iterator<Item = &'a str>) -> String {
    set("TEMPORAL_WORKER_BUILD_ID").unwrap_or_else(|| of_digests(digests))
}

/// As what Temporal knows all workers of this process.
#[derive(Clone, Debug)]
pub(crate) struct KnownAs {
    /// The Worker Deployment that they are versions of.
    pub(crate) deployment: Option<String>,
    /// How often they tell how they are; `None` for never.
    pub(crate) heartbeat: Option<Duration>,
}

impl KnownAs {
    /// As the configuration and the environment say.
    pub(crate) fn of(settings: &ConnectionSettings) -> Self {
        Self { deployment: deployment(settings.deployment.as_ref()), heartbeat: settings.worker_heartbeat }
    }
}

/// The Worker Deployment that all workers of this process are versions of: the one that is configured, or else that of the
/// environment.
fn deployment(configured: Option<&String>) -> Option<String> {
    configured.cloned().or_else(|| set("TEMPORAL_DEPLOYMENT_NAME"))
}

fn set(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

/// The same for the same components, in whatever order.
fn of_digests<'a>(digests: impl Iterator<Item = &'a str>) -> String {
    let mut digests: Vec<&str> = digests.collect();
    digests.sort_unstable();
    let digest = match digests.as_slice() {
        // So that it is seen which component that is.
        [one] => (*one).to_owned(),
        all => format!("{:x}", Sha256::digest(all.join(" "))),
    };
    format!("isolet-{}", digest.get(..DIGITS).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_names_a_deployment_before_the_environment() {
        assert_eq!(deployment(Some(&"orders".to_owned())).as_deref(), Some("orders"));
    }

    #[test]
    fn a_version_is_that_of_its_components() {
        let [one, other] = ["0123456789abcdef0123", "fedcba9876543210fedc"];
        assert_eq!(of_digests([one].into_iter()), "isolet-0123456789abcdef");
        assert_eq!(of_digests([one, other].into_iter()), of_digests([other, one].into_iter()));
        assert_ne!(of_digests([one, other].into_iter()), of_digests([one].into_iter()));
        assert!(of_digests([one, other].into_iter()).len() <= 63);
    }
}
