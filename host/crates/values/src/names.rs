//! Names of fields, cases and flags: WIT writes them in kebab case, JSON in snake case; what is read may also be camel case.

use std::collections::HashMap;

/// The names of one type, in its order.
#[derive(Clone, Debug, Default)]
pub struct Names {
    all: Vec<Name>,
    /// Every spelling.
    index: HashMap<String, usize>,
}

/// A name in two spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As WIT has it.
    pub wit: String,
    /// As JSON has it.
    pub json: String,
}

impl Names {
    /// These, as WIT has them. WIT has no two names of one type that differ in case alone, so that no spelling stands for
    /// two.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let all: Vec<Name> = names.into_iter().map(|name| Name::new(name.into())).collect();
        let mut index = HashMap::new();
        for (position, name) in all.iter().enumerate() {
            for spelling in [name.wit.clone(), name.wit.to_lowercase(), name.json.clone(), camel(&name.wit)] {
                index.entry(spelling).or_insert(position);
            }
        }
        Self { all, index }
    }

    /// Where the name is that is spelt like this.
    pub fn find(&self, spelling: &str) -> Option<usize> {
        self.index.get(spelling).copied()
    }

    /// The name at a place.
    pub fn get(&self, position: usize) -> Option<&Name> {
        self.all.get(position)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Name> {
        self.all.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl Name {
    fn new(wit: String) -> Self {
        let json = wit.to_lowercase().replace('-', "_");
        Self { wit, json }
    }
}

fn camel(wit: &str) -> String {
    let mut words = wit.split('-');
    let mut camel = words.next().unwrap_or_default().to_lowercase();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(letters.map(|letter| letter.to_ascii_lowercase()));
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_each_spelling() {
        let names = Names::new(["unit-price", "HTTP-server", "id"]);
        for (spelling, position) in [
            ("unit-price", 0),
            ("unit_price", 0),
            ("unitPrice", 0),
            ("HTTP-server", 1),
            ("http-server", 1),
            ("http_server", 1),
            ("httpServer", 1),
            ("id", 2),
        ] {
            assert_eq!(names.find(spelling), Some(position), "{spelling}");
        }
        for spelling in ["unitprice", "UnitPrice", "unit price", "ID", ""] {
            assert_eq!(names.find(spelling), None, "{spelling}");
        }
        let json: Vec<&str> = names.iter().map(|name| name.json.as_str()).collect();
        assert_eq!(json, ["unit_price", "http_server", "id"]);
    }
}
