//! Name sections: whatever one says, a component that has it is loaded, traps, and its stack is told within a second and
//! 16 MiB.

#![no_main]

use std::{
    alloc::System,
    sync::{Arc, LazyLock},
    time::Duration,
};

use activity::{End, Event, Executor as _, Info, Payload, Policy, Task};
use cap::Cap;
use engine::{Engine, EngineSettings, Source};
use libfuzzer_sys::fuzz_target;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

/// What loading and running one component may allocate, and how long that may take on a processor.
const MEMORY: usize = 16 << 20;
const TIME: Duration = Duration::from_secs(1);

/// The longest failure that comes of it, in bytes.
const FAILURE: usize = 16 << 10;

/// An allocation beyond what is allowed fails, and the process with it.
#[global_allocator]
static ALLOCATED: Cap<System> = Cap::new(System, usize::MAX);

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let settings =
        EngineSettings { guest_threads: 1, pool_slots: 4, cache_size: 1 << 20, ..EngineSettings::default() };
    Engine::new(settings).expect("an engine")
});

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

/// A component that traps a few calls deep.
static COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let items = "(func $a (result i32) (call $b)) (func $b (result i32) unreachable)";
    wat_component::activity(items, "(call $a)").expect("a component")
});

fuzz_target!(|names: &[u8]| {
    let component = with_names(&COMPONENT, names);
    LazyLock::force(&ENGINE);
    let begun = processor_time();
    ALLOCATED.set_limit(ALLOCATED.allocated() + MEMORY).expect("room");
    run(&component);
    ALLOCATED.set_limit(usize::MAX).expect("no limit");
    let took = processor_time() - begun;
    assert!(took < TIME, "it took {took:?}");
});

fn run(component: &[u8]) {
    let Ok(loaded) = ENGINE.load(&Source::new("guest", component), Arc::new(Policy::default())) else { return };
    let task = Task {
        component: loaded.component,
        info: Arc::new(Info { activity_type: "run".to_owned(), attempt: 1, ..Info::default() }),
        input: vec![Payload::json("1")],
        kill_after: Some(Duration::from_secs(10)),
        worker_shutdown: false,
        identity: Default::default(),
    };
    let ending = RUNTIME.block_on(async {
        let mut attempt = ENGINE.start(task);
        loop {
            if let Event::Ended(ending) = attempt.next().await {
                break ending;
            }
        }
    });
    let End::Stopped(failure) = ending.end else { panic!("it does not trap: {:?}", ending.end) };
    assert_eq!(failure.kind.failure_type(), "SandboxTrap", "{}", failure.message);
    assert!(failure.message.len() + failure.stack_trace.len() <= FAILURE, "{failure:?}");
}

/// The component with this name section in each of its modules, in place of those that they have.
fn with_names(component: &[u8], names: &[u8]) -> Vec<u8> {
    /// The section of a component that holds a module, and the one of a module that holds anything.
    const MODULE: u8 = 1;
    const CUSTOM: u8 = 0;
    let mut section = vec![4];
    section.extend(b"name");
    section.extend(names);
    let mut named = component[..8].to_vec();
    for (id, contents) in sections(component) {
        match id {
            MODULE => {
                let mut module = contents[..8].to_vec();
                sections(contents)
                    .filter(|(id, contents)| *id != CUSTOM || !contents.starts_with(b"\x04name"))
                    .for_each(|(id, contents)| put(&mut module, id, contents));
                put(&mut module, CUSTOM, &section);
                put(&mut named, MODULE, &module);
            }
            _ => put(&mut named, id, contents),
        }
    }
    named
}

/// The sections of a module or component, with their ids.
fn sections(wasm: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = &wasm[8..];
    std::iter::from_fn(move || {
        let (id, mut after) = rest.split_first()?;
        let (mut size, mut shift) = (0, 0);
        loop {
            let (byte, others) = after.split_first()?;
            after = others;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let contents;
        (contents, rest) = after.split_at(size);
        Some((*id, contents))
    })
}

fn put(wasm: &mut Vec<u8>, id: u8, contents: &[u8]) {
    wasm.push(id);
    let mut size = contents.len();
    while 0x7f < size {
        wasm.push(0x80 | (size & 0x7f) as u8);
        size >>= 7;
    }
    wasm.push(size as u8);
    wasm.extend(contents);
}

/// What this process has used.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
