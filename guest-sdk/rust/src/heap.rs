//! Where the heap begins.
//!
//! Growing a linear memory takes a lock of the whole host process, so small work must not do it. The C library's
//! allocator, which serves Rust and C alike, asks `sbrk` for memory. This one hands out an arena that is part of the
//! initial memory, costs nothing in the component's file and nothing on the host until it is touched; when it is
//! used up, it grows the memory as the C library's own `sbrk` does.

use std::arch::wasm32::{memory_grow, memory_size};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The size of a Wasm page.
const PAGE: usize = 64 * 1024;

/// With the stack of 1 MiB that Rust asks for, initial memory stays below 2 MiB.
const ARENA: usize = 12 * PAGE;

#[repr(C, align(16))]
struct Arena([MaybeUninit<u8>; ARENA]);

static mut HEAP: Arena = Arena([MaybeUninit::uninit(); ARENA]);

/// How much of the arena is handed out; more than there is once memory has grown, as it is then never used again.
static USED: AtomicUsize = AtomicUsize::new(0);

const FAILED: *mut u8 = usize::MAX as *mut u8;

/// Moves the end of the heap by `increment` bytes and returns where it was.
#[expect(unsafe_code, reason = "the C library finds the function by this name; it touches no memory itself")]
#[unsafe(no_mangle)]
extern "C" fn sbrk(increment: isize) -> *mut u8 {
    // The allocator never gives memory back, but may try.
    let Ok(increment) = usize::try_from(increment) else { return FAILED };
    let used = USED.load(Relaxed);
    if let Some(end) = used.checked_add(increment)
        && end <= ARENA
    {
        USED.store(end, Relaxed);
        return (&raw mut HEAP).cast::<u8>().wrapping_add(used);
    }
    if increment == 0 {
        return (memory_size::<0>() * PAGE) as *mut u8;
    }
    match memory_grow::<0>(increment.div_ceil(PAGE)) {
        usize::MAX => FAILED,
        pages => {
            USED.store(usize::MAX, Relaxed);
            (pages * PAGE) as *mut u8
        }
    }
}
