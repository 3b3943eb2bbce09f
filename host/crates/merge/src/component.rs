//! What a component consists of, as far as it matters here.

use std::{collections::HashMap, ops::Range};

use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentAliasSectionReader, ComponentExternalKind, ComponentOuterAliasKind,
    ComponentType, ExternalKind, Instance, Parser, Payload,
};

use crate::NotMerged;

/// A part, in the order in which they follow each other.
#[derive(Debug)]
pub(crate) enum Part<'a> {
    /// A section that has nothing to do with core modules, as it is.
    Section { id: u8, data: &'a [u8] },
    /// A core module.
    Module(&'a [u8]),
    /// An instance of one, or of items that are there.
    Instance(Instance<'a>),
    /// A name for something in an instance.
    Alias(ComponentAlias<'a>),
    /// A function between core modules and components.
    Canonical(CanonicalFunction),
}

/// Where something of the core modules comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// An export of a core instance.
    Export { instance: u32, name: &'a str },
    /// The host, or a component.
    Canonical,
}

/// An item of a core index space, with the part that brings it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) part: usize,
    pub(crate) origin: Origin<'a>,
}

/// Its parts, and which part each index of the core index spaces is about.
#[derive(Debug, Default)]
pub(crate) struct Component<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    /// The index that each part brings, in the space of its kind; of no meaning for those that bring none.
    pub(crate) numbers: Vec<u32>,
    pub(crate) modules: Vec<usize>,
    pub(crate) instances: Vec<usize>,
    /// What instances have that are made of items: by the instance and the name.
    pub(crate) lists: HashMap<u32, HashMap<&'a str, (ExternalKind, u32)>>,
    pub(crate) functions: Vec<Item<'a>>,
    pub(crate) tables: Vec<Item<'a>>,
    pub(crate) memories: Vec<Item<'a>>,
    pub(crate) globals: Vec<Item<'a>>,
}

impl<'a> Component<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, NotMerged> {
        let mut component = Self::default();
        let mut inside = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if 0 < inside {
                match payload {
                    Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => inside += 1,
                    Payload::End(_) => inside -= 1,
                    Payload::ComponentAliasSection(section) => refuse_outer_modules(section)?,
                    _ => {}
                }
                continue;
            }
            if let Payload::ModuleSection { .. } | Payload::ComponentSection { .. } = payload {
                inside = 1;
            }
            component.take(payload, bytes)?;
        }
        Ok(component)
    }

    fn take(&mut self, payload: Payload<'a>, bytes: &'a [u8]) -> Result<(), NotMerged> {
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                let number = self.modules.len();
                self.modules.push(self.parts.len());
                self.push(Part::Module(slice(bytes, &unchecked_range)?), number);
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    let number = self.instances.len();
                    let instance = instance?;
                    if let Instance::FromExports(exports) = &instance {
                        let list = exports.iter().map(|export| (export.name, (export.kind, export.index))).collect();
                        self.lists.insert(index(number), list);
                    }
                    self.instances.push(self.parts.len());
                    self.push(Part::Instance(instance), number);
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.alias(alias?)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for canonical in section {
                    let canonical = canonical?;
                    let number = self.functions.len();
                    if !matches!(canonical, CanonicalFunction::Lift { .. }) {
                        self.functions.push(Item { part: self.parts.len(), origin: Origin::Canonical });
                    }
                    self.push(Part::Canonical(canonical), number);
                }
            }
            Payload::Version { .. } | Payload::End(_) => {}
            Payload::CoreTypeSection(_) => return Err(NotMerged::Unknown("types of core modules")),
            payload => {
                refuse_modules(&payload)?;
                let (id, range) = payload.as_section().ok_or(NotMerged::Unknown("something that is no section"))?;
                self.push(Part::Section { id, data: slice(bytes, &range)? }, 0);
            }
        }
        Ok(())
    }

    fn push(&mut self, part: Part<'a>, number: usize) {
        self.parts.push(part);
        self.numbers.push(index(number));
    }

    fn alias(&mut self, alias: ComponentAlias<'a>) -> Result<(), NotMerged> {
        let mut number = 0;
        match alias {
            ComponentAlias::CoreInstanceExport { kind, instance_index: instance, name } => {
                let item = Item { part: self.parts.len(), origin: Origin::Export { instance, name } };
                let space = self.space_mut(kind)?;
                number = space.len();
                space.push(item);
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. }
            | ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => {
                return Err(NotMerged::Unknown("a core module from elsewhere"));
            }
            _ => {}
        }
        self.push(Part::Alias(alias), number);
        Ok(())
    }

    /// The items of a kind.
    pub(crate) fn space(&self, kind: ExternalKind) -> Result<&Vec<Item<'a>>, NotMerged> {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Ok(&self.functions),
            ExternalKind::Table => Ok(&self.tables),
            ExternalKind::Memory => Ok(&self.memories),
            ExternalKind::Global => Ok(&self.globals),
            ExternalKind::Tag => Err(NotMerged::Unknown("tags")),
        }
    }

    fn space_mut(&mut self, kind: ExternalKind) -> Result<&mut Vec<Item<'a>>, NotMerged> {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Ok(&mut self.functions),
            ExternalKind::Table => Ok(&mut self.tables),
            ExternalKind::Memory => Ok(&mut self.memories),
            ExternalKind::Global => Ok(&mut self.globals),
            ExternalKind::Tag => Err(NotMerged::Unknown("tags")),
        }
    }

    /// The instance of this index.
    pub(crate) fn instance(&self, index: u32) -> Result<&Instance<'a>, NotMerged> {
        match get(&self.instances, index).map(|part| self.parts.get(*part)) {
            Ok(Some(Part::Instance(instance))) => Ok(instance),
            _ => Err(NotMerged::Unknown("an instance that is not there")),
        }
    }

    /// The core module of this index.
    pub(crate) fn module(&self, index: u32) -> Result<&'a [u8], NotMerged> {
        match get(&self.modules, index).map(|part| self.parts.get(*part)) {
            Ok(Some(Part::Module(module))) => Ok(module),
            _ => Err(NotMerged::Unknown("a core module that is not there")),
        }
    }
}

