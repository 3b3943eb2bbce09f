//! The component around the merged module.

use std::{collections::HashMap, convert::Infallible};

use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component as Written, ComponentAliasSection, ExportKind, InstanceSection, Module,
    ModuleArg, ModuleSection, RawSection,
    reencode::{self, Reencode, ReencodeComponent},
};
use wasmparser::{ComponentAlias, ExternalKind, Instance, InstantiationArg, TypeRef};

use crate::{
    NotMerged,
    component::{Component, Part},
    plan::{Plan, Standing},
    source::{self, Import},
    target::{OUTSIDE, Target, exported},
};

/// Writes the component with its members as one module.
pub(crate) fn write(component: &Component<'_>, plan: &Plan<'_>) -> Result<Vec<u8>, NotMerged> {
    let mut writer = Writer { component, plan, written: Written::new(), new: New::default(), instance: 0 };
    let merged = writer.merged(Target::of(plan)?)?;
    let behind = plan.place.saturating_add(1);
    for place in 0..behind {
        if writer.stands(place, Standing::Free)? {
            writer.part(place)?;
        } else if is_lift(component, place) {
            return Err(NotMerged::Unknown("a function of the component's before all its modules"));
        }
    }
    writer.module(&merged);
    for place in 0..behind {
        if writer.stands(place, Standing::Member)? || writer.stands(place, Standing::After)? {
            writer.part(place)?;
        }
    }
    for place in behind..component.parts.len() {
        writer.part(place)?;
    }
    writer.finish()
}

fn is_lift(component: &Component<'_>, place: usize) -> bool {
    matches!(component.parts.get(place), Some(Part::Canonical(wasmparser::CanonicalFunction::Lift { .. })))
}

/// The core index spaces.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    Modules,
    Instances,
    Functions,
    Tables,
    Memories,
    Globals,
}

/// Indices of what was written, by those that it had.
#[derive(Default)]
struct New {
    indices: HashMap<(Space, u32), u32>,
    counts: HashMap<Space, u32>,
    /// Something was asked for that was not written.
    is_missing: bool,
}

impl New {
    /// The next index of a space, for what had an index before, or is new.
    fn next(&mut self, space: Space, before: Option<u32>) -> u32 {
        let count = self.counts.entry(space).or_default();
        let next = *count;
        *count = next.saturating_add(1);
        if let Some(before) = before {
            self.indices.insert((space, before), next);
        }
        next
    }

    fn of(&mut self, space: Space, before: u32) -> u32 {
        let found = self.indices.get(&(space, before)).copied();
        self.is_missing |= found.is_none();
        found.unwrap_or(u32::MAX)
    }
}

/// Writes parts, each of the core modules' as a section of its own.
struct Writer<'c, 'a> {
    component: &'c Component<'a>,
    plan: &'c Plan<'a>,
    written: Written,
    new: New,
    /// The instance of the merged module.
    instance: u32,
}

