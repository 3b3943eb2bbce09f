//! Pre-initialisation: runs a component's initialisation once, at build, and makes a component that has in its memory
//! from the start what it left there.
//!
//! The initialisation is a function of the component without parameters and results. It reads its input from standard
//! input, says what is wrong on standard error, and can do nothing else: it has no network, no files, no environment
//! and no activity's context.

mod host;
mod instance;
mod kept;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use wasmtime::{Config, Engine, OptLevel, Store};
use wasmtime_wizer::Wizer;

use crate::{host::Host, instance::Initialised};

/// How long an initialisation may run. It loads a project's code, which takes milliseconds; one that is not done by
/// then computes for ever or waits for what never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The initialisation ended in a trap.
    #[error("{said}")]
    Failed {
        /// What it wrote to standard error before.
        said: String,
        /// The trap.
        source: wasmtime::Error,
    },
    /// It did not end in time.
    #[error("it did not end within {} seconds", PATIENCE.as_secs())]
    Endless {
        /// What it wrote to standard error.
        said: String,
    },
    /// The component is not made for this.
    #[error("the component can't be initialised: {0:#}")]
    Unfit(wasmtime::Error),
}

/// What came of an initialisation.
#[derive(Debug)]
pub struct Snapshot {
    /// The component that begins where it ended.
    pub component: Vec<u8>,
    /// What it wrote.
    pub said: String,
}

/// Runs `function` of `component` with `input`, and returns the component that begins where it ended. Its machine code is
/// kept in `folder`, which exists and belongs to this user alone: the same component is not compiled twice.
///
/// # Errors
/// When the function fails or does not end, and when the component is not one that can be initialised.
pub async fn take(component: &[u8], function: &str, input: Vec<u8>, folder: &Path) -> Result<Snapshot, Error> {
    let mut wizer = Wizer::new();
    // Without it wizer makes a component that is not valid. The host does not mind an export more.
    wizer.init_func(function).keep_init_func(true);
    let (context, instrumented) = wizer.instrument_component(component).map_err(Error::Unfit)?;
    let engine = engine().map_err(Error::Unfit)?;
    let compiled = kept::compiled(&engine, &instrumented, folder).map_err(Error::Unfit)?;
    let (host, output) = Host::new(input);
    let linker = host::linker(&engine, &compiled).map_err(Error::Unfit)?;
    let mut store = Store::new(&engine, host);
    store.set_epoch_deadline(1);
    let instance = linker.instantiate_async(&mut store, &compiled).await.map_err(Error::Unfit)?;
    let initialise = instance.get_typed_func::<(), ()>(&mut store, function).map_err(Error::Unfit)?;
    let alarm = Alarm::set(engine);
    let done = tokio::time::timeout(PATIENCE, initialise.call_async(&mut store, ())).await;
    let rang = alarm.stop();
    let said = || String::from_utf8_lossy(&output.contents()).trim_end().to_owned();
    match done {
        Ok(Ok(())) => {}
        Ok(Err(_)) if rang => return Err(Error::Endless { said: said() }),
        Ok(Err(source)) => return Err(Error::Failed { said: said(), source }),
        Err(_) => return Err(Error::Endless { said: said() }),
    }
    let mut initialised = Initialised { store: &mut store, instance };
    let component = wizer.snapshot_component(&context, &mut initialised).await.map_err(Error::Unfit)?;
    Ok(Snapshot { component, said: said() })
}

/// What runs once is compiled quickly rather than well.
fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model(true).epoch_interruption(true).cranelift_opt_level(OptLevel::None);
    Engine::new(&config)
}

/// Interrupts what computes without an end.
struct Alarm {
    stopped: Arc<AtomicBool>,
    thread: thread::JoinHandle<bool>,
}

impl Alarm {
    fn set(engine: Engine) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stopped = Arc::clone(&stopped);
            move || {
                thread::park_timeout(PATIENCE);
                let rings = !stopped.load(Ordering::Acquire);
                if rings {
                    engine.increment_epoch();
                }
                rings
            }
        });
        Self { stopped, thread }
    }

    /// Whether it rang before.
    fn stop(self) -> bool {
        self.stopped.store(true, Ordering::Release);
        self.thread.thread().unpark();
        self.thread.join().unwrap_or_default()
    }
}
