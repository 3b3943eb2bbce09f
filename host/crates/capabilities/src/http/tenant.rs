//! What the HTTP requests of one tenant share in this process: the limits that they have together; and connections that
//! keep to them, and to the time of their attempt.

use std::{
    collections::HashMap,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, ready},
};

use activity::{Excess, Rate, TenantHttpLimits, deadline::sleep_until};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{RequestCounts, may_send};
use crate::leave::Leave;

/// Of what may pass in a second, how much passes at once, and the bounds of that: so several connections share evenly, and
/// none is held up for long by what another has just taken.
const PARTS: u64 = 8;
const LEAST: usize = 1 << 10;
const MOST: usize = 64 << 10;

/// All tenants whose requests are sent here.
#[derive(Debug, Default)]
pub(super) struct Tenants(Mutex<HashMap<String, Weak<Tenant>>>);

/// What the requests of one tenant share.
#[derive(Debug)]
pub(super) struct Tenant {
    limits: TenantHttpLimits,
    /// As many permits as requests may be in flight.
    requests: Arc<Semaphore>,
    sent: Mutex<Rate>,
    received: Mutex<Rate>,
}

impl Tenants {
    /// What the requests of the tenant of this name share. With other limits it begins anew: what is under way stays with
    /// those that it began with.
    pub(super) fn share(&self, name: &str, limits: TenantHttpLimits) -> Arc<Tenant> {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tenants.get(name).and_then(Weak::upgrade).filter(|known| known.limits == limits) {
            return known;
        }
        let tenant = Arc::new(Tenant::new(limits));
        tenants.retain(|_, known| known.strong_count() != 0);
        tenants.insert(name.to_owned(), Arc::downgrade(&tenant));
        tenant
    }
}

impl Tenant {
    fn new(limits: TenantHttpLimits) -> Self {
        let requests = Arc::new(Semaphore::new(limits.requests.min(Semaphore::MAX_PERMITS)));
        Self { limits, requests, sent: Mutex::default(), received: Mutex::default() }
    }

    /// Requests that may be in flight at once.
    pub(super) fn most_requests(&self) -> usize {
        self.limits.requests
    }

    /// Waits until one more request may be in flight. There is no permit for one that is only counted.
    pub(super) async fn may_send(&self, counts: &RequestCounts) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.requests).try_acquire_owned() {
            return Some(permit);
        }
        counts.excesses.add(Excess::TenantHttpRequests);
        if self.limits.is_counted {
            return None;
        }
        // It is never closed.
        Arc::clone(&self.requests).acquire_owned().await.ok()
    }

    fn rate(&self, way: Way) -> (MutexGuard<'_, Rate>, u64) {
        let (rate, per_second) = match way {
            Way::Out => (&self.sent, self.limits.egress),
            Way::In => (&self.received, self.limits.ingress),
        };
        (rate.lock().unwrap_or_else(PoisonError::into_inner), per_second)
    }

    /// When something may pass, if not now.
    fn due(&self, way: Way) -> Option<Instant> {
        let (mut rate, per_second) = self.rate(way);
        rate.due(as_float(per_second))
    }

    fn passed(&self, way: Way, bytes: usize) {
        let (mut rate, per_second) = self.rate(way);
        let bytes = as_float(bytes as u64);
        if !rate.take(as_float(per_second), bytes) {
            rate.charge(bytes);
        }
    }

    /// How much passes at once.
    fn part(&self, way: Way) -> usize {
        let per_second = self.rate(way).1;
        usize::try_from(per_second / PARTS).unwrap_or(MOST).clamp(LEAST, MOST)
    }
}

fn as_float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Where bytes go.
#[derive(Clone, Copy, Debug)]
enum Way {
    Out,
    In,
}

impl Way {
    fn excess(self) -> Excess {
        match self {
            Self::Out => Excess::TenantEgress,
            Self::In => Excess::TenantIngress,
        }
    }
}

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
        let wait = match way {
            Way::Out => out,
            Way::In => into,
        };
        loop {
            if let Some(waits) = wait {
                ready!(waits.as_mut().poll(context));
                *wait = None;
            }
            let Some(due) = self.tenant.due(way) else { return Poll::Ready(()) };
            self.counts.excesses.add(way.excess());
            if self.tenant.limits.is_counted {
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
        self.tenant.passed(Way::In, length);
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
        self.tenant.passed(Way::Out, length);
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

    use activity::{CancellationDetails, Info};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::Signals;

    fn limits() -> TenantHttpLimits {
        TenantHttpLimits { requests: 1, egress: 10 << 10, ingress: 20 << 10, is_counted: false }
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
        let counted = Arc::new(Tenant::new(TenantHttpLimits { is_counted: true, ..limits() }));
        assert_eq!(pass(&counted, 50 << 10).await, ([Duration::ZERO; 2], [true, true]));
        let wide = Arc::new(Tenant::new(TenantHttpLimits::default()));
        assert_eq!(pass(&wide, 50 << 10).await, ([Duration::ZERO; 2], [false, false]));
    }

    #[tokio::test]
    async fn nothing_leaves_once_the_lease_is_lost() {
        let ((leave, signals), tenant) = (leave(), Arc::new(Tenant::new(TenantHttpLimits::default())));
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

    #[tokio::test(start_paused = true)]
    async fn a_tenant_s_components_share_its_requests() {
        let (tenants, counts) = (Tenants::default(), RequestCounts::default());
        let [one, other] = [tenants.share("acme", limits()), tenants.share("acme", limits())];
        let permit = one.may_send(&counts).await.unwrap();
        let second = tokio::time::timeout(Duration::from_secs(1), other.may_send(&counts)).await;
        assert!(second.is_err());
        assert!(tenants.share("evil", limits()).may_send(&counts).await.is_some());
        drop(permit);
        assert!(other.may_send(&counts).await.is_some());
        let changed = tenants.share("acme", TenantHttpLimits { is_counted: true, ..limits() });
        let _permit = changed.may_send(&counts).await;
        assert!(changed.may_send(&counts).await.is_none());
        assert_eq!(counts.excesses.counts().0[Excess::TenantHttpRequests as usize], 2);
    }
}
