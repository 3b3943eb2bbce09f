//! Activities that reach for what is not theirs: files, variables, the network, Temporal, others' memory and time.

use std::{
    ffi::{CString, c_char, c_int},
    fs::{self, File},
    hint::black_box,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    thread,
    time::Duration,
};

use isolet_sdk::{
    ActivityError, ApplicationFailure, activity,
    bindings::isolet::activity::{client, types},
};

/// Does this with the file of that path, and returns what came of it.
///
/// `read` and `list` return what they find, `write` writes a line, `link` and `hard-link` make a second name `mine` of it and
/// read that, `handles` opens it until that fails, `hole` makes it a terabyte large, `far` writes a byte that far, and
/// `fill` writes to it until that fails.
#[activity]
pub(crate) fn touch(what: String, path: String) -> Result<String, ActivityError> {
    let mine = Path::new("/data/mine");
    let done = match what.as_str() {
        "read" => fs::read_to_string(&path),
        "list" => fs::read_dir(&path).map(|entries| format!("{} entries", entries.count())),
        "write" => fs::write(&path, "mine\n").map(|()| "written".to_owned()),
        "link" => link(&path, mine).and_then(|()| fs::read_to_string(mine)),
        "hard-link" => fs::hard_link(&path, mine).and_then(|()| fs::read_to_string(mine)),
        "hole" => File::create(&path).and_then(|file| file.set_len(1 << 40)).map(|()| "made".to_owned()),
        "far" => File::create(&path).and_then(far).map(|()| "written".to_owned()),
        "fill" => File::create(&path).and_then(fill),
        "handles" => {
            let mut open = Vec::new();
            loop {
                match File::open(&path) {
                    Ok(file) => open.push(file),
                    Err(error) => break Ok(format!("{error} after {} of them", open.len())),
                }
            }
        }
        other => return Err(ApplicationFailure::new(format!("nothing is called {other:?}")).into()),
    };
    Ok(done.unwrap_or_else(|error| error.to_string()))
}

fn far(mut file: File) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(1 << 40))?;
    file.write_all(b"x")
}

/// Grows it until that fails, and begins anew each time, so that not all of it is there at once.
fn fill(mut file: File) -> std::io::Result<String> {
    for number in 0_u64.. {
        file.write_all(&[7; 1 << 16])?;
        if let Err(error) = file.set_len(32 << 20) {
            return Ok(format!("{} MiB, then {error}", 32 * number));
        }
        file.set_len(0)?;
        file.rewind()?;
    }
    Ok("all".to_owned())
}

/// Makes a symbolic link, which Rust's library does not yet do for guests.
#[expect(unsafe_code, reason = "a function of the C library")]
fn link(to: &str, at: &Path) -> std::io::Result<()> {
    unsafe extern "C" {
        fn symlink(to: *const c_char, at: *const c_char) -> c_int;
    }
    let [to, at] = [to, &at.to_string_lossy()].map(CString::new);
    let (to, at) = (to?, at?);
    // SAFETY: both are strings that end with a zero, and it keeps none of them.
    let made = unsafe { symlink(to.as_ptr(), at.as_ptr()) };
    if made == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// All variables that it is given, by name.
#[activity]
pub(crate) fn variables() -> Vec<String> {
    std::env::vars().map(|(name, _)| name).collect()
}

/// Opens a socket in this way, and returns what it is told.
#[activity]
pub(crate) fn socket(what: String) -> Result<String, ActivityError> {
    let told = match what.as_str() {
        "connect" => TcpStream::connect("127.0.0.1:22").map(drop),
        "connect-metadata" => TcpStream::connect("169.254.169.254:80").map(drop),
        "listen" => TcpListener::bind("127.0.0.1:0").map(drop),
        "send" => UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"?", "127.0.0.1:53")).map(drop),
        "look-up" => TcpStream::connect("localhost:22").map(drop),
        other => return Err(ApplicationFailure::new(format!("nothing is called {other:?}")).into()),
    };
    Ok(told.map_or_else(|error| error.to_string(), |()| "done".to_owned()))
}

/// Starts a thread, and returns what it is told.
#[activity]
pub(crate) fn start_thread() -> String {
    let started = thread::Builder::new().spawn(|| ());
    started.map_or_else(|error| error.to_string(), |_| "started".to_owned())
}

/// Starts a program, and returns what it is told.
#[activity]
pub(crate) fn start_program() -> String {
    let started = std::process::Command::new("/bin/sh").spawn();
    started.map_or_else(|error| error.to_string(), |_| "started".to_owned())
}

/// Sleeps for a century, in one call of the host.
#[activity]
#[expect(clippy::disallowed_methods, reason = "this is what the test is about")]
pub(crate) fn sleep_for_ever() {
    thread::sleep(Duration::from_secs(3_155_760_000));
}

/// Reads its standard input, and returns how much there is.
#[activity]
pub(crate) fn read_input() -> Result<usize, std::io::Error> {
    let mut input = Vec::new();
    std::io::stdin().take(1 << 20).read_to_end(&mut input)
}

/// Writes so many MiB on standard output without ending the line.
#[activity]
pub(crate) fn endless_line(mib: usize) -> Result<(), std::io::Error> {
    let mut output = std::io::stdout().lock();
    let part = vec![b'x'; 1 << 20];
    (0..mib).try_for_each(|_| output.write_all(&part))
}

/// What is left in memory for the next attempt to find.
const MARK: [u8; 16] = *b"secret of tenant";

/// Fills so many MiB with a mark.
#[activity]
pub(crate) fn leave_marks(mib: usize) -> usize {
    let memory = MARK.repeat((mib << 20) / MARK.len());
    black_box(&memory).len()
}

/// Looks through so many MiB of memory that nothing was written to, and returns how many bytes are not zero.
#[activity]
pub(crate) fn look_for_marks(mib: usize) -> usize {
    #[cfg(target_family = "wasm")]
    {
        let pages = mib << 4;
        let begin = std::arch::wasm32::memory_grow(0, pages);
        // Not a byte of it is the allocator's.
        let mut found = 0;
        for at in 0..pages << 16 {
            #[expect(unsafe_code, reason = "it looks at memory as an attacker does, all of which is the guest's own")]
            // SAFETY: the memory has just been grown by so many pages, which nothing else refers to.
            let byte = unsafe { (((begin << 16) + at) as *const u8).read_volatile() };
            found += usize::from(byte != 0);
        }
        return found;
    }
    #[cfg(not(target_family = "wasm"))]
    mib
}

/// Asks Temporal for this, of the workflow with that id, in this namespace or its own. Returns what it is told.
#[activity]
pub(crate) fn ask_temporal(
    what: String,
    workflow_id: String,
    namespace: Option<String>,
) -> Result<String, ActivityError> {
    let workflow = client::WorkflowReference { namespace, workflow_id, run_id: None };
    let told = match what.as_str() {
        "signal" => client::signal_workflow(&workflow, "hear", &[]),
        "terminate" => client::terminate_workflow(&workflow, "so that it ends"),
        "describe" => client::describe_workflow(&workflow).map(drop),
        "huge" => {
            let input = [types::Payload { metadata: Vec::new(), data: vec![7; 16 << 20] }];
            client::signal_workflow(&workflow, "hear", &input)
        }
        "delete-namespace" => {
            let (service, method) = ("temporal.api.operatorservice.v1.OperatorService", "DeleteNamespace");
            client::rpc(service, method, &[], None).map(drop)
        }
        other => return Err(ApplicationFailure::new(format!("nothing is called {other:?}")).into()),
    };
    Ok(told.map_or_else(|error| format!("{error:?}"), |()| "done".to_owned()))
}
