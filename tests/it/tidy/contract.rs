//! The WIT files: every item is documented and says since when it exists, and there is only one copy.

use super::{assert_none, files_with_extension};

/// What an item begins with that needs `///` and, outside of a resource, `@since`.
const ITEMS: [&str; 8] = ["interface ", "world ", "record ", "variant ", "enum ", "flags ", "resource ", "type "];

#[test]
fn the_contract_is_in_one_place() {
    let elsewhere = files_with_extension("wit")
        .into_iter()
        .filter(|file| !file.name.starts_with("wit/") && file.text().contains("package isolet:activity"));
    assert_none("copies of the contract", &elsewhere.map(|file| file.name).collect::<Vec<_>>());
}

#[test]
fn every_item_is_documented_and_dated() {
    let mut complaints = Vec::new();
    for file in files_with_extension("wit") {
        if file.name.starts_with("wit/") && !file.name.starts_with("wit/deps/") {
            check(&file.name, &file.text(), &mut complaints);
        }
    }
    assert_none("items without a doc comment or `@since`", &complaints);
}

/// Walks over the lines with the kind of block that each is in.
fn check(name: &str, text: &str, complaints: &mut Vec<String>) {
    let mut blocks: Vec<&str> = Vec::new();
    let (mut documented, mut dated) = (false, false);
    for (position, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with("///") {
            documented = true;
            continue;
        }
        if line.starts_with("@since(") {
            dated = true;
            continue;
        }
        if line == "}" {
            blocks.pop();
        }
        let needs = needs_of(line, blocks.last().copied());
        if needs.doc && !documented {
            complaints.push(format!("{name}:{}: no doc comment: {line}", position + 1));
        }
        if needs.date && !dated {
            complaints.push(format!("{name}:{}: no `@since`: {line}", position + 1));
        }
        if line.ends_with('{') && !line.starts_with("use ") {
            blocks.push(line.split_whitespace().next().unwrap_or_default());
        }
        (documented, dated) = (false, false);
    }
}

/// What a line must be preceded by.
struct Needs {
    doc: bool,
    date: bool,
}

fn needs_of(line: &str, block: Option<&str>) -> Needs {
    const NOTHING: Needs = Needs { doc: false, date: false };
    let is_item = ITEMS.iter().any(|item| line.starts_with(item));
    match block {
        _ if line.is_empty() || line == "}" || line.starts_with("//") => NOTHING,
        // The package, and types of other interfaces.
        _ if line.starts_with("package ") || line.starts_with("use ") => NOTHING,
        // What a world imports and exports is documented where it is defined.
        Some("world") => NOTHING,
        None => Needs { doc: is_item, date: is_item },
        Some("interface") => Needs { doc: true, date: true },
        // Fields, cases and methods come with their type.
        Some(_) => Needs { doc: true, date: false },
    }
}
