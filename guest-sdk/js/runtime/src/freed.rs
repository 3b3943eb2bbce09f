//! Memory that is given back while a component is built is emptied: what it held would otherwise be part of every
//! component, and each attempt would begin with it.
#![expect(unsafe_code, reason = "an allocator can't be written without, and C reads whether to empty")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether freed memory is emptied. `quickjs/before.h` reads it for what the engine frees.
// SAFETY: nothing else has this name, and a byte that is 0 or 1 is what C takes it for.
#[unsafe(no_mangle)]
static ISOLET_EMPTIES_FREED: AtomicBool = AtomicBool::new(true);

#[global_allocator]
static ALLOCATOR: Emptying = Emptying;

/// From here on freed memory stays as it is: that costs nothing.
pub(crate) fn leave_as_it_is() {
    ISOLET_EMPTIES_FREED.store(false, Ordering::Relaxed);
}

struct Emptying;

fn empties() -> bool {
    ISOLET_EMPTIES_FREED.load(Ordering::Relaxed)
}

// SAFETY: all memory is the system's allocator's, which is asked with what the caller promised. Beyond that, only memory
// that its owner gives back is written to.
unsafe impl GlobalAlloc for Emptying {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if empties() {
            // SAFETY: it has this size, and its owner is done with it.
            unsafe { memory.write_bytes(0, layout.size()) };
            // Else the compiler would see that nobody reads that.
            black_box(memory);
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !empties() {
            // SAFETY: as the caller promises.
            return unsafe { System.realloc(memory, layout, size) };
        }
        // SAFETY: the caller promises that such a layout is right.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: the new memory has at least as many bytes, and is not the old.
            unsafe {
                new.copy_from_nonoverlapping(memory, layout.size().min(size));
                self.dealloc(memory, layout);
            }
        }
        new
    }
}
