//! What a component exports, read from its type. Nothing of it runs.

use wasmtime::component::{
    Component,
    types::{self, ComponentFunc, ComponentItem},
};

use crate::{Cases, Fields, Function, Integer, Kind, Names, Type};

/// The functions of a component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Those that can be called, in the component's order.
    pub functions: Vec<Function>,
    /// Those that can't, the first of them.
    pub refused: Vec<Refused>,
    /// How many could be called, but are more than a component may have.
    pub left_out: usize,
}

/// A function that no payload can be an argument of, or that returns what is no payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What it is called, with its interface.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// The most functions of a component that are activities, and the most whose refusal is told.
pub const MOST_FUNCTIONS: usize = 1_000;

/// The most parts that the types of one component may have: each is kept as long as it is loaded.
const MOST_PARTS: usize = 20_000;

/// So many bytes of a name count as a part: names are kept in several spellings wherever a type is referred to.
const BYTES_PER_PART: usize = 64;

/// How deep a type may be. JSON has at most two levels for one of a type, and its parsers take 127.
const DEEPEST: usize = 60;

/// How often two types are compared for the sake of a name, which takes as long as they are large.
const MOST_LOOKS: usize = 10_000;

/// How many types are looked at for that sake before one is compared.
const MOST_GLANCES: usize = 1_000_000;

/// Whose exports are no activities: a workflow's, which a component may have beside.
const WORKFLOW: &str = "temporal:";

/// The functions that a component exports, freestanding or in an interface.
pub fn functions(component: &Component) -> Found {
    let (engine, ty) = (component.engine(), component.component_type());
    let mut walk =
        Walk { found: Found::default(), names: Vec::new(), own: 0, parts: 0, looks: 0, glances: 0, untold: 0 };
    let instances = ty.imports(engine).chain(ty.exports(engine));
    for (name, item) in instances {
        match item.ty {
            ComponentItem::Type(ty) => walk.name(name, &ty),
            ComponentItem::ComponentInstance(instance) => {
                for (name, item) in instance.exports(engine) {
                    if let ComponentItem::Type(ty) = item.ty {
                        walk.name(name, &ty);
                    }
                }
            }
            _ => {}
        }
    }
    for (name, item) in ty.exports(engine).filter(|(name, _)| !name.starts_with(WORKFLOW)) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => walk.function(None, name, &function),
            ComponentItem::ComponentInstance(instance) => {
                walk.own = walk.names.len();
                for (inner, item) in instance.exports(engine) {
                    match item.ty {
                        ComponentItem::ComponentFunc(function) => walk.function(Some(name), inner, &function),
                        ComponentItem::Type(ty) => walk.name(inner, &ty),
                        _ => {}
                    }
                }
                walk.names.truncate(walk.own);
            }
            _ => {}
        }
    }
    walk.ended()
}

struct Walk {
    found: Found,
    /// What types are called: of all interfaces, and after `own` those of the one that is walked.
    names: Vec<(String, types::Type)>,
    own: usize,
    parts: usize,
    looks: usize,
    glances: usize,
    /// How many refusals are not told.
    untold: usize,
}

impl Walk {
    /// Takes note of what an interface calls a type. One that is a list, a number or the like by another name is called
    /// what it is.
    fn name(&mut self, name: &str, ty: &types::Type) {
        let has_name = matches!(
            ty,
            types::Type::Record(_) | types::Type::Variant(_) | types::Type::Enum(_) | types::Type::Flags(_)
        );
        if has_name && self.names.len() < MOST_PARTS {
            self.names.push((name.to_owned(), ty.clone()));
        }
    }

    fn function(&mut self, interface: Option<&str>, name: &str, ty: &ComponentFunc) {
        match self.read(interface, name, ty) {
            Ok(_) if MOST_FUNCTIONS <= self.found.functions.len() => self.found.left_out += 1,
            Ok(function) => self.found.functions.push(function),
            Err(_) if MOST_FUNCTIONS <= self.found.refused.len() => self.untold += 1,
            Err(reason) => {
                let name = interface.map_or_else(|| name.to_owned(), |interface| format!("{interface}#{name}"));
                self.found.refused.push(Refused { name, reason });
            }
        }
    }

    fn read(&mut self, interface: Option<&str>, name: &str, ty: &ComponentFunc) -> Result<Function, String> {
        if name.starts_with('[') {
            return Err("it belongs to a resource, and no resource lives longer than an attempt".to_owned());
        }
        if ty.async_() {
            return Err("it is async, which this version does not run".to_owned());
        }
        let mut parameters = Vec::new();
        for (parameter, ty) in ty.params() {
            let ty = self.ty(&ty, 0).map_err(|reason| format!("its parameter `{parameter}` has {reason}"))?;
            parameters.push((parameter.to_owned(), ty));
        }
        let mut results = ty.results();
        let result = results.next().map(|ty| self.ty(&ty, 0)).transpose();
        let result = result.map_err(|reason| format!("its result has {reason}"))?;
        Ok(Function { interface: interface.map(str::to_owned), name: name.to_owned(), parameters, result })
    }

    fn ty(&mut self, ty: &types::Type, depth: usize) -> Result<Type, String> {
        self.count(1)?;
        if DEEPEST < depth {
            return Err(format!("types in more than {DEEPEST} levels"));
        }
        let kind = self.kind(ty, depth + 1)?;
        let name = self.known(ty);
        self.name_is_kept(name.as_deref().unwrap_or_default())?;
        Ok(Type { name, kind })
    }

