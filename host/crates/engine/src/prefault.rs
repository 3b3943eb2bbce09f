//! Page tables of the memories of guests, filled before a guest's first page is written.
//!
//! When a sandbox is gone, wasmtime resets what was written of its memory: it asks the kernel (`PAGEMAP_SCAN`) which
//! pages were, copies them back from the memory's image up to a budget, and throws away the rest. Since Linux 6.18 at
//! the latest the kernel answers "written" for pages that nobody ever touched, too, so that wasmtime 50 spends its
//! budget on the first untouched pages of the memory, each time, and every attempt takes all its page faults anew:
//! `docs/wasmtime-pagemap.md` has the whole story. A page that was read once is told apart. So each memory is read
//! once, all of it, when a slot of the pool gets a new image; after that an attempt takes no page fault at all.
//!
//! Nothing depends on it but speed: where a memory is not found here, it is reset as correctly, and slower.

use std::{
    collections::HashSet,
    fs::File,
    io::{Read as _, Seek as _},
    ops::Range,
    ptr,
    sync::{Mutex, PoisonError},
    thread::{self, ThreadId},
};

use rustix::mm::{Advice, madvise};

/// How much is filled at once: the kernel's lock on the process's mappings is held as long, and others wait for it.
const STEP: usize = 2 << 20;

/// The memories whose page tables are filled.
#[derive(Debug)]
pub(crate) struct Prefault {
    /// What the system tells of this process's memory, read from its beginning each time. Open from the start on: a process
    /// that is confined opens nothing later. `None` where the system tells nothing.
    maps: Mutex<Option<File>>,
    filled: Mutex<HashSet<Image>>,
}

/// A file that is mapped to be written to privately, as the images of memories are: the file is that of the component's
/// machine code. Others are data of the program and its libraries, of a few pages, for which it does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Image {
    start: usize,
    file: u64,
    offset: u64,
}

/// Page faults that a thread had taken at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Faults {
    thread: ThreadId,
    count: i64,
}

/// The memory that an image is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Memory {
    image: Image,
    range: Range<usize>,
}

impl Prefault {
    /// Of this process.
    pub(crate) fn new() -> Self {
        Self { maps: Mutex::new(File::open("/proc/self/maps").ok()), filled: Mutex::default() }
    }

    /// Fills the page tables of all memories that are new, if this thread has taken a page fault since it had taken
    /// `faults`: an attempt in a slot that was in use before takes none while it is instantiated, and few later. Asked
    /// both then, before a kill can come, and after the first call: instantiating alone may touch nothing. A guest that
    /// was moved to another thread meanwhile may have taken some: only one that ran for long is.
    pub(crate) fn after(&self, faults: Faults) {
        let now = faults_of_this_thread();
        if now == faults {
            return;
        }
        let Some(memories) = self.memories() else { return };
        let new: Vec<_> = {
            // Each change is one operation on the set.
            let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
            // A slot that has another image by now is new when it has this one again.
            let present: HashSet<_> = memories.iter().map(|memory| memory.image).collect();
            filled.retain(|image| present.contains(image));
            memories.into_iter().filter(|memory| filled.insert(memory.image)).collect()
        };
        new.into_iter().for_each(|memory| fill(memory.range));
    }

    /// Memories with an image that there are now.
    fn memories(&self) -> Option<Vec<Memory>> {
        let mut text = String::new();
        let mut maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
        let maps = maps.as_mut()?;
        maps.rewind().and_then(|()| maps.read_to_string(&mut text)).ok()?;
        Some(memories(&text))
    }
}

/// Memories with an image, in the text of `/proc/self/maps`: runs of mappings that can be written, without a gap.
fn memories(maps: &str) -> Vec<Memory> {
    let mut memories = Vec::new();
    let mut run: Option<(Range<usize>, Option<Image>)> = None;
    for (range, image) in maps.lines().filter_map(writable) {
        run = match run.take() {
            Some((before, found)) if before.end == range.start => Some((before.start..range.end, found.or(image))),
            other => {
                memories.extend(other.and_then(|(range, image)| Some(Memory { image: image?, range })));
                Some((range, image))
            }
        };
    }
    memories.extend(run.and_then(|(range, image)| Some(Memory { image: image?, range })));
    memories
}

/// A line's range, if it can be read and written, and the image that is mapped there.
fn writable(line: &str) -> Option<(Range<usize>, Option<Image>)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    if words.next()? != "rw-p" {
        return None;
    }
    let offset = u64::from_str_radix(words.next()?, 16).ok()?;
    let file = words.nth(1)?.parse().ok()?;
    Some((start..end, (file != 0).then_some(Image { start, file, offset })))
}

#[expect(unsafe_code, reason = "only the address tells the kernel which memory is meant")]
fn fill(range: Range<usize>) {
    for start in range.clone().step_by(STEP) {
        let length = range.end.saturating_sub(start).min(STEP);
        // SAFETY: this advice changes no byte of any memory: it does what reading each page would do, but reports
        // what can't be read instead of raising a signal. That holds whatever is mapped there by now.
        let filled = unsafe { madvise(ptr::without_provenance_mut(start), length, Advice::LinuxPopulateRead) };
        if filled.is_err() {
            // Another guest's memory that was taken down meanwhile, or a kernel that can't: nothing is lost but time.
            return;
        }
    }
}

/// How many page faults this thread has taken that needed no disk.
#[expect(unsafe_code, reason = "no library of ours has this call")]
pub(crate) fn faults_of_this_thread() -> Faults {
    // SAFETY: a structure of plain numbers, for which all zeros are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a structure of the type that the call fills.
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    Faults { thread: thread::current().id(), count: usage.ru_minflt }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_runs_that_hold_an_image() {
        let maps = "\
            10000-20000 ---p 00000000 00:00 0 \n\
            20000-30000 rw-p 00000000 00:00 0 \n\
            30000-38000 rw-p 00002000 00:01 77                         /var/cache/isolet/a b.cwasm\n\
            38000-40000 rw-p 00000000 00:00 0 \n\
            40000-50000 ---p 00000000 00:00 0 \n\
            50000-60000 rw-p 00000000 00:00 0                          [heap]\n\
            70000-71000 rw-p 00000000 00:01 78                         /memfd:wasm-memory-image (deleted)\n\
            80000-81000 r--p 00000000 00:01 78                         /memfd:wasm-memory-image (deleted)\n";
        let image = |start, file, offset| Image { start, file, offset };
        let expected = vec![
            Memory { image: image(0x30000, 77, 0x2000), range: 0x20000..0x40000 },
            Memory { image: image(0x70000, 78, 0), range: 0x70000..0x71000 },
        ];
        assert_eq!(memories(maps), expected);
    }

    #[test]
    fn texts_that_are_no_maps_hold_no_memories() {
        for maps in ["", "\n", "x", "1-2", "1-2 rw-p", "zz-1 rw-p 0 0 7", "1-2 rw-p 0 0 x"] {
            assert_eq!(memories(maps), []);
        }
    }
}
