//! What the stubs of every language have in common: the activities, and the types that get a name.

use std::collections::BTreeSet;

use activity::shown;
use values::{Cases, Function, Kind, Type, activity_names};

/// Names of types that a language, its SDK or the stubs themselves have already, without their capitals.
const TAKEN: [&str; 49] = [
    "activities",
    "activity",
    "activityinterface",
    "activitymethod",
    "activityoptions",
    "any",
    "bareoutcome",
    "biginteger",
    "boolean",
    "box",
    "byte",
    "clone",
    "copy",
    "dataclass",
    "date",
    "debug",
    "deserialize",
    "double",
    "error",
    "float",
    "float64",
    "inner",
    "int64",
    "integer",
    "list",
    "literal",
    "long",
    "map",
    "none",
    "object",
    "ok",
    "option",
    "optional",
    "outcome",
    "outcomewithouterror",
    "outcomewithoutvalue",
    "override",
    "promise",
    "record",
    "result",
    "serialize",
    "short",
    "some",
    "string",
    "thread",
    "typeddict",
    "uint64",
    "uint8array",
    "vec",
];

/// What is written down.
pub(super) struct Stubs<'f> {
    /// What they are of, for the heading.
    pub(super) component: String,
    /// The activities.
    pub(super) activities: Vec<Activity<'f>>,
    /// The types that have names, each behind those that it is made of.
    types: Vec<Named<'f>>,
}

/// One activity.
pub(super) struct Activity<'f> {
    /// Its shortest activity type.
    pub(super) name: String,
    /// The words of which its identifier is made, in kebab case. No two have the same.
    pub(super) words: String,
    /// Its parameters.
    pub(super) parameters: &'f [(String, Type)],
    /// What it returns when it completes.
    pub(super) result: Option<&'f Type>,
    /// What it is, for a comment.
    pub(super) about: String,
}

/// A type with a name.
pub(super) struct Named<'f> {
    /// In kebab case. No two have the same.
    pub(super) name: String,
    /// The type: a record, a variant, an enum or a set of flags.
    pub(super) ty: &'f Type,
}

impl<'f> Stubs<'f> {
    pub(super) fn of(component: &str, functions: &'f [Function]) -> Self {
        let mut stubs =
            Self { component: shown::name(component).into_owned(), activities: Vec::new(), types: Vec::new() };
        let naming = activity_names(functions);
        let mut words = Unique::default();
        for (position, function) in functions.iter().enumerate() {
            let names = naming.names.iter().filter(|(_, of)| **of == position).map(|(name, _)| name);
            let Some(name) = names.min_by_key(|name| name.len()) else { continue };
            let (result, error) = match function.result.as_ref().map(|ty| (ty, &ty.kind)) {
                Some((_, Kind::Result(cases))) => (payload(cases, 0), payload(cases, 1)),
                Some((ty, _)) => (Some(ty), None),
                None => (None, None),
            };
            stubs.activities.push(Activity {
                name: name.clone(),
                words: words.take(&function.name),
                parameters: &function.parameters,
                result,
                about: shown::name(&format!("{}: {}", function.full_name(), function.signature())).into_owned(),
            });
            let values = function.parameters.iter().map(|(_, ty)| ty).chain(result).chain(error);
            values.for_each(|ty| stubs.collect(ty, &function.name));
        }
        let mut unique = Unique(TAKEN.map(str::to_owned).into());
        stubs.types.iter_mut().for_each(|named| named.name = unique.take(&named.name));
        stubs
    }

    /// The types that have names, each behind those that it is made of.
    pub(super) fn types(&self) -> impl Iterator<Item = &Named<'f>> {
        self.types.iter()
    }

    /// The name of a type that has one.
    pub(super) fn name(&self, ty: &Type) -> Option<&str> {
        let has_name = matches!(ty.kind, Kind::Record(_) | Kind::Variant(_) | Kind::Enum(_) | Kind::Flags(_));
        let named = has_name.then(|| self.types.iter().find(|named| named.ty == ty)).flatten();
        named.map(|named| named.name.as_str())
    }

    /// Whether any part of any type is such a one.
    pub(super) fn uses(&self, is_one: impl Fn(&Type) -> bool + Copy) -> bool {
        let of_activities = self
            .activities
            .iter()
            .flat_map(|activity| activity.parameters.iter().map(|(_, ty)| ty).chain(activity.result));
        of_activities.chain(self.types.iter().map(|named| named.ty)).any(|ty| has(ty, is_one))
    }

    fn collect(&mut self, ty: &'f Type, within: &str) {
        parts(ty).into_iter().for_each(|part| self.collect(part, within));
        let kind = match ty.kind {
            Kind::Record(_) => "record",
            Kind::Variant(_) => "variant",
            Kind::Enum(_) => "enum",
            Kind::Flags(_) => "flags",
            _ => return,
        };
        if !self.types.iter().any(|named| named.ty == ty) {
            let name = ty.name.clone().unwrap_or_else(|| format!("{within}-{kind}"));
            self.types.push(Named { name, ty });
        }
    }
}

/// The types that a type is made of.
pub(super) fn parts(ty: &Type) -> Vec<&Type> {
    match &ty.kind {
        Kind::List(inner) | Kind::FixedList(inner, _) | Kind::Option(inner) => vec![inner],
        Kind::Map(key, value) => vec![key, value],
        Kind::Record(fields) => fields.types.iter().collect(),
        Kind::Tuple(types) => types.iter().collect(),
        Kind::Variant(cases) | Kind::Result(cases) => cases.payloads.iter().flatten().collect(),
        _ => Vec::new(),
    }
}

fn has(ty: &Type, is_one: impl Fn(&Type) -> bool + Copy) -> bool {
    is_one(ty) || parts(ty).into_iter().any(|part| has(part, is_one))
}

fn payload(cases: &Cases, position: usize) -> Option<&Type> {
    cases.payloads.get(position)?.as_ref()
}

/// Names of which none is given twice, whatever the case of its letters.
#[derive(Default)]
struct Unique(BTreeSet<String>);

impl Unique {
    fn take(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| self.0.insert(name.to_lowercase())).unwrap_or_default()
    }
}
