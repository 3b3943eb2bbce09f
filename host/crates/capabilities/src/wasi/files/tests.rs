//! What guests get of real directories.

use std::{fs, os::unix::fs::symlink, os::unix::net::UnixListener, path::Path, time::Duration};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use tempfile::TempDir;
use wasmtime_wasi::{
    FsPerms, WasiCtx,
    p2::bindings::filesystem::types::{OpenFlags, PathFlags},
};

use super::*;
use crate::{Outlet, Policy, Signals, Tenant, leave::Leave, tenant::Way};

/// Longer than anything here takes: what hangs fails.
const GUARD: Duration = Duration::from_secs(30);

/// An attempt with one directory.
struct Attempt {
    ctx: WasiCtx,
    table: ResourceTable,
    threads: Arc<FileThreads>,
    listed: Listed,
    disk: Arc<Disk>,
}

impl Attempt {
    fn new(dir: &Path, perms: FsPerms, threads: &Arc<FileThreads>) -> Self {
        let mut builder = WasiCtx::builder();
        builder.allow_blocking_current_thread(true).preopened_dir(dir, "/data", perms).unwrap();
        Self {
            ctx: builder.build(),
            table: ResourceTable::new(),
            threads: Arc::clone(threads),
            listed: Listed::new(1_000),
            disk: disk(activity::Limits::default(), running()),
        }
    }

    fn files(&mut self) -> Files<'_> {
        let inner = WasiFilesystemCtxView { ctx: self.ctx.filesystem(), table: &mut self.table };
        let (threads, disk) = (Some(Arc::clone(&self.threads)), Arc::clone(&self.disk));
        Files { inner, threads, disk, listed: self.listed.clone(), scratch: None }
    }

    async fn open(
        &mut self,
        path: &str,
        how: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Resource<Descriptor>, String> {
        let mut files = self.files();
        let (root, _) = preopens::Host::get_directories(&mut files).unwrap().remove(0);
        let opened = files.open_at(root, PathFlags::SYMLINK_FOLLOW, path.to_owned(), how, flags);
        let opened = tokio::time::timeout(GUARD, opened).await.expect("it hangs");
        opened.map_err(|error| error.downcast().unwrap().name().to_owned())
    }

    /// The content of a file, or why there is none.
    async fn content(&mut self, path: &str) -> String {
        match self.open(path, OpenFlags::empty(), DescriptorFlags::READ).await {
            Ok(file) => {
                let (bytes, _) = self.files().read(file, 100, 0).await.map_err(|error| error.downcast()).unwrap();
                String::from_utf8(bytes).unwrap()
            }
            Err(code) => code,
        }
    }
}

/// The signals of an attempt that goes on.
fn running() -> Arc<Signals> {
    Arc::new(Signals::new(false))
}

/// What an attempt with these limits may write, until it is told that it is over.
fn disk(limits: activity::Limits, signals: Arc<Signals>) -> Arc<Disk> {
    disk_of(None, limits, signals)
}

/// The same of a tenant's attempt.
fn disk_of(tenant: Option<Arc<Tenant>>, limits: activity::Limits, signals: Arc<Signals>) -> Arc<Disk> {
    let (_, port) = activity::attempt();
    let policy = Arc::new(Policy::granting(activity::Grants::default()));
    let leave = Leave::new(true, &activity::Info::default(), signals);
    Arc::new(Disk::new(&limits, Arc::new(Outlet::unread(port.events, policy)), leave, tenant))
}

fn threads() -> Arc<FileThreads> {
    Arc::new(FileThreads::new(Arc::new(crate::Tenant::new(activity::SharedLimits::default()))).unwrap())
}

#[tokio::test]
async fn what_is_no_file_is_refused_at_once_and_keeps_no_thread() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("file"), "content").unwrap();
    mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    symlink("fifo", at("link")).unwrap();
    let _listener = UnixListener::bind(at("socket")).unwrap();
    let mut names = vec!["fifo", "link", "socket"];
    // Only root makes devices, and not everywhere.
    if mknodat(CWD, at("zero"), FileType::CharacterDevice, Mode::RWXU, makedev(1, 5)).is_ok() {
        names.push("zero");
    }
    let threads = threads();
    let mut attempts: Vec<_> = (0..3).map(|_| Attempt::new(dir.path(), FsPerms::ReadWrite, &threads)).collect();
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    for _ in 0..50 {
        for attempt in &mut attempts {
            for name in &names {
                for flags in [DescriptorFlags::READ, DescriptorFlags::WRITE, both] {
                    for how in [OpenFlags::empty(), OpenFlags::CREATE, OpenFlags::TRUNCATE] {
                        let refused = attempt.open(name, how, flags).await.unwrap_err();
                        assert_eq!(refused, "not-permitted", "{name}");
                    }
                }
            }
            assert_eq!(attempt.content("file").await, "content");
        }
    }
}

