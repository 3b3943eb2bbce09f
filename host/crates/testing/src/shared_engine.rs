//! The engine that environments share unless they are given another.

use std::{
    env,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use engine::{Engine, EngineSettings};

use crate::Error;

/// Names the directory of compiled components, as for the program.
const CACHE_VARIABLE: &str = "ISOLET_CACHE";

/// Sandboxes at once: tests of one process seldom run more.
const SANDBOXES: u32 = 64;

/// The engine of all environments that live now: it ends with the last of them.
pub(crate) fn shared_engine() -> Result<Arc<Engine>, Error> {
    static SHARED: Mutex<Weak<Engine>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = shared.upgrade() {
        return Ok(engine);
    }
    let settings = EngineSettings { pool_slots: SANDBOXES, cache_dir: cache(), ..EngineSettings::default() };
    let engine = Arc::new(Engine::new(settings).map_err(Error::Engine)?);
    *shared = Arc::downgrade(&engine);
    Ok(engine)
}

/// Where the program keeps what it compiles, so that a component is compiled once for both; `None`, a temporary place,
/// without a home directory.
fn cache() -> Option<PathBuf> {
    let platform = || Some(directories::ProjectDirs::from("", "", "isolet")?.cache_dir().to_owned());
    env::var_os(CACHE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from).or_else(platform)
}
