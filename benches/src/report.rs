//! The document: what each benchmark found when it last ran, and whether its targets were reached.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::{
    machine,
    settings::{Benchmark, Settings},
};

/// What one benchmark found.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Section {
    letter: String,
    title: String,
    started: String,
    load: String,
    build: String,
    facts: Vec<(String, String)>,
    /// What is compared, beyond what every benchmark uses.
    pub(crate) versions: Vec<(String, String)>,
    /// How it was measured, one paragraph each.
    pub(crate) method: Vec<String>,
    /// The figures.
    pub(crate) tables: Vec<Table>,
    /// What had to be reached.
    pub(crate) targets: Vec<Target>,
    /// What the figures do not say by themselves.
    pub(crate) notes: Vec<String>,
}

impl Section {
    /// An empty one that notes the moment and the machine.
    pub(crate) fn begin(benchmark: Benchmark, settings: &Settings) -> Self {
        let build = if cfg!(debug_assertions) { "dev build: the figures mean nothing" } else { "release build" };
        let quick = if settings.quick { ", quick run: the figures mean nothing" } else { "" };
        Self {
            letter: benchmark.letter().to_owned(),
            title: benchmark.title().to_owned(),
            started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            load: machine::load(),
            build: format!("{build}{quick}"),
            facts: machine::facts(),
            versions: machine::versions(),
            method: Vec::new(),
            tables: Vec::new(),
            targets: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Notes a target. `measured` is given with the unit of `limit`.
    pub(crate) fn target(&mut self, what: &str, limit: Limit, measured: f64) {
        let reached = match limit {
            Limit::AtMost(most, _) => measured <= most,
            Limit::AtLeast(least, _) => measured >= least,
        };
        let (wanted, unit) = match limit {
            Limit::AtMost(most, unit) => (format!("≤ {most}{unit}"), unit),
            Limit::AtLeast(least, unit) => (format!("≥ {least}{unit}"), unit),
        };
        self.targets.push(Target { what: what.to_owned(), wanted, measured: format!("{measured:.2}{unit}"), reached });
    }

    /// Notes a target that is met or not, without a measure.
    pub(crate) fn target_met(&mut self, what: &str, measured: impl Into<String>, reached: bool) {
        self.targets.push(Target {
            what: what.to_owned(),
            wanted: "yes".to_owned(),
            measured: measured.into(),
            reached,
        });
    }

    fn render(&self, text: &mut String) {
        // Writing to a String can't fail.
        let _ = writeln!(text, "\n## ({}) {}\n", self.letter, self.title);
        let _ = writeln!(text, "{}, {}, load average at the start {}.", self.started, self.build, self.load);
        self.method.iter().for_each(|paragraph| text.push_str(&format!("\n{paragraph}\n")));
        self.tables.iter().for_each(|table| table.render(text));
        if !self.notes.is_empty() {
            text.push('\n');
            self.notes.iter().for_each(|note| text.push_str(&format!("- {note}\n")));
        }
    }
}

/// What a target allows; the text is the unit, with a space before it where one belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// No more than this.
    AtMost(f64, &'static str),
    /// No less than this.
    AtLeast(f64, &'static str),
}

/// A figure against what it has to be.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Target {
    what: String,
    wanted: String,
    measured: String,
    reached: bool,
}

impl Target {
    /// One line for the person who waits.
    pub(crate) fn line(&self) -> String {
        format!("  {}: {} (wanted {}): {}", self.what, self.measured, self.wanted, self.verdict())
    }

    fn verdict(&self) -> &'static str {
        if self.reached { "reached" } else { "**not reached**" }
    }
}

/// A table of figures.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|&column| column.to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    fn render(&self, text: &mut String) {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        text.push('\n');
        text.push_str(&line(&self.header));
        text.push_str(&format!("|{}\n", " --- |".repeat(self.header.len())));
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
    }
}

/// Where sections are kept between runs, and the document that they make.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    document: PathBuf,
}

impl Store {
    /// Opens the store, making its folder. A quick run has one of its own, and its document never becomes the
    /// project's.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub(crate) fn open(settings: &Settings) -> anyhow::Result<Self> {
        let kept = settings.root.join("target/benchmarks");
        let (folder, document) = if settings.quick {
            (kept.join("quick"), kept.join("quick/benchmarks.md"))
        } else {
            (kept, settings.root.join("docs/benchmarks.md"))
        };
        fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        Ok(Self { folder, document })
    }

    /// Keeps `section` in place of the one of an earlier run.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn keep(&self, section: &Section) -> anyhow::Result<()> {
        let path = self.path(&section.letter);
        fs::write(&path, serde_json::to_vec_pretty(section)?)
            .with_context(|| format!("failed to write {}", path.display()))
    }

    /// Writes the document from every section that is kept and returns its path.
    ///
    /// # Errors
    /// When a section can't be read or the document can't be written.
    pub(crate) fn write_document(&self) -> anyhow::Result<PathBuf> {
        let mut sections = Vec::new();
        for benchmark in Benchmark::ALL {
            let path = self.path(benchmark.letter());
            if path.is_file() {
                sections.push(read_section(&path)?);
            }
        }
        if let Some(folder) = self.document.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.document, render(&sections))?;
        Ok(self.document.clone())
    }

    fn path(&self, letter: &str) -> PathBuf {
        self.folder.join(format!("{letter}.json"))
    }
}

fn read_section(path: &Path) -> anyhow::Result<Section> {
    let read = || anyhow::Ok(serde_json::from_slice(&fs::read(path)?)?);
    read().with_context(|| format!("failed to read {}; delete it and measure again", path.display()))
}

fn render(sections: &[Section]) -> String {
    let mut text =
        "# Benchmarks\n\nWritten by `just bench`; never edited. Each benchmark runs Isolet and its controls \
                    in turns within one run. `just bench a c` runs some of them again.\n"
            .to_owned();
    text.push_str("\n## Targets\n\n| | what | wanted | measured | |\n| --- | --- | --- | --- | --- |\n");
    for section in sections {
        for target in &section.targets {
            let Target { what, wanted, measured, .. } = target;
            let _ = writeln!(text, "| {} | {what} | {wanted} | {measured} | {} |", section.letter, target.verdict());
        }
    }
    if let Some(last) = sections.iter().max_by(|a, b| a.started.cmp(&b.started)) {
        text.push_str("\n## Machine and versions\n\n| | |\n| --- | --- |\n");
        let mut facts = last.facts.clone();
        facts.extend(sections.iter().flat_map(|section| section.versions.clone()));
        let mut seen = Vec::new();
        for (name, value) in facts {
            if !seen.contains(&name) {
                let _ = writeln!(text, "| {name} | {value} |");
                seen.push(name);
            }
        }
    }
    sections.iter().for_each(|section| section.render(&mut text));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_tells_whether_it_was_reached() {
        let options = crate::settings::Arguments::try_parse_from(["isolet-benches", "--quick"]).expect("valid").options;
        let settings = Settings::validated(options).expect("valid");
        let mut section = Section::begin(Benchmark::LoadTime, &settings);
        section.target("load", Limit::AtMost(5.0, " ms"), 4.0);
        section.target("rate", Limit::AtLeast(0.9, " ×"), 0.5);
        let text = render(&[section]);
        assert!(text.contains("| e | load | ≤ 5 ms | 4.00 ms | reached |"), "{text}");
        assert!(text.contains("| e | rate | ≥ 0.9 × | 0.50 × | **not reached** |"), "{text}");
    }

    use clap::Parser as _;
}
