//! What the attempts of one tenant share in this process: the limits that they have together.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use activity::{Excess, ExcessCounts, Rate, SharedLimits, deadline::sleep_until};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Of what may pass in a second, how much passes at once, and the bounds of that: so several connections share evenly, and
/// none is held up for long by what another has just taken.
const PARTS: u64 = 8;
const LEAST: usize = 1 << 10;
const MOST: usize = 64 << 10;

/// All tenants that have something to share.
#[derive(Debug, Default)]
pub struct Tenants(Mutex<HashMap<String, Weak<Tenant>>>);

/// What the attempts of one tenant share.
#[derive(Debug)]
pub struct Tenant {
    limits: SharedLimits,
    /// As many permits as requests may be in flight.
    requests: Arc<Semaphore>,
    /// What has passed, each way.
    passed: [Mutex<Rate>; 3],
}

impl Tenants {
    /// What the attempts of the tenant of this name share. With other limits it begins anew: what is under way stays with
    /// those that it began with.
    pub fn share(&self, name: &str, limits: SharedLimits) -> Arc<Tenant> {
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
    pub(crate) fn new(limits: SharedLimits) -> Self {
        let requests = Arc::new(Semaphore::new(limits.requests.min(Semaphore::MAX_PERMITS)));
        Self { limits, requests, passed: Default::default() }
    }

    /// Requests that may be in flight at once.
    pub(crate) fn most_requests(&self) -> usize {
        self.limits.requests
    }

    /// Waits until one more request may be in flight. There is no permit for one that is only counted.
    pub(crate) async fn may_send(&self, counts: &ExcessCounts) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.requests).try_acquire_owned() {
            return Some(permit);
        }
        counts.add(Excess::TenantHttpRequests);
        if self.limits.is_counted {
            return None;
        }
        // It is never closed.
        Arc::clone(&self.requests).acquire_owned().await.ok()
    }

    /// Whether what is beyond goes on, and is counted.
    pub(crate) fn is_counted(&self) -> bool {
        self.limits.is_counted
    }

    /// Waits until something may be written to a granted directory. It is charged once it is.
    pub(crate) async fn may_write(&self, counts: &ExcessCounts) {
        while let Some(due) = self.due(Way::Disk) {
            counts.add(Way::Disk.excess());
            if self.is_counted() {
                return;
            }
            sleep_until(Some(due)).await;
        }
    }

    #[expect(clippy::indexing_slicing, reason = "there is one for each way")]
    fn rate(&self, way: Way) -> (MutexGuard<'_, Rate>, u64) {
        let per_second = match way {
            Way::Out => self.limits.egress,
            Way::In => self.limits.ingress,
            Way::Disk => self.limits.disk,
        };
        (self.passed[way as usize].lock().unwrap_or_else(PoisonError::into_inner), per_second)
    }

    /// When something may pass, if not now.
    pub(crate) fn due(&self, way: Way) -> Option<Instant> {
        let (mut rate, per_second) = self.rate(way);
        rate.due(as_float(per_second))
    }

    /// So much has passed.
    pub(crate) fn passed(&self, way: Way, bytes: u64) {
        let (mut rate, per_second) = self.rate(way);
        rate.spend(as_float(per_second), as_float(bytes));
    }

    /// How much passes at once.
    pub(crate) fn part(&self, way: Way) -> usize {
        let per_second = self.rate(way).1;
        usize::try_from(per_second / PARTS).unwrap_or(MOST).clamp(LEAST, MOST)
    }
}

fn as_float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Where bytes go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// To servers.
    Out,
    /// From them.
    In,
    /// To granted directories.
    Disk,
}

impl Way {
    /// What more than may pass is counted as.
    pub(crate) fn excess(self) -> Excess {
        match self {
            Self::Out => Excess::TenantEgress,
            Self::In => Excess::TenantIngress,
            Self::Disk => Excess::TenantDisk,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limits() -> SharedLimits {
        SharedLimits { requests: 1, egress: 10 << 10, ingress: 20 << 10, disk: 10 << 10, is_counted: false }
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_s_components_share_its_requests() {
        let (tenants, counts) = (Tenants::default(), ExcessCounts::default());
        let [one, other] = [tenants.share("acme", limits()), tenants.share("acme", limits())];
        let permit = one.may_send(&counts).await.unwrap();
        let second = tokio::time::timeout(Duration::from_secs(1), other.may_send(&counts)).await;
        assert!(second.is_err());
        assert!(tenants.share("evil", limits()).may_send(&counts).await.is_some());
        drop(permit);
        assert!(other.may_send(&counts).await.is_some());
        let changed = tenants.share("acme", SharedLimits { is_counted: true, ..limits() });
        let _permit = changed.may_send(&counts).await;
        assert!(changed.may_send(&counts).await.is_none());
        assert_eq!(counts.counts().0[Excess::TenantHttpRequests as usize], 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_s_attempts_write_at_one_pace() {
        let (tenant, counts) = (Tenant::new(limits()), ExcessCounts::default());
        let begun = Instant::now();
        for _ in 0..10 {
            tenant.may_write(&counts).await;
            tenant.passed(Way::Disk, 4 << 10);
        }
        // A second's worth is written at once, and what is written last is not waited for.
        let taken = begun.elapsed();
        assert!((Duration::from_millis(2_500)..Duration::from_millis(2_800)).contains(&taken), "{taken:?}");
        assert!(counts.counts().0[Excess::TenantDisk as usize] > 0);
        let counted = Tenant::new(SharedLimits { is_counted: true, ..limits() });
        let begun = Instant::now();
        for _ in 0..10 {
            counted.may_write(&counts).await;
            counted.passed(Way::Disk, 4 << 10);
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
