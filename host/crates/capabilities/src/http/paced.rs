//! Connections on which no more passes than the limits of a tenant let, and nothing leaves once the attempt's time is over.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use activity::deadline::sleep_until;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{RequestCounts, may_send};
use crate::{
    leave::Leave,
    tenant::{Tenant, Way},
};

/// A connection on which no more passes than a tenant's limits let, and on which nothing leaves once the attempt's time is
/// over.
pub(super) struct Paced<S> {
    stream: S,
    tenant: Arc<Tenant>,
    counts: Arc<RequestCounts>,
    leave: Leave,
    /// Until something may be sent, and until something may be received.
    waits: [Option<Pin<Box<dyn Future<Output = ()> + Send>>>; 2],
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, tenant: Arc<Tenant>, counts: Arc<RequestCounts>, leave: Leave) -> Self {
        Self { stream, tenant, counts, leave, waits: [None, None] }
    }

    /// Waits until something may pass.
    fn poll_may(&mut self, way: Way, context: &mut Context<'_>) -> Poll<()> {
        let [out, into] = &mut self.waits;
        let wait = if matches!(way, Way::In) { into } else { out };
        loop {
            if let Some(waits) = wait {
                ready!(waits.as_mut().poll(context));
                *wait = None;
            }
            let Some(due) = self.tenant.due(way) else { return Poll::Ready(()) };
            self.counts.excesses.add(way.excess());
            if self.tenant.is_counted() {
                return Poll::Ready(());
            }
            *wait = Some(Box::pin(sleep_until(Some(due))));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_may(Way::In, context));
        let part = self.tenant.part(Way::In).min(to.remaining());
        let mut read = ReadBuf::new(to.initialize_unfilled_to(part));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
        let length = read.filled().len();
        to.advance(length);
        self.tenant.passed(Way::In, length as u64);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_may(Way::Out, context));
        // Whoever sends a request when its time was not over may still be sending it when it is.
        may_send(&self.leave).map_err(io::Error::other)?;
        let bytes = bytes.get(..self.tenant.part(Way::Out)).unwrap_or(bytes);
        let length = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.tenant.passed(Way::Out, length as u64);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use activity::{CancellationDetails, Excess, Info, SharedLimits};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        time::Instant,
    };

    use super::*;
    use crate::Signals;

    fn limits() -> SharedLimits {
        SharedLimits { requests: 1, egress: 10 << 10, ingress: 20 << 10, disk: 1, is_counted: false }
    }

    /// That of an attempt, and what ends it.
    fn leave() -> (Leave, Arc<Signals>) {
        let signals = Arc::new(Signals::new(false));
        (Leave::new(true, &Info::default(), Arc::clone(&signals)), signals)
    }

    /// How long it takes to send and to receive so many bytes, and how often that came to a limit.
    async fn pass(tenant: &Arc<Tenant>, bytes: usize) -> ([Duration; 2], [bool; 2]) {
        let counts = Arc::new(RequestCounts::default());
        let (ours, mut theirs) = tokio::io::duplex(bytes);
        let (leave, _) = leave();
        let mut ours = Paced::new(ours, Arc::clone(tenant), Arc::clone(&counts), leave);
        let begun = Instant::now();
        ours.write_all(&vec![1; bytes]).await.unwrap();
        let sent = begun.elapsed();
        theirs.read_exact(&mut vec![0; bytes]).await.unwrap();
        theirs.write_all(&vec![1; bytes]).await.unwrap();
        let begun = Instant::now();
        ours.read_exact(&mut vec![0; bytes]).await.unwrap();
        let counts = counts.excesses.counts();
        let came =
            [Excess::TenantEgress, Excess::TenantIngress].map(|excess| counts.iter().any(|(it, _)| it == excess));
        ([sent, begun.elapsed()], came)
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_pass_at_the_pace_of_their_way() {
        let tenant = Arc::new(Tenant::new(limits()));
        let ([sent, received], came) = pass(&tenant, 50 << 10).await;
        // A second's worth may pass at once.
        assert!((Duration::from_millis(3_800)..Duration::from_millis(4_100)).contains(&sent), "{sent:?}");
        assert!((Duration::from_millis(1_300)..Duration::from_millis(1_600)).contains(&received), "{received:?}");
        assert_eq!(came, [true, true]);
        let counted = Arc::new(Tenant::new(SharedLimits { is_counted: true, ..limits() }));
        assert_eq!(pass(&counted, 50 << 10).await, ([Duration::ZERO; 2], [true, true]));
        let wide = Arc::new(Tenant::new(SharedLimits::default()));
        assert_eq!(pass(&wide, 50 << 10).await, ([Duration::ZERO; 2], [false, false]));
    }

    #[tokio::test]
    async fn nothing_leaves_once_the_lease_is_lost() {
        let ((leave, signals), tenant) = (leave(), Arc::new(Tenant::new(SharedLimits::default())));
        let (ours, mut theirs) = tokio::io::duplex(100);
        let mut ours = Paced::new(ours, tenant, Arc::default(), leave);
        ours.write_all(b"begun").await.unwrap();
        signals.cancel(CancellationDetails::NOT_FOUND);
        assert!(ours.write_all(b"more").await.unwrap_err().to_string().contains("time is over"));
        // What comes may still be read.
        theirs.write_all(b"answer").await.unwrap();
        let mut answer = [0; 6];
        ours.read_exact(&mut answer).await.unwrap();
        drop(ours);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        assert_eq!((&answer, &*sent), (b"answer", &b"begun"[..]));
    }
}
