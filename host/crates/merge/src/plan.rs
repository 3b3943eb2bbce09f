//! Which modules become one, and where.

use std::collections::{HashMap, HashSet};

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ExternalKind, Instance, InstantiationArg, Parser, Payload,
    TypeRef,
};

use crate::{
    NotMerged,
    component::{Component, Item, Origin, Part, get, index},
    source::{self, Import, Source},
};

/// How many memories the merged module may have: an engine may have room for no more in a module.
const MOST_MEMORIES: usize = 1;

/// How a part stands to the merged module. What needs several others stands as the last of them here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It needs nothing of it.
    Free,
    /// It is an instance that becomes part of it, a name for something in one, or a list of such names.
    Member,
    /// It needs it, and comes after it.
    After,
}

/// Where an import comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    /// An export of another instance that becomes part of the merged module.
    Member { instance: u32, name: &'a str },
    /// A function, by its index in the component.
    Outside(u32),
}

/// What an instance is given, by the names of its imports' modules.
type Arguments<'a> = HashMap<&'a str, u32>;

/// An instance whose module becomes part of the merged one.
pub(crate) struct Member<'a> {
    pub(crate) instance: u32,
    pub(crate) source: Source<'a>,
    /// Where each of its imports comes from.
    pub(crate) found: Vec<Found<'a>>,
}

