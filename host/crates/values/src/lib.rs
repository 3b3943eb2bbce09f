//! Temporal's payloads as values of WIT's types, and back: what makes any exported function an activity.
//!
//! The mapping is total: every type has a spelling in JSON, or is refused by name before anything runs. What is read and
//! written is bounded by what it comes from. Nothing here runs a guest or knows where one is: the engine hands over the
//! type of a component, and calls.
//!
//! docs/components-without-sdk.md tells the mapping to users.
//!
//! # Layout
//! - [`Type`], [`Kind`], [`Names`], [`Integer`]: WIT's types, and how their names are spelt.
//! - [`Function`], [`functions`], [`Found`]: what a component exports, from its type.
//! - [`activity_names`]: what activities are called.
//! - `read`, `write`: JSON to value and back; `path`: where in it something is wrong; `cost`, `weight`: what a value takes.
//! - [`Function::arguments`], [`Function::outcome`]: payloads to arguments, and a result to an attempt's outcome.
//! - [`Function::signature`], [`Type::wit`]: types as WIT writes them; `sample`, `schema`: an example, and JSON Schema.

mod names;
mod ty;

mod component;
mod function;
mod naming;

mod cost;
mod path;
mod read;
mod weight;
mod write;

mod arguments;
mod outcome;

mod sample;
mod schema;
mod wit;

mod error;

pub use component::{Found, MOST_FUNCTIONS, Refused, functions};
pub use cost::counted_for;
pub use error::{ArgumentError, ValueError};
pub use function::Function;
pub use names::{Name, Names};
pub use naming::{Naming, activity_names};
pub use schema::DRAFT;
pub use ty::{Cases, Fields, Integer, Kind, Type};
pub use weight::Weight;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
#[cfg(any(test, fuzzing))]
mod generate;

#[cfg(test)]
mod properties;
