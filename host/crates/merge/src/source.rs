//! A core module, as it is before.

use std::collections::HashMap;

use wasmparser::{
    CompositeInnerType, Data, Element, ExternalKind, FuncType, FunctionBody, Global, Imports, KnownCustom, MemoryType,
    Name, Parser, Payload, Table, TypeRef,
};

use crate::NotMerged;

/// What a module exports, by name.
pub(crate) type Exports<'a> = HashMap<&'a str, (ExternalKind, u32)>;

/// An import.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import<'a> {
    pub(crate) module: &'a str,
    pub(crate) name: &'a str,
    pub(crate) ty: TypeRef,
}

/// Its sections.
#[derive(Default)]
pub(crate) struct Source<'a> {
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import<'a>>,
    /// The types of the functions that are its own.
    pub(crate) functions: Vec<u32>,
    pub(crate) tables: Vec<Table<'a>>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<Global<'a>>,
    pub(crate) exports: Exports<'a>,
    pub(crate) elements: Vec<Element<'a>>,
    pub(crate) data: Vec<Data<'a>>,
    /// Whether its functions may name data segments.
    pub(crate) counts_data: bool,
    pub(crate) code: Vec<FunctionBody<'a>>,
    /// What its functions are called, for stacks of traps.
    pub(crate) names: Vec<(u32, &'a str)>,
}

impl<'a> Source<'a> {
    pub(crate) fn read(module: &'a [u8]) -> Result<Self, NotMerged> {
        let mut source = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            source.take(payload?)?;
        }
        Ok(source)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), NotMerged> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    self.types.extend(function_types(&group?)?);
                }
            }
            Payload::ImportSection(section) => {
                for imports in section {
                    self.import(imports?)?;
                }
            }
            Payload::FunctionSection(section) => self.functions = section.into_iter().collect::<Result<_, _>>()?,
            Payload::TableSection(section) => self.tables = section.into_iter().collect::<Result<_, _>>()?,
            Payload::MemorySection(section) => self.memories = section.into_iter().collect::<Result<_, _>>()?,
            Payload::GlobalSection(section) => self.globals = section.into_iter().collect::<Result<_, _>>()?,
            Payload::ElementSection(section) => self.elements = section.into_iter().collect::<Result<_, _>>()?,
            Payload::DataSection(section) => self.data = section.into_iter().collect::<Result<_, _>>()?,
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports.insert(export.name, (export.kind, export.index));
                }
            }
            Payload::CodeSectionEntry(body) => self.code.push(body),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.name(names)?;
                }
            }
            Payload::DataCountSection { .. } => self.counts_data = true,
            Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
            Payload::StartSection { .. } => return Err(NotMerged::Unknown("a start function")),
            _ => return Err(NotMerged::Unknown("a section of another kind in a core module")),
        }
        Ok(())
    }

    fn import(&mut self, imports: Imports<'a>) -> Result<(), NotMerged> {
        self.imports.push(single(imports)?);
        Ok(())
    }

    fn name(&mut self, names: wasmparser::NameSectionReader<'a>) -> Result<(), NotMerged> {
        for name in names {
            if let Name::Function(functions) = name? {
                for naming in functions {
                    let naming = naming?;
                    self.names.push((naming.index, naming.name));
                }
            }
        }
        Ok(())
    }
}

/// What a module imports that is not to be merged itself.
pub(crate) fn imports(module: &[u8]) -> Result<Vec<Import<'_>>, NotMerged> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload? {
            return section.into_iter().map(|imports| single(imports?)).collect();
        }
    }
    Ok(Vec::new())
}

fn single(imports: Imports<'_>) -> Result<Import<'_>, NotMerged> {
    match imports {
        Imports::Single(_, import) => Ok(Import { module: import.module, name: import.name, ty: import.ty }),
        _ => Err(NotMerged::Unknown("imports in groups")),
    }
}

fn function_types(group: &wasmparser::RecGroup) -> Result<Vec<FuncType>, NotMerged> {
    let types = group.types().map(|ty| match &ty.composite_type.inner {
        CompositeInnerType::Func(function) if ty.is_final && ty.supertype_idxs.is_empty() => Ok(function.clone()),
        _ => Err(NotMerged::Unknown("types that are no functions")),
    });
    let types: Vec<_> = types.collect::<Result<_, _>>()?;
    if types.len() == 1 { Ok(types) } else { Err(NotMerged::Unknown("types that refer to each other")) }
}