/// What is at an index of WebAssembly's.
pub(crate) fn get<T>(list: &[T], index: u32) -> Result<&T, NotMerged> {
    list.get(index as usize).ok_or(NotMerged::Unknown("an index that is not there"))
}

/// A place in a list as an index of WebAssembly's, of which there are no more.
pub(crate) fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn slice<'a>(bytes: &'a [u8], range: &Range<u64>) -> Result<&'a [u8], NotMerged> {
    let [start, end] = [range.start, range.end].map(usize::try_from);
    let (Ok(start), Ok(end)) = (start, end) else { return Err(NotMerged::Unknown("more bytes than memory")) };
    bytes.get(start..end).ok_or(NotMerged::Unknown("a section that ends behind it"))
}

/// Components within this one may use its core modules, by indices that would change.
fn refuse_outer_modules(section: ComponentAliasSectionReader<'_>) -> Result<(), NotMerged> {
    for alias in section {
        if let ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } = alias? {
            return Err(NotMerged::Unknown("a core module that a component within it uses"));
        }
    }
    Ok(())
}

/// Parts that name core modules by their index would name others.
fn refuse_modules(payload: &Payload<'_>) -> Result<(), NotMerged> {
    if let Payload::ComponentTypeSection(section) = payload {
        for ty in section.clone() {
            if let ComponentType::Resource { dtor: Some(_), .. } = ty? {
                return Err(NotMerged::Unknown("a resource with a destructor"));
            }
        }
    }
    let has_module = match payload {
        Payload::ComponentImportSection(section) => section
            .clone()
            .into_iter()
            .any(|import| import.is_ok_and(|import| import.ty.kind() == ComponentExternalKind::Module)),
        Payload::ComponentExportSection(section) => section
            .clone()
            .into_iter()
            .any(|export| export.is_ok_and(|export| export.kind == ComponentExternalKind::Module)),
        Payload::ComponentInstanceSection(section) => section.clone().into_iter().any(|instance| {
            instance.is_ok_and(|instance| match instance {
                wasmparser::ComponentInstance::Instantiate { args, .. } => {
                    args.iter().any(|arg| arg.kind == ComponentExternalKind::Module)
                }
                wasmparser::ComponentInstance::FromExports(exports) => {
                    exports.iter().any(|export| export.kind == ComponentExternalKind::Module)
                }
            })
        }),
        _ => false,
    };
    if has_module { Err(NotMerged::Unknown("core modules as values")) } else { Ok(()) }
}
