//! What is wrong with a configuration, and how its keys are called where they were written.

use std::fmt;

use super::lines::Lines;

/// What is wrong, each line with its key first.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Wrong>);

/// One thing that is wrong.
#[derive(Debug)]
struct Wrong {
    /// Where it is written, if that is known.
    place: Option<String>,
    key: String,
    what: String,
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Wrong { place, key, what }) in self.0.iter().enumerate() {
            let (line, place) = (if at == 0 { "" } else { "\n" }, place.as_ref().map(|place| format!("{place}: ")));
            write!(f, "{line}{}{key}: {what}", place.unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Problems {
    pub(crate) fn add(&mut self, key: &str, problem: impl fmt::Display) {
        self.0.push(Wrong { place: None, key: key.to_owned(), what: problem.to_string() });
    }

    pub(super) fn refuse_if(&mut self, refused: bool, key: &str, problem: impl fmt::Display) {
        if refused {
            self.add(key, problem);
        }
    }

    /// The same, each with the place where its key is written.
    pub(super) fn at(mut self, lines: &Lines) -> Self {
        for wrong in &mut self.0 {
            wrong.place = lines.find(&wrong.key).map(str::to_owned);
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a configuration was written, which says how its keys are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// In a file.
    InFile,
    /// In a file, and in a folder of tenants beside it, which may be empty.
    InFolder,
    /// As flags, which describe one task queue.
    AsFlags,
}

impl Written {
    /// The table `name` of the file; its flags begin with `flags`.
    pub(super) fn table(self, name: impl Into<String>, flags: &'static str) -> Place {
        match self {
            Self::InFile | Self::InFolder => Place::Table(name.into()),
            Self::AsFlags => Place::Flags(flags),
        }
    }
}

/// Where keys are that belong together.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In a table of a file.
    Table(String),
    /// Among the flags that begin so.
    Flags(&'static str),
}

impl Place {
    /// How the key `name` is called.
    pub(super) fn key(&self, name: &str) -> String {
        match self {
            Self::Table(table) => format!("{table}.{name}"),
            Self::Flags(begin) => format!("{begin}{name}"),
        }
    }

    /// How the table `name` within this one is called. Flags are about all components, or one.
    pub(super) fn part(&self, name: &str) -> String {
        match self {
            Self::Table(table) => format!("{table}, {name}"),
            Self::Flags(_) => name.to_owned(),
        }
    }
}
