//! Seccomp: which system calls are left.

use std::{collections::BTreeMap, env::consts::ARCH, process};

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter_all_threads,
};

use crate::Error;

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

/// Lets through what is listed. Everything else fails as if the system had no such call, which libraries know how to do
/// without: new threads come from `clone` then, whose flags can be looked at, and not from `clone3`.
pub(crate) fn confine() -> Result<(), Error> {
    let filter = filter().map_err(|error| Error::Seccomp(error.to_string()))?;
    apply_filter_all_threads(&filter).map_err(|error| Error::Seccomp(error.to_string()))
}

fn filter() -> Result<BpfProgram, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, Le, MaskedEq};

    let is = |argument, length, operator, value| SeccompCondition::new(argument, length, operator, value);
    let when = |conditions| -> Result<_, BackendError> { Ok(vec![SeccompRule::new(conditions)?]) };
    let mut rules: BTreeMap<_, _> = CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    for read in [libc::SYS_read, libc::SYS_readv] {
        rules.insert(read, when(vec![is(0, Dword, Eq, 0)?])?);
    }
    for write in [libc::SYS_write, libc::SYS_writev] {
        rules.insert(write, when(vec![is(0, Dword, Le, 2)?])?);
    }
    // Memory, and no file.
    let anonymous = u64::from(libc::MAP_ANONYMOUS.unsigned_abs());
    rules.insert(libc::SYS_mmap, when(vec![is(3, Dword, MaskedEq(anonymous), anonymous)?])?);
    let thread = u64::from((libc::CLONE_THREAD | libc::CLONE_VM).unsigned_abs());
    rules.insert(libc::SYS_clone, when(vec![is(0, Qword, MaskedEq(thread), thread)?])?);
    rules.insert(libc::SYS_prctl, when(vec![is(0, Dword, Eq, u64::from(libc::PR_SET_NAME.unsigned_abs()))?])?);
    // Its own limits, to be read.
    rules.insert(libc::SYS_prlimit64, when(vec![is(0, Dword, Eq, 0)?, is(2, Qword, Eq, 0)?])?);
    // To itself, as it is when it is aborted.
    let own = u64::from(process::id());
    rules.insert(libc::SYS_tgkill, when(vec![is(0, Dword, Eq, own)?])?);
    rules.insert(libc::SYS_kill, when(vec![is(0, Dword, Eq, own)?])?);
    let refused = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    SeccompFilter::new(rules, refused, SeccompAction::Allow, ARCH.try_into()?)?.try_into()
}
