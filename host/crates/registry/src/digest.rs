//! Digests, by which registries know content.

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};

/// How a digest of the only kind that is taken begins.
const ALGORITHM: &str = "sha256:";

/// SHA-256 of some bytes, in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// That of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("{:x}", Sha256::digest(bytes)))
    }

    /// That of all bytes which `hash` was given.
    pub(crate) fn of_all(hash: Sha256) -> Self {
        Self(format!("{:x}", hash.finalize()))
    }

    /// Its hexadecimal digits.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = &'static str;

    /// Reads `sha256:` and 64 digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix(ALGORITHM).ok_or("a digest begins with sha256:")?;
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("after sha256: come 64 digits, 0 to 9 and a to f");
        }
        // Registries know them by this spelling alone.
        if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err("the digits a to f of a digest are small letters");
        }
        Ok(Self(digits.to_owned()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_it_is_shown() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }

    #[test]
    fn takes_nothing_else() {
        let wrong =
            ["", "sha256:", "sha512:00", &"0".repeat(64), &format!("sha256:{}", "A".repeat(64)), "sha256:../../a"];
        for wrong in wrong {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
        let in_capitals = format!("sha256:{}", "A".repeat(64)).parse::<Digest>().unwrap_err();
        assert!(in_capitals.contains("small letters"), "{in_capitals}");
    }
}
