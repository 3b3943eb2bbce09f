//! The table of `docs/hostile.md`: what is tried and what comes of it is compared, and written anew, with the times, where
//! `ISOLET_WRITE_HOSTILE` is set.

use std::{collections::BTreeMap, env, fs};

use crate::support::repository;

const FILE: &str = "docs/hostile.md";
const HEAD: &str = "| aimed at | what is tried | what comes of it | contained after |\n|---|---|---|---|\n";

/// What came of an attack.
#[derive(Debug)]
pub(crate) struct Row {
    about: &'static str,
    what: &'static str,
    told: &'static str,
    milliseconds: f64,
    /// What was told instead, if it was something else.
    instead: Option<String>,
}

impl Row {
    pub(crate) fn new(
        about: &'static str,
        what: &'static str,
        told: &'static str,
        said: &str,
        milliseconds: f64,
    ) -> Self {
        let instead = (!said.contains(told)).then(|| said.chars().take(400).collect());
        Self { about, what, told, milliseconds, instead }
    }

    fn text(&self) -> String {
        // What a guest is told is shown as it is.
        let told = self.told.trim_start_matches("completed: \"");
        format!("| {} | {} | `{told}` |", self.about, self.what)
    }

    fn time(&self) -> String {
        match self.milliseconds {
            short if short < 10.0 => format!("{short:.1} ms"),
            long => format!("{long:.0} ms"),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// All were contained as was expected, and the document says so.
    pub(crate) fn check(&self) {
        let wrong: Vec<_> = self.rows.iter().filter_map(|row| Some((row.text(), row.instead.as_ref()?))).collect();
        let lines: Vec<_> = wrong.iter().map(|(row, instead)| format!("{row}\n    but: {instead}")).collect();
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), self.rows.len(), lines.join("\n"));
        let path = repository(FILE);
        let document = fs::read_to_string(&path).unwrap();
        let (before, written) = document.split_once(HEAD).unwrap();
        if env::var_os("ISOLET_WRITE_HOSTILE").is_some() {
            let rows = self.rows.iter().map(|row| format!("{} {} |\n", row.text(), row.time()));
            return fs::write(path, before.to_owned() + HEAD + &rows.collect::<String>()).unwrap();
        }
        let count = |rows: &mut dyn Iterator<Item = String>| {
            rows.fold(BTreeMap::<_, usize>::new(), |mut count, row| {
                *count.entry(row).or_default() += 1;
                count
            })
        };
        let now = count(&mut self.rows.iter().map(Row::text));
        let then = count(&mut written.lines().filter_map(|line| {
            let (row, _) = line.trim_end_matches(" |").rsplit_once('|')?;
            Some(format!("{row}|"))
        }));
        assert_eq!(now, then, "{FILE} tells of others: `just hostile` writes it");
        assert!(self.rows.len() >= 60, "only {} attacks", self.rows.len());
    }
}
