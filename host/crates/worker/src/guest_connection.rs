//! The connection that carries the calls of guests, and nothing else: HTTP/2 has one window for all that a connection
//! sends, and what guests ask would fill the one on which the worker polls, heartbeats and reports.

use temporalio_client::{Connection as CoreConnection, ConnectionOptions};
use tokio::sync::OnceCell;

/// That connection. It is opened for the first call.
pub(crate) struct GuestConnection {
    options: ConnectionOptions,
    opened: OnceCell<CoreConnection>,
    /// The worker's own.
    fallback: CoreConnection,
}

impl GuestConnection {
    /// As `options` say, once it is needed; while it can't be opened, calls go by `fallback`.
    pub(crate) fn new(options: ConnectionOptions, fallback: CoreConnection) -> Self {
        Self { options, opened: OnceCell::new(), fallback }
    }

    /// The connection, opened.
    pub(crate) async fn opened(&self) -> CoreConnection {
        let opened = self.opened.get_or_try_init(|| CoreConnection::connect(self.options.clone())).await;
        // The server can't be reached: the worker's own connection waits for it.
        opened.unwrap_or(&self.fallback).clone()
    }
}
