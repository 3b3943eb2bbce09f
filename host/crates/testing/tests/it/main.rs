//! The test environment on real components: those of `tests/guests`, which `cargo xtask guests` builds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

mod given;

mod said;

mod stopped;
