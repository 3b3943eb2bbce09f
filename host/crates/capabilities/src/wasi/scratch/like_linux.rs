//! A scratch directory does what a directory of Linux does: the same steps in both come to the same.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::Path,
};

use proptest::prelude::*;
use wasmtime_wasi::p2::bindings::filesystem::types::PathFlags;

use super::{tests::scratch, *};

/// Paths that meet each other, some as only directories have them.
const PATHS: [&str; 9] = ["a", "b", "c", "a/b", "a/c", "a/b/c", "b/a", "a/", "a/../b"];

#[derive(Clone, Copy, Debug)]
enum Step {
    Write { path: &'static str, offset: u64, length: usize },
    Cut { path: &'static str, size: u64 },
    MakeNew(&'static str),
    MakeDirectory(&'static str),
    RemoveDirectory(&'static str),
    RemoveFile(&'static str),
    Rename(&'static str, &'static str),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let path = || prop::sample::select(&PATHS[..]);
    let step = prop_oneof![
        (path(), 0_u64..9_000, 0_usize..5_000).prop_map(|(path, offset, length)| Step::Write { path, offset, length }),
        (path(), 0_u64..9_000).prop_map(|(path, size)| Step::Cut { path, size }),
        path().prop_map(Step::MakeNew),
        path().prop_map(Step::MakeDirectory),
        path().prop_map(Step::RemoveDirectory),
        path().prop_map(Step::RemoveFile),
        (path(), path()).prop_map(|(from, to)| Step::Rename(from, to)),
    ];
    prop::collection::vec(step, 1..40)
}

/// What a step writes.
fn text(offset: u64, length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at as u64 * 7 + offset) % 251).unwrap_or_default()).collect()
}

fn open(tmp: &Opened, path: &str, how: OpenFlags, flags: DescriptorFlags) -> Result<Opened, ErrorCode> {
    tmp.open_at(&Wanted { follow: PathFlags::empty(), path: path.to_owned(), how, flags })
}

fn in_scratch(tmp: &Opened, step: Step) -> Result<(), ErrorCode> {
    match step {
        Step::Write { path, offset, length } => {
            let file = open(tmp, path, OpenFlags::CREATE, DescriptorFlags::WRITE)?;
            file.write(&text(offset, length), Some(offset)).map(|_| ())
        }
        Step::Cut { path, size } => open(tmp, path, OpenFlags::empty(), DescriptorFlags::WRITE)?.set_size(size),
        Step::MakeNew(path) => {
            open(tmp, path, OpenFlags::CREATE | OpenFlags::EXCLUSIVE, DescriptorFlags::WRITE).map(|_| ())
        }
        Step::MakeDirectory(path) => tmp.create_directory_at(path),
        Step::RemoveDirectory(path) => tmp.remove_directory_at(path),
        Step::RemoveFile(path) => tmp.unlink_file_at(path),
        Step::Rename(from, to) => tmp.rename_at(from, tmp, to),
    }
}

fn in_linux(root: &Path, step: Step) -> io::Result<()> {
    match step {
        Step::Write { path, offset, length } => {
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(root.join(path))?;
            file.write_all_at(&text(offset, length), offset)
        }
        Step::Cut { path, size } => OpenOptions::new().write(true).open(root.join(path))?.set_len(size),
        Step::MakeNew(path) => File::create_new(root.join(path)).map(|_| ()),
        Step::MakeDirectory(path) => fs::create_dir(root.join(path)),
        Step::RemoveDirectory(path) => fs::remove_dir(root.join(path)),
        Step::RemoveFile(path) => fs::remove_file(root.join(path)),
        Step::Rename(from, to) => fs::rename(root.join(from), root.join(to)),
    }
}

/// Everything that is in either, by path: the content of files, `None` for directories.
type Found = Vec<(String, Option<Vec<u8>>)>;

fn all_in_scratch(tmp: &Opened, at: &str, found: &mut Found) {
    let directory =
        open(tmp, if at.is_empty() { "." } else { at }, OpenFlags::DIRECTORY, DescriptorFlags::READ).unwrap();
    for entry in directory.list(&Listed::new(1 << 20)).unwrap() {
        let path = if at.is_empty() { entry.name } else { format!("{at}/{}", entry.name) };
        if entry.type_ == DescriptorType::Directory {
            found.push((path.clone(), None));
            all_in_scratch(tmp, &path, found);
        } else {
            let size = tmp.stat_at(&path).unwrap().size;
            let read = open(tmp, &path, OpenFlags::empty(), DescriptorFlags::READ).unwrap().read(u64::MAX, 0).unwrap();
            assert_eq!(read.len() as u64, size);
            found.push((path, Some(read)));
        }
    }
}

fn all_in_linux(root: &Path, at: &str, found: &mut Found) {
    for entry in fs::read_dir(root.join(at)).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = if at.is_empty() { name } else { format!("{at}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            found.push((path.clone(), None));
            all_in_linux(root, &path, found);
        } else {
            found.push((path.clone(), Some(fs::read(root.join(&path)).unwrap())));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_same_steps_come_to_the_same(steps in steps()) {
        let (tmp, root) = (scratch(1 << 20), tempfile::tempdir().unwrap());
        for step in steps {
            let expected = in_linux(root.path(), step).map_err(|error| ErrorCode::from(&error));
            prop_assert_eq!(in_scratch(&tmp, step), expected, "{:?}", step);
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        all_in_scratch(&tmp, "", &mut ours);
        all_in_linux(root.path(), "", &mut theirs);
        ours.sort();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
    }
}
