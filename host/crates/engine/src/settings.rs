//! What an engine is made with.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf, sync::Arc, thread::available_parallelism, time::Duration};

use activity::{GUEST_STACK, Level, LineFormat};
use capabilities::Outbound;
use confinement::Walls;

const MIB: usize = 1 << 20;

/// How much less a guest that keeps a processor busy counts than anything else, as the system counts. At 5, what has just
/// run and wakes up again has used more than its share beside it, and waits for the system's next tick; at this, seldom.
/// What is left up to 19 are weights of tenants, who may need more of it (decision 0022).
pub const BUSY_NICENESS: i32 = 15;

/// What an engine is made with. Sizes are in bytes.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Threads that run guests. As many again run guests that keep a processor busy, at a lower priority, so that the
    /// others need not wait for them.
    pub guest_threads: usize,
    /// How nice those threads are that run guests that keep a processor busy, beyond what this process is: up to 19.
    pub busy_niceness: i32,
    /// How often a running guest is looked at: how late a kill may be, and how long one guest keeps others waiting.
    pub tick: Duration,
    /// Sandboxes at once. Lowered when the system has not enough memory mappings: see [`crate::Engine::slots`].
    pub pool_slots: u32,
    /// Linear memories that a sandbox may have. Those of most languages have one, QuickJS components three.
    pub memories_per_slot: u32,
    /// The largest memory limit of a component. At most 4 GiB.
    pub max_memory: u64,
    /// The largest table limit of a component, in elements.
    pub max_table_elements: u64,
    /// The stack of a guest's compiled code. Given back when its attempt is over, but for what is usual.
    pub wasm_stack: usize,
    /// Where compiled components are kept. A directory of our own, made when it does not exist; `None` for a
    /// temporary one.
    pub cache_dir: Option<PathBuf>,
    /// How much is kept there, in bytes: what was not used for longest goes first.
    pub cache_size: u64,
    /// Whether machine code of single functions is kept there, too: then a component of which only the data has changed is
    /// compiled in a fraction of the time. For what a developer builds.
    pub keeps_functions: bool,
    /// Who compiles components.
    pub compiler: Compiler,
    /// What compiling one component may use.
    pub compile_limits: CompileLimits,
    /// How servers are reached that guests send HTTP requests to.
    pub outbound: Outbound,
    /// The least important level that is kept of what guests log.
    pub log_level: Level,
    /// What writes down what guests log; without it nobody reads it, but those who watch an attempt.
    pub log_format: Option<Arc<dyn LineFormat>>,
}

/// Who compiles components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// A process that runs [`crate::compile_child`]: a component that is made to break the compiler takes nothing else
    /// with it.
    Child {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<OsString>,
    },
    /// This process, without limits. For tests and benchmarks, whose components can be trusted.
    InProcess,
}

/// What compiling one component may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// The size of the component, in bytes.
    pub component: usize,
    /// Processor time, on all processors together; in whole seconds.
    pub cpu_time: Duration,
    /// Time, waits included: what is beside it on a busy machine must not be the component's fault.
    pub time: Duration,
    /// Address space, in bytes.
    pub memory: u64,
    /// What keeps the process that compiles from files, network and other processes. It is an error when the system
    /// can't do it.
    pub walls: Walls,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            guest_threads: available_parallelism().map_or(1, NonZeroUsize::get),
            busy_niceness: BUSY_NICENESS,
            tick: Duration::from_millis(10),
            pool_slots: 1_000,
            memories_per_slot: 4,
            max_memory: 4 << 30,
            max_table_elements: 100_000,
            wasm_stack: GUEST_STACK,
            cache_dir: None,
            cache_size: 4 << 30,
            keeps_functions: false,
            compiler: Compiler::InProcess,
            compile_limits: CompileLimits::default(),
            outbound: Outbound::Direct { nameservers: Vec::new(), proxy: None },
            log_level: Level::Trace,
            log_format: None,
        }
    }
}

impl Default for CompileLimits {
    /// Room for a Python component of 50 MB on a busy machine.
    fn default() -> Self {
        let (cpu_time, time) = (Duration::from_secs(240), Duration::from_secs(600));
        Self { component: 128 * MIB, cpu_time, time, memory: 2 << 30, walls: Walls::ALL }
    }
}
