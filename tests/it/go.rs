//! Activities in Go: how projects are built, and what differs from the activities of the conformance suite.

mod attempts;
mod building;
mod native;
mod requests;
mod words;
