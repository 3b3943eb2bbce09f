//! Page tables of the memories of guests, filled where an attempt has touched them.
//!
//! When a sandbox is gone, wasmtime resets what was written of its memory: it asks the kernel (`PAGEMAP_SCAN`) which
//! pages were, copies them back from the memory's image up to a budget, and throws away the rest. Since Linux 6.18 at
//! the latest the kernel answers "written" for pages that nobody ever touched, too, if others of the same page table
//! were, so that wasmtime 50 spends its budget on the first of them, each time, and every attempt takes all its page
//! faults anew: `docs/wasmtime-pagemap.md` has the whole story. A page that was read once is told apart. So each part of a
//! memory that has a page table of its own is read once, all of it, before the memory is reset for the first time after
//! something in it was touched; after that an attempt takes no page fault there. Parts that no attempt touches have no
//! page table, and are not looked at page by page either.
//!
//! Nothing depends on it but speed: where a memory is not found here, it is reset as correctly, and slower.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read as _, Seek as _},
    ops::Range,
    os::unix::fs::FileExt as _,
    ptr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use rustix::{
    mm::{Advice, madvise},
    param::page_size,
};

/// What one page table describes: a part of a memory. Filled at once, too: the kernel's lock on the process's mappings is
/// held as long, and others wait for it.
const PART: usize = 2 << 20;

/// The bits of an entry of `pagemap` that tell that a page is there, or was and is swapped out.
const TOUCHED: u64 = 3 << 62;

/// The memories whose page tables are filled.
#[derive(Debug)]
pub(crate) struct Prefault {
    /// What the system tells of this process's memory. `None` where it tells nothing.
    tables: Mutex<Option<Tables>>,
    /// The parts of each that are.
    filled: Mutex<HashMap<Image, HashSet<Range<usize>>>>,
}

/// Files of `/proc`, read anew each time. Open from the start on: a process that is confined opens nothing later, not even
/// to learn the size of a page.
#[derive(Debug)]
struct Tables {
    maps: File,
    pagemap: File,
    page: usize,
}

/// A file that is mapped to be written to privately, as the images of memories are: the file is that of the component's
/// machine code. Others are data of the program and its libraries, of a few pages, for which it does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Image {
    start: usize,
    file: u64,
    offset: u64,
}

/// The memory that an image is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Memory {
    image: Image,
    range: Range<usize>,
}

/// A part of a memory that was touched, but not everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sparse {
    image: Image,
    part: Range<usize>,
}

/// A guest's time on its threads. When it is over, what the guest has touched is filled; so it must be dropped before
/// the guest's memory is reset.
#[derive(Debug)]
pub(crate) struct Watch {
    prefault: Arc<Prefault>,
    /// What its thread had taken before.
    faults: Faults,
}

/// Page faults that a thread had taken at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Faults {
    thread: ThreadId,
    count: i64,
}

impl Prefault {
    /// Of this process.
    pub(crate) fn new() -> Self {
        Self { tables: Mutex::new(Tables::open().ok()), filled: Mutex::default() }
    }

    /// For a guest that begins on this thread.
    pub(crate) fn watch(self: &Arc<Self>) -> Watch {
        Watch { prefault: Arc::clone(self), faults: faults_of_this_thread() }
    }

    /// Fills what was touched of all memories and is not filled: an attempt that takes a page fault can't tell where.
    fn fill(&self) {
        let sparse = self.sparse().unwrap_or_default();
        for found in &sparse {
            fill(found.part.clone());
        }
        // Noted once it is done: who ends before would rely on it.
        let mut filled = lock(&self.filled);
        for Sparse { image, part } in sparse {
            filled.entry(image).or_default().insert(part);
        }
    }

    /// What is to be filled.
    fn sparse(&self) -> io::Result<Vec<Sparse>> {
        let mut tables = lock(&self.tables);
        let Some(tables) = tables.as_mut() else { return Ok(Vec::new()) };
        let memories = tables.memories()?;
        let mut filled = lock(&self.filled);
        // A slot that has another image by now is new when it has this one again.
        let present: HashSet<_> = memories.iter().map(|memory| memory.image).collect();
        filled.retain(|image, _| present.contains(image));
        let mut sparse = Vec::new();
        for Memory { image, range } in memories {
            let is_filled = |part: &Range<usize>| filled.get(&image).is_some_and(|parts| parts.contains(part));
            for part in parts(range).filter(|part| !is_filled(part)) {
                if tables.is_sparse(&part)? {
                    sparse.push(Sparse { image, part });
                }
            }
        }
        Ok(sparse)
    }
}

impl Drop for Watch {
    /// An attempt in a slot that was in use before takes no page faults, and nothing is done. One that was moved to another
    /// thread may have taken some: only one that ran for long is.
    fn drop(&mut self) {
        if faults_of_this_thread() != self.faults {
            self.prefault.fill();
        }
    }
}

impl Tables {
    fn open() -> io::Result<Self> {
        let (maps, pagemap) = (File::open("/proc/self/maps")?, File::open("/proc/self/pagemap")?);
        Ok(Self { maps, pagemap, page: page_size() })
    }

    /// Memories with an image that there are now.
    fn memories(&mut self) -> io::Result<Vec<Memory>> {
        let mut text = String::new();
        self.maps.rewind()?;
        self.maps.read_to_string(&mut text)?;
        Ok(memories(&text))
    }

    /// Whether some pages of a part were touched, and others not.
    fn is_sparse(&self, part: &Range<usize>) -> io::Result<bool> {
        let mut entries = vec![0; part.len() / self.page * ENTRY];
        let first = (part.start / self.page * ENTRY) as u64;
        self.pagemap.read_exact_at(&mut entries, first)?;
        let (entries, _) = entries.as_chunks();
        let touched = entries.iter().filter(|entry| u64::from_ne_bytes(**entry) & TOUCHED != 0).count();
        Ok(0 < touched && touched < entries.len())
    }
}

/// Bytes of an entry of `pagemap`.
const ENTRY: usize = size_of::<u64>();

/// The parts of a memory.
fn parts(memory: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let tables = memory.start / PART..memory.end.div_ceil(PART);
    tables.map(move |table| memory.start.max(table * PART)..memory.end.min((table + 1).saturating_mul(PART)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic leaves is looked at anew the next time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
fn fill(part: Range<usize>) {
    // SAFETY: this advice changes no byte of any memory: it does what reading each page would do, but reports what can't
    // be read instead of raising a signal. That holds whatever is mapped there by now. Should it fail, it was another
    // guest's memory that was taken down meanwhile, or the kernel can't: nothing is lost but time.
    let _ = unsafe { madvise(ptr::without_provenance_mut(part.start), part.len(), Advice::LinuxPopulateRead) };
}

/// How many page faults this thread has taken that needed no disk.
#[expect(unsafe_code, reason = "no library of ours has this call")]
fn faults_of_this_thread() -> Faults {
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
    fn a_memory_has_a_part_for_each_page_table() {
        let all = |range| parts(range).collect::<Vec<_>>();
        assert_eq!(all(PART..3 * PART), [PART..2 * PART, 2 * PART..3 * PART]);
        assert_eq!(all(4_096..PART + 8_192), [4_096..PART, PART..PART + 8_192]);
        assert_eq!(all(0..0), []);
    }

    #[test]
    fn texts_that_are_no_maps_hold_no_memories() {
        for maps in ["", "\n", "x", "1-2", "1-2 rw-p", "zz-1 rw-p 0 0 7", "1-2 rw-p 0 0 x"] {
            assert_eq!(memories(maps), []);
        }
    }
}
