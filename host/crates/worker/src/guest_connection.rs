//! The connection that carries the calls of guests, and nothing else: HTTP/2 has one window for all that a connection
//! sends, and what guests ask would fill the one on which the worker polls, heartbeats and reports.

use std::sync::{PoisonError, RwLock};

use temporalio_client::{Connection as CoreConnection, ConnectionOptions};
use tokio::sync::OnceCell;

/// That connection. It is opened for the first call.
pub(crate) struct GuestConnection {
    options: RwLock<ConnectionOptions>,
    opened: OnceCell<CoreConnection>,
    /// The worker's own.
    fallback: CoreConnection,
}

impl GuestConnection {
    /// As `options` say, once it is needed; while it can't be opened, calls go by `fallback`.
    pub(crate) fn new(options: ConnectionOptions, fallback: CoreConnection) -> Self {
        Self { options: RwLock::new(options), opened: OnceCell::new(), fallback }
    }

    /// The connection, opened.
    pub(crate) async fn opened(&self) -> CoreConnection {
        let opened = self.opened.get_or_try_init(|| CoreConnection::connect(self.options())).await;
        // The server can't be reached: the worker's own connection waits for it.
        opened.unwrap_or(&self.fallback).clone()
    }

    /// Authenticates with another API key from now on.
    pub(crate) fn set_api_key(&self, key: Option<String>) {
        self.options.write().unwrap_or_else(PoisonError::into_inner).api_key.clone_from(&key);
        if let Some(opened) = self.opened.get() {
            opened.set_api_key(key);
        }
    }

    fn options(&self) -> ConnectionOptions {
        self.options.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
