//! `info`: what the running attempt is.

use std::sync::Arc;

use activity::Info;

use crate::{
    bindings::isolet::activity::{
        info::{ActivityInfo, Host},
        types,
    },
    convert,
};

/// The state of `info` for one attempt. What a guest asks for is converted when it asks: most never do.
pub(crate) struct InfoCtx {
    info: Arc<Info>,
}

impl InfoCtx {
    pub(crate) fn new(info: Arc<Info>) -> Self {
        Self { info }
    }
}

impl Host for InfoCtx {
    fn get(&mut self) -> wasmtime::Result<ActivityInfo> {
        Ok(convert::info_to_guest(&self.info))
    }

    fn idempotency_key(&mut self) -> wasmtime::Result<String> {
        Ok(self.info.idempotency_key())
    }
}

/// `types` has no functions; any state will do.
impl types::Host for InfoCtx {}
