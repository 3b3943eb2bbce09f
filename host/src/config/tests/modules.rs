//! The files of the configuration know each other in one direction.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_two_modules_know_each_other() {
    let uses = uses();
    assert!(uses["validate"].contains("raw") && uses["raw"].contains("section"), "{uses:?}");
    for module in uses.keys() {
        let mut reached = BTreeSet::new();
        reach(&uses, module, &mut reached);
        assert!(!reached.contains(module), "{module} knows {reached:?}, and so itself");
    }
}

fn reach(uses: &Uses, module: &str, reached: &mut BTreeSet<String>) {
    for next in uses.get(module).into_iter().flatten() {
        if reached.insert(next.clone()) {
            reach(uses, next, reached);
        }
    }
}

/// Which modules each one uses. A folder belongs to the module of its name.
fn uses() -> Uses {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config");
    let mut texts = Vec::new();
    for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let module = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        let inner = fs::read_dir(&entry).into_iter().flatten().map(|entry| entry.unwrap().path());
        let files = inner.chain(entry.is_file().then(|| entry.clone())).filter(|path| !path.ends_with("tests.rs"));
        texts.extend(
            files.filter(|path| path.is_file()).map(|path| (module.clone(), fs::read_to_string(path).unwrap())),
        );
    }
    let modules: BTreeSet<String> =
        texts.iter().map(|(module, _)| module.clone()).filter(|module| module != "tests").collect();
    let mut uses = Uses::new();
    for (module, text) in texts.into_iter().filter(|(module, _)| module != "tests") {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let begins = ["use super::", "use crate::config::"];
        let imports =
            begins.iter().flat_map(|begin| code.split(begin).skip(1)).filter_map(|rest| rest.split(';').next());
        let words = imports.flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
        let known = words.filter(|word| modules.contains(*word) && *word != module).map(str::to_owned);
        uses.entry(module.clone()).or_default().extend(known);
    }
    uses
}
