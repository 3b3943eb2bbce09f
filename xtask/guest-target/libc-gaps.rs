//! What Debian's wasi-libc of 2022 lacks for guests of today. Compiled for the guest target only, and linked into every
//! guest that is built with the Debian toolchain.
//!
//! - Threads and sockets, which Rust's standard library wants. Each function refuses, as the sandbox does: a guest has
//!   one thread and no sockets.
//! - An `sbrk` that may begin anywhere. The old allocator takes what is between the end of the data and `sbrk(0)` for
//!   its first heap; but the Rust SDK's `sbrk` begins within the data.

#![no_std]

use core::ffi::{c_char, c_int, c_void};
use core::sync::atomic::{AtomicBool, Ordering};

/// wasi-libc's numbers.
const EAGAIN: c_int = 6;
const ENOSYS: c_int = 52;
const EAI_FAIL: c_int = -4;

unsafe extern "C" {
    static mut errno: c_int;
    /// Where the linker ends the data.
    static __heap_base: u8;
    /// The guest's own `sbrk`, by the linker's option `--wrap=sbrk`.
    safe fn __real_sbrk(increment: isize) -> *mut c_void;
}

/// Whether the allocator has asked where its heap ends.
static ASKED: AtomicBool = AtomicBool::new(false);

/// What callers of `sbrk` get. To the allocator's first question the answer is that there is no heap yet.
#[unsafe(no_mangle)]
extern "C" fn __wrap_sbrk(increment: isize) -> *mut c_void {
    if increment == 0 && !ASKED.swap(true, Ordering::Relaxed) {
        return (&raw const __heap_base).cast_mut().cast();
    }
    __real_sbrk(increment)
}

/// How a system call says that it does not exist.
fn refuse() -> c_int {
    // SAFETY: a guest has one thread, and this is the C library's own variable.
    unsafe { errno = ENOSYS };
    -1
}

#[unsafe(no_mangle)]
extern "C" fn pthread_attr_init(_attributes: *mut c_void) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn pthread_attr_setstacksize(_attributes: *mut c_void, _size: usize) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn pthread_attr_destroy(_attributes: *mut c_void) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn pthread_create(
    _thread: *mut c_void,
    _attributes: *const c_void,
    _start: *const c_void,
    _argument: *mut c_void,
) -> c_int {
    EAGAIN
}

#[unsafe(no_mangle)]
extern "C" fn pthread_join(_thread: *mut c_void, _result: *mut c_void) -> c_int {
    ENOSYS
}

#[unsafe(no_mangle)]
extern "C" fn pthread_detach(_thread: *mut c_void) -> c_int {
    ENOSYS
}

#[unsafe(no_mangle)]
extern "C" fn socket(_domain: c_int, _kind: c_int, _protocol: c_int) -> c_int {
    refuse()
}

#[unsafe(no_mangle)]
extern "C" fn connect(_socket: c_int, _address: *const c_void, _length: u32) -> c_int {
    refuse()
}

#[unsafe(no_mangle)]
extern "C" fn getsockname(_socket: c_int, _address: *mut c_void, _length: *mut u32) -> c_int {
    refuse()
}

#[unsafe(no_mangle)]
extern "C" fn getpeername(_socket: c_int, _address: *mut c_void, _length: *mut u32) -> c_int {
    refuse()
}

#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    _node: *const c_char,
    _service: *const c_char,
    _hints: *const c_void,
    _result: *mut c_void,
) -> c_int {
    EAI_FAIL
}

#[unsafe(no_mangle)]
extern "C" fn freeaddrinfo(_list: *mut c_void) {}

#[unsafe(no_mangle)]
extern "C" fn gai_strerror(_code: c_int) -> *const c_char {
    c"no network".as_ptr()
}
