//! What can go wrong before an attempt runs.

use std::path::PathBuf;

use activity::SandboxFailure;

use crate::text::Bytes;

/// Why an engine can't start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store of compiled components can't be used.
    #[error("open the store of compiled components: {0}")]
    Cache(#[from] CacheError),
    /// The system has too few memory mappings for even one sandbox.
    #[error(
        "fit any sandbox into the system's {available} memory mappings per process: raise vm.max_map_count, for \
         example with `sysctl vm.max_map_count=262144`"
    )]
    Mappings {
        /// What the system allows.
        available: u64,
    },
    /// Wasmtime refuses the settings, or the system has not enough address space for the pool.
    #[error("start wasmtime: {0:#}")]
    Wasmtime(wasmtime::Error),
    /// A thread can't be started.
    #[error("start the engine's threads: {0}")]
    Threads(std::io::Error),
}

/// Why the store of compiled components can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Another user could put code there that we would run.
    #[error("{} must be a directory of this user that no other may write to: {problem}", .dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system refuses.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Why a component can't be loaded. Each text names the cure, where there is one.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is larger than anything that is compiled here.
    #[error("the component has {}, and at most {} are compiled", Bytes(*.size as u64), Bytes(*.limit as u64))]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// It is WebAssembly, but not a component.
    #[error(
        "it is a core WebAssembly module, not a component: build it for the target wasm32-wasip2, or make it a component \
         with `wasm-tools component new`"
    )]
    CoreModule,
    /// It is not WebAssembly.
    #[error("it is not a WebAssembly component but {found}")]
    NotWasm {
        /// What it is, as far as can be told.
        found: String,
    },
    /// It is cut off or broken, or uses a feature of WebAssembly that is off.
    #[error("it is not a valid component: {reason}; build or copy it again")]
    Invalid {
        /// What is wrong, and where.
        reason: String,
    },
    /// It consists of more than is compiled.
    #[error("it has more than {most} {of}, which is too much to compile")]
    TooManyParts {
        /// What there are too many of.
        of: &'static str,
        /// How many there may be.
        most: u64,
    },
    /// Compiling it took more than it may.
    #[error("compile it within the limits: {0}")]
    Compile(#[from] CompileError),
    /// The store of compiled components fails.
    #[error("keep it compiled: {0}")]
    Cache(#[from] CacheError),
    /// It imports what is not there.
    #[error("it imports {name}, which is not available: {cure}")]
    Import {
        /// The import.
        name: String,
        /// What to do.
        cure: &'static str,
    },
    /// An import has another type than here.
    #[error("it was built against other interfaces than this version's: {reason}; rebuild it with this version's SDK")]
    ImportType {
        /// The first difference.
        reason: String,
    },
    /// It exports no activities.
    #[error(
        "it exports no activities: there is no isolet:activity/handler@0.1 among its exports ({exports}); build it with \
         one of Isolet's SDKs"
    )]
    NoHandler {
        /// What it exports.
        exports: String,
    },
    /// What it exports has another type than here.
    #[error(
        "its isolet:activity/handler has other types than this version's: {reason}; rebuild it with this version's SDK"
    )]
    ExportType {
        /// The first difference.
        reason: String,
    },
    /// It needs more than a sandbox has.
    #[error("it has {needed} {of}, and a sandbox has room for {limit}")]
    TooComplex {
        /// What there are too many of.
        of: &'static str,
        /// How many it has.
        needed: u64,
        /// How many there may be.
        limit: u64,
    },
    /// It needs more than a sandbox has, as wasmtime says.
    #[error("it does not fit into a sandbox: {reason}")]
    DoesNotFit {
        /// What is too large.
        reason: String,
    },
    /// A limit of the component is beyond the engine's.
    #[error("its `limits.{key}` of {value} is beyond the engine's largest of {largest}: lower it")]
    LimitTooLarge {
        /// The limit.
        key: &'static str,
        /// Its value.
        value: String,
        /// The engine's largest.
        largest: String,
    },
    /// It failed when it was asked for its activities.
    #[error("it does not tell its activities: {}", .0.message)]
    List(SandboxFailure),
    /// It has no activities.
    #[error("it has no activities: mark at least one function as an activity")]
    NoActivities,
    /// It has more activities than are served.
    #[error("it has {count} activities, and at most {limit} are served: export fewer, or make it several components")]
    TooManyActivities {
        /// How many it has.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The name of one of its activities is longer than Temporal takes.
    #[error("the name of one of its activities has {size} bytes, and Temporal takes at most {limit}: shorten {name}")]
    LongName {
        /// How it begins.
        name: String,
        /// How long it is.
        size: usize,
        /// How long it may be.
        limit: usize,
    },
    /// One of its activities has no name.
    #[error("one of its activities has an empty name")]
    EmptyName,
    /// Two of its activities have the same name.
    #[error("it has two activities named \"{0}\": rename one")]
    DuplicateName(String),
    /// It has two dynamic activities.
    #[error("it has two dynamic activities: keep one")]
    TwoDynamic,
    /// What sends HTTP requests can't be started.
    #[error("start sending HTTP requests: {0}")]
    Network(std::io::Error),
    /// What works on files can't be started.
    #[error("start working on files: {0}")]
    Files(std::io::Error),
    /// The engine is being dropped.
    #[error("the engine is shutting down")]
    ShuttingDown,
}

/// Why a component can't be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// It took too long.
    #[error("it took longer than {0:?}")]
    TooSlow(std::time::Duration),
    /// The compiler was ended by the system, as it is when it uses more memory or processor time than it may.
    #[error("the compiler was stopped by the system ({status}): it may use {} of memory", Bytes(*.memory))]
    Stopped {
        /// How it ended.
        status: String,
        /// How much memory it may use, in bytes.
        memory: u64,
    },
    /// The system can't keep the compiler from files, network and other processes.
    #[error(
        "the compiler can't be confined here: {reason}; let it filter system calls (seccomp, in Linux and in the \
         container's profile), or set `engine.confine-compiler = false` if every component can be trusted"
    )]
    Unconfined {
        /// What the system says.
        reason: String,
    },
    /// The compiler can't be started or talked to.
    #[error("run {}: {source}", .program.display())]
    Program {
        /// The compiler.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The compiler is of another version or has other settings.
    #[error("the compiler {} is not of this version: {answer}", .program.display())]
    OtherVersion {
        /// The compiler.
        program: PathBuf,
        /// What it said.
        answer: String,
    },
}
