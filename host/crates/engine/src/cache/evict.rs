//! What goes when the store is full.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{CODE, FUNCTIONS, LIST, NEW, SEAL};

/// How old a file is that was being written by a process that has ended meanwhile: no component compiles for so long.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Compiled code in the store, of a component or of functions.
struct Kept {
    used: SystemTime,
    size: u64,
    code: PathBuf,
}

/// Takes out what was not used for longest, until at most `limit` bytes of code are left; not `newest`, though. Other
/// processes may do the same meanwhile.
///
/// # Errors
/// When the system refuses.
pub(super) fn evict(dir: &Path, limit: u64, newest: Option<&Path>) -> io::Result<()> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let Some(metadata) = found(fs::symlink_metadata(&path))? else { continue };
        let is_new = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(NEW.as_bytes()));
        let modified = metadata.modified()?;
        if is_new && modified.elapsed().is_ok_and(|age| ABANDONED < age) {
            found(fs::remove_file(&path))?;
        } else if !is_new && path.extension().is_some_and(|extension| extension == CODE || extension == FUNCTIONS) {
            // Its seal is touched whenever it is used. Code without one can't be used.
            let seal = found(fs::symlink_metadata(path.with_extension(SEAL)))?;
            let used = seal.map_or(Ok(modified), |seal| seal.modified())?;
            kept.push(Kept { used, size: metadata.len(), code: path });
        }
    }
    let mut total = kept.iter().fold(0_u64, |total, kept| total.saturating_add(kept.size));
    kept.sort_by_key(|kept| kept.used);
    for Kept { size, code, .. } in kept {
        if total <= limit {
            break;
        }
        if newest == Some(&code) {
            continue;
        }
        tracing::info!(file = %code.display(), size, "taking compiled code out of the store, which is full");
        remove(&code)?;
        total = total.saturating_sub(size);
    }
    Ok(())
}

/// Takes out code with its seal and its list of activities, unless someone else did.
///
/// # Errors
/// When the system refuses.
pub(super) fn remove(code: &Path) -> io::Result<()> {
    found(fs::remove_file(code))?;
    for beside in [SEAL, LIST] {
        found(fs::remove_file(code.with_extension(beside)))?;
    }
    Ok(())
}

/// What became of a file that may be gone.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
