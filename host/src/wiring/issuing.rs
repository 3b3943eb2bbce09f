//! Identity tokens: the worker's keys.

use std::{os::unix::fs::DirBuilderExt as _, sync::Arc};

use anyhow::Context as _;
use identity::{Issuer, Key};

use crate::{
    config::identity::{IdentitySettings, KeyFile},
    exit::{Exit, OrExit as _, Problem, failed_to},
};

/// What issues tokens, if anything does: reads the keys, and makes the worker's own if it is to have one.
///
/// # Errors
/// When a key can't be used.
pub(crate) fn issuer(settings: Option<&IdentitySettings>) -> Result<Option<Arc<Issuer>>, Problem> {
    let Some(settings) = settings else { return Ok(None) };
    let key = match &settings.key {
        KeyFile::At(path) => Key::read(path),
        KeyFile::Own(path) => {
            if let Some(folder) = path.parent() {
                let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.with_context(|| format!("failed to make {}", folder.display())).or_exit(Exit::Usage)?;
            }
            Key::read_or_make(path)
        }
    };
    let key = key.map_err(refused)?;
    let others = settings.others.iter().map(|path| Key::read(path)).collect::<Result<Vec<_>, _>>().map_err(refused)?;
    Ok(Some(Arc::new(Issuer::new(&settings.issuer, key, others))))
}

fn refused(error: identity::Error) -> Problem {
    Problem::new(Exit::Usage, failed_to(error)).cure("see \"Keys\" in docs/identity.md")
}
