//! From JSON to a value of a type.
//!
//! The type leads: what is no part of it is an error where it stands, and nothing is kept of it. So no JSON, however deep,
//! goes deeper than the type, whose depth is bounded when the component is loaded.

mod cases;
mod number;
mod record;
mod text;
mod visit;

use serde::de::DeserializeSeed as _;
use serde_json::{Deserializer, error::Category};
use wasmtime::component::Val;

use crate::{
    ArgumentError, Type, cost,
    path::{Path, Step},
};
use visit::Seed;

/// Reads the arguments of one call, and counts what they take.
pub(crate) struct Reader<'a> {
    path: Path<'a>,
    left: usize,
    /// What is wrong at `path`, once something is.
    problem: Option<String>,
    /// What is expected by what can't say so itself.
    expected: &'static str,
}

/// Marks that [`Reader::problem`] is set: JSON's own errors say nothing more.
pub(crate) struct Failed;

impl<'a> Reader<'a> {
    /// For arguments of `size` bytes together.
    pub(crate) fn new(size: usize) -> Self {
        Self { path: Path::default(), left: cost::budget(size), problem: None, expected: "" }
    }

    /// The value of `ty` that `json` says, for the parameter `name`.
    pub(crate) fn json(&mut self, name: &'a str, ty: &'a Type, json: &[u8]) -> Result<Val, ArgumentError> {
        self.path.push(Step::Name(name));
        let value = self.whole(ty, json).map_err(|problem| self.error(problem))?;
        self.path.pop();
        Ok(value)
    }

    /// The value of `ty` that these bytes are, for the parameter `name`.
    pub(crate) fn binary(&mut self, name: &'a str, ty: &'a Type, bytes: &[u8]) -> Result<Val, ArgumentError> {
        self.path.push(Step::Name(name));
        match self.bytes(ty, bytes) {
            Ok(value) => {
                self.path.pop();
                Ok(value)
            }
            Err(Failed) => {
                let problem = self.problem.take().unwrap_or_default();
                Err(self.error(problem))
            }
        }
    }

    /// What is wrong with the parameter `name`, as a whole.
    pub(crate) fn refused(&mut self, name: &'a str, problem: String) -> ArgumentError {
        self.path.push(Step::Name(name));
        self.error(problem)
    }

    fn whole(&mut self, ty: &'a Type, json: &[u8]) -> Result<Val, String> {
        let text = std::str::from_utf8(json).map_err(|_| "its JSON is not UTF-8 text".to_owned())?;
        let mut deserializer = Deserializer::from_str(text);
        let value = Seed { ty, reader: self }.deserialize(&mut deserializer);
        let value = value.and_then(|value| deserializer.end().map(|()| value));
        value.map_err(|error| match (self.problem.take(), error.classify()) {
            (Some(problem), _) => problem,
            (None, Category::Data) => format!("expected {}", self.expected),
            (None, _) => format!("it is not JSON: {error}"),
        })
    }

    fn error(&self, problem: String) -> ArgumentError {
        ArgumentError::Value { path: self.path.to_string(), problem }
    }

    /// Takes note of what is wrong where the reader is.
    fn fail(&mut self, problem: impl Into<String>) -> Failed {
        self.problem.get_or_insert(problem.into());
        Failed
    }

    /// Takes note that something else is there than a value of `ty`.
    fn mismatch(&mut self, ty: &Type, got: &str) -> Failed {
        self.fail(format!("expected {}, got {got}", ty.expected()))
    }

    /// Says what is expected next, for a value of another kind than that.
    fn expect(&mut self, expected: &'static str) {
        self.expected = expected;
    }

    /// Spends `size` bytes.
    fn spend(&mut self, size: usize) -> Result<(), Failed> {
        match self.left.checked_sub(size) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.fail(
                "the arguments stand for far more than their size, such as many records of which most fields are left \
                 out: pass less at once",
            )),
        }
    }

    /// Goes one step further while `read` does.
    fn at<T, E>(&mut self, step: Step<'a>, read: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.path.push(step);
        let value = read(self)?;
        self.path.pop();
        Ok(value)
    }
}

#[cfg(test)]
mod tests;
