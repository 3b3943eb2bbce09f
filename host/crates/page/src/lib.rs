//! What a worker answers by HTTP: whether it is well, how it is, and a page about what it does and has done.
//!
//! Health is for whoever asks; the rest is for those who have the token. No reader keeps an attempt waiting: what is told of
//! attempts is kept in memory, within bounds for each tenant, and looked at a few times a second at most.
//! Whatever a guest or a caller says is shown as text in which every character is shown as what it is.
//!
//! # Layout
//! - [`fn@router`], [`Answers`], [`Page`]: what is answered; [`metrics`]: metrics and nothing else.
//! - [`Looker`]: how the worker is, as [`admin::Status`] has it.
//! - `health`: whether it is well.
//! - [`Access`]: the token, and those who have given it; `sessions`: what a browser has in its place.
//! - [`Recent`]: attempts that run and that have ended, heard of as an observer; `kept`: those of one tenant, `tail`: what
//!   an attempt has logged.
//! - [`History`]: the shares of processor and memory; `processes`: what processes have used.
//! - `view`: the page; `live`: the page as it goes on.

mod looker;

mod health;

mod access;

mod sessions;

mod recent;

mod kept;

mod tail;

mod history;

mod processes;

mod view;

mod live;

mod router;

pub use access::{Access, ReadToken};
pub use history::History;
pub use looker::Looker;
pub use recent::Recent;
pub use router::{Answers, Page, metrics, router};
