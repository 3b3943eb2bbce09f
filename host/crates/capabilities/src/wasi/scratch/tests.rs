//! What guests get of a scratch directory.

use activity::{ComponentHandle, ComponentId, Info};
use wasmtime_wasi::p2::{InputStream as _, OutputStream as _, bindings::filesystem::types::PathFlags};

use super::*;
use crate::Policy;

const KIB: u64 = 1 << 10;

pub(super) fn scratch(size: u64) -> Opened {
    let policy = Policy::granting(activity::Grants::default());
    let (_, port) = activity::attempt();
    let component = ComponentHandle::to_nothing(ComponentId::default());
    root(size, Arc::new(Outlet::new(port.events, Arc::new(policy), Arc::new(Info::default()), component)))
}

fn write() -> DescriptorFlags {
    DescriptorFlags::READ | DescriptorFlags::WRITE
}

fn open(scratch: &Opened, path: &str, how: OpenFlags, flags: DescriptorFlags) -> Result<Opened, ErrorCode> {
    scratch.open_at(&Wanted { follow: PathFlags::empty(), path: path.to_owned(), how, flags })
}

fn create(scratch: &Opened, path: &str) -> Result<Opened, ErrorCode> {
    open(scratch, path, OpenFlags::CREATE, write())
}

fn put(scratch: &Opened, path: &str, text: &str) {
    create(scratch, path).unwrap().write(text.as_bytes(), Some(0)).unwrap();
}

/// What a file holds, or why nothing.
fn content(scratch: &Opened, path: &str) -> String {
    let read = open(scratch, path, OpenFlags::empty(), DescriptorFlags::READ).and_then(|file| file.read(100, 0));
    read.map_or_else(|code| code.name().to_owned(), |bytes| String::from_utf8(bytes).unwrap())
}

fn names(scratch: &Opened) -> Vec<String> {
    scratch.list(&Listed::new(10_000)).unwrap().map(|entry| entry.name).collect()
}

fn held(scratch: &Opened) -> u64 {
    scratch.scratch.tree().held()
}

#[test]
fn files_are_where_they_were_put() {
    let tmp = scratch(64 * KIB);
    tmp.create_directory_at("a").unwrap();
    tmp.create_directory_at("a/b/").unwrap();
    put(&tmp, "a/b/../x", "one");
    put(&tmp, "./a//b/y", "two");
    assert_eq!((content(&tmp, "a/x"), content(&tmp, "a/b/y")), ("one".into(), "two".into()));
    tmp.rename_at("a/x", &tmp, "a/b/y").unwrap();
    assert_eq!((content(&tmp, "a/x"), content(&tmp, "a/b/y")), ("no-entry".into(), "one".into()));
    let below = open(&tmp, "a/b", OpenFlags::DIRECTORY, DescriptorFlags::READ).unwrap();
    tmp.rename_at("a/b", &tmp, "c").unwrap();
    assert_eq!((content(&below, "y"), names(&tmp)), ("one".into(), vec!["a".to_owned(), "c".to_owned()]));
    assert!(below.is_same(&open(&tmp, "c/.", OpenFlags::empty(), DescriptorFlags::READ).unwrap()));
    assert_eq!(tmp.hash_at("c").unwrap().lower, below.hash().lower);
    assert_eq!(tmp.stat_at("c/y").unwrap().size, 3);
    assert_eq!(below.stat().unwrap().type_, DescriptorType::Directory);
}

#[test]
fn nothing_leads_out_of_it() {
    let tmp = scratch(64 * KIB);
    tmp.create_directory_at("a").unwrap();
    let below = open(&tmp, "a", OpenFlags::empty(), DescriptorFlags::READ).unwrap();
    for path in ["..", "../etc/passwd", "/etc/passwd", "/", "a/../..", "a/../../tmp/a"] {
        assert_eq!(tmp.stat_at(path).unwrap_err(), ErrorCode::NotPermitted, "{path}");
        assert_eq!(create(&tmp, path).err(), Some(ErrorCode::NotPermitted), "{path}");
    }
    assert_eq!(create(&below, "../x").err(), Some(ErrorCode::NotPermitted));
    assert_eq!(create(&tmp, "a\0b").err(), Some(ErrorCode::Invalid));
    assert_eq!(create(&tmp, &"n".repeat(256)).err(), Some(ErrorCode::NameTooLong));
    assert_eq!(create(&tmp, &"./".repeat(3_000)).err(), Some(ErrorCode::NameTooLong));
}

