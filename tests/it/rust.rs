//! What the Rust SDK has beyond what the conformance suite proves of every language.

mod building;

mod http;

mod package;

mod values;

mod worker;
