//! What can go wrong before an attempt runs, and what to do about it.

use std::path::PathBuf;

use activity::{SandboxFailure, shown};
use values::Refused;

use crate::{
    compile::Missing,
    text::{Bytes, reason},
};

/// Why an engine can't start. Its text fits after "failed to"; what to do about it is [`EngineError::cure`].
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store of compiled components can't be used.
    #[error("open the store of compiled components: {0}")]
    Cache(#[from] CacheError),
    /// The system has too few memory mappings for even one sandbox.
    #[error("fit any sandbox into the system's {available} memory mappings per process")]
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
    #[error("{} must be a directory of this user that no other may read or write: {problem}", .dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        cure: &'static str,
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

/// Why a component can't be loaded. What to do about it is [`LoadError::cure`].
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It must be compiled, and its bytes can't be had.
    #[error("it can't be read")]
    Unread(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It is larger than anything that is compiled here.
    #[error("the component has {}, and at most {} are compiled", Bytes(*.size as u64), Bytes(*.limit as u64))]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// It is WebAssembly, but not a component.
    #[error("it is a core WebAssembly module, not a component")]
    CoreModule,
    /// It is WebAssembly as text.
    #[error("it is not a WebAssembly component but WebAssembly in its text form")]
    TextForm,
    /// It is not WebAssembly.
    #[error("it is not a WebAssembly component but {found}")]
    NotWasm {
        /// What it is, as far as can be told.
        found: String,
    },
    /// It is cut off or broken, or uses a feature of WebAssembly that is off.
    #[error("it is not a valid component: {reason}")]
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
    #[error("it imports {names}, which {} not available", if *.several { "are" } else { "is" })]
    Import {
        /// The imports that are not there, all or the first of them.
        names: String,
        /// Whether there are several.
        several: bool,
        /// What to do about the first.
        cure: &'static str,
    },
    /// An import has another type than here.
    #[error("it was built against other interfaces than this version's: {reason}")]
    ImportType {
        /// The first difference.
        reason: String,
    },
    /// It exports no activities.
    #[error("it exports no activities: there is no isolet:activity/handler@0.1 among its exports ({exports})")]
    NoHandler {
        /// What it exports.
        exports: String,
    },
    /// It exports functions, and none of them can be an activity.
    #[error("it exports no activities: {reasons}")]
    NoFunctions {
        /// What is wrong with each.
        reasons: String,
    },
    /// What it exports has another type than here.
    #[error("its isolet:activity/handler has other types than this version's: {reason}")]
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
    #[error("its `limits.{key}` of {value} is beyond the engine's largest of {largest}")]
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
    #[error("it has no activities")]
    NoActivities,
    /// It has more activities than are served.
    #[error("it has {count} activities, and at most {limit} are served")]
    TooManyActivities {
        /// How many it has.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// It has more functions than can be activities.
    #[error("it exports {count} functions, and at most {limit} are served")]
    TooManyFunctions {
        /// How many it exports.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The name of one of its activities is longer than Temporal takes.
    #[error("the name of one of its activities has {size} bytes, and Temporal takes at most {limit}: {name}")]
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
    #[error("it has two activities named \"{0}\"")]
    DuplicateName(String),
    /// It has two dynamic activities.
    #[error("it has two dynamic activities")]
    TwoDynamic,
    /// What sends HTTP requests can't be started.
    #[error("start sending HTTP requests: {0}")]
    Network(std::io::Error),
    /// What works on files can't be started.
    #[error("start working on files: {0}")]
    Files(std::io::Error),
    /// Its code was taken out of the store at once.
    #[error("the store of compiled components keeps no code of it")]
    NotKept,
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
    #[error(
        "the compiler was stopped by the system ({status}): it may use {} of memory and {cpu_seconds} s of processor time",
        Bytes(*.memory)
    )]
    Stopped {
        /// How it ended.
        status: String,
        /// How much memory it may use, in bytes.
        memory: u64,
        /// How much processor time.
        cpu_seconds: u64,
    },
    /// The system can't keep the compiler from files, network and other processes.
    #[error("the compiler can't be confined here: failed to {reason}")]
    Unconfined {
        /// What it has not.
        missing: Missing,
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

impl EngineError {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::Cache(error) => error.cure(),
            Self::Mappings { .. } => Some("raise vm.max_map_count, for example with `sysctl vm.max_map_count=262144`"),
            Self::Wasmtime(_) | Self::Threads(_) => None,
        }
    }
}

impl CacheError {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::NotOurs { cure, .. } => Some(cure),
            Self::Io { .. } => None,
        }
    }
}

