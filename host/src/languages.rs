//! The languages of projects: what `isolet build`, `new` and `dev` know of each.
//!
//! A language is one file here that says it all, and one line in [`LANGUAGES`].
//!
//! # Layout
//! - [`task`]: what there is to do, and what comes of it; [`programs`]: the programs of other people that do it.
//! - [`detect`]: which language a project is in. [`template`]: what new projects begin with.
//! - [`builder`]: builders in the project's own language, and what they say; [`files`]: what they need, inside of this
//!   program; [`pip`]: tools that come as Python packages; [`module`]: the step from a core module to a component, for
//!   languages whose compilers make those.
//! - One file for each language: [`python`], [`javascript`], [`rust`], [`go`], [`c`] with C++.

mod builder;

mod c;

mod detect;

mod files;

mod go;

mod javascript;

pub(crate) mod module;

mod pip;

mod programs;

pub(crate) mod python;

mod rust;

mod task;

mod template;

use std::{fmt::Debug, path::Path};

use crate::exit::Problem;

pub(crate) use self::{
    detect::{declarations, declared_in, known, of, shown},
    programs::Programs,
    task::{Built, Checked, Task},
    template::Template,
};

/// A language that projects are written in.
pub(crate) trait Language: Debug + Sync {
    /// What it is called, for people.
    fn name(&self) -> &'static str;

    /// Names of files that declare, in a folder, that its project is in this language.
    fn declaring(&self) -> &'static [&'static str];

    /// The endings of its files. One such file is a project, too.
    fn endings(&self) -> &'static [&'static str];

    /// Whether a folder declares that its project is in this language.
    fn is_declared_in(&self, folder: &Path) -> bool {
        self.declaring().iter().any(|name| folder.join(name).exists())
    }

    /// What to do about a project without activities.
    fn cure_without_activities(&self) -> &'static str;

    /// What to do about a project whose program does not come to the point where its activities are known.
    fn cure_of_start(&self) -> &'static str {
        "look at what runs as the program starts, before any activity: it does at the start of every attempt"
    }

    /// What its new projects begin with.
    fn templates(&self) -> &'static [Template];

    /// What a new project needs beside its templates.
    ///
    /// # Errors
    /// When that can't be made.
    fn begin(&self, _project: &Path, _cache: &Path) -> Result<(), Problem> {
        Ok(())
    }

    /// Whether its projects are data to a runtime, so that two builds of one have the same functions.
    fn is_interpreted(&self) -> bool {
        false
    }

    /// What its tools leave beside sources.
    fn leavings(&self) -> Leavings;

    /// Makes the project's component, as the file `component`.
    ///
    /// # Errors
    /// When the machine lacks the tools and they can't be fetched, and when there is something wrong with the project.
    fn build(&self, task: &Task<'_>, component: &Path) -> Result<Built, Problem>;

    /// Checks the project without making a component, and returns what was found, with warnings.
    ///
    /// # Errors
    /// As [`build`](Self::build), for what keeps a check from ending.
    fn check(&self, task: &Task<'_>) -> Result<(Checked, Vec<String>), Problem>;
}

/// What tools leave beside sources, and is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leavings {
    /// Names of folders.
    pub folders: &'static [&'static str],
    /// Endings of files and folders.
    pub endings: &'static [&'static str],
}

/// All of them. A folder that declares several is of the first.
static LANGUAGES: [&dyn Language; 5] = [&python::Python, &javascript::JavaScript, &rust::Rust, &go::Go, &c::C];

/// All languages.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Language> {
    LANGUAGES.into_iter()
}
