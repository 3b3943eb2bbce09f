//! What a process is to others: it ends with its parent, nobody looks into it, and it has no more power than it needs.

use std::fs;

use rustix::{
    process::{
        DumpableBehavior, Pid, Resource, Rlimit, Signal, getppid, set_dumpable_behavior,
        set_parent_process_death_signal, setrlimit,
    },
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs},
};

use crate::{Error, Limits};

/// Lets the system end this process with its parent.
pub(crate) fn end_with(parent: u32) -> Result<(), Error> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(Error::system("end with the parent"))?;
    // It may have ended before it was asked for.
    let now = getppid().map(Pid::as_raw_nonzero).map(|pid| pid.get().unsigned_abs());
    if now == Some(parent) { Ok(()) } else { Err(Error::NoParent) }
}

/// Refuses a process with threads: Landlock holds for the thread that asks for it, and for those that it starts.
pub(crate) fn be_alone() -> Result<(), Error> {
    let threads = fs::read_dir("/proc/self/task").map_err(Error::system("count its threads"))?.count();
    if threads == 1 { Ok(()) } else { Err(Error::Threads(threads)) }
}

/// Limits what it may use.
pub(crate) fn limit(limits: &Limits) -> Result<(), Error> {
    let Limits { memory, cpu_seconds, open_files, file_size } = *limits;
    let limits = [
        // What is in its memory is nobody's business.
        (Resource::Core, Some(0)),
        (Resource::As, memory),
        (Resource::Cpu, cpu_seconds),
        (Resource::Nofile, open_files),
        (Resource::Fsize, file_size),
    ];
    for (resource, limit) in limits {
        let Some(limit) = limit else { continue };
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })
            .map_err(Error::system("limit what it uses"))?;
    }
    Ok(())
}

/// Keeps other processes of the same user from looking into this one.
pub(crate) fn hide() -> Result<(), Error> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(Error::system("hide its memory"))
}

/// Gives up what root could do, if it is root's, and all ways to get it back.
pub(crate) fn drop_privileges() -> Result<(), Error> {
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_no_new_privs(true).map_err(Error::system("give up new privileges"))?;
    set_capabilities(None, sets).map_err(Error::system("give up its capabilities"))
}
