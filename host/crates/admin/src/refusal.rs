//! Why something that is asked for is not done.

use serde::{Deserialize, Serialize};

/// Why something is not done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: Option<String>,
}
