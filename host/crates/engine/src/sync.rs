//! What threads lock and share on a guest's way to its end.
//!
//! The standard library's, here. The model in `tests/ends_once.rs` puts in its place what lets it try in which
//! order threads come, so nothing else may be used where those meet.

pub(crate) use std::sync::{
    Mutex, MutexGuard, PoisonError, TryLockError,
    atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
};
