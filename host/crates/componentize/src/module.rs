//! What a core module says of itself.

use std::collections::BTreeSet;

use wasmparser::{Encoding, ExternalKind, Parser, Payload};
use wit_component::metadata;
use wit_parser::WorldKey;

use crate::{
    Error,
    contract::{HANDLER, VERSION},
};

/// The function that every module of activities exports.
pub(crate) const EXECUTE: &str = "isolet:activity/handler@0.1.0#execute";

/// What programs export.
const START: &str = "_start";

/// What every interface of the contract begins with.
const CONTRACT: &str = "isolet:activity/";

/// Undefined symbols that an error names.
const MOST_UNDEFINED: usize = 10;

/// The imports, exports and types of a core module.
#[derive(Debug)]
pub(crate) struct Module {
    /// Modules and names.
    imports: BTreeSet<(String, String)>,
    /// Functions.
    exports: BTreeSet<String>,
    /// Whether it says of its exports that they are the contract's.
    pub(crate) is_typed: bool,
}

impl Module {
    /// Reads it.
    ///
    /// # Errors
    /// When it is no core module.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut read = Self { imports: BTreeSet::new(), exports: BTreeSet::new(), is_typed: false };
        for payload in Parser::new(0).parse_all(bytes) {
            read.take(payload.map_err(not_wasm)?)?;
        }
        let typed = metadata::decode(bytes).map_err(|error| Error::Unfit(format!("{error:#}")))?;
        if let (Some(_), bindings) = typed {
            let exports = bindings.resolve.worlds.get(bindings.world).map(|world| &world.exports);
            read.is_typed = exports.into_iter().flat_map(|exports| exports.keys()).any(|key| match key {
                WorldKey::Interface(id) => {
                    bindings.resolve.id_of(*id).is_some_and(|name| name.starts_with(&format!("{HANDLER}@")))
                }
                WorldKey::Name(_) => false,
            });
        }
        Ok(read)
    }

    fn take(&mut self, payload: Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => return Err(Error::Component),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(not_wasm)?;
                    self.imports.insert((import.module.to_owned(), import.name.to_owned()));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(not_wasm)?;
                    if export.kind == ExternalKind::Func {
                        self.exports.insert(export.name.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether it imports anything from `module`.
    pub(crate) fn imports_from(&self, module: &str) -> bool {
        self.imports.iter().any(|(from, _)| from == module)
    }

    /// Whether it is a program for WASI, and has nothing of the contract.
    pub(crate) fn is_program(&self) -> bool {
        self.exports.contains(START)
            && !self.exports.iter().any(|name| name.starts_with(HANDLER))
            && !self.imports.iter().any(|(from, _)| from.starts_with(CONTRACT))
    }

    /// Refuses what is known not to work, in words of whoever built it.
    ///
    /// # Errors
    /// When it can't become a component.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.exports.contains(EXECUTE) {
            let version = self.exports.iter().find_map(|name| {
                name.strip_prefix(HANDLER)?.strip_prefix('@')?.strip_suffix("#execute").map(str::to_owned)
            });
            return Err(match version {
                Some(found) if found != VERSION => Error::OtherVersion { found },
                _ => Error::NoHandler(EXECUTE),
            });
        }
        if self.exports.contains(START) {
            return Err(Error::Program);
        }
        let undefined: Vec<_> = self.imports.iter().filter(|(module, _)| module == "env").collect();
        if undefined.is_empty() {
            return Ok(());
        }
        let names = undefined.into_iter().map(|(_, name)| name.clone()).take(MOST_UNDEFINED).collect();
        Err(Error::Undefined(names))
    }
}

fn not_wasm(error: wasmparser::BinaryReaderError) -> Error {
    Error::NotWasm(error.message().to_owned())
}
