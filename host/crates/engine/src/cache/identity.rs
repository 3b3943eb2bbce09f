//! What identifies a file and its state.

use std::{fmt, fs::Metadata, os::unix::fs::MetadataExt as _, str::SplitWhitespace};

/// A file and its state. No program can write to a file on a disk and keep this: the time of the last change is the
/// system's own, and can't be set. In memory (`tmpfs`) a file that is mapped can be changed without a trace, by whoever may
/// write to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl Identity {
    /// The identity of the file that this was told of.
    pub(super) fn new(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// What [`fmt::Display`] wrote, taken from the front of `words`.
    pub(super) fn parse(words: &mut SplitWhitespace<'_>) -> Option<Self> {
        Some(Self {
            device: words.next()?.parse().ok()?,
            inode: words.next()?.parse().ok()?,
            size: words.next()?.parse().ok()?,
            changed: (words.next()?.parse().ok()?, words.next()?.parse().ok()?),
        })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { device, inode, size, changed: (seconds, nanoseconds) } = self;
        write!(f, "{device} {inode} {size} {seconds} {nanoseconds}")
    }
}
