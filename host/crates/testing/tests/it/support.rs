//! Components of `tests/guests` in an engine that all tests share.

use std::{
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use engine::{Engine, EngineSettings, Source};
use testing::{ActivityEnvironment, Failure, Grants, Limits, Report, Run};

/// The component of conformance behaviours, with the default limits.
pub(crate) fn conformance() -> ActivityEnvironment {
    component("conformance", Limits::default())
}

/// A component of `tests/guests`.
pub(crate) fn component(name: &str, limits: Limits) -> ActivityEnvironment {
    let file = target().join("guests").join(name).with_extension("wasm");
    let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask guests`", file.display()));
    ActivityEnvironment::load(&engine(), &Source::new(name, &bytes), limits, Grants::default()).unwrap()
}

/// What is compiled is kept for the next tests, and for those of the whole program.
fn engine() -> Arc<Engine> {
    static ENGINE: Mutex<Option<Arc<Engine>>> = Mutex::new(None);
    let mut shared = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    let cache_dir = Some(target().join("it-home/cache"));
    let settings = || EngineSettings { guest_threads: 2, pool_slots: 64, cache_dir, ..EngineSettings::default() };
    Arc::clone(shared.get_or_insert_with(|| Arc::new(Engine::new(settings()).unwrap())))
}

/// Cargo's target folder: this test is `target/debug/deps/it-…`.
fn target() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_path_buf()
}

/// What would be reported, in one line.
pub(crate) fn report(run: &Run) -> String {
    let told = |failure: &Failure| {
        let kind = failure.as_application().map(|fields| fields.failure_type.as_str());
        format!("failed: {}: {}", kind.unwrap_or_default(), failure.message)
    };
    match &run.report {
        Report::Completed(payload) => format!("completed: {}", String::from_utf8_lossy(&payload.data)),
        Report::Failed(failure) => told(failure),
        Report::Cancelled(details) => format!("cancelled with {} details", details.len()),
        Report::WillCompleteAsync => "will complete asynchronously".to_owned(),
        Report::TimedOut => "timed out".to_owned(),
        Report::Abandoned => "abandoned".to_owned(),
    }
}
