//! Secrets that the host keeps: texts that a guest never sees, which the host puts into its requests.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use crate::Origin;

/// A text that nothing shows, and that is wiped from memory with its last clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

/// A secret of a component, and the servers that may learn it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldSecret {
    /// What is put into requests.
    pub value: Secret,
    /// To which servers.
    pub servers: Vec<Origin>,
}

impl Secret {
    /// One with this text.
    pub fn new(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }

    /// Its text, which must reach no log and no error.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_it() {
        let held = HeldSecret { value: Secret::new("hunter2".to_owned()), servers: Vec::new() };
        assert!(!format!("{held:?} {held:#?}").contains("hunter2"));
        assert_eq!(held.value.reveal(), "hunter2");
    }
}
