//! Runs each activity attempt in a fresh WebAssembly sandbox.
//!
//! The engine knows wasmtime and nothing of Temporal. It loads components, checks them, and runs their attempts on
//! threads of its own, each in a store with one instance that is dropped at the attempt's end. What a guest does wrong
//! becomes the attempt's [`activity::End`], never an error of the engine.
//!
//! # Layout
//! - [`Engine`], [`EngineSettings`], [`EngineStats`]: the whole; [`Prepared`]: before it has threads. `executor` is its port to the worker.
//! - [`Source`], [`Loaded`], [`Inspection`]: components, on their way from bytes to running; `code`: from one process to another.
//! - `run`: one guest from start to end, and who may stop it when; `live`, `ticker`, `reaper`, `threads`, `busy`: all of them together; `sync`: what these lock and share.
//! - `sandbox`: store, instance and call; `callable`, `functions`: what is called; `state`: what the store holds; `meter`, `limiter`: what a guest uses; `trap`: why it did not return; `stack`: where; `prefault`: its memory, for those that follow.
//! - `compile`, `cache`: machine code, made in a process of its own and kept; [`compile_child`] is that process.
//! - [`wasmtime_config`]: wasmtime's settings.

mod engine;
mod executor;
mod settings;

mod code;
mod inspect;
mod load;
mod source;

mod run;
mod sync;

mod busy;
mod live;
mod reaper;
mod slice;
mod threads;
mod ticker;

mod callable;
mod component;
mod functions;
mod prefault;
mod registry;
mod sandbox;
mod state;

mod cpu;
mod limiter;
mod meter;
mod stack;
mod trap;

mod cache;
mod compile;
mod config;

mod error;
mod text;

pub use cache::Listing;
pub use capabilities::{Outbound, Roots};
pub use code::Code;
pub use compile::{Missing, compile_child};
pub use config::wasmtime_config;
pub use confinement::Walls;
pub use engine::{Engine, EngineStats, Prepared};
pub use error::{CacheError, CompileError, EngineError, LoadError};
pub use inspect::{Import, Inspection};
pub use load::Loaded;
pub use settings::{BUSY_NICENESS, CompileLimits, Compiler, EngineSettings};
pub use slice::take_short_slices;
pub use source::{Bytes, Source};
