//! Quantities as people write them.

use std::fmt;

/// A size, in the largest unit that divides it.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.into_iter().find(|(shift, _)| bytes != 0 && bytes.trailing_zeros() >= *shift) {
            Some((shift, unit)) => write!(f, "{} {unit}", bytes >> shift),
            None => write!(f, "{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn sizes() {
        let sizes = [0, 1, 1_000, 1 << 10, 3 << 20, 1 << 30, (1 << 30) + 1];
        let texts = sizes.map(|size| Bytes(size).to_string());
        assert_eq!(texts, ["0 bytes", "1 bytes", "1000 bytes", "1 KiB", "3 MiB", "1 GiB", "1073741825 bytes"]);
    }
}
