//! The tables of docs/configuration.md are those of the declarations.

use std::{env, fs, path::Path};

use crate::config::{
    raw::RawConfig,
    section::{Declared as _, Key, Section, Table},
};

/// Set to have the page rewritten.
const UPDATE: &str = "UPDATE_EXPECT";

#[test]
fn the_tables_of_the_documentation_are_those_of_the_declarations() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut expected = page.clone();
    replace_tables(&mut expected, RawConfig::SECTION, "");
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, expected).unwrap();
    } else {
        assert!(
            page == expected,
            "docs/configuration.md is not up to date: test again with {UPDATE}=1, and look at it"
        );
    }
}

/// Puts the table of every section in the one at `path` in its place, which a comment marks.
fn replace_tables(page: &mut String, section: &Section, path: &str) {
    for key in section.keys {
        let Some(Table { section, .. }) = key.table else { continue };
        let path = if path.is_empty() { key.name() } else { format!("{path}.{}", key.name()) };
        let mark = format!("<!-- The keys of {path}, from their declarations. -->\n\n");
        let (before, after) = page.split_once(&mark).unwrap_or_else(|| panic!("the page has no {mark}"));
        let rest = after.split_once("\n\n").map_or("", |(_, rest)| rest);
        *page = format!("{before}{mark}{}\n{rest}", table(section));
        replace_tables(page, section, &path);
    }
}

fn table(section: &Section) -> String {
    let rows = section.keys.iter().filter(|key| key.table.is_none()).map(row);
    format!("| key | meaning | default | bounds |\n|---|---|---|---|\n{}", rows.collect::<String>())
}

fn row(key: &Key) -> String {
    let bounds = key.bounds.map(|text| text()).unwrap_or_default();
    format!("| `{}` | {} | {} | {bounds} |\n", key.name(), key.meaning(), key.default_in_words()).replace("|  |", "| |")
}