#[test]
fn what_is_wrong_is_told_as_linux_does() {
    let tmp = scratch(64 * KIB);
    tmp.create_directory_at("dir").unwrap();
    put(&tmp, "dir/file", "text");
    put(&tmp, "file", "text");
    let code = |result: Result<(), ErrorCode>| result.unwrap_err().name().to_owned();
    let opened = |path, how, flags| code(open(&tmp, path, how, flags).map(|_| ()));
    assert_eq!(opened("", OpenFlags::CREATE, write()), "no-entry");
    assert_eq!(opened("none/x", OpenFlags::CREATE, write()), "no-entry");
    assert_eq!(opened("file/x", OpenFlags::CREATE, write()), "not-directory");
    assert_eq!(opened("file/", OpenFlags::empty(), write()), "not-directory");
    assert_eq!(opened("new/", OpenFlags::CREATE, write()), "is-directory");
    assert_eq!(opened("dir", OpenFlags::empty(), write()), "is-directory");
    assert_eq!(opened("file", OpenFlags::DIRECTORY, DescriptorFlags::READ), "not-directory");
    assert_eq!(opened("file", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, write()), "exist");
    assert_eq!(code(tmp.create_directory_at("file")), "exist");
    assert_eq!(code(tmp.create_directory_at(".")), "exist");
    assert_eq!(code(tmp.remove_directory_at("dir")), "not-empty");
    assert_eq!(code(tmp.remove_directory_at("file")), "not-directory");
    assert_eq!(code(tmp.unlink_file_at("dir")), "is-directory");
    assert_eq!(code(tmp.unlink_file_at("none")), "no-entry");
    assert_eq!(code(tmp.rename_at("none", &tmp, "x")), "no-entry");
    assert_eq!(code(tmp.rename_at("file", &tmp, "dir")), "is-directory");
    assert_eq!(code(tmp.rename_at("dir", &tmp, "file")), "not-directory");
    assert_eq!(code(tmp.rename_at("dir", &tmp, "dir/within")), "invalid");
    assert_eq!(code(tmp.rename_at(".", &tmp, "x")), "busy");
    assert_eq!(tmp.readlink_at("file").name(), "invalid");
    let read_only = open(&tmp, "file", OpenFlags::empty(), DescriptorFlags::READ).unwrap();
    assert_eq!(code(read_only.write(b"x", None).map(|_| ())), "bad-descriptor");
    assert_eq!(code(read_only.set_size(0)), "bad-descriptor");
    assert_eq!(content(&tmp, "dir/file"), "text");
}

#[test]
fn what_is_removed_stays_as_long_as_it_is_open() {
    let tmp = scratch(16 * KIB);
    let file = create(&tmp, "file").unwrap();
    file.write(b"kept", Some(0)).unwrap();
    tmp.unlink_file_at("file").unwrap();
    let again = file.clone();
    drop(file);
    assert_eq!((again.read(100, 0).unwrap(), again.stat().unwrap().link_count), (b"kept".to_vec(), 0));
    assert!(held(&tmp) > 0);
    drop(again);
    assert_eq!(held(&tmp), 0);
    tmp.create_directory_at("dir").unwrap();
    let dir = open(&tmp, "dir", OpenFlags::empty(), DescriptorFlags::READ).unwrap();
    tmp.remove_directory_at("dir").unwrap();
    assert_eq!(create(&dir, "x").err(), Some(ErrorCode::NoEntry));
    assert_eq!(tmp.rename_at("dir", &dir, "x"), Err(ErrorCode::NoEntry));
    drop(dir);
    assert_eq!(held(&tmp), 0);
}

