//! `release` of a component as it is written.

use std::path::PathBuf;

use crate::config::{
    quantity::{Count, Span},
    section::section,
};

/// The most attempts that a release may wait for.
pub(crate) const MOST_ATTEMPTS: u64 = 1_000_000_000;

/// The longest time that a release may wait.
pub(crate) const LONGEST_HOLD: Span = Span::days(30);

section! {
    /// Another version of the component, which runs a share of its attempts. docs/releases.md explains it.
    RawRelease {
        /// its file, or what a registry has, as in `path`
        candidate: Option<PathBuf>, unset "no release", example "\"orders-2.wasm\"";
        /// how many percent of workflows, or of activities of none, are for the candidate
        percent: Option<Count>, unset "no release", example "10", within Count(1), Count(99);
        /// what the candidate must hold to take over, or else is rolled back: `failures<N%` for failed attempts beyond those of
        /// the stable version, `p99<Nx` for run times against it, or both with a comma
        gate: Option<String>, unset "none: an operator promotes it or rolls it back", example "\"failures<1%,p99<2x\"";
        /// how many attempts of the candidate must have ended before it is judged
        min_attempts: Option<Count> = Count(100), within Count(1), Count(MOST_ATTEMPTS);
        /// after how many attempts of the candidate it takes over, if its gate holds
        attempts: Option<Count> = Count(1_000), within Count(1), Count(MOST_ATTEMPTS);
        /// after how long it takes over, at the soonest
        hold: Option<Span> = Span::secs(600), within Span::secs(0), LONGEST_HOLD;
    }
}
