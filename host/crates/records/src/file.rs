//! A file that only grows. When it has become large it is moved aside, and when somebody else has moved it, another one takes
//! its place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustix::fs::{FlockOperation, flock};
use thiserror::Error;

/// A file, and how large it may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// The file.
    pub path: PathBuf,
    /// When it has so many bytes it is moved aside, and another one begun; 0 for never.
    pub max_size: u64,
}

/// Why a file can't be written to. Texts fit after "failed to".
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refuses it.
    #[error("write to {}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process writes to it.
    #[error("write to {}: another worker does", .0.display())]
    Taken(PathBuf),
    /// It is no file, or one with something else in it.
    #[error("write to {}: {what}", path.display())]
    Strange {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
}

/// A file that only grows.
#[derive(Debug)]
pub(crate) struct GrowingFile {
    settings: FileSettings,
    file: File,
    size: u64,
}

impl GrowingFile {
    /// Opens it, which nobody else may have open to write to it.
    pub(crate) fn open(settings: FileSettings) -> Result<Self, FileError> {
        let path = &settings.path;
        let system = |source| FileError::System { path: path.clone(), source };
        let is_other = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
        if is_other {
            return Err(FileError::Strange { path: path.clone(), what: "it is no file" });
        }
        let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path).map_err(system)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(FileError::Taken(path.clone())),
            Err(error) => return Err(system(error.into())),
        }
        let size = file.metadata().map_err(system)?.len();
        Ok(Self { settings, file, size })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.settings.path
    }

    /// What it holds.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Its bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a line, at first to another file if it becomes too large.
    pub(crate) fn append(&mut self, line: &str) -> Result<(), FileError> {
        let length = line.len() as u64 + 1;
        let most = self.settings.max_size;
        if most != 0 && self.size != 0 && most < self.size.saturating_add(length) {
            self.move_aside()?;
        }
        self.write(&format!("{line}\n"))
    }

    /// Ends a line that has no end.
    pub(crate) fn end_line(&mut self) -> Result<(), FileError> {
        self.write("\n")
    }

    /// Ends a line that has no end, and adds one that tells of it: both or none.
    pub(crate) fn end_line_and_append(&mut self, line: &str) -> Result<(), FileError> {
        self.write(&format!("\n{line}\n"))
    }

    fn write(&mut self, text: &str) -> Result<(), FileError> {
        if let Err(source) = self.file.write_all(text.as_bytes()) {
            // A disk that was full took a part of it. Where that can't be taken back, it is what a crash leaves.
            let _ = self.file.set_len(self.size);
            return Err(self.system(source));
        }
        self.size = self.size.saturating_add(text.len() as u64);
        Ok(())
    }

    /// Has what was added reach the disk.
    pub(crate) fn sync(&self) -> Result<(), FileError> {
        self.file.sync_data().map_err(|source| self.system(source))
    }

    /// Goes on with another file if this one was moved or removed.
    pub(crate) fn look_again(&mut self) -> Result<(), FileError> {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let own = self.file.metadata().map(identity).map_err(|source| self.system(source))?;
        if fs::metadata(self.path()).is_ok_and(|found| identity(found) == own) {
            return Ok(());
        }
        *self = Self::open(self.settings.clone())?;
        Ok(())
    }

    /// Its new name tells when that was, and is nobody else's.
    fn move_aside(&mut self) -> Result<(), FileError> {
        let now = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
        let now: String = now.chars().filter(|each| each.is_ascii_alphanumeric() || *each == '.').collect();
        let aside = self.path().with_added_extension(now);
        match fs::rename(self.path(), aside) {
            // The last time there was no room for the new one; or somebody has moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed.map_err(|source| self.system(source))?,
        }
        *self = Self::open(self.settings.clone())?;
        Ok(())
    }

    fn system(&self, source: io::Error) -> FileError {
        FileError::System { path: self.settings.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path, max_size: u64) -> FileSettings {
        FileSettings { path: folder.join("log"), max_size }
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
    }

    #[test]
    fn it_is_moved_aside_before_it_is_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = GrowingFile::open(settings(folder.path(), 5)).unwrap();
        for line in ["a", "b", "c", "larger than that"] {
            file.append(line).unwrap();
        }
        assert_eq!(files(folder.path()), ["larger than that\n", "a\nb\n", "c\n"]);
    }

    #[test]
    fn one_that_was_moved_is_followed_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = GrowingFile::open(settings(folder.path(), 0)).unwrap();
        file.append("a").unwrap();
        file.look_again().unwrap();
        file.append("b").unwrap();
        fs::rename(folder.path().join("log"), folder.path().join("log.1")).unwrap();
        file.append("c").unwrap();
        file.look_again().unwrap();
        file.append("d").unwrap();
        assert_eq!(files(folder.path()), ["d\n", "a\nb\nc\n"]);
    }

    #[test]
    fn of_a_line_that_has_no_room_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        // The largest file that there can be, without the last bytes.
        let large = File::create(&path).unwrap();
        let most = (0..63).rev().fold(0_u64, |most, bit| match large.set_len(most | 1 << bit) {
            Ok(()) => most | 1 << bit,
            Err(_) => most,
        });
        large.set_len(most - 10).unwrap();
        drop(large);
        let mut file = GrowingFile::open(settings(folder.path(), 0)).unwrap();
        for _ in 0..2 {
            assert!(matches!(file.append("longer than what is left"), Err(FileError::System { .. })));
            assert!(file.end_line_and_append("longer than what is left").is_err());
            assert_eq!(fs::metadata(&path).unwrap().len(), most - 10);
        }
        file.append("short").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), most - 4);
    }

    #[test]
    fn one_that_was_moved_aside_without_another_is_followed_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = GrowingFile::open(settings(folder.path(), 2)).unwrap();
        file.append("a").unwrap();
        fs::rename(folder.path().join("log"), folder.path().join("log.1")).unwrap();
        file.append("b").unwrap();
        assert_eq!(files(folder.path()), ["b\n", "a\n"]);
    }

    #[test]
    fn one_process_writes_and_only_to_files() {
        let folder = tempfile::tempdir().unwrap();
        let _file = GrowingFile::open(settings(folder.path(), 0)).unwrap();
        let taken = GrowingFile::open(settings(folder.path(), 0));
        assert!(matches!(taken, Err(FileError::Taken(_))), "{taken:?}");
        for path in [folder.path().to_owned(), "/dev/null".into()] {
            let refused = GrowingFile::open(FileSettings { path, max_size: 0 });
            assert!(matches!(refused, Err(FileError::Strange { .. })), "{refused:?}");
        }
        let nowhere = GrowingFile::open(FileSettings { path: folder.path().join("none/log"), max_size: 0 });
        assert!(matches!(nowhere, Err(FileError::System { .. })), "{nowhere:?}");
    }
}
