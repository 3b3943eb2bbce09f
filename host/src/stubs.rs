//! Typed stubs of a component's functions, for the workflow's side: what each language's SDK needs to call them as
//! activities, with the types that their payloads have.
//!
//! One file for each language; `model` is what they share. None of them knows how a component is read.

mod model;
mod words;

mod go;
mod java;
mod python;
mod rust;
mod typescript;

use clap::ValueEnum;
use values::Function;

use self::model::Stubs;

/// A language that workflows are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Dataclasses, and functions that execute the activities.
    Python,
    /// Interfaces, and a typed `proxyActivities`.
    Typescript,
    /// Structs, and functions that execute the activities.
    Go,
    /// Types for serde, and the activities' names.
    Rust,
    /// Records, and an activity interface.
    Java,
}

/// The stubs of `functions`, which are of the component called `component`.
pub(crate) fn stubs(component: &str, functions: &[Function], language: Language) -> String {
    let stubs = Stubs::of(component, functions);
    match language {
        Language::Python => python::write(&stubs),
        Language::Typescript => typescript::write(&stubs),
        Language::Go => go::write(&stubs),
        Language::Rust => rust::write(&stubs),
        Language::Java => java::write(&stubs),
    }
}

#[cfg(test)]
mod tests;
