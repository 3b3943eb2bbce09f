//! A small Python package in Rust: what a class keeps, hashing, exceptions and a panic.

use std::collections::HashMap;

use pyo3::{exceptions::PyKeyError, prelude::*};

/// Counts words.
#[pyclass]
#[derive(Default)]
struct Tally {
    counts: HashMap<String, u64>,
}

#[pymethods]
impl Tally {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, word: String) {
        *self.counts.entry(word).or_default() += 1;
    }

    fn count(&self, word: &str) -> PyResult<u64> {
        self.counts.get(word).copied().ok_or_else(|| PyKeyError::new_err(format!("nobody said {word}")))
    }

    fn counts(&self) -> HashMap<String, u64> {
        self.counts.clone()
    }
}

#[pyfunction]
fn panic(why: &str) {
    panic!("{why}");
}

#[pymodule]
fn tallies(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Tally>()?;
    module.add_function(wrap_pyfunction!(panic, module)?)
}
