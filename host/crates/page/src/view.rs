//! The page: what it shows, as HTML that works without script.
//!
//! Every text that the worker was told, by guests, callers or configuration, goes through [`words::shown`].
//!
//! - `layout`: what all of its pages have; `login`: the one for those who may not see the others.
//! - `overview`, `attempts`, `attempt`: what there is to see.
//! - `line`: a line of an attempt's log.
//! - `tables`: the tables of the overview; `plot`: shares as areas.
//! - `links`: to Temporal's own page; `words`: texts, sizes and times.

pub(crate) mod layout;

pub(crate) mod login;

pub(crate) mod overview;

mod tables;

mod plot;

pub(crate) mod attempts;

pub(crate) mod attempt;

mod line;

pub(crate) mod links;

mod words;

#[cfg(test)]
mod tests;