#[test]
fn it_holds_no_more_than_it_may_and_gives_back_what_is_removed() {
    let tmp = scratch(64 * KIB);
    let file = create(&tmp, "file").unwrap();
    assert_eq!(file.write(&[1; 64 << 10], Some(0)), Err(ErrorCode::InsufficientSpace));
    file.set_size(0).unwrap();
    assert_eq!(held(&tmp), KIB);
    file.write(&[1; 60 << 10], Some(0)).unwrap();
    assert_eq!(file.write(&[1; 5 << 10], None), Err(ErrorCode::InsufficientSpace));
    tmp.unlink_file_at("file").unwrap();
    drop(file);
    let mut made = 0;
    while create(&tmp, &made.to_string()).is_ok() {
        made += 1;
    }
    assert_eq!((made, held(&tmp)), (64, 64 * KIB));
    assert_eq!(tmp.create_directory_at("dir"), Err(ErrorCode::InsufficientSpace));
    // A listing is bounded, too.
    assert_eq!(tmp.list(&Listed::new(1_000)).err(), Some(ErrorCode::InsufficientMemory));
    (0..made).for_each(|number| tmp.unlink_file_at(&number.to_string()).unwrap());
    assert_eq!((held(&tmp), tmp.scratch.outlet.peak_scratch()), (0, 64 * KIB));
}

#[test]
fn holes_take_nothing_and_what_was_cut_is_gone() {
    let tmp = scratch(16 * KIB);
    let file = create(&tmp, "file").unwrap();
    file.set_size(1 << 40).unwrap();
    file.write(b"end", Some((1 << 40) - 3)).unwrap();
    assert_eq!(held(&tmp), 5 * KIB);
    assert_eq!(file.read(8, (1 << 40) - 5).unwrap(), b"\0\0end");
    assert_eq!(file.read(8, 1 << 20).unwrap(), [0; 8]);
    assert_eq!(file.read(8, 1 << 40).unwrap(), b"");
    assert_eq!(file.set_size(u64::MAX), Err(ErrorCode::FileTooLarge));
    assert_eq!(file.write(b"x", Some(u64::MAX)), Err(ErrorCode::FileTooLarge));
    file.set_size(0).unwrap();
    // A page that is used again holds nothing of what it held.
    file.write(b"secret", Some(4_093)).unwrap();
    file.set_size(4_095).unwrap();
    file.set_size(5_000).unwrap();
    assert_eq!(file.read(10, 4_093).unwrap(), b"se\0\0\0\0\0\0\0\0");
    drop(file);
    tmp.unlink_file_at("file").unwrap();
    let other = create(&tmp, "other").unwrap();
    other.write(b"x", Some(4_000)).unwrap();
    assert!(other.read(4_096, 0).unwrap()[..4_000].iter().all(|byte| *byte == 0));
}

/// Entries within entries, as many as there is room for: removing them takes no stack.
#[test]
fn depth_costs_no_stack() {
    let tmp = scratch(64 << 20);
    let mut at = tmp.clone();
    while at.create_directory_at("d").is_ok() {
        at = open(&at, "d", OpenFlags::empty(), DescriptorFlags::READ).unwrap();
    }
    assert_eq!(held(&tmp), 64 << 20);
    assert_eq!(tmp.rename_at("d", &at, "x"), Err(ErrorCode::Invalid));
}

#[test]
fn times_are_those_that_are_set() {
    let tmp = scratch(16 * KIB);
    let file = create(&tmp, "file").unwrap();
    let then = Datetime { seconds: 7, nanoseconds: 8 };
    file.set_times(NewTimestamp::NoChange, NewTimestamp::Timestamp(then)).unwrap();
    tmp.set_times_at("file", NewTimestamp::Timestamp(then), NewTimestamp::NoChange).unwrap();
    let stat = file.stat().unwrap();
    let times = [stat.data_access_timestamp, stat.data_modification_timestamp].map(|time| time.unwrap().seconds);
    assert_eq!(times, [7, 7]);
    file.write(b"x", None).unwrap();
    assert!(file.stat().unwrap().data_modification_timestamp.unwrap().seconds > 7);
}

#[test]
fn streams_go_on_where_they_are() {
    let tmp = scratch(16 * KIB);
    let file = create(&tmp, "file").unwrap();
    let mut writer = Writer { file: file.clone(), position: Some(2) };
    writer.write("one".into()).unwrap();
    writer.write("two".into()).unwrap();
    Writer { file: file.clone(), position: None }.write("end".into()).unwrap();
    let mut reader = Reader { file, position: 1 };
    assert_eq!(reader.read(4).unwrap(), "\0one");
    assert_eq!(reader.read(100).unwrap(), "twoend");
    assert!(reader.read(100).is_err());
    assert!(writer.write(vec![0; 32 << 10].into()).is_err());
}
