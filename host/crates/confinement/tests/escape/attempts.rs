//! What native code of an attacker tries.

use std::{
    ffi::CString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    os::{
        linux::net::SocketAddrExt as _,
        unix::{ffi::OsStrExt as _, fs::PermissionsExt as _, net::SocketAddr as UnixAddr, net::UnixStream},
    },
    path::Path,
    process::Command,
};

use super::scene::Scene;

/// One thing that is tried.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// What it is about.
    pub(crate) about: &'static str,
    /// What is tried.
    pub(crate) what: &'static str,
    /// Whether anybody can do it without walls.
    pub(crate) needs: Needs,
    /// From which version of Landlock on it is denied without seccomp, too.
    pub(crate) landlock: Option<u32>,
    /// Tries it.
    pub(crate) call: fn(&Scene) -> io::Result<()>,
}

/// Whether anybody can do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Anybody can, so that it is tried without walls, too.
    Nothing,
    /// It takes privileges or a network, or it would do harm.
    Something,
}

use Needs::{Nothing, Something};

const fn attempt(
    about: &'static str,
    what: &'static str,
    needs: Needs,
    landlock: Option<u32>,
    call: fn(&Scene) -> io::Result<()>,
) -> Attempt {
    Attempt { about, what, needs, landlock, call }
}