#[tokio::test]
async fn files_are_opened_as_they_ever_were() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("file"), "content").unwrap();
    fs::create_dir(at("inner")).unwrap();
    symlink("file", at("link")).unwrap();
    symlink("made", at("dangling")).unwrap();
    symlink("/etc/hostname", at("outside")).unwrap();
    let mut attempt = Attempt::new(dir.path(), FsPerms::ReadWrite, &threads());
    assert_eq!(attempt.content("link").await, "content");
    for (path, how, flags, expected) in [
        ("none", OpenFlags::empty(), DescriptorFlags::READ, "no-entry"),
        ("outside", OpenFlags::empty(), DescriptorFlags::READ, "not-permitted"),
        ("../x", OpenFlags::CREATE, DescriptorFlags::WRITE, "not-permitted"),
        ("/etc/hostname", OpenFlags::empty(), DescriptorFlags::READ, "not-permitted"),
        ("file", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::WRITE, "exist"),
        ("file", OpenFlags::DIRECTORY, DescriptorFlags::READ, "not-directory"),
        ("file/x", OpenFlags::empty(), DescriptorFlags::READ, "not-directory"),
        ("inner", OpenFlags::empty(), DescriptorFlags::WRITE, "is-directory"),
        ("inner", OpenFlags::DIRECTORY | OpenFlags::CREATE, DescriptorFlags::READ, "invalid"),
    ] {
        let refused = attempt.open(path, how, flags).await.err().unwrap_or_default();
        assert_eq!(refused, expected, "{path}");
    }
    attempt.open("inner", OpenFlags::DIRECTORY, DescriptorFlags::READ).await.unwrap();
    for path in ["new", "dangling", "inner/new"] {
        let file = attempt.open(path, OpenFlags::CREATE, DescriptorFlags::WRITE).await.unwrap();
        assert_eq!(attempt.files().write(file, b"hello".to_vec(), 0).await.map_err(|_| ()).unwrap(), 5);
        assert_eq!(attempt.content(path).await, "hello");
    }
    assert_eq!(fs::read_to_string(at("made")).unwrap(), "hello");
    attempt.open("new", OpenFlags::TRUNCATE, DescriptorFlags::WRITE).await.unwrap();
    assert_eq!(attempt.content("new").await, "");
    let mut reader = Attempt::new(dir.path(), FsPerms::ReadOnly, &threads());
    assert_eq!(reader.content("file").await, "content");
    for how in [OpenFlags::empty(), OpenFlags::CREATE, OpenFlags::TRUNCATE] {
        let refused = reader.open("file", how, DescriptorFlags::WRITE).await.unwrap_err();
        assert_eq!(refused, "not-permitted");
    }
}

#[tokio::test]
async fn streams_read_and_write_all() {
    let dir = TempDir::new().unwrap();
    let mut attempt = Attempt::new(dir.path(), FsPerms::ReadWrite, &threads());
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let file = attempt.open("file", OpenFlags::CREATE, both).await.unwrap();
    let again = || Resource::new_borrow(file.rep());
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| u8::try_from(number % 251).unwrap()).collect();
    let writer = attempt.files().write_via_stream(again(), 0).map_err(|_| ()).unwrap();
    let appender = attempt.files().append_via_stream(again()).map_err(|_| ()).unwrap();
    for stream in [writer, appender] {
        let stream = attempt.table.get_mut(&stream).unwrap();
        stream.blocking_write_and_flush(bytes.clone().into()).await.map_err(|_| ()).unwrap();
    }
    let reader = attempt.files().read_via_stream(again(), 1).map_err(|_| ()).unwrap();
    let reader = attempt.table.get_mut(&reader).unwrap();
    let mut read = Vec::new();
    while let Ok(piece) = reader.blocking_read(50_000).await {
        read.extend(piece);
    }
    assert!(read == [&bytes, &bytes[..]].concat()[1..]);
}