impl LoadError {
    /// The error for a component with these functions alone.
    pub(crate) fn no_functions(refused: &[Refused]) -> Self {
        let reasons: Vec<String> = refused.iter().map(|each| format!("{} ({})", each.name, each.reason)).collect();
        let reasons = match reasons.is_empty() {
            true => "there is no function among its exports".to_owned(),
            false => format!("none of its functions can be one: {}", shown::names(reasons.iter().map(String::as_str))),
        };
        Self::NoFunctions { reasons }
    }

    /// What wasmtime says of what is too large, without its list of what that consists of.
    pub(crate) fn does_not_fit(error: &wasmtime::Error) -> Self {
        let reason = reason(error);
        Self::DoesNotFit { reason: reason.split("; breakdown").next().unwrap_or_default().to_owned() }
    }

    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&'static str> {
        const THIS_VERSION: &str = "rebuild it with this version's SDK";
        match self {
            Self::CoreModule => {
                Some("build it for the target wasm32-wasip2, or make it a component with `wasm-tools component new`")
            }
            Self::TextForm => Some("make it binary with `wasm-tools parse`"),
            Self::Invalid { .. } => Some("build or copy it again"),
            Self::Import { cure, .. } => Some(cure),
            Self::ImportType { .. } | Self::ExportType { .. } => Some(THIS_VERSION),
            Self::NoHandler { exports } if exports.contains("isolet:activity/handler@") => {
                Some("it was built for another version of Isolet: build it again with the SDK of this one")
            }
            Self::NoHandler { .. } => Some("build it with one of Isolet's SDKs, or let it export a function"),
            Self::NoFunctions { .. } => {
                Some("export a function that takes and returns values, and no resources or streams")
            }
            Self::LimitTooLarge { .. } => Some("lower it"),
            Self::NoActivities => Some("mark at least one function as an activity"),
            Self::TooManyActivities { .. } | Self::TooManyFunctions { .. } => {
                Some("export fewer, or make it several components")
            }
            Self::LongName { .. } => Some("shorten it"),
            Self::DuplicateName(_) => Some("rename one"),
            Self::TwoDynamic => Some("keep one"),
            Self::NotKept => Some("raise `engine.cache-size`, or look who else takes things out of the store"),
            Self::Compile(error) => error.cure(),
            Self::Cache(error) => error.cure(),
            Self::Unread(_)
            | Self::TooLarge { .. }
            | Self::NotWasm { .. }
            | Self::TooManyParts { .. }
            | Self::TooComplex { .. }
            | Self::DoesNotFit { .. }
            | Self::List(_)
            | Self::EmptyName
            | Self::Network(_)
            | Self::Files(_)
            | Self::ShuttingDown => None,
        }
    }
}

impl CompileError {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::Unconfined { missing: Missing::Landlock, .. } => Some(
                "run it on Linux 5.13 or newer with Landlock among the kernel's security modules (`lsm=landlock,…`), and \
                 in a container whose profile allows its calls; or set `engine.landlock = false` to go without",
            ),
            Self::Unconfined { missing: Missing::Seccomp, .. } => Some(
                "let it filter system calls (seccomp, in Linux and in the container's profile), or set \
                 `engine.confine-compiler = false` if every component can be trusted",
            ),
            Self::Unconfined { missing: Missing::Other, .. } => {
                Some("set `engine.confine-compiler = false` if every component can be trusted")
            }
            Self::TooSlow(_) | Self::Stopped { .. } | Self::Program { .. } | Self::OtherVersion { .. } => None,
        }
    }
}
