//! What a component is, whether or not it can be loaded.

use capabilities::interface::{self, Need};
use values::Found;
use wasmtime::component::{
    Component,
    types::{ComponentExtern, ComponentItem},
};

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
    let import = |(name, item): (&str, ComponentExtern<'_>)| {
        let need = match interface::need(name) {
            Need::Unavailable(_) if is_types(name, &item.ty, component) => Need::Nothing,
            need => need,
        };
        Import { name: name.to_owned(), need }
    };
    ty.imports(component.engine()).map(import).collect()
}

/// Whether there is nothing in an import but types, which nobody must bring along: an interface of the component's own that
/// another one uses. Types of ours and of WASI come with functions that are missing, too.
fn is_types(name: &str, item: &ComponentItem, component: &Component) -> bool {
    let ComponentItem::ComponentInstance(instance) = item else { return matches!(item, ComponentItem::Type(_)) };
    let mut exports = instance.exports(component.engine());
    let is_foreign = !["isolet:", "wasi:"].iter().any(|namespace| name.starts_with(namespace));
    is_foreign && exports.len() != 0 && exports.all(|(_, item)| matches!(item.ty, ComponentItem::Type(_)))
}

pub(crate) fn exports(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    ty.exports(component.engine()).map(|(name, _)| name.to_owned()).collect()
}