#[tokio::test]
async fn a_directory_is_listed_as_far_as_there_is_room() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("few")).unwrap();
    for name in ["b", "a"] {
        fs::write(dir.path().join("few").join(name), "").unwrap();
    }
    fs::create_dir(dir.path().join("many")).unwrap();
    for number in 0..100 {
        fs::write(dir.path().join("many").join(number.to_string()), "").unwrap();
    }
    let mut attempt = Attempt::new(dir.path(), FsPerms::ReadOnly, &threads());
    let few = attempt.open("few", OpenFlags::DIRECTORY, DescriptorFlags::READ).await.unwrap();
    let entries = attempt.files().read_directory(few).await.map_err(|error| error.downcast()).unwrap();
    let mut names = Vec::new();
    loop {
        let stream = Resource::new_borrow(entries.rep());
        let entry = attempt.files().read_directory_entry(stream).await.map_err(|error| error.downcast()).unwrap();
        let Some(entry) = entry else { break };
        assert_eq!(entry.type_, types::DescriptorType::RegularFile);
        names.push(entry.name);
    }
    names.sort();
    assert_eq!(names, ["a", "b"]);
    HostDirectoryEntryStream::drop(&mut attempt.files(), entries).unwrap();
    let many = attempt.open("many", OpenFlags::DIRECTORY, DescriptorFlags::READ).await.unwrap();
    let refused = attempt.files().read_directory(many).await.unwrap_err().downcast().unwrap();
    assert_eq!(refused, ErrorCode::InsufficientMemory);
}

/// Attempts of one component share what it may have open, and leave the others theirs.
#[tokio::test]
async fn a_component_has_a_part_of_all_open_files() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("file"), "content").unwrap();
    let (ours, theirs) = (threads(), threads());
    let attempt = |threads| Attempt::new(dir.path(), FsPerms::ReadOnly, threads);
    let (mut first, mut second, mut other) = (attempt(&ours), attempt(&ours), attempt(&theirs));
    let open =
        async |attempt: &mut Attempt| attempt.open("file", OpenFlags::empty(), DescriptorFlags::READ).await.map(|_| ());
    let most = crate::open_files::share();
    for number in 0..most {
        open(if number % 2 == 0 { &mut first } else { &mut second }).await.unwrap();
    }
    for attempt in [&mut first, &mut second] {
        assert_eq!(open(attempt).await.unwrap_err(), "insufficient-memory");
    }
    assert_eq!(other.content("file").await, "content");
    drop(first);
    assert_eq!(second.content("file").await, "content");
}

/// What was written, or why not.
fn done<T>(result: FsResult<T>) -> &'static str {
    result.map_or_else(|error| error.downcast().unwrap().name(), |_| "done")
}

#[tokio::test]
async fn an_attempt_writes_no_more_than_it_may() {
    const KIB: usize = 1 << 10;
    let dir = TempDir::new().unwrap();
    let mut attempt = Attempt::new(dir.path(), FsPerms::ReadWrite, &threads());
    // Three files, and 20 KiB.
    attempt.disk = disk(activity::Limits { disk: 32 << 10, ..activity::Limits::default() }, running());
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let mut open = Vec::new();
    for path in ["hole", "file", "link"] {
        open.push(attempt.open(path, OpenFlags::CREATE, both).await.unwrap().rep());
    }
    let file = |number: usize| Resource::new_borrow(*open.get(number).unwrap());
    let mut files = attempt.files();
    assert_eq!(done(files.set_size(file(0), 1 << 40).await), "insufficient-space");
    assert_eq!(done(files.write(file(0), vec![1], 1 << 40).await), "insufficient-space");
    assert_eq!(done(files.write(file(0), vec![1], u64::MAX).await), "insufficient-space");
    assert_eq!(fs::metadata(dir.path().join("hole")).unwrap().len(), 0);
    assert_eq!(done(files.set_size(file(0), 8 << 10).await), "done");
    // Nothing that is there already, and then the same as if it were new.
    assert_eq!(done(files.set_size(file(0), 0).await), "done");
    assert_eq!(done(files.write(file(1), vec![1; 8 * KIB], 0).await), "done");
    assert_eq!(done(files.write(file(1), vec![1; 8 * KIB], 0).await), "insufficient-space");
    for position in [Some(0), None] {
        let stream = files.writer(&file(1), position).unwrap();
        let writer: &mut DynOutputStream = files.inner.table.get_mut(&stream).unwrap();
        writer.write(vec![2; 8 * KIB].into()).unwrap();
        writer.ready().await;
        let refused = writer.check_write().unwrap_err().to_string();
        assert!(refused.contains("last operation failed"), "{refused}");
    }
    assert_eq!(done(files.write(file(1), vec![1; 4 * KIB], 0).await), "done");
    let (root, _) = preopens::Host::get_directories(&mut files).unwrap().remove(0);
    let again = || Resource::new_borrow(root.rep());
    assert_eq!(done(files.create_directory_at(again(), "inner".to_owned()).await), "insufficient-space");
    assert_eq!(done(files.symlink_at(again(), "file".to_owned(), "to".to_owned()).await), "insufficient-space");
    let link = files.link_at(again(), PathFlags::empty(), "file".to_owned(), again(), "second".to_owned());
    assert_eq!(done(link.await), "insufficient-space");
    assert_eq!(attempt.open("new", OpenFlags::CREATE, both).await.unwrap_err(), "insufficient-space");
    let mut counted = Attempt::new(dir.path(), FsPerms::ReadWrite, &threads());
    counted.disk = disk(activity::Limits { disk: 0, is_counted: true, ..activity::Limits::default() }, running());
    let made = counted.open("new", OpenFlags::CREATE, both).await.unwrap();
    assert_eq!(done(counted.files().write(made, b"hello".to_vec(), 0).await), "done");
}

