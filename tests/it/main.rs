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

mod conformance;

mod panics;

mod cancelled;

mod cells;

mod client;

mod codec;

mod components;

mod http;

mod proxied;

mod oversize;

mod logs;

mod metrics;

mod page;

mod traces;

mod shutdown;

mod versions;

mod workers_page;

mod releases;

mod routing;

mod resilience;

mod supervisor;

mod tenants;

mod control;

mod counted;

mod records;

mod load;

mod hostile;

mod attacks;

mod floods;

mod bad_input;

mod bad_projects;

mod cli;

mod run;

mod cases;

mod dev;

mod registries;

mod signatures;

mod diffs;

mod deploy;

mod doc_examples;

mod new;

mod examples;

mod differential;

mod python;

mod rust;

mod typescript;

mod c;

mod go;

mod pages;

mod tidy;
