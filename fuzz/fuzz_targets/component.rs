//! Components: whatever the bytes are, they are refused, or loaded and run to an end.

#![no_main]

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use activity::{Event, Executor as _, Info, Limits, Payload, Policy, Task};
use engine::{CompileLimits, Engine, EngineSettings, Source};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

/// More than a small component with all of WASI has.
const LARGEST: usize = 64 << 10;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let settings = EngineSettings {
        guest_threads: 1,
        pool_slots: 4,
        cache_size: 1 << 20,
        compile_limits: CompileLimits { component: LARGEST, ..CompileLimits::default() },
        ..EngineSettings::default()
    };
    Engine::new(settings).expect("an engine")
});

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { memory: 4 << 20, cpu_time: Some(Duration::from_millis(50)), ..Limits::default() };
    let policy = Arc::new(Policy { limits, ..Policy::default() });
    let source = Source::new("guest", bytes);
    let Ok(loaded) = ENGINE.load(&source, Arc::clone(&policy)) else {
        let _ = ENGINE.inspect(&source, policy);
        return;
    };
    let task = Task {
        component: loaded.component,
        info: Arc::new(Info { activity_type: "run".to_owned(), attempt: 1, ..Info::default() }),
        input: vec![Payload::json("1")],
        kill_after: Some(Duration::from_millis(200)),
        worker_shutdown: false,
        identity: Default::default(),
    };
    RUNTIME.block_on(async {
        let mut attempt = ENGINE.start(task);
        while !matches!(attempt.next().await, Event::Ended(_)) {}
    });
});
