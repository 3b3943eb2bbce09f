//! One core module from those that a component links together.
//!
//! Toolchains with dynamic libraries, as Python's, make components of many core modules, which import thousands of
//! functions from each other. An engine that instantiates such a component looks each of them up, each time. Here the
//! modules that are linked become one, whose functions call each other: the component does what it did, begins in less
//! time, and calls between its libraries are calls within a module.
//!
//! Only what is understood is changed: modules that are instantiated once, have no start function, and import only what
//! is there before them. Functions of the host stay imports. Those that need the memory of the merged module come after
//! it, as they came after the module with that memory before.
//!
//! Beside it, data segments of one module become [few](gathered), for the sake of who compiles it.

mod component;
mod gather;
mod plan;
mod rewrite;
mod source;
mod target;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use wasm_encoder::reencode;
use wasmparser::{Validator, WasmFeatures};

pub use self::gather::gathered;

/// Why a component stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum NotMerged {
    /// It has no two modules that could be one.
    #[error("it has no core modules to merge")]
    Nothing,
    /// It has something that this does not understand.
    #[error("it has {0}, which modules can't be merged beside")]
    Unknown(&'static str),
    /// It is not valid.
    #[error("it can't be read: {0}")]
    Invalid(#[from] wasmparser::Error),
    /// Its code can't be written again.
    #[error("it can't be written: {0}")]
    Unwritable(#[from] reencode::Error<Infallible>),
}

/// The component with its core modules made one.
///
/// # Errors
/// When there is nothing to merge, or it is not known how.
pub fn merged(component: &[u8]) -> Result<Vec<u8>, NotMerged> {
    // What is wrong with one of several modules might not be wrong any more with all as one.
    Validator::new_with_features(WasmFeatures::all()).validate_all(component)?;
    let component = component::Component::read(component)?;
    let plan = plan::Plan::of(&component)?;
    rewrite::write(&component, &plan)
}
