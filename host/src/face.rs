//! What others see of a component, and what of that changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use activity::{ActivityName, Grants, shown};
use capabilities::interface::Need;
use engine::Import;
use serde_json::Value;
use values::{Found, activity_names};

/// What others see of a component.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Face {
    /// Its activities, each with its types where it has any.
    activities: BTreeMap<String, Option<Types>>,
    /// Whether it takes all others.
    is_dynamic: bool,
    imports: BTreeSet<String>,
    grants: BTreeSet<&'static str>,
}

/// What an activity takes and returns.
#[derive(Clone, Debug, PartialEq)]
struct Types {
    /// In words.
    signature: String,
    /// With all that its types are made of.
    schema: Value,
}

/// Something that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// What it is.
    pub(crate) what: &'static str,
    /// Of what.
    pub(crate) name: String,
    /// Whether callers notice.
    pub(crate) breaks: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, name, breaks } = self;
        let mark = if *breaks { "breaks " } else { "       " };
        write!(f, "{mark}{what} {}", shown::on_one_line(name))
    }
}

/// The grant that an import needs to be of use.
pub(crate) fn grant(import: &Import) -> Option<&'static str> {
    match import.need {
        Need::Environment => Some("environment"),
        Need::Directories => Some("directories"),
        Need::Client => Some("client"),
        Need::Http => Some("http"),
        Need::Nothing | Need::Refused | Need::Workflow | Need::Unavailable(_) => None,
    }
}

/// Whether anything of this kind is granted.
fn is_granted(grant: &str, grants: &Grants) -> bool {
    match grant {
        "environment" => !grants.environment.is_empty(),
        "directories" => !grants.directories.is_empty(),
        "client" => grants.client.is_some(),
        "http" => !grants.http.is_empty(),
        _ => false,
    }
}

impl Face {
    /// That of a component with these activities, imports and functions.
    pub(crate) fn new(activities: &[(ActivityName, bool)], imports: &[Import], found: &Found) -> Self {
        let mut face = Self {
            imports: imports.iter().map(|import| import.name.clone()).collect(),
            grants: imports.iter().filter_map(grant).collect(),
            ..Self::default()
        };
        for (name, _) in activities {
            match name {
                ActivityName::Named(name) => drop(face.activities.insert(name.clone(), None)),
                ActivityName::Dynamic => face.is_dynamic = true,
            }
        }
        for (name, position) in activity_names(&found.functions).names {
            if let Some(function) = found.functions.get(position) {
                let types = Types { signature: function.signature(), schema: function.schema() };
                face.activities.insert(name, Some(types));
            }
        }
        face
    }

    /// What keeps `new` from taking the place of `old`: what breaks callers, and grants that it asks for newly and has not.
    pub(crate) fn obstacles(old: &Self, new: &Self, granted: &Grants) -> Vec<String> {
        let breaks = Self::changes(old, new).into_iter().filter(|change| change.breaks);
        let breaks = breaks.map(|Change { what, name, .. }| format!("{what} {}", shown::on_one_line(&name)));
        let asked = new.grants.difference(&old.grants).filter(|grant| !is_granted(grant, granted));
        breaks.chain(asked.map(|grant| format!("grant is newly asked for, and not given: {grant}"))).collect()
    }

    /// What changes from one to another; what breaks callers first.
    pub(crate) fn changes(old: &Self, new: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut add = |what, name: &str, breaks| changes.push(Change { what, name: name.to_owned(), breaks });
        for (name, types) in &old.activities {
            match (types, new.activities.get(name)) {
                (_, None) if new.is_dynamic => add("activity is taken by the dynamic one:", name, false),
                (_, None) => add("activity is gone:", name, true),
                (Some(old), Some(Some(new))) if old.schema != new.schema => {
                    let both = format!("{name}: {} became {}", old.signature, new.signature);
                    add("activity has other types:", &both, true);
                }
                (Some(_), Some(None)) => add("activity tells no types any more:", name, false),
                _ => {}
            }
        }
        if old.is_dynamic && !new.is_dynamic {
            add("activity is gone:", "the dynamic one, which took all others", true);
        }
        let come = new.activities.keys().filter(|name| !old.activities.contains_key(*name));
        come.for_each(|name| add("activity is new:", name, false));
        if new.is_dynamic && !old.is_dynamic {
            add("activity is new:", "the dynamic one, which takes all others", false);
        }
        new.grants.difference(&old.grants).for_each(|grant| add("grant is newly asked for:", grant, false));
        old.grants.difference(&new.grants).for_each(|grant| add("grant is asked for no more:", grant, false));
        new.imports.difference(&old.imports).for_each(|import| add("import is new:", import, false));
        old.imports.difference(&new.imports).for_each(|import| add("import is gone:", import, false));
        changes.sort_by_key(|change| !change.breaks);
        changes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn face(activities: &[(&str, Option<&str>)], imports: &[&str], grants: &[&'static str]) -> Face {
        let types = |text: &str| Types { signature: format!("func({text})"), schema: json!({ "arguments": [text] }) };
        let activities = activities.iter().map(|(name, text)| ((*name).to_owned(), text.map(types)));
        Face {
            activities: activities.collect(),
            is_dynamic: false,
            imports: imports.iter().map(|import| (*import).to_owned()).collect(),
            grants: grants.iter().copied().collect(),
        }
    }

    fn told(old: &Face, new: &Face) -> Vec<String> {
        Face::changes(old, new).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_callers_notice_comes_first() {
        let old = face(&[("bill", None), ("ship", Some("u32")), ("stay", Some("u8"))], &["a"], &[]);
        let new = face(&[("ship", Some("string")), ("stay", Some("u8")), ("weigh", None)], &["b"], &["http"]);
        let expected = [
            "breaks activity is gone: bill",
            "breaks activity has other types: ship: func(u32) became func(string)",
            "       activity is new: weigh",
            "       grant is newly asked for: http",
            "       import is new: b",
            "       import is gone: a",
        ];
        assert_eq!(told(&old, &new), expected);
        assert_eq!(told(&old, &old), <[&str; 0]>::default());
    }

    #[test]
    fn what_breaks_callers_or_wants_more_than_it_has_is_in_the_way() {
        let old = face(&[("bill", None), ("ship", Some("u32"))], &["a"], &["environment"]);
        let new = face(&[("ship", Some("string"))], &["b"], &["environment", "http"]);
        let expected = [
            "activity is gone: bill",
            "activity has other types: ship: func(u32) became func(string)",
            "grant is newly asked for, and not given: http",
        ];
        assert_eq!(Face::obstacles(&old, &new, &Grants::default()), expected);
        let more = face(&[("bill", None), ("ship", Some("u32")), ("weigh", None)], &["c"], &["environment"]);
        assert_eq!(Face::obstacles(&old, &more, &Grants::default()), <[&str; 0]>::default());
    }

    #[test]
    fn a_dynamic_activity_takes_what_goes() {
        let old = face(&[("bill", None)], &[], &[]);
        let dynamic = Face { is_dynamic: true, ..Face::default() };
        let expected = [
            "       activity is taken by the dynamic one: bill",
            "       activity is new: the dynamic one, which takes all others",
        ];
        assert_eq!(told(&old, &dynamic), expected);
        let expected =
            ["breaks activity is gone: the dynamic one, which took all others", "       activity is new: bill"];
        assert_eq!(told(&dynamic, &old), expected);
    }
}
