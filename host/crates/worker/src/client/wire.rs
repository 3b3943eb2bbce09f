//! What carries checked requests to the server.

use std::{future::Future, sync::Arc, time::Duration};

use temporalio_client::tonic::{Request, Status};

use super::Method;
use crate::guest_connection::GuestConnection;

/// How long core lets a call take that nobody says anything of.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest timeout that a call tells the server; gRPC has eight digits for it. As far as a guest can tell, longer ones
/// never pass either.
const LONGEST_TOLD: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Carries checked requests to the server.
pub(crate) trait Wire: Send + Sync {
    /// Sends a request; `None` leaves its timeout to core.
    fn send<M: Method>(
        &self,
        request: M,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<M::Response, Status>> + Send;
}

impl Wire for Arc<GuestConnection> {
    async fn send<M: Method>(&self, request: M, timeout: Option<Duration>) -> Result<M::Response, Status> {
        let mut request = Request::new(request);
        if let Some(timeout) = timeout.and_then(timeout_to_send) {
            request.set_timeout(timeout);
        }
        M::send(self.opened().await, request).await
    }
}

/// What the server hears of a call's timeout. A short one ends the call here: the server answers a poll that has little
/// time left without having looked.
fn timeout_to_send(timeout: Duration) -> Option<Duration> {
    (CALL_TIMEOUT < timeout).then(|| timeout.min(LONGEST_TOLD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_timeout_of_a_guest_is_more_than_a_call_can_tell() {
        let sent = |timeout: Duration| {
            let mut request = Request::new(());
            // This panics when it is longer than gRPC can say.
            request.set_timeout(timeout_to_send(timeout)?);
            request.metadata().get("grpc-timeout")?.to_str().ok().map(str::to_owned)
        };
        assert_eq!(sent(CALL_TIMEOUT), None);
        assert_eq!(sent(Duration::from_secs(60)).as_deref(), Some("60000000u"));
        assert_eq!(sent(Duration::MAX), sent(LONGEST_TOLD));
    }
}
