//! From a core module to a component: the last step of every language whose compiler makes core modules.
//!
//! A module says in sections of its own what it imports and exports; one that lacks that of the contract is given it.
//! One that was compiled for WASI's first preview gets the adapter to the interfaces that the host has.
//! Knows the contract's WIT and nothing of the host.
//!
//! # Layout
//! - `contract`: the text of the contract, and the world of all that a module may import of it.
//! - `module`: what a module says of itself; `slim`: what of it is left out.

mod contract;

mod module;

mod slim;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as PREVIEW1, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER as COMMAND,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use self::module::Module;

pub use self::contract::CONTRACT;

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is one.
    #[error("it is a component already, and not a core module")]
    Component,
    /// It is something else.
    #[error("it is no core module: {0}")]
    NotWasm(String),
    /// It lacks the contract's functions.
    #[error("it exports no activities: it has no function {0}")]
    NoHandler(&'static str),
    /// It has those of another version.
    #[error("it is made for version {found} of the contract, and this is version {}", contract::VERSION)]
    OtherVersion {
        /// The version in its exports.
        found: String,
    },
    /// Nobody would call its constructors.
    #[error("it is a program, with a function _start, and not a reactor")]
    Program,
    /// It was linked although something was missing.
    #[error("it has symbols that are defined nowhere: {}", .0.join(", "))]
    Undefined(Vec<String>),
    /// It does not fit what it says of itself, or the contract.
    #[error("it can't become a component: {0}")]
    Unfit(String),
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> &'static str {
        match self {
            Self::Component => "use it as it is: `isolet inspect` tells what it has",
            Self::NotWasm(_) => "build it for the target wasm32-wasip1, as a reactor",
            Self::NoHandler(_) => {
                "link the SDK of its language and declare activities, and see that the linker keeps what is exported"
            }
            Self::OtherVersion { .. } => "build it with the SDK of this version",
            Self::Program => "link it with -mexec-model=reactor, and without a function main",
            Self::Undefined(_) => "link what defines them, and let the linker refuse what is undefined",
            Self::Unfit(_) => "build it with the SDK and the toolchain that the documentation of its language names",
        }
    }
}

/// Whether these bytes are a core module's.
#[must_use]
pub fn is_core_module(bytes: &[u8]) -> bool {
    wasmparser::Parser::is_core_wasm(bytes)
}

/// The component whose only module of the user's is `module`: of activities, or else a program for WASI.
///
/// # Errors
/// When it is no core module of activities, and no program.
pub fn component(module: &[u8]) -> Result<Vec<u8>, Error> {
    let said = Module::read(module)?;
    if said.is_program() {
        return program(module);
    }
    said.check()?;
    let mut typed = slim::slimmed(module);
    if !said.is_typed {
        let (resolve, world) = contract::world().map_err(unfit)?;
        embed_component_metadata(&mut typed, &resolve, world, StringEncoding::UTF8).map_err(unfit)?;
    }
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&typed).map_err(unfit)?;
    if said.imports_from(PREVIEW1) {
        encoder.adapter(PREVIEW1, ADAPTER).map_err(unfit)?;
    }
    encoder.encode().map_err(unfit)
}

/// The component of a program, which exports `wasi:cli/run`.
fn program(module: &[u8]) -> Result<Vec<u8>, Error> {
    let module = slim::slimmed(module);
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&module).map_err(unfit)?;
    encoder.adapter(PREVIEW1, COMMAND).map_err(unfit)?;
    encoder.encode().map_err(unfit)
}

fn unfit(error: impl std::fmt::Display) -> Error {
    // With its causes.
    Error::Unfit(format!("{error:#}"))
}

#[cfg(test)]
mod tests;
