//! What a process was started with.

use std::{fs, os::fd::RawFd};

use crate::Error;

/// The standard streams, which are its own.
const STANDARD: RawFd = 2;

/// Closes every descriptor that the process was started with, but for its standard streams: whoever started its parent
/// may have left some open for all.
pub(crate) fn close_inherited() -> Result<(), Error> {
    let open: Vec<RawFd> = fs::read_dir("/proc/self/fd")
        .map_err(Error::system("list its descriptors"))?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| STANDARD < *descriptor)
        .collect();
    for descriptor in open {
        // SAFETY: the process has only begun, and has one thread: nothing of the program has opened anything that it
        // will still use. The directory that listed them is among them, and closed already, which does no harm.
        #[expect(unsafe_code, reason = "nobody owns what was inherited")]
        unsafe {
            libc::close(descriptor);
        }
    }
    Ok(())
}