/// All of them.
pub(crate) const ATTEMPTS: &[Attempt] = &[
    attempt("files", "read a file of the host", Nothing, Some(1), |scene| fs::read(scene.secret()).map(drop)),
    attempt("files", "read it by `openat2`", Nothing, Some(1), |scene| {
        let how = [0_u64; 3];
        call(libc::SYS_openat2, [AT_CWD, path(&scene.secret()).addr(), how.as_ptr().addr(), 24, 0, 0])
    }),
    attempt("files", "write a file of the host", Nothing, Some(1), |scene| {
        OpenOptions::new().append(true).open(scene.secret()).map(drop)
    }),
    attempt("files", "list a directory", Nothing, Some(1), |scene| fs::read_dir(&scene.folder).map(drop)),
    attempt("files", "make a file where compiled code is kept", Nothing, Some(1), |scene| {
        File::create(scene.folder.join("code")).map(drop)
    }),
    attempt("files", "make a directory", Nothing, Some(1), |scene| fs::create_dir(scene.folder.join("made"))),
    attempt("files", "make a symbolic link", Nothing, Some(1), |scene| {
        std::os::unix::fs::symlink("/", scene.folder.join("root"))
    }),
    attempt("files", "make a second name of a file", Nothing, Some(1), |scene| {
        fs::hard_link(scene.secret(), scene.folder.join("second"))
    }),
    attempt("files", "rename a file", Nothing, Some(1), |scene| {
        fs::rename(scene.folder.join("old"), scene.folder.join("new"))
    }),
    attempt("files", "make a FIFO", Nothing, Some(1), |scene| make_node(scene, "fifo", libc::S_IFIFO)),
    attempt("files", "make a device", Something, Some(1), |scene| make_node(scene, "device", libc::S_IFCHR)),
    attempt("files", "open a device", Nothing, Some(1), |_| File::open("/dev/null").map(drop)),
    attempt("files", "change who may read a file", Nothing, None, |scene| {
        fs::set_permissions(scene.secret(), fs::Permissions::from_mode(0o666))
    }),
    attempt("files", "shorten a file", Nothing, Some(3), |scene| {
        call(libc::SYS_truncate, [path(&scene.folder.join("long")).addr(), 0, 0, 0, 0, 0])
    }),
    attempt("files", "remove a file", Nothing, Some(1), |scene| fs::remove_file(scene.folder.join("rubbish"))),
    attempt("files", "ask for a file's size", Nothing, None, |scene| fs::metadata(scene.secret()).map(drop)),
    attempt("files", "go to another directory", Nothing, None, |_| std::env::set_current_dir("/")),
    attempt("files", "take another root", Something, None, |scene| {
        call(libc::SYS_chroot, [path(&scene.folder).addr(), 0, 0, 0, 0, 0])
    }),
    attempt("files", "mount a file system", Something, Some(1), |scene| {
        let (kind, target) = (text("tmpfs"), path(&scene.folder));
        call(libc::SYS_mount, [kind.addr(), target.addr(), kind.addr(), 0, 0, 0])
    }),
    attempt("files", "make a file in memory, to run it", Nothing, None, |_| {
        call(libc::SYS_memfd_create, [text("code").addr(), 0, 0, 0, 0, 0])
    }),
    attempt("descriptors", "read a file that its parent has open", Nothing, Some(1), |scene| {
        let mut bytes = [0_u8; 4];
        call(libc::SYS_pread64, [descriptor(scene), bytes.as_mut_ptr().addr(), 4, 0, 0, 0])
    }),
    attempt("descriptors", "map a file that its parent has open", Nothing, Some(1), |scene| {
        let (readable, private) = (libc::PROT_READ.unsigned_abs(), libc::MAP_PRIVATE.unsigned_abs());
        call(libc::SYS_mmap, [0, 4096, readable as usize, private as usize, descriptor(scene), 0])
    }),
    attempt("descriptors", "take a descriptor of its parent", Something, None, |_| {
        call(libc::SYS_pidfd_getfd, [3, 0, 0, 0, 0, 0])
    }),
    attempt("/proc", "read its parent's environment", Nothing, Some(1), |scene| {
        fs::read(scene.of_parent("environ")).map(drop)
    }),
    attempt("/proc", "open its parent's memory", Something, Some(1), |scene| {
        File::open(scene.of_parent("mem")).map(drop)
    }),
    attempt("/proc", "list its parent's descriptors", Nothing, Some(1), |scene| {
        fs::read_dir(scene.of_parent("fd")).map(drop)
    }),
    attempt("/proc", "write to its own memory as a file", Nothing, Some(1), |_| {
        OpenOptions::new().write(true).open("/proc/self/mem").map(drop)
    }),
    attempt("/proc", "change a setting of the kernel", Something, Some(1), |_| {
        OpenOptions::new().write(true).open("/proc/sys/kernel/core_pattern")?.write_all(b"")
    }),
    attempt("network", "connect to a server on this machine", Nothing, Some(4), |scene| {
        TcpStream::connect(scene.server).map(drop)
    }),
    attempt("network", "connect to the metadata server of a cloud", Something, Some(4), |_| {
        TcpStream::connect(("169.254.169.254", 80)).map(drop)
    }),
    attempt("network", "listen", Nothing, Some(4), |_| TcpListener::bind("127.0.0.1:0").map(drop)),
    attempt("network", "send datagrams", Nothing, None, |_| UdpSocket::bind("127.0.0.1:0").map(drop)),
    attempt("network", "take a connection that it was given elsewhere", Nothing, None, |scene| {
        let nowhere = [0_u8; 16];
        call(libc::SYS_connect, [GIVEN, nowhere.as_ptr().addr(), nowhere.len(), 0, 0, 0])?;
        let there = scene.server_address();
        call(libc::SYS_connect, [GIVEN, there.as_ptr().addr(), there.len(), 0, 0, 0])
    }),
    attempt("network", "the same by sending", Something, None, |scene| {
        let (there, flags) = (scene.server_address(), libc::MSG_FASTOPEN.unsigned_abs() as usize);
        call(libc::SYS_sendto, [GIVEN, there.as_ptr().addr(), 1, flags, there.as_ptr().addr(), there.len()])
    }),
    attempt("network", "connect to a Unix socket", Nothing, None, |scene| {
        UnixStream::connect(scene.folder.join("socket")).map(drop)
    }),
    attempt("network", "connect to an abstract Unix socket", Nothing, Some(6), |scene| {
        UnixStream::connect_addr(&UnixAddr::from_abstract_name(&scene.name)?).map(drop)
    }),
    attempt("network", "make a pair of sockets", Nothing, None, |_| UnixStream::pair().map(drop)),
    attempt("network", "talk to the kernel by netlink", Nothing, None, |_| socket(libc::AF_NETLINK, libc::SOCK_RAW)),
    attempt("network", "see all packets", Something, None, |_| socket(libc::AF_PACKET, libc::SOCK_RAW)),
    attempt("network", "talk to the host of a virtual machine", Something, None, |_| {
        socket(libc::AF_VSOCK, libc::SOCK_STREAM)
    }),
    attempt("processes", "fork", Nothing, None, |_| {
        call(libc::SYS_clone, [libc::SIGCHLD.unsigned_abs() as usize, 0, 0, 0, 0, 0])
    }),
    attempt("processes", "fork by `clone3`", Nothing, None, |_| {
        // Without a stack of its own, as for a fork, and nobody to be told of its end.
        let arguments = [0_u64; 8];
        call(libc::SYS_clone3, [arguments.as_ptr().addr(), 64, 0, 0, 0, 0])
    }),
    attempt("processes", "start a program", Nothing, Some(1), |_| {
        Command::new("/proc/self/exe").arg(super::NOTHING).spawn().and_then(|mut child| child.wait()).map(drop)
    }),
    attempt("processes", "become another program", Something, Some(1), |_| {
        call(libc::SYS_execve, [text("/proc/self/exe").addr(), 0, 0, 0, 0, 0])
    }),
    attempt("processes", "become another program by `execveat`", Something, Some(1), |_| {
        call(libc::SYS_execveat, [AT_CWD, text("/proc/self/exe").addr(), 0, 0, 0, 0])
    }),
    attempt("processes", "trace its parent", Something, Some(1), |scene| {
        call(libc::SYS_ptrace, [libc::PTRACE_ATTACH as usize, parent(scene), 0, 0, 0, 0])
    }),
    attempt("processes", "read its parent's memory", Something, Some(1), |scene| {
        touch(scene, libc::SYS_process_vm_readv)
    }),
    attempt("processes", "write to its parent's memory", Something, Some(1), |scene| {
        touch(scene, libc::SYS_process_vm_writev)
    }),
    attempt("processes", "send its parent a signal", Nothing, Some(6), |scene| {
        call(libc::SYS_kill, [parent(scene), 0, 0, 0, 0, 0])
    }),
    attempt("processes", "send a thread of its parent a signal", Nothing, Some(6), |scene| {
        call(libc::SYS_tgkill, [parent(scene), parent(scene), 0, 0, 0, 0])
    }),
    attempt("processes", "send all processes a signal", Something, None, |_| {
        call(libc::SYS_kill, [usize::MAX, 0, 0, 0, 0, 0])
    }),
    attempt("processes", "hold its parent by a descriptor", Nothing, None, |scene| {
        call(libc::SYS_pidfd_open, [parent(scene), 0, 0, 0, 0, 0])
    }),
    attempt("processes", "change its parent's limits", Something, None, |scene| {
        let limit = [1_u64, 1];
        let core = libc::RLIMIT_CORE as usize;
        call(libc::SYS_prlimit64, [parent(scene), core, limit.as_ptr().addr(), 0, 0, 0])
    }),
    attempt("processes", "change its own limits", Something, None, |_| {
        let limit = [u64::MAX, u64::MAX];
        call(libc::SYS_prlimit64, [0, libc::RLIMIT_CORE as usize, limit.as_ptr().addr(), 0, 0, 0])
    }),
    attempt("processes", "move its parent to another processor", Something, None, |scene| {
        let all = [u64::MAX; 16];
        call(libc::SYS_sched_setaffinity, [parent(scene), 128, all.as_ptr().addr(), 0, 0, 0])
    }),
    attempt("privileges", "become root", Something, None, |_| call(libc::SYS_setuid, [0; 6])),
    attempt("privileges", "take capabilities", Something, None, |_| {
        let (header, all) = ([0x2008_0522_u32, 0], [u32::MAX; 6]);
        call(libc::SYS_capset, [header.as_ptr().addr(), all.as_ptr().addr(), 0, 0, 0, 0])
    }),
    attempt("privileges", "stay when its parent ends", Nothing, None, |_| process_control(libc::PR_SET_PDEATHSIG, 0)),
    attempt("privileges", "let others look into it", Nothing, None, |_| process_control(libc::PR_SET_DUMPABLE, 1)),
    attempt("privileges", "set another filter of system calls", Something, None, |_| {
        call(libc::SYS_seccomp, [1, 0, 0, 0, 0, 0])
    }),
    attempt("namespaces", "make a user namespace", Something, None, |_| unshare(libc::CLONE_NEWUSER)),
    attempt("namespaces", "make a network namespace", Something, None, |_| unshare(libc::CLONE_NEWNET)),
    attempt("namespaces", "enter a namespace of another", Something, None, |_| call(libc::SYS_setns, [0; 6])),
    attempt("kernel", "set up `io_uring`", Something, None, |_| {
        let parameters = [0_u64; 15];
        call(libc::SYS_io_uring_setup, [1, parameters.as_ptr().addr(), 0, 0, 0, 0])
    }),
    attempt("kernel", "load a BPF program", Something, None, |_| call(libc::SYS_bpf, [0; 6])),
    attempt("kernel", "handle its own page faults", Something, None, |_| {
        call(libc::SYS_userfaultfd, [1, 0, 0, 0, 0, 0])
    }),
    attempt("kernel", "watch the processor's counters", Something, None, |_| {
        let attributes = [0_u64; 16];
        call(libc::SYS_perf_event_open, [attributes.as_ptr().addr(), 0, usize::MAX, usize::MAX, 0, 0])
    }),
    attempt("kernel", "ask for keys", Something, None, |_| call(libc::SYS_keyctl, [0, usize::MAX - 2, 1, 0, 0, 0])),
    attempt("kernel", "add a key", Something, None, |_| {
        let kind = text("user");
        call(libc::SYS_add_key, [kind.addr(), kind.addr(), kind.addr(), 4, usize::MAX - 2, 0])
    }),
    attempt("kernel", "load a module", Something, None, |_| call(libc::SYS_finit_module, [0; 6])),
    attempt("kernel", "read the kernel's log", Something, None, |_| call(libc::SYS_syslog, [10, 0, 0, 0, 0, 0])),
    attempt("kernel", "ask a terminal for something", Something, None, |_| {
        call(libc::SYS_ioctl, [0, TIOCSTI, text("x").addr(), 0, 0, 0])
    }),
];