#[tokio::test]
async fn what_is_refused_is_not_charged_to_the_tenant() {
    let dir = TempDir::new().unwrap();
    let tenant = Arc::new(Tenant::new(activity::SharedLimits { disk: 64 << 10, ..activity::SharedLimits::default() }));
    let mut attempt = Attempt::new(dir.path(), FsPerms::ReadWrite, &threads());
    let limits = activity::Limits { disk: 32 << 10, ..activity::Limits::default() };
    attempt.disk = disk_of(Some(Arc::clone(&tenant)), limits, running());
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let file = attempt.open("file", OpenFlags::CREATE, both).await.unwrap().rep();
    let mut write = async |bytes| done(attempt.files().write(Resource::new_borrow(file), vec![1; bytes], 0).await);
    assert_eq!(write(128 << 10).await, "insufficient-space");
    assert!(tenant.due(Way::Disk).is_none());
    assert_eq!(write(16 << 10).await, "done");
    assert!(tenant.due(Way::Disk).is_none());
    assert_eq!(write(8 << 10).await, "done");
}

#[tokio::test]
async fn nothing_is_changed_once_the_lease_is_lost() {
    let (dir, signals) = (TempDir::new().unwrap(), running());
    let at = |name: &str| dir.path().join(name);
    fs::write(at("old"), "content").unwrap();
    fs::create_dir(at("inner")).unwrap();
    let mut attempt = Attempt::new(dir.path(), FsPerms::ReadWrite, &threads());
    attempt.disk = disk(activity::Limits::default(), Arc::clone(&signals));
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let old = attempt.open("old", OpenFlags::empty(), both).await.unwrap().rep();
    let file = || Resource::new_borrow(old);
    let stream = attempt.files().writer(&file(), None).unwrap();
    signals.cancel(activity::CancellationDetails::NOT_FOUND);
    for how in [OpenFlags::empty(), OpenFlags::TRUNCATE, OpenFlags::CREATE] {
        assert_eq!(attempt.open("old", how, both).await.unwrap_err(), "read-only", "{how:?}");
    }
    let mut files = attempt.files();
    let (root, _) = preopens::Host::get_directories(&mut files).unwrap().remove(0);
    let root = || Resource::new_borrow(root.rep());
    let (old_name, new_name, inner) = (|| "old".to_owned(), || "new".to_owned(), || "inner".to_owned());
    let (now, follow) = (types::NewTimestamp::Now, PathFlags::empty());
    let refused = [
        done(files.write(file(), vec![1], 0).await),
        done(files.set_size(file(), 0).await),
        done(files.set_times(file(), now, now).await),
        done(files.set_times_at(root(), follow, old_name(), now, now).await),
        done(files.create_directory_at(root(), new_name()).await),
        done(files.symlink_at(root(), old_name(), new_name()).await),
        done(files.link_at(root(), follow, old_name(), root(), new_name()).await),
        done(files.rename_at(root(), old_name(), root(), new_name()).await),
        done(files.unlink_file_at(root(), old_name()).await),
        done(files.remove_directory_at(root(), inner()).await),
    ];
    assert_eq!(refused, ["read-only"; 10]);
    let writer: &mut DynOutputStream = files.inner.table.get_mut(&stream).unwrap();
    writer.write(vec![2; 8].into()).unwrap();
    writer.ready().await;
    assert!(writer.check_write().is_err());
    assert_eq!(attempt.content("old").await, "content");
    assert!(at("inner").exists() && !at("new").exists());
}
