//! What an operator keeps of what happened, in files that only grow: the audit log, whose lines are chained by hash, and
//! receipts of attempts, for billing.
//!
//! Each has a thread that writes, so that no disk keeps a guest or the host waiting; what waits for it is bounded, and what
//! guests cause is paced, so that none fills the disk.
//!
//! # Layout
//! - [`Audit`]: the audit log; `chain`: its entries; `tally`: what of it guests cause.
//! - [`verify`](fn@verify): whether a chain holds.
//! - [`Receipts`]: a line for each attempt, as CloudEvents.
//! - `file`: a file that grows, and is another one when it is large or was moved.

mod file;

mod chain;

mod tally;

mod audit;

mod verify;

mod receipts;

pub use audit::{Audit, AuditWriter};
pub use chain::{GENESIS, Head};
pub use file::{FileError, FileSettings};
pub use receipts::{ReceiptWriter, Receipts};
pub use verify::{Broken, Verdict, VerifyError, verify};
