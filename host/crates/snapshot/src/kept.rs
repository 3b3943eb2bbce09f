//! Machine code of components that are initialised again and again: kept in a folder, so that only the first time
//! compiles.
#![expect(unsafe_code, reason = "loading machine code is what this is for")]

use std::{fs, path::Path, process};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Component};

/// Bytes of the digest before the code.
const DIGEST: usize = 32;

/// The compiled `component`, from `folder` if it is there and whole, which belongs to this user alone. What can't be kept
/// is compiled again the next time.
///
/// # Errors
/// When it does not compile.
pub(crate) fn compiled(engine: &Engine, component: &[u8], folder: &Path) -> wasmtime::Result<Component> {
    // What another version has left under the name does not load, and is written over.
    let path = folder.join(format!("initialised-{:x}.code", Sha256::digest(component)));
    if let Some(kept) = fs::read(&path).ok().and_then(|bytes| load(engine, &bytes)) {
        return Ok(kept);
    }
    let compiled = Component::new(engine, component)?;
    let code = compiled.serialize()?;
    let draft = path.with_extension(format!("{}.partial", process::id()));
    let bytes = [&Sha256::digest(&code)[..], &code].concat();
    if fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, &path)).is_err() {
        // A full disk is no reason to fail.
        let _ = fs::remove_file(&draft);
    }
    Ok(compiled)
}

/// The component that a file holds, unless the file was cut or changed.
fn load(engine: &Engine, bytes: &[u8]) -> Option<Component> {
    let (digest, code) = bytes.split_at_checked(DIGEST)?;
    if Sha256::digest(code)[..] != *digest {
        return None;
    }
    // SAFETY: this function's caller wrote the code, as the digest shows, and nobody else can write to the folder.
    unsafe { Component::deserialize(engine, code) }.ok()
}
