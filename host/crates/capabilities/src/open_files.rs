//! File descriptors: the process has a number of them, for everybody's connections and files.

use std::{
    fs::File,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use rustix::{
    io,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};
use wasmtime_wasi::filesystem::Descriptor;

/// Of all descriptors, one in so many is for the files of a component's attempts, and as many for their connections: what
/// one component takes leaves the others theirs, and the host what it polls with, listens on and loads from.
const SHARE: usize = 16;

/// The least and the most that a component may have whatever there is: some for each attempt; and more than activities
/// that close their files have.
const LEAST: usize = 32;
const MOST: usize = 1_024;

/// Lets the process have as many descriptors as it may: what it is started with, often 1,024, is for programs that wait
/// with `select`, which this is not.
///
/// # Errors
/// When the system refuses.
pub fn raise_limit() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
}

/// How many files, and how many connections, the attempts of a component may have open at once.
pub(crate) fn share() -> usize {
    let all = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(all).unwrap_or(usize::MAX).wrapping_div(SHARE).clamp(LEAST, MOST)
}

/// The files that attempts of a component have open.
pub(crate) struct OpenFiles {
    most: usize,
    /// Those that were opened; some may be closed by now. A file is open as long as a descriptor or a stream of it is.
    opened: Mutex<Vec<Weak<File>>>,
}

impl OpenFiles {
    /// None so far.
    pub(crate) fn new() -> Self {
        Self { most: share(), opened: Mutex::default() }
    }

    /// Counts what was just opened, unless it is one too many.
    pub(crate) fn count(&self, descriptor: &Descriptor) -> bool {
        self.has_room(match descriptor {
            Descriptor::File(file) => &file.file,
            Descriptor::Dir(dir) => &dir.dir,
        })
    }

    fn has_room(&self, file: &Arc<File>) -> bool {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if self.most <= opened.len() {
            opened.retain(|file| file.strong_count() != 0);
        }
        let fits = opened.len() < self.most;
        if fits {
            opened.push(Arc::downgrade(file));
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_as_long_as_anything_has_it_open() {
        let files = OpenFiles { most: 2, opened: Mutex::default() };
        let open = || {
            let file = Arc::new(File::open("/dev/null").unwrap());
            files.has_room(&file).then_some(file)
        };
        let (first, second) = (open().unwrap(), open().unwrap());
        assert!(open().is_none());
        let stream = Arc::clone(&first);
        drop(first);
        assert!(open().is_none());
        drop(stream);
        let third = open().unwrap();
        assert!(open().is_none());
        drop((second, third));
        assert!(open().is_some());
    }

    #[test]
    fn a_component_has_a_small_part_of_what_there_is() {
        let all = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        assert!((LEAST..=MOST).contains(&share()));
        assert!(all < (LEAST * SHARE) as u64 || (share() * SHARE) as u64 <= all);
    }
}
