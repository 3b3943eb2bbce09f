//! From a component to machine code.

mod child;
mod functions;
mod parent;
mod structure;

use std::{io::Write, process};

use confinement::{Calls, Confinement, Limits, Walls};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use crate::{
    Compiler, EngineSettings,
    cache::{FunctionCode, NewCode},
    error::LoadError,
    text::reason,
};

pub use child::compile_child;

/// Its standard streams, and a few more while it begins.
const OPEN_FILES: u64 = 16;

/// What becomes of components before they are compiled, in this version: code of another is not used.
const FORM: &str = "merged and gathered, 4";

/// What the process that compiles is asked, in the line before the component.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Request {
    /// The engine's stack limit.
    wasm_stack: usize,
    /// The settings that the code must fit, by their digest.
    compatibility: String,
    /// Address space that it may use, in bytes.
    memory: u64,
    /// Processor time that it may use, in seconds.
    cpu_seconds: u64,
    /// The process that asks.
    parent: u32,
    /// Whether Landlock keeps it in.
    landlock: bool,
    /// Whether seccomp does.
    seccomp: bool,
    /// What is known of its functions, in the bytes before the component.
    functions: Known,
}

/// What is known of a component's functions.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
enum Known {
    /// Nothing, and nobody wants to.
    Unasked,
    /// Nothing, but they are to be told.
    Wanted,
    /// So many bytes.
    Bytes(u64),
}

impl Request {
    fn confinement(&self) -> Confinement {
        let Self { memory, cpu_seconds, parent, landlock, seccomp, .. } = *self;
        // It writes to a pipe, and opens nothing.
        let limits = Limits {
            memory: Some(memory),
            cpu_seconds: Some(cpu_seconds),
            open_files: Some(OPEN_FILES),
            file_size: Some(0),
        };
        let (calls, walls) = (Calls::Compute, Walls { landlock, seccomp });
        Confinement { parent, limits, directories: Vec::new(), calls, walls }
    }
}

/// What it answers on its standard output.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
enum Answer {
    /// So many bytes of functions follow, which were wanted, and the code.
    Compiled(u64),
    /// The component can't be compiled.
    Invalid(String),
    /// The request makes no sense to this version, or the system refuses.
    Unable(String),
    /// The system has no way to confine it.
    Unconfined(Missing, String),
}

/// What a system has not that confines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Missing {
    /// Landlock.
    Landlock,
    /// Seccomp filters.
    Seccomp,
    /// Something that every system should have.
    Other,
}

impl From<&confinement::Error> for Missing {
    fn from(error: &confinement::Error) -> Self {
        match error {
            confinement::Error::Landlock(_) => Self::Landlock,
            confinement::Error::Seccomp(_) => Self::Seccomp,
            _ => Self::Other,
        }
    }
}

/// Compiles a component into `code`, with what is known of its functions, or what is to be.
///
/// # Errors
/// When the component is not valid, and when the compiler fails or takes too much.
pub(crate) fn compile(
    settings: &EngineSettings,
    engine: &Engine,
    component: &[u8],
    functions: &mut FunctionCode,
    code: &mut NewCode,
) -> Result<(), LoadError> {
    structure::check(component)?;
    match &settings.compiler {
        Compiler::InProcess => {
            let compiled = precompile(engine, component).map_err(|error| invalid(&error))?;
            code.write_all(&compiled).map_err(|source| LoadError::Cache(code.failed(source)))
        }
        Compiler::Child { program, arguments } => {
            let limits = &settings.compile_limits;
            let request = Request {
                wasm_stack: settings.wasm_stack,
                compatibility: compatibility(engine),
                memory: limits.memory,
                cpu_seconds: limits.cpu_time.as_secs().max(1),
                parent: process::id(),
                landlock: limits.walls.landlock,
                seccomp: limits.walls.seccomp,
                functions: match functions {
                    FunctionCode::Unkept => Known::Unasked,
                    FunctionCode::New(_) => Known::Wanted,
                    FunctionCode::Known(known) => Known::Bytes(known.len() as u64),
                },
            };
            let child = parent::Child { program, arguments, time: limits.time };
            child.compile(&request, component, functions, code)
        }
    }
}

/// Machine code of a component, whose core modules are one where they can be: an attempt begins sooner; and have few data
/// segments: there is less to compile.
fn precompile(engine: &Engine, component: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let gathered = merge::gathered(component);
    let merged = merge::merged(gathered.as_deref().unwrap_or(component)).ok();
    if let Some(changed) = merged.or(gathered)
        && let Ok(code) = engine.precompile_component(&changed)
    {
        return Ok(code);
    }
    // What is wrong with a component is told of it as it is.
    engine.precompile_component(component)
}

/// A digest of all settings that machine code depends on.
pub(crate) fn compatibility(engine: &Engine) -> String {
    let mut hasher = Settings(Sha256::new());
    hasher.0.update(FORM);
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    format!("{:x}", hasher.0.finalize())
}

fn invalid(error: &wasmtime::Error) -> LoadError {
    LoadError::Invalid { reason: reason(error) }
}

/// Digests what is hashed, so that the result is the same in every process of this version.
struct Settings(Sha256);

impl std::hash::Hasher for Settings {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Whoever wants the digest takes all of it.
        0
    }
}
