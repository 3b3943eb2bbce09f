//! What there is to do with a project, and what comes of it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Programs;

/// A project to build or to check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    /// Its folder or file.
    pub project: &'a Path,
    /// The cache directory, where tools are kept once they were fetched.
    pub cache: &'a Path,
    /// What builds projects.
    pub programs: &'a Programs,
    /// Whether its types are checked, where that is a step of its own.
    pub has_types: bool,
}

/// What a build says at the end.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The modules that were searched for activities.
    pub modules: Vec<String>,
    /// What the project's author should know.
    pub warnings: Vec<String>,
}

/// What a check says at the end.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Checked {
    /// The modules that a build would search for activities.
    pub modules: Vec<String>,
    /// What the text names as activities.
    pub activities: Vec<String>,
    pub problems: Vec<Wrong>,
    pub grants: Vec<Needed>,
}

/// Something to mend in a project.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Wrong {
    pub file: String,
    pub line: u64,
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub cure: String,
    /// The type checker's name for it; empty if it is no matter of types.
    pub rule: String,
}

/// A grant that the code needs at a place.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Needed {
    /// The key below `grants` of a component.
    pub grant: String,
    /// What the code does there.
    pub what: String,
    pub file: String,
    pub line: u64,
    /// An option that grants it.
    pub option: String,
}
