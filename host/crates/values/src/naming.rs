//! The activity types that functions are called by.

use std::collections::{BTreeMap, BTreeSet};

use crate::Function;

/// What the functions of a component are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// Each activity type, and the place of its function.
    pub names: BTreeMap<String, usize>,
    /// Names that would stand for several functions, so that they stand for none.
    pub ambiguous: BTreeSet<String>,
}

/// The activity types of `functions`: each by its name with its interface and version; and without the version, and by
/// itself, where that stands for one function alone.
pub fn activity_names(functions: &[Function]) -> Naming {
    let full: BTreeMap<String, usize> =
        functions.iter().enumerate().map(|(position, function)| (function.full_name(), position)).collect();
    let mut shorter: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (position, function) in functions.iter().enumerate() {
        for name in [function.unversioned_name(), function.name.clone()] {
            shorter.entry(name).or_default().insert(position);
        }
    }
    let mut naming = Naming { names: full, ambiguous: BTreeSet::new() };
    for (name, positions) in shorter {
        match (positions.first(), positions.len()) {
            (Some(position), 1) => {
                naming.names.entry(name).or_insert(*position);
            }
            // That of a function that stands free is its whole name.
            _ if naming.names.contains_key(&name) => {}
            _ => {
                naming.ambiguous.insert(name);
            }
        }
    }
    naming
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(functions: &[(Option<&str>, &str)]) -> (Vec<(String, usize)>, Vec<String>) {
        let function = |(interface, name): &(Option<&str>, &str)| Function {
            interface: interface.map(str::to_owned),
            name: (*name).to_owned(),
            parameters: Vec::new(),
            result: None,
        };
        let functions: Vec<Function> = functions.iter().map(function).collect();
        let naming = activity_names(&functions);
        (naming.names.into_iter().collect(), naming.ambiguous.into_iter().collect())
    }

    #[test]
    fn a_function_has_each_name_that_is_its_own() {
        let (names, ambiguous) = names(&[(Some("acme:shop/orders@1.2.0"), "ship"), (None, "ping")]);
        let expected = [("acme:shop/orders#ship", 0), ("acme:shop/orders@1.2.0#ship", 0), ("ping", 1), ("ship", 0)];
        assert_eq!(names, expected.map(|(name, position)| (name.to_owned(), position)));
        assert!(ambiguous.is_empty());
    }

    #[test]
    fn a_name_of_two_functions_is_none_of_theirs() {
        let one = (Some("a:b/c@1.0.0"), "run");
        let (found, ambiguous) = names(&[one, (Some("a:b/c@2.0.0"), "run")]);
        let expected = [("a:b/c@1.0.0#run", 0), ("a:b/c@2.0.0#run", 1)];
        assert_eq!(found, expected.map(|(name, position)| (name.to_owned(), position)));
        assert_eq!(ambiguous, ["a:b/c#run", "run"]);
        let (found, ambiguous) = names(&[one, (None, "run")]);
        let expected = [("a:b/c#run", 0), ("a:b/c@1.0.0#run", 0), ("run", 1)];
        assert_eq!(found, expected.map(|(name, position)| (name.to_owned(), position)));
        assert!(ambiguous.is_empty());
    }
}
