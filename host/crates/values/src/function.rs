//! A function that is an activity.

use crate::Type;

/// The interface of programs, in any version of WASI 0.2.
const COMMAND: &str = "wasi:cli/run@0.2.";

/// A function that a component exports.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The interface that it is exported in, with its version: `acme:shop/orders@1.2.0`. None if it stands free.
    pub interface: Option<String>,
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<(String, Type)>,
    /// What it returns, if anything.
    pub result: Option<Type>,
}

impl Function {
    /// Its name with its interface: `acme:shop/orders@1.2.0#ship`. No two functions of a component have the same.
    pub fn full_name(&self) -> String {
        self.interface.as_ref().map_or_else(|| self.name.clone(), |interface| format!("{interface}#{}", self.name))
    }

    /// Whether it is the main function of a program for WASI, whose arguments are words of a command line.
    pub fn is_command(&self) -> bool {
        self.name == "run"
            && self.parameters.is_empty()
            && self.interface.as_deref().is_some_and(|interface| interface.starts_with(COMMAND))
    }

    /// The same without the version.
    pub(crate) fn unversioned_name(&self) -> String {
        let interface = self
            .interface
            .as_deref()
            .map(|interface| interface.split_once('@').map_or(interface, |(interface, _)| interface));
        interface.map_or_else(|| self.name.clone(), |interface| format!("{interface}#{}", self.name))
    }
}
