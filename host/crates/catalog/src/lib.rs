//! Where components come from and what they may do.
//!
//! The catalog reads component files, and answers for each task queue which component runs which activity. It knows
//! neither WebAssembly nor Temporal: what a component exports is told to it by whoever loaded the component.
//!
//! # Layout
//! - [`ComponentFile`]: the bytes of a component and their digest; [`Digests`]: the digests of files seen before.
//! - [`Exports`]: what a loaded component offers, and how it is stopped.
//! - [`TaskQueueDirectory`]: the activities of one task queue; replaced as a whole while workers use it.
//! - [`Share`]: which attempts are a candidate's, where a component is served in two versions; [`Gate`]: what a candidate
//!   must hold, and [`Observed`]: how it does.

mod directory;
mod error;
mod exports;
mod file;
mod gate;
mod share;
mod trial;

pub use directory::TaskQueueDirectory;
pub use error::{ConflictError, ReadError};
pub use exports::{Candidate, Exported, Exports};
pub use file::{ComponentFile, Digests, LARGEST_COMPONENT};
pub use gate::{Gate, GateError, Thousandths};
pub use share::Share;
pub use trial::{Counts, Observed, Verdict};
