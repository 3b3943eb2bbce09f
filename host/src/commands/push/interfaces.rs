//! What a component imports and exports, by name, as registries tell it of artefacts. Nothing is compiled.

use std::fmt::Display;

use wasmparser::{Encoding, Parser, Payload};

/// Most names that are told of each.
const MOST: usize = 1_000;

/// What WebAssembly begins with, of whatever kind.
const MAGIC: &[u8] = b"\0asm";

/// The names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interfaces {
    /// What it imports.
    pub(super) imports: Vec<String>,
    /// What it exports.
    pub(super) exports: Vec<String>,
}

/// The names of the component in `bytes`.
///
/// # Errors
/// When it is none.
pub(super) fn read(bytes: &[u8]) -> Result<Interfaces, String> {
    if !bytes.starts_with(MAGIC) {
        return Err("it is no component, nor any other WebAssembly".to_owned());
    }
    let mut interfaces = Interfaces::default();
    // How many components and modules are around what comes.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(broken)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                return Err("it is a core module, and no component".to_owned());
            }
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    add(&mut interfaces.imports, import.map_err(broken)?.name.name)?;
                }
            }
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    add(&mut interfaces.exports, export.map_err(broken)?.name.name)?;
                }
            }
            _ => {}
        }
    }
    Ok(interfaces)
}

fn add(names: &mut Vec<String>, name: &str) -> Result<(), String> {
    if names.len() == MOST {
        return Err(format!("it has more than {MOST} imports or exports"));
    }
    names.push(name.to_owned());
    Ok(())
}

fn broken(error: impl Display) -> String {
    format!("it is no component: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_outermost_component() {
        let text = r#"(component
            (import "wasi:cli/environment@0.2.6" (instance))
            (component $inner (import "hidden" (instance)))
            (core module (import "env" "f" (func)))
            (instance $one)
            (export "isolet:activity/activities@0.1.0" (instance $one)))"#;
        let read = read(&wat::parse_str(text).unwrap()).unwrap();
        assert_eq!(read.imports, ["wasi:cli/environment@0.2.6"]);
        assert_eq!(read.exports, ["isolet:activity/activities@0.1.0"]);
    }

    #[test]
    fn what_is_no_component_is_refused() {
        let module = wat::parse_str("(module)").unwrap();
        let component = wat::parse_str("(component (core module))").unwrap();
        for (bytes, why) in [
            (b"".as_slice(), "no component"),
            (b"hello, world", "no component"),
            (&module, "core module"),
            (&component[..component.len() - 3], "no component"),
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
