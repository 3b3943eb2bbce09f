//! Pages of a guest's memory that its attempts have written, as the kernel tells of a worker's process.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    ops::Range,
    os::unix::fs::FileExt as _,
    path::Path,
};

const PAGE: usize = 4096;

/// What an entry of `pagemap` says: the page is there; it is a file's, or shared; nobody else has it.
const PRESENT: u64 = 1 << 63;
const OF_FILE: u64 = 1 << 61;
const ALONE: u64 = 1 << 56;

/// Pages that were written, by number; of whichever memory has most of them.
#[derive(Debug)]
pub(crate) struct Written {
    pages: BTreeSet<usize>,
}

impl Written {
    /// Those of the memories whose image is part of a compiled component, in the process's folder of `/proc`.
    ///
    /// A slot keeps what was written of its memory when an attempt is over, so this is what all have written.
    pub(crate) fn by(process: &Path) -> Self {
        let map = File::open(process.join("pagemap")).unwrap();
        let maps = fs::read_to_string(process.join("maps")).unwrap();
        let all = memories(&maps).into_iter().map(|memory| written(&map, &memory));
        Self { pages: all.max_by_key(BTreeSet::len).unwrap() }
    }

    /// How many there are.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Runs of adjoining ones.
    pub(crate) fn regions(&self) -> usize {
        self.pages.iter().filter(|page| !self.pages.contains(&page.wrapping_sub(1))).count()
    }
}

/// Runs of writable mappings without a gap, one of which is of a compiled component.
fn memories(maps: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<(Range<usize>, bool)> = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let range = usize::from_str_radix(start, 16).unwrap()..usize::from_str_radix(end, 16).unwrap();
        let has_image = line.contains(".cwasm");
        match runs.last_mut() {
            Some((run, found)) if run.end == range.start => {
                run.end = range.end;
                *found |= has_image;
            }
            _ => runs.push((range, has_image)),
        }
    }
    runs.into_iter().filter_map(|(run, has_image)| has_image.then_some(run)).collect()
}

fn written(map: &File, memory: &Range<usize>) -> BTreeSet<usize> {
    let mut entries = vec![0; memory.len() / PAGE * 8];
    map.read_exact_at(&mut entries, (memory.start / PAGE * 8) as u64).unwrap();
    let (entries, _) = entries.as_chunks();
    let is_written = |entry: &[u8; 8]| u64::from_ne_bytes(*entry) & (PRESENT | OF_FILE | ALONE) == PRESENT | ALONE;
    entries.iter().enumerate().filter(|(_, entry)| is_written(entry)).map(|(number, _)| number).collect()
}
