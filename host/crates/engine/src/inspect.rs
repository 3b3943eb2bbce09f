//! What a component is, whether or not it can be loaded.

use capabilities::interface::{self, Need};
use values::Found;
use wasmtime::component::Component;

use crate::{LoadError, cache::Listing};

/// What a component is.
#[derive(Debug)]
pub struct Inspection {
    /// SHA-256 of its bytes in hexadecimal.
    pub digest: String,
    /// Its size in bytes.
    pub size: usize,
    /// What it imports.
    pub imports: Vec<Import>,
    /// The names of what it exports.
    pub exports: Vec<String>,
    /// Its functions that are activities, and those that can't be; none for a component that exports the contract's handler.
    pub functions: Found,
    /// Its activities and its image; or why it can't be loaded.
    pub listing: Result<Listing, LoadError>,
}

/// An import of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its name and version.
    pub name: String,
    /// What it needs from whoever runs the component.
    pub need: Need,
}

pub(crate) fn imports(component: &Component) -> Vec<Import> {
    let ty = component.component_type();
    let names = ty.imports(component.engine()).map(|(name, _)| name.to_owned());
    names.map(|name| Import { need: interface::need(&name), name }).collect()
}

pub(crate) fn exports(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    ty.exports(component.engine()).map(|(name, _)| name.to_owned()).collect()
}
