//! The harness: a real server, real workers, and calls as clients and workflows make them.
//!
//! A test reads as a sentence: a server is started, a worker serves a component on it, an activity is called, and its
//! outcome is checked. Nothing sleeps: every wait is for an event, a line or an answer, and fails after [`GUARD`] with
//! all that was seen until then.
//!
//! # Layout
//! - [`process`]: child processes that never outlive the tests.
//! - [`codec_server`]: a server that codes payloads; [`collector`]: one that takes metrics.
//! - [`dev_server`]: Temporal's development server; [`refusing_server`]: servers that are none;
//!   [`proxy`]: a way to one that can be held up; [`mutual_tls`]: one for clients that prove who they are.
//! - [`http_server`]: a server that activities send requests to, and certificates for it.
//! - [`tool`]: programs of others.
//! - [`browser`]: a real browser.
//! - [`registry`]: one with components; [`false_registry`]: servers that are none.
//! - [`isolet`], [`worker`]: the program under test.
//! - [`pages`]: what its guests have written of their memory.
//! - [`call`], [`standalone`], [`workflow`]: callers of activities; [`operator`]: who pauses and resets them;
//!   [`completer`]: who completes them from elsewhere.
//! - [`workflow_worker`]: workflows that activities ask for.
//! - [`payload`], [`outcome`]: what goes in and comes out.

pub(crate) mod browser;
pub(crate) mod call;
pub(crate) mod codec_server;
pub(crate) mod collector;
pub(crate) mod completer;
pub(crate) mod connections;
pub(crate) mod dev_server;
pub(crate) mod false_registry;
pub(crate) mod http_server;
pub(crate) mod isolet;
pub(crate) mod mutual_tls;
pub(crate) mod operator;
pub(crate) mod outcome;
pub(crate) mod pages;
pub(crate) mod payload;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod refusing_server;
pub(crate) mod registry;
pub(crate) mod standalone;
pub(crate) mod tls;
pub(crate) mod tool;
pub(crate) mod worker;
pub(crate) mod workflow;
pub(crate) mod workflow_worker;

pub(crate) use self::{
    call::Caller,
    dev_server::DevServer,
    isolet::{Isolet, component, repository},
    process::GUARD,
    worker::Worker,
};
