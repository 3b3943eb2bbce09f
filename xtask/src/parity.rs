//! The table of `guest-sdk/README.md`: what each guest SDK does, by the results that the conformance suite leaves below
//! `target/conformance`, one file for each behaviour and language.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::Value;

use crate::columns;
use crate::steps::{Steps, cured};
use crate::workspace;

/// The lines around the table.
const BEGIN: &str = "<!-- parity: written by `cargo xtask parity` -->";
const END: &str = "<!-- end of parity -->";

/// Writes the table, and remembers which columns of it were proven in full.
///
/// # Errors
/// When the suite has not run, or not in full, or the document has no place for the table.
pub(crate) fn write() -> anyhow::Result<()> {
    let (page, updated) = page_and_update()?;
    match Table::read()?.unproven() {
        0 => columns::remember()?,
        count => {
            let why = format!("{count} of the suite's results are failures or were left out");
            return Err(cured(why, "run `cargo xtask test conformance::`, all of which must pass"));
        }
    }
    if page == updated {
        println!("{} is up to date", workspace::shown(&document()));
        return Ok(());
    }
    fs::write(document(), updated).with_context(|| format!("failed to write {}", workspace::shown(&document())))?;
    println!("wrote {}", workspace::shown(&document()));
    Ok(())
}

/// Refuses a table that is not what the suite's last run would make of it.
///
/// # Errors
/// Then.
pub(crate) fn check(steps: &mut Steps) -> anyhow::Result<()> {
    steps.run("checking the table of the guest SDKs", "run `cargo xtask parity` and look at what changed", || {
        let (page, updated) = page_and_update()?;
        anyhow::ensure!(page == updated, "{} is not what the tests found", workspace::shown(&document()));
        Ok(())
    })
}

/// Removes the results of earlier runs, so that those of behaviours that are no more do not count.
///
/// # Errors
/// When they can't be removed.
pub(crate) fn forget() -> anyhow::Result<()> {
    let folder = results();
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(&folder).with_context(|| format!("failed to remove {}", workspace::shown(&folder)))
}

fn document() -> PathBuf {
    workspace::root().join("guest-sdk/README.md")
}

fn results() -> PathBuf {
    workspace::target().join("conformance")
}

/// The document as it is, and with the table as it should be.
fn page_and_update() -> anyhow::Result<(String, String)> {
    let page = fs::read_to_string(document())?;
    let (before, rest) = page.split_once(BEGIN).context("guest-sdk/README.md has lost the line before the table")?;
    let (_, after) = rest.split_once(END).context("guest-sdk/README.md has lost the line after the table")?;
    let updated = format!("{before}{BEGIN}\n\n{}\n{END}{after}", Table::read()?.to_markdown());
    Ok((page, updated))
}

/// The behaviours in their order, and what each language made of them.
struct Table {
    languages: Vec<String>,
    behaviours: BTreeMap<u64, Row>,
}

/// One behaviour.
#[derive(Default)]
struct Row {
    name: String,
    proves: String,
    /// By language: the result, and the reason if there is one.
    results: BTreeMap<String, (String, String)>,
}

impl Table {
    fn read() -> anyhow::Result<Self> {
        let folder = results();
        if !folder.exists() {
            return Err(cured("the conformance suite has left no results", "run `cargo xtask test conformance::`"));
        }
        let mut table = Self { languages: Vec::new(), behaviours: BTreeMap::new() };
        for language in sorted(&folder)? {
            for file in sorted(&language)? {
                let text = fs::read_to_string(&file)?;
                let result = serde_json::from_str(&text).with_context(|| workspace::shown(&file))?;
                table.add(&result)?;
            }
        }
        // Rust's came first, with its column for asynchronous activities; the others follow by name.
        table.languages.sort_by_key(|language| (!language.starts_with("Rust"), language.clone()));
        Ok(table)
    }

    fn add(&mut self, result: &Value) -> anyhow::Result<()> {
        let text = |name: &str| {
            result[name].as_str().map(str::to_owned).with_context(|| format!("a result has no `{name}`: {result}"))
        };
        let order = result["order"].as_u64().with_context(|| format!("a result has no `order`: {result}"))?;
        let language = text("language")?;
        let row = self.behaviours.entry(order).or_default();
        row.name = format!("{}::{}", text("topic")?, text("behaviour")?);
        row.proves = text("proves")?;
        row.results.insert(language.clone(), (text("result")?, text("reason")?));
        if !self.languages.contains(&language) {
            self.languages.push(language);
        }
        Ok(())
    }

    /// How many results prove nothing, or are missing.
    fn unproven(&self) -> usize {
        let proves = |row: &Row, language: &String| {
            row.results.get(language).is_some_and(|(result, _)| matches!(&**result, "proven" | "does not apply"))
        };
        let cells = self.behaviours.values().flat_map(|row| self.languages.iter().map(move |language| (row, language)));
        cells.filter(|(row, language)| !proves(row, language)).count()
    }

    fn to_markdown(&self) -> String {
        let mut table = String::from("| behaviour | of |");
        let mut notes = Vec::new();
        for language in &self.languages {
            let _ = write!(table, " {language} |");
        }
        table.push_str("\n|---|---|");
        table.push_str(&"---|".repeat(self.languages.len()));
        for row in self.behaviours.values() {
            let _ = write!(table, "\n| `{}` | {} |", row.name, row.proves);
            for language in &self.languages {
                let result = row.results.get(language).map(|(result, _)| result.as_str());
                let _ = write!(table, " {} |", cell(result));
                if let Some((_, reason)) = row.results.get(language).filter(|(_, reason)| !reason.is_empty()) {
                    notes.push(format!("- `{}` in {language}: {reason}.", row.name));
                }
            }
        }
        table.push('\n');
        if !notes.is_empty() {
            let _ = write!(table, "\nWhat does not apply, and why:\n\n{}\n", notes.join("\n"));
        }
        table
    }
}

fn cell(result: Option<&str>) -> &str {
    match result {
        // What is left out was proven when its column last ran in full, and is what it was.
        Some("proven" | "left out") => "yes",
        Some("does not apply") => "n/a",
        Some("failed") => "**no**",
        Some(other) => other,
        None => "not run",
    }
}

fn sorted(folder: &std::path::Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("failed to read {}", workspace::shown(folder)))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
