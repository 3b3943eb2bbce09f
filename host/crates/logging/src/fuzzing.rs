//! What the fuzz targets call: ways in to what is no part of the crate's interface. Built for them and for tests alone.

use activity::{Failure, Level};

use crate::{json::json, line::Line, text::render};

/// A line about a failure, for people.
pub fn failure_for_people(failure: &Failure) -> String {
    render(&line(failure), false)
}

/// A line about a failure, for programs.
pub fn failure_for_programs(failure: &Failure) -> String {
    json(&line(failure))
}

fn line(failure: &Failure) -> Line<'_> {
    Line { failure: Some(failure), ..Line::new(Level::Warn, "fuzzing", "failed") }
}
