//! An engine, guests in the text form of Wasm, and attempts.

use std::{sync::Arc, time::Duration};

use activity::{
    Attempt, ComponentHandle, End, Ending, Event, Executor as _, Info, KillReason, Limits, Outcome, Payload, Policy,
    Task,
};
use engine::{Engine, EngineSettings, LoadError, Loaded, Source};

/// Imports for guests that wait: `call $wait` takes events, then an optional time of seconds and nanoseconds.
pub(crate) const WAIT: &str = r#"(import "isolet:activity/cancellation@0.1.0" "wait"
    (func $wait (param i32 i32 i64 i32) (result i32)))"#;

/// Waits for ever, and returns nothing.
pub(crate) const PARKED: &str =
    "(drop (call $wait (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0))) i32.const 0";

/// Never returns.
pub(crate) const ENDLESS: &str = "(loop $ever (br $ever)) unreachable";

pub(crate) fn settings() -> EngineSettings {
    EngineSettings { guest_threads: 2, pool_slots: 8, ..EngineSettings::default() }
}

pub(crate) fn engine() -> Engine {
    Engine::new(settings()).unwrap()
}

/// Loads the component whose core module is `module`.
pub(crate) fn load_module(engine: &Engine, module: &str, limits: Limits) -> Result<Loaded, LoadError> {
    let component = wat_component::encode(module).unwrap();
    engine.load(&Source::new("guest", &component), Arc::new(Policy { limits, ..Policy::default() }))
}

/// Loads an activity: see [`wat_component::activity`].
pub(crate) fn load(engine: &Engine, items: &str, body: &str, limits: Limits) -> ComponentHandle {
    load_module(engine, &wat_component::activity_module(items, body), limits).unwrap().component
}

pub(crate) fn task(component: &ComponentHandle) -> Task {
    Task {
        component: component.clone(),
        info: Arc::new(Info { activity_type: "run".to_owned(), attempt: 1, ..Info::default() }),
        input: vec![Payload::json("1")],
        // No test waits longer than this.
        kill_after: Some(Duration::from_secs(60)),
        worker_shutdown: false,
        identity: Default::default(),
    }
}

/// A task that is killed by itself.
pub(crate) fn short_task(component: &ComponentHandle, milliseconds: u64) -> Task {
    Task { kill_after: Some(Duration::from_millis(milliseconds)), ..task(component) }
}

pub(crate) async fn ending(mut attempt: Attempt) -> Ending {
    loop {
        if let Event::Ended(ending) = attempt.next().await {
            return *ending;
        }
    }
}

/// Waits until this is so. Fails, and holds up nobody, if it never is.
pub(crate) async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
}

pub(crate) async fn run(engine: &Engine, component: &ComponentHandle) -> End {
    ending(engine.start(task(component))).await.end
}

pub(crate) fn killed(ending: &Ending, reason: KillReason) -> bool {
    ending.end == End::Killed(reason)
}

/// The end of an attempt in one line.
pub(crate) fn line(end: &End) -> String {
    match end {
        End::Returned(Outcome::Completed(None)) => "completed".to_owned(),
        End::Stopped(failure) => format!("{}: {}", failure.kind, failure.message),
        other => format!("{other:?}"),
    }
}
