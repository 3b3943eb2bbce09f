//! What the Rust SDK has beyond what the conformance suite proves of every language.

mod http;

mod package;

mod values;
