//! Seccomp: which system calls are left.

use std::{collections::BTreeMap, env::consts::ARCH, process};

use rustix::thread::secure_computing_mode;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction,
    SeccompCmpArgLen::{Dword, Qword},
    SeccompCmpOp::{Eq, Le, MaskedEq},
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter_all_threads,
};

use crate::{Calls, Error};

/// What threads and allocators of a program need that only computes, each for any arguments.
const COMPUTE: [i64; 29] = [
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

/// What a program needs beside that which talks over its descriptors.
const TALK: [i64; 9] = [
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_recvmsg,
    libc::SYS_write,
];

/// What it needs for connections that it was handed.
const CONNECTED: [i64; 4] = [libc::SYS_readv, libc::SYS_recvfrom, libc::SYS_shutdown, libc::SYS_writev];

/// What it needs to make some: `socket`, too, for some arguments.
const CONNECT: [i64; 6] = [
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
];

/// That of the system, which libc has as another type of number with musl than with glibc.
const PRIO_PROCESS: u64 = 0;

/// What it needs to run threads of several priorities, and to look after files that it was given.
const SERVE: [i64; 9] = [
    libc::SYS_dup,
    libc::SYS_getrusage,
    libc::SYS_lseek,
    libc::SYS_preadv,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    // What appends to a file does so by this one, which says so for each call.
    libc::SYS_pwritev2,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
];

/// What it needs for files of its directories. Landlock tells which those are.
const FILES: [i64; 21] = [
    libc::SYS_copy_file_range,
    libc::SYS_fadvise64,
    libc::SYS_fallocate,
    libc::SYS_fdatasync,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_getdents64,
    libc::SYS_linkat,
    libc::SYS_mkdirat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_readlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_symlinkat,
    libc::SYS_sync_file_range,
    libc::SYS_unlinkat,
    libc::SYS_utimensat,
];

/// Looks which pages of its memory a process has written to: how sandboxes are made fresh. Nothing else is asked of a
/// device or a file.
const PAGEMAP_SCAN: u64 = 0xc060_6610;

/// Lets through what is listed. Everything else fails as if the system had no such call, which libraries know how to do
/// without: new threads come from `clone` then, whose flags can be looked at, and not from `clone3`.
pub(crate) fn confine(calls: Calls, with_files: bool) -> Result<(), Error> {
    let filter = filter(calls, with_files).map_err(|error| Error::Seccomp(error.to_string()))?;
    apply_filter_all_threads(&filter).map_err(|error| Error::Seccomp(error.to_string()))
}

/// Whether the kernel has such filters.
pub(crate) fn check() -> Result<(), Error> {
    secure_computing_mode().map(drop).map_err(|error| Error::Seccomp(error.to_string()))
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn filter(calls: Calls, with_files: bool) -> Result<BpfProgram, BackendError> {
    let mut rules: Rules = COMPUTE.into_iter().map(|call| (call, Vec::new())).collect();
    common(&mut rules)?;
    match calls {
        Calls::Compute => streams(&mut rules)?,
        Calls::Serve => serving(&mut rules, with_files)?,
        Calls::Connect => connecting(&mut rules)?,
    }
    let refused = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    SeccompFilter::new(rules, refused, SeccompAction::Allow, ARCH.try_into()?)?.try_into()
}

/// A call with one of some arguments.
fn when(conditions: Vec<SeccompCondition>) -> Result<Vec<SeccompRule>, BackendError> {
    Ok(vec![SeccompRule::new(conditions)?])
}

fn common(rules: &mut Rules) -> Result<(), BackendError> {
    let is = SeccompCondition::new;
    let thread = u64::from((libc::CLONE_THREAD | libc::CLONE_VM).unsigned_abs());
    rules.insert(libc::SYS_clone, when(vec![is(0, Qword, MaskedEq(thread), thread)?])?);
    rules.insert(libc::SYS_prctl, when(vec![is(0, Dword, Eq, u64::from(libc::PR_SET_NAME.unsigned_abs()))?])?);
    // Its own limits, to be read.
    rules.insert(libc::SYS_prlimit64, when(vec![is(0, Dword, Eq, 0)?, is(2, Qword, Eq, 0)?])?);
    // To itself, as it is when it is aborted.
    let own = u64::from(process::id());
    rules.insert(libc::SYS_tgkill, when(vec![is(0, Dword, Eq, own)?])?);
    rules.insert(libc::SYS_kill, when(vec![is(0, Dword, Eq, own)?])?);
    Ok(())
}

/// Its standard streams alone, and memory that is no file.
fn streams(rules: &mut Rules) -> Result<(), BackendError> {
    let is = SeccompCondition::new;
    for read in [libc::SYS_read, libc::SYS_readv] {
        rules.insert(read, when(vec![is(0, Dword, Eq, 0)?])?);
    }
    for write in [libc::SYS_write, libc::SYS_writev] {
        rules.insert(write, when(vec![is(0, Dword, Le, 2)?])?);
    }
    rules.insert(libc::SYS_mmap, anonymous()?);
    Ok(())
}

/// Its descriptors, and connections among them, which stay with whom they are to.
fn talking(rules: &mut Rules) -> Result<(), BackendError> {
    let is = SeccompCondition::new;
    rules.extend(TALK.into_iter().chain(CONNECTED).map(|call| (call, Vec::new())));
    // Of x86-64 alone, and of the C library for it.
    #[cfg(target_arch = "x86_64")]
    rules.extend([libc::SYS_epoll_wait, libc::SYS_poll].map(|call| (call, Vec::new())));
    // Sending with this flag connects, and takes a connection back before, whatever else is refused.
    let connects = u64::from(libc::MSG_FASTOPEN.unsigned_abs());
    rules.insert(libc::SYS_sendto, when(vec![is(3, Dword, MaskedEq(connects), 0)?])?);
    rules.insert(libc::SYS_sendmsg, when(vec![is(2, Dword, MaskedEq(connects), 0)?])?);
    // Flags of its descriptors, and copies of them.
    let commands = [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_SETFL, libc::F_DUPFD_CLOEXEC];
    let commands = commands.into_iter().map(|command| {
        let command = u64::from(command.unsigned_abs());
        SeccompRule::new(vec![is(1, Dword, Eq, command)?])
    });
    rules.insert(libc::SYS_fcntl, commands.collect::<Result<_, _>>()?);
    // Of what it has open.
    let open = u64::from(libc::AT_EMPTY_PATH.unsigned_abs());
    rules.insert(libc::SYS_statx, when(vec![is(2, Dword, MaskedEq(open), open)?])?);
    rules.insert(libc::SYS_newfstatat, when(vec![is(3, Dword, MaskedEq(open), open)?])?);
    Ok(())
}

/// Sockets for IP, of TCP and of UDP, and memory that is no file.
fn connecting(rules: &mut Rules) -> Result<(), BackendError> {
    let is = SeccompCondition::new;
    talking(rules)?;
    rules.extend(CONNECT.into_iter().map(|call| (call, Vec::new())));
    // Beside its kind there are flags in it.
    let kinds = [libc::SOCK_STREAM, libc::SOCK_DGRAM].map(|kind| u64::from(kind.unsigned_abs()));
    let families = [libc::AF_INET, libc::AF_INET6].map(|family| u64::from(family.unsigned_abs()));
    let pairs = families.into_iter().flat_map(|family| kinds.map(|kind| (family, kind)));
    let sockets = pairs.map(|(family, kind)| {
        SeccompRule::new(vec![is(0, Dword, Eq, family)?, is(1, Dword, MaskedEq(SOCKET_KINDS), kind)?])
    });
    rules.insert(libc::SYS_socket, sockets.collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_mmap, anonymous()?);
    Ok(())
}

/// The part of a socket's type that is its kind.
const SOCKET_KINDS: u64 = 0xf;

/// Memory that is no file.
fn anonymous() -> Result<Vec<SeccompRule>, BackendError> {
    let anonymous = u64::from(libc::MAP_ANONYMOUS.unsigned_abs());
    when(vec![SeccompCondition::new(3, Dword, MaskedEq(anonymous), anonymous)?])
}

fn serving(rules: &mut Rules, with_files: bool) -> Result<(), BackendError> {
    let is = SeccompCondition::new;
    talking(rules)?;
    rules.extend(SERVE.into_iter().map(|call| (call, Vec::new())));
    if with_files {
        rules.extend(FILES.into_iter().map(|call| (call, Vec::new())));
    }
    // The code of components is mapped from files that its parent opened.
    rules.insert(libc::SYS_mmap, Vec::new());
    rules.insert(libc::SYS_ioctl, when(vec![is(1, Dword, Eq, PAGEMAP_SCAN)?])?);
    // Of its own threads.
    for priority in [libc::SYS_setpriority, libc::SYS_getpriority] {
        rules.insert(priority, when(vec![is(0, Dword, Eq, PRIO_PROCESS)?, is(1, Dword, Eq, 0)?])?);
    }
    for scheduling in [libc::SYS_sched_setattr, libc::SYS_sched_setaffinity] {
        rules.insert(scheduling, when(vec![is(0, Dword, Eq, 0)?])?);
    }
    Ok(())
}
