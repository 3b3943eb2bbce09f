//! Isolet against the real Temporal server: the built program, the development server, and components of `guests/`
//! and the examples. One module for each behaviour.
//!
//! All tests share one server, so run them in one process: `cargo test -p isolet-tests --test it`. They wait more than
//! they compute: `-- --test-threads=8` is quicker.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says on standard error what it saw"
)]

mod support;

mod results;

mod failures;

mod heartbeats;

mod logs;

mod timeouts;

mod cancellation;

mod shutdown;

mod routing;

mod async_completion;

mod resilience;

mod load;

mod hostile;

mod bad_input;

mod cli;

mod dev;

mod examples;

mod tidy;
