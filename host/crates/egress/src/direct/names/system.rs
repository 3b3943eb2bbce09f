//! What the system says of names: a file of hosts, and one of servers to ask.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::{FileExt as _, MetadataExt as _},
    sync::{Arc, Mutex, PoisonError},
};

/// The files: that of hosts, and that of servers.
const FILES: [&str; 2] = ["/etc/hosts", "/etc/resolv.conf"];

/// What is read of one, in bytes: lists of hosts that somebody blocks are long.
const LONGEST: u64 = 16 << 20;

/// Where the files are read.
#[derive(Clone, Debug)]
pub(crate) enum System {
    /// By this process, again whenever one of them was changed.
    Own,
    /// By this process, which can't open them, from what it is handed.
    Handed(Arc<Mutex<Handed>>),
}

/// Files that another process has opened.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    count: u64,
    files: [Option<File>; 2],
}

/// Tells whether what was read is still what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Own(Versions),
    Handed(u64),
}

/// Which versions of [`FILES`] there are.
pub(crate) type Versions = [Option<(u64, u64, u64, i64, i64)>; 2];

/// What the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) hosts: Vec<u8>,
    pub(super) servers: Vec<u8>,
}

impl System {
    /// Nothing so far.
    pub(crate) fn handed() -> Self {
        Self::Handed(Arc::default())
    }

    /// Takes what another process has opened.
    pub(crate) fn take(&self, files: [Option<File>; 2]) {
        if let Self::Handed(handed) = self {
            let mut handed = handed.lock().unwrap_or_else(PoisonError::into_inner);
            *handed = Handed { count: handed.count.wrapping_add(1), files };
        }
    }

    pub(super) fn version(&self) -> Version {
        match self {
            Self::Own => Version::Own(versions()),
            Self::Handed(handed) => Version::Handed(handed.lock().unwrap_or_else(PoisonError::into_inner).count),
        }
    }

    /// What they say. One that is not there, or can't be read, says nothing.
    pub(super) fn read(&self) -> Texts {
        let [hosts, servers] = match self {
            Self::Own => open().map(|file| file.map(|file| read(&file)).unwrap_or_default()),
            Self::Handed(handed) => {
                let handed = handed.lock().unwrap_or_else(PoisonError::into_inner);
                handed.files.each_ref().map(|file| file.as_ref().map(read).unwrap_or_default())
            }
        };
        Texts { hosts, servers }
    }
}

/// The files, opened, for [`System::take`] of another process.
pub(crate) fn open() -> [Option<File>; 2] {
    FILES.map(|path| File::open(path).ok())
}

/// Which versions there are now.
pub(crate) fn versions() -> Versions {
    FILES.map(|path| {
        let file = fs::metadata(path).ok()?;
        Some((file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec()))
    })
}

fn read(file: &File) -> Vec<u8> {
    let mut text = Vec::new();
    // Of one that can't be read to its end, what can be.
    let _ = FromStart { file, at: 0 }.take(LONGEST).read_to_end(&mut text);
    text
}

/// Reads a file whose position others share.
struct FromStart<'a> {
    file: &'a File,
    at: u64,
}

impl io::Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_is_what_this_process_would_read() {
        let handed = System::handed();
        assert_eq!(handed.read(), Texts::default());
        let before = handed.version();
        handed.take(open());
        assert_ne!(handed.version(), before);
        // Twice, from the beginning.
        assert_eq!((handed.read(), handed.read()), (System::Own.read(), System::Own.read()));
    }
}
