//! Where guests run: in the worker's own process, or in processes of their own.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What begins the name of a cell that tenants share.
const SHARED: &str = "shared:";

/// Where the guests of a tenant run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Isolation {
    /// In the worker's own process.
    None,
    /// In a cell of the tenant's.
    Tenant,
    /// In a cell that several tenants share, by its name.
    Shared(String),
}

impl FromStr for Isolation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix(SHARED)) {
            ("none", _) => Ok(Self::None),
            ("tenant", _) => Ok(Self::Tenant),
            (_, Some(name)) if !name.is_empty() => Ok(Self::Shared(name.to_owned())),
            _ => Err(format!("{text:?} is neither \"none\" nor \"tenant\" nor \"{SHARED}NAME\"")),
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Tenant => f.write_str("tenant"),
            Self::Shared(name) => write!(f, "{SHARED}{name}"),
        }
    }
}

impl TryFrom<String> for Isolation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Isolation> for String {
    fn from(isolation: Isolation) -> Self {
        isolation.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["none", "tenant", "shared:small ones"] {
            assert_eq!(text.parse::<Isolation>().map(|isolation| isolation.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "shared", "shared:", "Tenant", "nonsense"] {
            let refused = text.parse::<Isolation>().unwrap_err();
            assert!(refused.contains("neither \"none\" nor"), "{refused}");
        }
    }
}
