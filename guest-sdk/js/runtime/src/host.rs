//! The functions that the bundle calls: an object with one function for each thing that the host can do.
//!
//! They are small and take what they need in the form that the contract has it; how it looks to activities is the
//! business of the JavaScript beside this.

pub(crate) mod attempt;
mod client;
mod compression;
mod digests;
mod encodings;
mod files;
pub(crate) mod http;
mod keys;
mod metrics;
pub(crate) mod system;

use rquickjs::{Ctx, Object, Result};

/// The object.
pub(crate) fn define<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    attempt::define(ctx, &host)?;
    client::define(ctx, &host)?;
    compression::define(ctx, &host)?;
    digests::define(ctx, &host)?;
    encodings::define(ctx, &host)?;
    files::define(ctx, &host)?;
    http::define(ctx, &host)?;
    keys::define(ctx, &host)?;
    metrics::define(ctx, &host)?;
    system::define(ctx, &host)?;
    Ok(host)
}
