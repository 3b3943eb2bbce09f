//! Whether limits and grants hold, or only count.

use serde::{Deserialize, Serialize};

/// What becomes of what is beyond a limit or a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawMode {
    /// It waits, is dropped or refused.
    Enforce,
    /// It goes on, and is counted.
    Count,
}
