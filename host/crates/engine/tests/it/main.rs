//! The engine with guests of every kind, and no Temporal.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod canonical;
mod contained;
mod functions;
mod hostile_functions;
mod isolation;
mod killing;
mod loading;
mod metrics;
mod names;
mod residence;
mod sharing;
mod support;
mod swapped;
mod wasi_testsuite;
