//! The merged module.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
};

use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, ExportKind, ExportSection, FunctionSection,
    GlobalSection, ImportSection, MemorySection, Module, NameMap, NameSection, TableSection, TypeSection,
    reencode::{self, Reencode},
};
use wasmparser::{ExternalKind, FuncType, Operator, TypeRef};

use crate::{
    NotMerged,
    component::{get, index},
    plan::{Found, Member, Plan},
    source::{Exports, Source},
};

/// Where the functions come from that the merged module imports: each is called by its number.
pub(crate) const OUTSIDE: &str = "";

/// Which index of the merged module each index of a member is.
#[derive(Clone, Debug, Default)]
struct Indices {
    types: Vec<u32>,
    functions: Vec<u32>,
    tables: Vec<u32>,
    memories: Vec<u32>,
    globals: Vec<u32>,
    elements: u32,
    data: u32,
}

/// The merged module, as it grows.
#[derive(Default)]
pub(crate) struct Target<'a> {
    members: HashMap<u32, (Indices, Exports<'a>)>,
    known_types: HashMap<FuncType, u32>,
    /// Values of globals that never change: what begins with one begins with its value.
    constants: Vec<Option<i32>>,
    names: Vec<(u32, &'a str)>,
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    exported: HashSet<String>,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    counts_data: bool,
}

impl<'a> Target<'a> {
    pub(crate) fn of(plan: &Plan<'a>) -> Result<Self, NotMerged> {
        let mut target = Self::default();
        let mut all_types = Vec::new();
        let mut outside = HashMap::new();
        for Member { source, found, .. } in &plan.members {
            let types = source.types.iter().map(|ty| target.type_of(ty)).collect::<Result<Vec<_>, _>>()?;
            for (import, found) in source.imports.iter().zip(found) {
                if let (Found::Outside(function), TypeRef::Func(ty)) = (found, import.ty)
                    && !outside.contains_key(function)
                {
                    let number = index(outside.len());
                    let ty = wasm_encoder::EntityType::Function(*get(&types, ty)?);
                    target.imports.import(OUTSIDE, &number.to_string(), ty);
                    outside.insert(*function, number);
                }
            }
            all_types.push(types);
        }
        let mut functions = index(outside.len());
        for (member, types) in plan.members.iter().zip(all_types) {
            let mut indices = target.imported(member, &outside)?;
            for ty in &member.source.functions {
                target.functions.function(*get(&types, *ty)?);
                indices.functions.push(functions);
                functions = functions.saturating_add(1);
            }
            indices.types = types;
            target.add(&member.source, &mut indices)?;
            target.members.insert(member.instance, (indices, member.source.exports.clone()));
        }
        Ok(target)
    }

    fn type_of(&mut self, ty: &FuncType) -> Result<u32, NotMerged> {
        if let Some(known) = self.known_types.get(ty) {
            return Ok(*known);
        }
        let new = self.types.len();
        self.types.ty().func_type(&reencode::RoundtripReencoder.func_type(ty.clone())?);
        self.known_types.insert(ty.clone(), new);
        Ok(new)
    }

    /// The indices of what a member imports.
    fn imported(&self, member: &Member<'a>, outside: &HashMap<u32, u32>) -> Result<Indices, NotMerged> {
        let mut indices = Indices::default();
        for (import, found) in member.source.imports.iter().zip(&member.found) {
            let (kind, index) = match found {
                Found::Member { instance, name } => self.export_of(*instance, name)?,
                Found::Outside(function) => {
                    let number = outside.get(function);
                    (ExternalKind::Func, *number.ok_or(NotMerged::Unknown("an import that nobody exports"))?)
                }
            };
            let space = match (kind, import.ty) {
                (ExternalKind::Func, TypeRef::Func(_)) => &mut indices.functions,
                (ExternalKind::Table, TypeRef::Table(_)) => &mut indices.tables,
                (ExternalKind::Memory, TypeRef::Memory(_)) => &mut indices.memories,
                (ExternalKind::Global, TypeRef::Global(_)) => &mut indices.globals,
                _ => return Err(NotMerged::Unknown("an import of another kind than what is exported")),
            };
            space.push(index);
        }
        Ok(indices)
    }

    /// What a member exports, by its index in the merged module.
    fn export_of(&self, instance: u32, name: &str) -> Result<(ExternalKind, u32), NotMerged> {
        let missing = || NotMerged::Unknown("an export that is not there");
        let (indices, exports) = self.members.get(&instance).ok_or_else(missing)?;
        let (kind, index) = exports.get(name).ok_or_else(missing)?;
        let space = match kind {
            ExternalKind::Func | ExternalKind::FuncExact => &indices.functions,
            ExternalKind::Table => &indices.tables,
            ExternalKind::Memory => &indices.memories,
            ExternalKind::Global => &indices.globals,
            ExternalKind::Tag => return Err(NotMerged::Unknown("tags")),
        };
        Ok((*kind, *get(space, *index)?))
    }

    /// Lets the merged module export what a member exported, once, under the name that [`exported`] tells.
    pub(crate) fn export(&mut self, instance: u32, name: &str) -> Result<(), NotMerged> {
        let (kind, index) = self.export_of(instance, name)?;
        let exported = exported(instance, name);
        if self.exported.contains(&exported) {
            return Ok(());
        }
        let kind = match kind {
            ExternalKind::Table => ExportKind::Table,
            ExternalKind::Memory => ExportKind::Memory,
            ExternalKind::Global => ExportKind::Global,
            _ => ExportKind::Func,
        };
        self.exports.export(&exported, kind, index);
        self.exported.insert(exported);
        Ok(())
    }

    /// All that is a member's own.
    fn add(&mut self, source: &Source<'a>, indices: &mut Indices) -> Result<(), NotMerged> {
        self.counts_data |= source.counts_data;
        (indices.elements, indices.data) = (self.elements.len(), self.data.len());
        for memory in &source.memories {
            indices.memories.push(self.memories.len());
            self.memories.memory(reencode::RoundtripReencoder.memory_type(*memory)?);
        }
        for table in &source.tables {
            indices.tables.push(self.tables.len());
            let mut renumber = Renumber { indices, constants: &self.constants };
            renumber.parse_table(&mut self.tables, table.clone())?;
        }
        for global in &source.globals {
            let mut renumber = Renumber { indices, constants: &self.constants };
            let constant = (!global.ty.mutable).then(|| renumber.constant(&global.init_expr)).flatten();
            renumber.parse_global(&mut self.globals, global.clone())?;
            indices.globals.push(index(self.constants.len()));
            self.constants.push(constant);
        }
        let mut renumber = Renumber { indices, constants: &self.constants };
        for element in &source.elements {
            renumber.parse_element(&mut self.elements, element.clone())?;
        }
        for data in &source.data {
            renumber.parse_data(&mut self.data, data.clone())?;
        }
        for body in &source.code {
            renumber.parse_function_body(&mut self.code, body.clone())?;
        }
        let imported = source.imports.iter().filter(|import| matches!(import.ty, TypeRef::Func(_))).count();
        for (function, name) in &source.names {
            if imported <= *function as usize {
                self.names.push((*get(&indices.functions, *function)?, name));
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Module {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        module.section(&self.tables).section(&self.memories).section(&self.globals).section(&self.exports);
        module.section(&self.elements);
        // Where no function may name a segment, they can be others later.
        if self.counts_data {
            module.section(&DataCountSection { count: self.data.len() });
        }
        module.section(&self.code).section(&self.data);
        self.names.sort_unstable();
        self.names.dedup_by_key(|(function, _)| *function);
        let mut functions = NameMap::new();
        for (function, name) in self.names {
            functions.append(function, name);
        }
        let mut names = NameSection::new();
        names.functions(&functions);
        module.section(&names);
        module
    }
}

/// What the merged module calls an export of a member: two members may call two things the same.
pub(crate) fn exported(instance: u32, name: &str) -> String {
    format!("{instance}:{name}")
}

/// Writes what is a member's with the indices of the merged module.
struct Renumber<'t> {
    indices: &'t Indices,
    constants: &'t [Option<i32>],
}

impl Renumber<'_> {
    /// The value of a constant expression of addresses.
    fn constant(&self, expression: &wasmparser::ConstExpr<'_>) -> Option<i32> {
        let mut operators = expression.get_operators_reader();
        let mut values: Vec<i32> = Vec::new();
        while !operators.is_end_then_eof() {
            let value = match operators.read().ok()? {
                Operator::I32Const { value } => value,
                Operator::GlobalGet { global_index } => {
                    let global = self.indices.globals.get(global_index as usize)?;
                    (*self.constants.get(*global as usize)?)?
                }
                Operator::I32Add => values.pop()?.wrapping_add(values.pop()?),
                _ => return None,
            };
            values.push(value);
        }
        values.pop().filter(|_| values.is_empty())
    }
}

type Renumbered<T> = Result<T, reencode::Error<Infallible>>;

/// A module that was read names nothing that is not there: the engine looks at what comes of it once more.
fn renumbered(space: &[u32], index: u32) -> Renumbered<u32> {
    space.get(index as usize).copied().ok_or(reencode::Error::InvalidConstExpr)
}

impl Reencode for Renumber<'_> {
    type Error = Infallible;

    fn type_index(&mut self, index: u32) -> Renumbered<u32> {
        renumbered(&self.indices.types, index)
    }

    fn function_index(&mut self, index: u32) -> Renumbered<u32> {
        renumbered(&self.indices.functions, index)
    }

    fn table_index(&mut self, index: u32) -> Renumbered<u32> {
        renumbered(&self.indices.tables, index)
    }

    fn memory_index(&mut self, index: u32) -> Renumbered<u32> {
        renumbered(&self.indices.memories, index)
    }

    fn global_index(&mut self, index: u32) -> Renumbered<u32> {
        renumbered(&self.indices.globals, index)
    }

    fn element_index(&mut self, index: u32) -> Renumbered<u32> {
        Ok(self.indices.elements.saturating_add(index))
    }

    fn data_index(&mut self, index: u32) -> Renumbered<u32> {
        Ok(self.indices.data.saturating_add(index))
    }

    /// A constant expression can't name a global of the same module.
    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Renumbered<ConstExpr> {
        if let Some(value) = self.constant(&expression) {
            return Ok(ConstExpr::i32_const(value));
        }
        reencode::utils::const_expr(self, expression)
    }
}
