//! From a component to machine code.

mod child;
mod parent;

use std::{fs, path::Path};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use crate::{Compiler, EngineSettings, error::LoadError};

pub use child::compile_child;

/// What the process that compiles is asked, in the line before the component.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Request {
    /// Where the code goes.
    output: String,
    /// The engine's stack limit.
    wasm_stack: usize,
    /// The settings that the code must fit, by their digest.
    compatibility: String,
    /// Address space that it may use, in bytes.
    memory: u64,
    /// Processor time that it may use, in seconds.
    cpu_seconds: u64,
}

/// What it answers on its standard output.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
enum Answer {
    /// The code is written.
    Compiled,
    /// The component can't be compiled.
    Invalid(String),
    /// The request makes no sense to this version, or the system refuses.
    Unable(String),
}

/// Compiles a component into the file `output`.
///
/// # Errors
/// When the component is not valid, and when the compiler fails or takes too much.
pub(crate) fn compile(
    settings: &EngineSettings,
    engine: &Engine,
    component: &[u8],
    output: &Path,
) -> Result<(), LoadError> {
    match &settings.compiler {
        Compiler::InProcess => {
            let code = engine.precompile_component(component).map_err(|error| invalid(&error))?;
            fs::write(output, code)
                .map_err(|source| LoadError::Cache(crate::CacheError::Io { path: output.to_owned(), source }))
        }
        Compiler::Child { program, arguments } => {
            let request = Request {
                output: output.to_string_lossy().into_owned(),
                wasm_stack: settings.wasm_stack,
                compatibility: compatibility(engine),
                memory: settings.compile_limits.memory,
                cpu_seconds: settings.compile_limits.time.as_secs().max(1) * 2,
            };
            let child = parent::Child { program, arguments, time: settings.compile_limits.time };
            child.compile(&request, component)
        }
    }
}

/// A digest of all settings that machine code depends on.
pub(crate) fn compatibility(engine: &Engine) -> String {
    let mut hasher = Settings(Sha256::new());
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    format!("{:x}", hasher.0.finalize())
}

fn invalid(error: &wasmtime::Error) -> LoadError {
    LoadError::Invalid { reason: reason(error) }
}

/// Wasmtime's reason, without the steps that led to it.
fn reason(error: &wasmtime::Error) -> String {
    error.root_cause().to_string()
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
