//! Files that the operator names, read whole as far as they may be large: a device or a pipe may never end; and files of the
//! worker's own, written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Read, Write as _},
    os::unix::fs::FileTypeExt as _,
    path::Path,
};

use tempfile::NamedTempFile;

use crate::config::quantity::ByteSize;

/// What the file at `path` holds, if that is not more than `most` bytes.
///
/// # Errors
/// When it can't be read, or holds more.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_from(File::open(path)?, most)
}

/// The same of a text that is read again when it changes: no pipe or device, for which whoever reads may wait for ever. The
/// error does not show what is in the file, which may be a secret.
///
/// # Errors
/// As for [`read`], when it is a pipe or a device, and when it is no UTF-8 text.
pub(crate) fn read_text(path: &Path, most: u64) -> io::Result<String> {
    // Asked before opening, because opening a pipe waits for its other end.
    let kind = fs::metadata(path)?.file_type();
    if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe or a device, and no file"));
    }
    let text = String::from_utf8(read(path, most)?);
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))
}

/// Writes a file all at once, or not at all, and brings it to the disk. Folders that are missing are made.
///
/// # Errors
/// When the system refuses; then the file is as it was.
pub(crate) fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(content.as_ref())?;
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    File::open(folder)?.sync_all()
}

/// What comes from `reader` until its end.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_from(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if most < bytes.len() as u64 {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {}", ByteSize(most))));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_refused() {
        let error = read(Path::new("/dev/zero"), 1 << 10).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 1KiB");
        for device in ["/dev/null", "/dev/zero"] {
            let error = read_text(Path::new(device), 1).unwrap_err();
            assert_eq!(error.to_string(), "it is a pipe or a device, and no file");
        }
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(read_text(&pipe, 1).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_not_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"secret\xff").unwrap();
        assert_eq!(read_text(file.path(), 100).unwrap_err().to_string(), "it is no UTF-8 text");
        assert_eq!(read(file.path(), 7).unwrap().len(), 7);
    }
}