    /// Parts more, which are kept for each reference to a type.
    fn count(&mut self, parts: usize) -> Result<(), String> {
        self.parts = self.parts.saturating_add(parts);
        if self.parts <= MOST_PARTS {
            return Ok(());
        }
        Err(format!(
            "a part too many: the types of a component may have {MOST_PARTS} together, and a name of {BYTES_PER_PART} bytes is one"
        ))
    }

    fn name_is_kept(&mut self, name: &str) -> Result<(), String> {
        self.count(name.len() / BYTES_PER_PART)
    }

    fn boxed(&mut self, ty: &types::Type, depth: usize) -> Result<Box<Type>, String> {
        self.ty(ty, depth).map(Box::new)
    }

    fn kind(&mut self, ty: &types::Type, depth: usize) -> Result<Kind, String> {
        Ok(match ty {
            types::Type::Bool => Kind::Bool,
            types::Type::S8 => Kind::Integer(Integer::S8),
            types::Type::U8 => Kind::Integer(Integer::U8),
            types::Type::S16 => Kind::Integer(Integer::S16),
            types::Type::U16 => Kind::Integer(Integer::U16),
            types::Type::S32 => Kind::Integer(Integer::S32),
            types::Type::U32 => Kind::Integer(Integer::U32),
            types::Type::S64 => Kind::Integer(Integer::S64),
            types::Type::U64 => Kind::Integer(Integer::U64),
            types::Type::Float32 => Kind::Float32,
            types::Type::Float64 => Kind::Float64,
            types::Type::Char => Kind::Char,
            types::Type::String => Kind::String,
            types::Type::List(list) => Kind::List(self.boxed(&list.ty(), depth)?),
            types::Type::FixedLengthList(list) => Kind::FixedList(self.boxed(&list.ty(), depth)?, list.len()),
            types::Type::Map(map) => Kind::Map(self.boxed(&map.key(), depth)?, self.boxed(&map.value(), depth)?),
            types::Type::Record(record) => {
                let fields = record.fields().map(|field| {
                    self.name_is_kept(field.name)?;
                    Ok((field.name.to_owned(), self.ty(&field.ty, depth)?))
                });
                Kind::Record(Fields::new(fields.collect::<Result<Vec<_>, String>>()?))
            }
            types::Type::Tuple(tuple) => {
                Kind::Tuple(tuple.types().map(|ty| self.ty(&ty, depth)).collect::<Result<_, String>>()?)
            }
            types::Type::Variant(variant) => {
                let cases = variant.cases().map(|case| {
                    self.name_is_kept(case.name)?;
                    Ok((case.name.to_owned(), self.maybe(case.ty, depth)?))
                });
                Kind::Variant(Cases::new(cases.collect::<Result<Vec<_>, String>>()?))
            }
            types::Type::Enum(names) => Kind::Enum(self.all(names.names())?),
            types::Type::Flags(names) => Kind::Flags(self.all(names.names())?),
            types::Type::Option(option) => Kind::Option(self.boxed(&option.ty(), depth)?),
            types::Type::Result(result) => {
                Kind::Result(Cases::of_result(self.maybe(result.ok(), depth)?, self.maybe(result.err(), depth)?))
            }
            types::Type::Own(_) => return Err("an own<…>: a handle of a resource, which is no value".to_owned()),
            types::Type::Borrow(_) => return Err("a borrow<…>: a handle of a resource, which is no value".to_owned()),
            types::Type::Stream(_) => return Err("a stream<…>, which is no value".to_owned()),
            types::Type::Future(_) => return Err("a future<…>, which is no value".to_owned()),
            types::Type::ErrorContext => return Err("an error-context, which is no value".to_owned()),
        })
    }

    fn maybe(&mut self, ty: Option<types::Type>, depth: usize) -> Result<Option<Type>, String> {
        ty.map(|ty| self.ty(&ty, depth)).transpose()
    }

    fn all<'n>(&mut self, names: impl ExactSizeIterator<Item = &'n str>) -> Result<Names, String> {
        self.count(names.len())?;
        let mut kept = Vec::new();
        for name in names {
            self.name_is_kept(name)?;
            kept.push(name);
        }
        Ok(Names::new(kept))
    }

    /// What a type is called: by its own interface if it can be, and by the first of those that call an equal type
    /// something. Two types of one interface that differ in nothing but their names are the same to the component model.
    fn known(&mut self, ty: &types::Type) -> Option<String> {
        let (others, own) = self.names.split_at_checked(self.own).unwrap_or_default();
        for (name, named) in own.iter().chain(others) {
            self.glances += 1;
            if MOST_GLANCES < self.glances {
                return None;
            }
            if !looks_like(named, ty) {
                continue;
            }
            self.looks += 1;
            if MOST_LOOKS < self.looks {
                return None;
            }
            if named == ty {
                return Some(name.clone());
            }
        }
        None
    }

    fn ended(mut self) -> Found {
        if 0 < self.untold {
            let (name, reason) = (format!("{} more", self.untold), "they are too many to tell each".to_owned());
            self.found.refused.push(Refused { name, reason });
        }
        self.found
    }
}

/// Whether two types have the same names in them, which is quickly told.
fn looks_like(one: &types::Type, other: &types::Type) -> bool {
    match (one, other) {
        (types::Type::Record(one), types::Type::Record(other)) => {
            one.fields().map(|field| field.name).eq(other.fields().map(|field| field.name))
        }
        (types::Type::Variant(one), types::Type::Variant(other)) => {
            one.cases().map(|case| case.name).eq(other.cases().map(|case| case.name))
        }
        (types::Type::Enum(one), types::Type::Enum(other)) => one.names().eq(other.names()),
        (types::Type::Flags(one), types::Type::Flags(other)) => one.names().eq(other.names()),
        _ => false,
    }
}
