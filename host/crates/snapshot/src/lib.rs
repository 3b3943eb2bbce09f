//! Pre-initialisation: runs a component's initialisation once, at build, and makes a component that has in its memory
//! from the start what it left there.
//!
//! The initialisation is a function of the component without parameters and results. It reads its input from standard
//! input and from folders that it is given, says what is wrong on standard error, and can do nothing else: it has no
//! network, no environment and no activity's context.

mod host;
mod instance;
mod kept;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use wasmtime::{Config, Engine, OptLevel, Store, Trap};
use wasmtime_wasi::I32Exit;
use wasmtime_wizer::Wizer;

use crate::{host::Host, instance::Initialised};

/// Bytes of stack that an initialisation may use: as much as an attempt, whose code it runs.
const STACK: usize = 16 << 20;

/// And what the host's functions may use beyond.
const HOST_STACK: usize = 1 << 20;

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The initialisation ended in a trap.
    #[error("{why}")]
    Failed {
        /// What it wrote to standard error before.
        said: String,
        /// What ended it, in words for who wrote the code.
        why: String,
    },
    /// It did not end in time.
    #[error("it did not end within {} seconds", patience.as_secs())]
    Endless {
        /// What it wrote to standard error.
        said: String,
        /// How long it might have taken.
        patience: Duration,
    },
    /// A folder is not there.
    #[error("{folder} can't be given to it: {source:#}")]
    Folder {
        /// On this machine.
        folder: String,
        /// What the system says.
        source: wasmtime::Error,
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

/// An initialisation.
#[derive(Clone, Copy, Debug)]
pub struct Initialisation<'a> {
    /// The component.
    pub component: &'a [u8],
    /// The function of it that initialises.
    pub function: &'a str,
    /// What it reads from standard input.
    pub input: &'a [u8],
    /// What it has of the file system.
    pub folders: &'a [Folder],
    /// How long it may run.
    pub patience: Duration,
    /// Whether it runs so long that it is worth compiling well.
    pub is_long: bool,
    /// The component's machine code is kept in this folder, which exists and belongs to this user alone: the same
    /// component is not compiled twice.
    pub codes: &'a Path,
}

/// A folder of this machine that an initialisation has.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Folder {
    /// What the component calls it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it may be written to.
    pub is_writable: bool,
}

/// Runs an initialisation, and returns the component that begins where it ended.
///
/// # Errors
/// When the function fails or does not end, when a folder is not there, and when the component is not one that can be
/// initialised.
pub async fn take(initialisation: &Initialisation<'_>) -> Result<Snapshot, Error> {
    let Initialisation { component, function, input, folders, patience, is_long, codes } = *initialisation;
    let mut wizer = Wizer::new();
    // Without it wizer makes a component that is not valid. The host does not mind an export more.
    wizer.init_func(function).keep_init_func(true);
    let (context, instrumented) = wizer.instrument_component(component).map_err(Error::Unfit)?;
    let engine = engine(is_long).map_err(Error::Unfit)?;
    let compiled = kept::compiled(&engine, &instrumented, codes).map_err(Error::Unfit)?;
    let (host, output) = Host::new(input, folders)?;
    let linker = host::linker(&engine, &compiled).map_err(Error::Unfit)?;
    let mut store = Store::new(&engine, host);
    store.set_epoch_deadline(1);
    // How large a memory may be that is kept is for the caller to say.
    store.set_hostcall_fuel(usize::MAX);
    let instance = linker.instantiate_async(&mut store, &compiled).await.map_err(Error::Unfit)?;
    let initialise = instance.get_typed_func::<(), ()>(&mut store, function).map_err(Error::Unfit)?;
    let alarm = Alarm::set(engine, patience);
    let done = tokio::time::timeout(patience, initialise.call_async(&mut store, ())).await;
    let rang = alarm.stop();
    let said = || String::from_utf8_lossy(&output.contents()).trim_end().to_owned();
    match done {
        Ok(Ok(())) => {}
        Ok(Err(_)) if rang => return Err(Error::Endless { said: said(), patience }),
        Ok(Err(error)) => return Err(Error::Failed { said: said(), why: end(&error) }),
        Err(_) => return Err(Error::Endless { said: said(), patience }),
    }
    let mut initialised = Initialised { store: &mut store, instance };
    let component = wizer.snapshot_component(&context, &mut initialised).await.map_err(Error::Unfit)?;
    Ok(Snapshot { component, said: said() })
}

/// What ended an initialisation: of a stack of an interpreter's own functions nobody has anything.
fn end(error: &wasmtime::Error) -> String {
    // Of its status no more is told here than whether it is zero.
    if error.is::<I32Exit>() {
        return "its code ends the program".to_owned();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => "its code calls itself deeper than the stack allows".to_owned(),
        Some(trap) => format!("its code ends in a {trap}"),
        None => error.root_cause().to_string(),
    }
}

/// What runs for milliseconds is compiled quickly rather than well.
fn engine(is_long: bool) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    let level = if is_long { OptLevel::Speed } else { OptLevel::None };
    config.wasm_component_model(true).epoch_interruption(true).cranelift_opt_level(level);
    // One instance shares its memory's contents with no other, and the system does not always seal what would be shared.
    config.memory_init_cow(false);
    config.max_wasm_stack(STACK).async_stack_size(STACK + HOST_STACK);
    Engine::new(&config)
}

/// Interrupts what computes without an end.
struct Alarm {
    stopped: Arc<AtomicBool>,
    thread: thread::JoinHandle<bool>,
}

impl Alarm {
    fn set(engine: Engine, patience: Duration) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let stopped = Arc::clone(&stopped);
            move || {
                thread::park_timeout(patience);
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

#[cfg(test)]
mod tests;