/// A connection that the process was started with.
const GIVEN: usize = 0;

/// Puts a character into what a terminal was typed.
const TIOCSTI: usize = 0x5412;

/// The kernel looks at its lower half.
const AT_CWD: usize = libc::AT_FDCWD.cast_unsigned() as usize;

/// Makes a system call.
fn call(call: libc::c_long, arguments: [usize; 6]) -> io::Result<()> {
    number(call, arguments).map(drop)
}

/// Makes a system call, and returns its number.
pub(crate) fn number(call: libc::c_long, [a, b, c, d, e, f]: [usize; 6]) -> io::Result<libc::c_long> {
    // SAFETY: pointers among the arguments are to what lives until the end of the program, or of the caller's
    // statement, and as long as the call expects. A process that comes of it ends at once.
    #[expect(unsafe_code, reason = "an attacker would not ask a library")]
    let result = unsafe {
        let result = libc::syscall(call, a, b, c, d, e, f);
        if result == 0 && [libc::SYS_clone, libc::SYS_clone3].contains(&call) {
            libc::_exit(0);
        }
        result
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A text for the kernel, which is never given back.
fn text(text: &str) -> *const libc::c_char {
    CString::new(text).unwrap_or_default().into_raw()
}

fn path(path: &Path) -> *const libc::c_char {
    CString::new(path.as_os_str().as_bytes()).unwrap_or_default().into_raw()
}

fn parent(scene: &Scene) -> usize {
    scene.parent as usize
}

fn descriptor(scene: &Scene) -> usize {
    scene.descriptor.unsigned_abs() as usize
}

fn make_node(scene: &Scene, name: &str, kind: libc::mode_t) -> io::Result<()> {
    let mode = (kind | 0o600) as usize;
    call(libc::SYS_mknodat, [AT_CWD, path(&scene.folder.join(name)).addr(), mode, 0x103, 0, 0])
}

fn socket(family: libc::c_int, kind: libc::c_int) -> io::Result<()> {
    call(libc::SYS_socket, [family.unsigned_abs() as usize, kind.unsigned_abs() as usize, 0, 0, 0, 0])
}

fn unshare(what: libc::c_int) -> io::Result<()> {
    call(libc::SYS_unshare, [what.unsigned_abs() as usize, 0, 0, 0, 0, 0])
}

fn process_control(what: libc::c_int, value: usize) -> io::Result<()> {
    call(libc::SYS_prctl, [what.unsigned_abs() as usize, value, 0, 0, 0, 0])
}

/// Reads or writes its parent's memory.
fn touch(scene: &Scene, how: libc::c_long) -> io::Result<()> {
    let mut bytes = [0_u8; 4];
    let (local, remote) = ([bytes.as_mut_ptr().addr(), 4], [scene.address, 4]);
    call(how, [parent(scene), local.as_ptr().addr(), 1, remote.as_ptr().addr(), 1, 0])
}
