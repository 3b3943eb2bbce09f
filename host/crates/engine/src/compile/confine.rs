//! What the process that compiles takes from itself before it looks at a component: all but its input, its output and
//! memory.
//!
//! A component that was made to take over the compiler finds itself in a process that can open no file, make no
//! connection and start no program, and that ends with the worker.

use std::{collections::BTreeMap, env::consts::ARCH, io, process};

use rustix::process::{Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter_all_threads,
};

/// What threads and allocators of a program need that only computes, each for any arguments.
const CALLS: [i64; 29] = [
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_fstat,
];

/// What the process that compiles may use, and with whom it ends.
#[derive(Clone, Copy, Debug)]
pub struct Confinement {
    /// Address space, in bytes.
    pub memory: u64,
    /// Processor time, in seconds.
    pub cpu_seconds: u64,
    /// The process that started this one.
    pub parent: u32,
    /// Whether system calls are taken away, too.
    pub calls: bool,
}

/// Confines this process for good: it ends with its parent, and has its standard streams and memory within limits, but
/// no other file, no network and no way to start or touch another process.
///
/// # Errors
/// When the parent has ended already, and when the system can't do it.
pub fn confine(confinement: &Confinement) -> io::Result<()> {
    end_with(confinement.parent)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Cpu, confinement.cpu_seconds)?;
    limit(Resource::As, confinement.memory)?;
    if confinement.calls {
        let filter = filter().map_err(io::Error::other)?;
        apply_filter_all_threads(&filter).map_err(io::Error::other)?;
    }
    Ok(())
}

/// Lets the system end this process with its parent.
fn end_with(parent: u32) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have ended before it was asked for.
    let now = getppid().map(Pid::as_raw_nonzero).map(|pid| pid.get().unsigned_abs());
    if now == Some(parent) { Ok(()) } else { Err(io::Error::other("the process that asked for it has ended")) }
}

fn limit(resource: Resource, limit: u64) -> io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    Ok(())
}

/// Lets through what is listed. Everything else fails as if the system had no such call, which libraries know how to do
/// without: new threads come from `clone` then, whose flags can be looked at, and not from `clone3`.
fn filter() -> Result<BpfProgram, seccompiler::Error> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, Le, MaskedEq};

    let only = |argument, length, operator, value| -> Result<_, seccompiler::Error> {
        let condition = SeccompCondition::new(argument, length, operator, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    };
    let mut rules: BTreeMap<_, _> = CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    for read in [libc::SYS_read, libc::SYS_readv] {
        rules.insert(read, only(0, Dword, Eq, 0)?);
    }
    for write in [libc::SYS_write, libc::SYS_writev] {
        rules.insert(write, only(0, Dword, Le, 2)?);
    }
    // Memory, and no file: not one that came from the parent, either.
    let anonymous = u64::from(libc::MAP_ANONYMOUS.unsigned_abs());
    rules.insert(libc::SYS_mmap, only(3, Dword, MaskedEq(anonymous), anonymous)?);
    let thread = u64::from((libc::CLONE_THREAD | libc::CLONE_VM).unsigned_abs());
    rules.insert(libc::SYS_clone, only(0, Qword, MaskedEq(thread), thread)?);
    rules.insert(libc::SYS_prctl, only(0, Dword, Eq, u64::from(libc::PR_SET_NAME.unsigned_abs()))?);
    rules.insert(libc::SYS_prlimit64, only(0, Dword, Eq, 0)?);
    // To itself, as it is when it is aborted.
    let own = u64::from(process::id());
    rules.insert(libc::SYS_tgkill, only(0, Dword, Eq, own)?);
    rules.insert(libc::SYS_kill, only(0, Dword, Eq, own)?);
    let refused = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let architecture = ARCH.try_into()?;
    Ok(SeccompFilter::new(rules, refused, SeccompAction::Allow, architecture)?.try_into()?)
}