impl<'a> Writer<'_, 'a> {
    /// Whether a part is needed, and stands so.
    fn stands(&self, place: usize, standing: Standing) -> Result<bool, NotMerged> {
        let found = self.plan.standings.get(place).zip(self.plan.needed.get(place));
        let (found, needed) = found.ok_or(NotMerged::Unknown("a part that is not there"))?;
        Ok(*needed && *found == standing)
    }

    /// Finishes the merged module: it exports what names are left for, and what others take that are given members whole.
    fn merged(&self, mut target: Target<'a>) -> Result<Module, NotMerged> {
        for (place, part) in self.component.parts.iter().enumerate() {
            match part {
                Part::Alias(ComponentAlias::CoreInstanceExport { instance_index, name, .. })
                    if self.stands(place, Standing::Member)? =>
                {
                    target.export(*instance_index, name)?;
                }
                Part::Instance(Instance::Instantiate { module_index, args })
                    if self.stands(place, Standing::After)? =>
                {
                    for (instance, import) in self.taken_whole(*module_index, args)? {
                        target.export(instance, import.name)?;
                    }
                }
                _ => {}
            }
        }
        Ok(target.finish())
    }

    /// Writes the merged module and its instance.
    fn module(&mut self, merged: &Module) {
        self.written.section(&ModuleSection(merged));
        let module = self.new.next(Space::Modules, None);
        let names: Vec<_> = (0..self.plan.outside.len()).map(|number| number.to_string()).collect();
        let functions = names.iter().zip(&self.plan.outside);
        let functions: Vec<_> = functions
            .map(|(name, function)| (name.as_str(), ExportKind::Func, self.new.of(Space::Functions, *function)))
            .collect();
        let mut instances = InstanceSection::new();
        instances.export_items(functions);
        let outside = self.new.next(Space::Instances, None);
        instances.instantiate(module, [(OUTSIDE, ModuleArg::Instance(outside))]);
        self.instance = self.new.next(Space::Instances, None);
        self.written.section(&instances);
    }

    /// Writes a part, if it is needed and no member.
    fn part(&mut self, place: usize) -> Result<(), NotMerged> {
        let there = || NotMerged::Unknown("a part that is not there");
        let component = self.component;
        let part = component.parts.get(place).ok_or_else(there)?;
        let before = *component.numbers.get(place).ok_or_else(there)?;
        if !*self.plan.needed.get(place).ok_or_else(there)? {
            return Ok(());
        }
        match part {
            Part::Section { id, data } => {
                self.written.section(&RawSection { id: *id, data });
            }
            Part::Module(module) => {
                self.written
                    .section(&RawSection { id: wasm_encoder::ComponentSectionId::CoreModule.into(), data: module });
                self.new.next(Space::Modules, Some(before));
            }
            Part::Instance(instance) => self.instance(instance, before)?,
            Part::Alias(alias) => self.alias(alias, before)?,
            Part::Canonical(canonical) => {
                let mut section = CanonicalFunctionSection::new();
                self.new.parse_component_canonical(&mut section, canonical.clone())?;
                self.written.section(&section);
                if !is_lift(component, place) {
                    self.new.next(Space::Functions, Some(before));
                }
            }
        }
        Ok(())
    }

    /// What a module takes of members that it is given whole, with their instances.
    fn taken_whole(&self, module: u32, args: &[InstantiationArg<'a>]) -> Result<Vec<(u32, Import<'a>)>, NotMerged> {
        let mut whole = HashMap::new();
        for arg in args {
            if self.plan.is_whole_member(self.component, arg.index)? {
                whole.insert(arg.name, arg.index);
            }
        }
        if whole.is_empty() {
            return Ok(Vec::new());
        }
        let imports = source::imports(self.component.module(module)?)?.into_iter();
        Ok(imports.filter_map(|import| Some((*whole.get(import.module)?, import))).collect())
    }

    fn instance(&mut self, instance: &Instance<'a>, before: u32) -> Result<(), NotMerged> {
        if let Instance::Instantiate { module_index, args } = instance {
            let taken = self.taken_whole(*module_index, args)?;
            for arg in args {
                if self.plan.is_whole_member(self.component, arg.index)? {
                    self.list(arg.index, taken.iter().filter(|(instance, _)| *instance == arg.index))?;
                }
            }
        }
        let mut section = InstanceSection::new();
        self.new.parse_instance(&mut section, instance.clone())?;
        self.written.section(&section);
        self.new.next(Space::Instances, Some(before));
        Ok(())
    }

    /// Writes a list of what is taken of a member, in the place of its instance.
    fn list<'i>(&mut self, member: u32, taken: impl Iterator<Item = &'i (u32, Import<'a>)>) -> Result<(), NotMerged>
    where
        'a: 'i,
    {
        let (mut aliases, mut items) = (ComponentAliasSection::new(), Vec::new());
        for (instance, import) in taken {
            let name = exported(*instance, import.name);
            let kind = kind_of(import.ty)?;
            let written = self.new.export_kind(kind)?;
            aliases.alias(Alias::CoreInstanceExport { instance: self.instance, kind: written, name: &name });
            items.push((import.name, written, self.new.next(space(kind)?, None)));
        }
        self.written.section(&aliases);
        let mut section = InstanceSection::new();
        section.export_items(items);
        self.written.section(&section);
        self.new.next(Space::Instances, Some(member));
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>, before: u32) -> Result<(), NotMerged> {
        let mut section = ComponentAliasSection::new();
        if let ComponentAlias::CoreInstanceExport { kind, instance_index, name } = alias {
            if self.plan.is_whole_member(self.component, *instance_index)? {
                let (kind, name) = (self.new.export_kind(*kind)?, exported(*instance_index, name));
                section.alias(Alias::CoreInstanceExport { instance: self.instance, kind, name: &name });
            } else {
                section.alias(self.new.component_alias(alias.clone())?);
            }
            self.new.next(space(*kind)?, Some(before));
        } else {
            section.alias(self.new.component_alias(alias.clone())?);
        }
        self.written.section(&section);
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, NotMerged> {
        if self.new.is_missing {
            return Err(NotMerged::Unknown("something that is used before it is there"));
        }
        Ok(self.written.finish())
    }
}

fn kind_of(ty: TypeRef) -> Result<ExternalKind, NotMerged> {
    match ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => Ok(ExternalKind::Func),
        TypeRef::Table(_) => Ok(ExternalKind::Table),
        TypeRef::Memory(_) => Ok(ExternalKind::Memory),
        TypeRef::Global(_) => Ok(ExternalKind::Global),
        TypeRef::Tag(_) => Err(NotMerged::Unknown("tags")),
    }
}

fn space(kind: ExternalKind) -> Result<Space, NotMerged> {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => Ok(Space::Functions),
        ExternalKind::Table => Ok(Space::Tables),
        ExternalKind::Memory => Ok(Space::Memories),
        ExternalKind::Global => Ok(Space::Globals),
        ExternalKind::Tag => Err(NotMerged::Unknown("tags")),
    }
}

type Renumbered = Result<u32, reencode::Error<Infallible>>;

impl Reencode for New {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Renumbered {
        Ok(self.of(Space::Functions, index))
    }

    fn table_index(&mut self, index: u32) -> Renumbered {
        Ok(self.of(Space::Tables, index))
    }

    fn memory_index(&mut self, index: u32) -> Renumbered {
        Ok(self.of(Space::Memories, index))
    }

    fn global_index(&mut self, index: u32) -> Renumbered {
        Ok(self.of(Space::Globals, index))
    }
}

impl ReencodeComponent for New {
    fn module_index(&mut self, index: u32) -> u32 {
        self.of(Space::Modules, index)
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        self.of(Space::Instances, index)
    }
}
