//! The engine with guests of every kind, and no Temporal.

mod contained;
mod isolation;
mod killing;
mod loading;
mod sharing;
mod support;
