//! The languages of projects: what `isolet build`, `new` and `dev` know of each.
//!
//! A language is one file here that says it all, and one line in [`LANGUAGES`].
//!
//! # Layout
//! - [`task`]: what there is to do, and what comes of it; [`programs`]: the programs of other people that do it.
//! - [`template`]: what new projects begin with.
//! - [`builder`]: builders in the project's own language, and what they say; [`files`]: what they need, inside of this
//!   program; [`pip`]: tools that come as Python packages; [`module`]: the step from a core module to a component, for
//!   languages whose compilers make those.
//! - One file for each language: [`python`], [`javascript`], [`rust`], [`go`], [`c`] with C++.

mod builder;

mod c;

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
    programs::Programs,
    task::{Built, Checked, Task},
    template::Template,
};

/// A language that projects are written in.
pub(crate) trait Language: Debug + Sync {
    /// Names of files that declare, in a folder, that its project is in this language.
    fn declaring(&self) -> &'static [&'static str];

    /// The endings of its files. One such file is a project, too.
    fn endings(&self) -> &'static [&'static str];

    /// Whether a folder declares that its project is in this language.
    fn is_declared_in(&self, folder: &Path) -> bool {
        self.declaring().iter().any(|name| folder.join(name).exists())
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

/// The language of a project: a file's by its ending, a folder's by what declares it.
pub(crate) fn of(project: &Path) -> Option<&'static dyn Language> {
    if project.is_dir() {
        // Python's builder finds activities in any folder, and tells of one without.
        return Some(declared_in(project).unwrap_or(&python::Python));
    }
    let ending = project.extension()?.to_str()?;
    all().find(|language| language.endings().contains(&ending))
}

/// The same, Python where it is none: its builder tells of what is no project of any kind.
pub(crate) fn of_or_python(project: &Path) -> &'static dyn Language {
    of(project).unwrap_or(&python::Python)
}

/// The language that a folder declares that its project is in.
pub(crate) fn declared_in(folder: &Path) -> Option<&'static dyn Language> {
    all().find(|language| language.is_declared_in(folder))
}

/// What a folder has that declares a project, for people: the usual file of each language.
pub(crate) fn declarations() -> String {
    let usual: Vec<_> = all().filter_map(|language| language.declaring().first().copied()).collect();
    usual.join(", ")
}