/// What becomes of a component.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    /// In the order in which they were made.
    pub(crate) members: Vec<Member<'a>>,
    /// Functions that members import and no member has, in the order of their use.
    pub(crate) outside: Vec<u32>,
    /// Tables of members that others fill: what fills them first and last must stay so.
    filled: HashSet<(u32, u32)>,
    /// The part behind which the merged module stands: the last of these.
    pub(crate) place: usize,
    /// Of each part.
    pub(crate) standings: Vec<Standing>,
    /// Whether each part is still needed.
    pub(crate) needed: Vec<bool>,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(component: &Component<'a>) -> Result<Self, NotMerged> {
        let mut plan = Self::default();
        let shared = instantiated_again(component);
        let (mut is_closed, mut looked_at) = (false, HashSet::new());
        for (place, part) in component.parts.iter().enumerate() {
            let standing = match part {
                Part::Section { .. } | Part::Module(_) => Standing::Free,
                Part::Alias(alias) => plan.of_alias(component, alias)?,
                Part::Canonical(canonical) => plan.of_items(component, &used_by(canonical)?)?.of_user(),
                Part::Instance(Instance::FromExports(exports)) => {
                    let items: Vec<_> = exports.iter().map(|export| (export.kind, export.index)).collect();
                    plan.of_items(component, &items)?
                }
                Part::Instance(Instance::Instantiate { module_index, args }) => {
                    let may_join = !shared.contains(module_index) && !is_closed;
                    match may_join.then(|| plan.member(component, place, *module_index, args)).transpose()?.flatten() {
                        Some(member) => {
                            plan.members.push(member);
                            plan.place = place;
                            Standing::Member
                        }
                        None => plan.of_arguments(component, args)?.of_user(),
                    }
                }
            };
            if let (Part::Instance(Instance::Instantiate { module_index, args }), Standing::After) = (part, standing) {
                // It begins after all members now, and did so before some.
                is_closed = is_closed
                    || (looked_at.insert(*module_index) && begins_with_effects(component.module(*module_index)?)?);
                plan.fills(component, *module_index, args)?;
            }
            plan.standings.push(standing);
        }
        if plan.members.len() < 2 {
            return Err(NotMerged::Nothing);
        }
        plan.outside = plan.outside();
        plan.mark(component)?;
        Ok(plan)
    }

    /// Where an import of a member comes from.
    fn find(
        &self,
        component: &Component<'a>,
        args: &Arguments<'a>,
        import: &Import<'a>,
    ) -> Result<Found<'a>, NotMerged> {
        let missing = || NotMerged::Unknown("an import that nobody exports");
        let instance = *args.get(import.module).ok_or_else(missing)?;
        let Some(list) = component.lists.get(&instance) else {
            return match self.standing(component, instance)? {
                Standing::Member => Ok(Found::Member { instance, name: import.name }),
                _ => Err(NotMerged::Unknown("an instance that is imported as it is")),
            };
        };
        let (kind, number) = *list.get(import.name).ok_or_else(missing)?;
        match get(component.space(kind)?, number)?.origin {
            Origin::Export { instance, name } if self.standing(component, instance)? == Standing::Member => {
                Ok(Found::Member { instance, name })
            }
            _ if kind == ExternalKind::Func && matches!(import.ty, TypeRef::Func(_)) => Ok(Found::Outside(number)),
            _ => Err(NotMerged::Unknown("a memory, table or global of another module")),
        }
    }

    /// The instance at a place, if its module can become part of the merged one.
    fn member(
        &self,
        component: &Component<'a>,
        place: usize,
        module: u32,
        args: &[InstantiationArg<'a>],
    ) -> Result<Option<Member<'a>>, NotMerged> {
        if self.of_arguments(component, args)? == Standing::After {
            return Ok(None);
        }
        let source = match Source::read(component.module(module)?) {
            Ok(source) => source,
            Err(NotMerged::Unknown(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let args = args.iter().map(|arg| (arg.name, arg.index)).collect();
        let found: Result<Vec<_>, _> =
            source.imports.iter().map(|import| self.find(component, &args, import)).collect();
        let Ok(found) = found else { return Ok(None) };
        for (import, found) in source.imports.iter().zip(&found) {
            if let (TypeRef::Table(_), Found::Member { instance, name }) = (import.ty, found)
                && self.table(*instance, name)?.is_some_and(|table| self.filled.contains(&table))
            {
                return Ok(None);
            }
        }
        let memories = self.members.iter().map(|member| member.source.memories.len()).sum::<usize>();
        if MOST_MEMORIES < memories.saturating_add(source.memories.len()) {
            return Ok(None);
        }
        let instance = *get(&component.numbers, index(place))?;
        Ok(Some(Member { instance, source, found }))
    }

    /// Takes note of the tables of members that a module which comes after them imports.
    fn fills(
        &mut self,
        component: &Component<'a>,
        module: u32,
        args: &[InstantiationArg<'a>],
    ) -> Result<(), NotMerged> {
        let args = args.iter().map(|arg| (arg.name, arg.index)).collect();
        for import in source::imports(component.module(module)?)? {
            if let (TypeRef::Table(_), Ok(Found::Member { instance, name })) =
                (import.ty, self.find(component, &args, &import))
            {
                self.filled.extend(self.table(instance, name)?);
            }
        }
        Ok(())
    }

    /// The table that a member exports under a name, by the member that has it and its number there.
    fn table(&self, mut instance: u32, mut name: &'a str) -> Result<Option<(u32, u32)>, NotMerged> {
        loop {
            let Some(member) = self.members.iter().find(|member| member.instance == instance) else { return Ok(None) };
            let Some((ExternalKind::Table, number)) = member.source.exports.get(name) else { return Ok(None) };
            let imported = member.source.imports.iter().zip(&member.found);
            let mut tables = imported.filter(|(import, _)| matches!(import.ty, TypeRef::Table(_)));
            match tables.nth(*number as usize) {
                None => return Ok(Some((instance, *number))),
                Some((_, Found::Member { instance: from, name: called })) => (instance, name) = (*from, called),
                Some((_, Found::Outside(_))) => return Err(NotMerged::Unknown("a table of the host's")),
            }
        }
    }

    fn of_arguments(&self, component: &Component<'a>, args: &[InstantiationArg<'a>]) -> Result<Standing, NotMerged> {
        let mut found = Standing::Free;
        for arg in args {
            found = found.max(self.standing(component, arg.index)?);
        }
        Ok(found)
    }

    fn of_items(&self, component: &Component<'a>, items: &[(ExternalKind, u32)]) -> Result<Standing, NotMerged> {
        let mut found = Standing::Free;
        for (kind, number) in items {
            let item = get(component.space(*kind)?, *number)?;
            found = found.max(*get(&self.standings, index(item.part))?);
        }
        Ok(found)
    }

    fn of_alias(&self, component: &Component<'a>, alias: &ComponentAlias<'a>) -> Result<Standing, NotMerged> {
        let ComponentAlias::CoreInstanceExport { instance_index, .. } = alias else {
            return Ok(Standing::Free);
        };
        match component.instance(*instance_index)? {
            Instance::Instantiate { .. } => self.standing(component, *instance_index),
            Instance::FromExports(_) => Err(NotMerged::Unknown("names of names")),
        }
    }

    /// Whether an instance is one that becomes part of the merged module, and no list of what is in one.
    pub(crate) fn is_whole_member(&self, component: &Component<'a>, instance: u32) -> Result<bool, NotMerged> {
        Ok(!component.lists.contains_key(&instance) && self.standing(component, instance)? == Standing::Member)
    }

    /// Of an instance.
    fn standing(&self, component: &Component<'a>, instance: u32) -> Result<Standing, NotMerged> {
        Ok(*get(&self.standings, index(*get(&component.instances, instance)?))?)
    }

    /// Finds out what is still needed: by the component, by what is instantiated apart, and by the merged module.
    fn mark(&mut self, component: &Component<'a>) -> Result<(), NotMerged> {
        self.needed = vec![false; component.parts.len()];
        let mut next = Vec::new();
        for (place, part) in component.parts.iter().enumerate() {
            let stands_apart = match part {
                Part::Canonical(CanonicalFunction::Lift { .. }) | Part::Section { .. } => true,
                Part::Alias(alias) => !matches!(alias, ComponentAlias::CoreInstanceExport { .. }),
                Part::Instance(Instance::Instantiate { .. }) => {
                    get(&self.standings, index(place))? != &Standing::Member
                }
                _ => false,
            };
            next.extend(stands_apart.then_some(place));
        }
        for outside in &self.outside {
            next.push(get(&component.functions, *outside)?.part);
        }
        while let Some(place) = next.pop() {
            if let Some(needed @ false) = self.needed.get_mut(place) {
                *needed = true;
                next.extend(self.used_by_part(component, place)?);
            }
        }
        Ok(())
    }

    fn outside(&self) -> Vec<u32> {
        let mut seen = HashSet::new();
        let found = self.members.iter().flat_map(|member| &member.found);
        let outside =
            found.filter_map(|found| if let Found::Outside(function) = found { Some(*function) } else { None });
        outside.filter(|function| seen.insert(*function)).collect()
    }

    fn used_by_part(&self, component: &Component<'a>, place: usize) -> Result<Vec<usize>, NotMerged> {
        let part_of = |(kind, number): &(ExternalKind, u32)| -> Result<usize, NotMerged> {
            let Item { part, .. } = get(component.space(*kind)?, *number)?;
            Ok(*part)
        };
        match component.parts.get(place) {
            Some(Part::Canonical(canonical)) => used_by(canonical)?.iter().map(part_of).collect(),
            Some(Part::Instance(Instance::FromExports(exports))) => {
                exports.iter().map(|export| part_of(&(export.kind, export.index))).collect()
            }
            Some(Part::Instance(Instance::Instantiate { module_index, args })) => {
                let mut used = vec![*get(&component.modules, *module_index)?];
                for arg in args {
                    if !self.is_whole_member(component, arg.index)? {
                        used.push(*get(&component.instances, arg.index)?);
                    }
                }
                Ok(used)
            }
            Some(Part::Alias(ComponentAlias::CoreInstanceExport { instance_index, .. })) => {
                let is_member = self.standing(component, *instance_index)? == Standing::Member;
                if is_member { Ok(Vec::new()) } else { Ok(vec![*get(&component.instances, *instance_index)?]) }
            }
            _ => Ok(Vec::new()),
        }
    }
}

impl Standing {
    /// Of what needs something that stands so, and is no member itself.
    fn of_user(self) -> Self {
        if self == Self::Free { Self::Free } else { Self::After }
    }
}

/// Whether an instance of a module does something when it is made that others could see: it runs code, or writes to a
/// memory. What it fills of tables is looked at apart.
fn begins_with_effects(module: &[u8]) -> Result<bool, NotMerged> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::StartSection { .. } | Payload::DataSection(_) = payload? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Modules of more than one instance.
fn instantiated_again(component: &Component<'_>) -> HashSet<u32> {
    let mut times: HashMap<u32, usize> = HashMap::new();
    for part in &component.parts {
        if let Part::Instance(Instance::Instantiate { module_index, .. }) = part {
            *times.entry(*module_index).or_default() += 1;
        }
    }
    times.into_iter().filter(|(_, times)| 1 < *times).map(|(module, _)| module).collect()
}

/// What of core modules a function between them and the component uses.
fn used_by(canonical: &CanonicalFunction) -> Result<Vec<(ExternalKind, u32)>, NotMerged> {
    let (mut used, options) = match canonical {
        CanonicalFunction::Lift { core_func_index, options, .. } => {
            (vec![(ExternalKind::Func, *core_func_index)], &**options)
        }
        CanonicalFunction::Lower { options, .. } => (Vec::new(), &**options),
        CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => return Ok(Vec::new()),
        _ => return Err(NotMerged::Unknown("a function of a newer kind")),
    };
    for option in options {
        match option {
            CanonicalOption::Memory(memory) => used.push((ExternalKind::Memory, *memory)),
            CanonicalOption::Realloc(function) | CanonicalOption::PostReturn(function) => {
                used.push((ExternalKind::Func, *function));
            }
            CanonicalOption::UTF8 | CanonicalOption::UTF16 | CanonicalOption::CompactUTF16 => {}
            _ => return Err(NotMerged::Unknown("a function with options of a newer kind")),
        }
    }
    Ok(used)
}
