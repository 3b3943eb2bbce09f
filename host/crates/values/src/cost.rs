//! What values take of the host's memory, and how much they may.
//!
//! A value of a guest is far larger on the host than where it comes from: a byte of a list is a whole [`Val`]. What is
//! spent is counted while arguments are read, and a payload buys what it needs if it means well: nothing that is small
//! becomes gigabytes.

use wasmtime::component::Val;

/// One value.
pub(crate) const VALUE: usize = size_of::<Val>();

/// One field of a record, beside its name.
pub(crate) const FIELD: usize = size_of::<(String, Val)>();

/// One name in a list of them.
pub(crate) const NAME: usize = size_of::<String>();

/// What an allocation costs beside what is in it.
pub(crate) const ALLOCATION: usize = 32;

/// What each byte of the arguments may become: a list of one-digit numbers has a value for two bytes, in a vector that has
/// grown to twice its length.
const PER_BYTE: usize = 56;

/// What arguments may become however small they are: a few records of many fields, most of them left out.
const ALWAYS: usize = 16 << 20;

/// What arguments of `size` bytes may become.
pub(crate) fn budget(size: usize) -> usize {
    PER_BYTE.saturating_mul(size).saturating_add(ALWAYS)
}

/// What wasmtime may count of a result on its way out, if `limit` is the most bytes that it may have as a payload: as many
/// bytes as a list, each of which is a value.
pub fn counted_for(limit: usize) -> usize {
    (VALUE + 8).saturating_mul(limit)
}

/// What a text costs.
pub(crate) fn text(text: &str) -> usize {
    text.len() + ALLOCATION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_size_that_the_bounds_are_made_for() {
        const { assert!(VALUE <= 48) };
        assert!(budget(2 << 20) <= 128 << 20);
        assert!(counted_for(2 << 20) <= 112 << 20);
    }
}
