//! What all task queues of one tenant share, whichever of them are kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use metrics::TenantSeries;
use worker::{MemoryBudget, Tenant, TenantLimit, TenantUse};

use crate::config::settings::TenantSettings;

/// What all task queues of one tenant share.
#[derive(Debug)]
pub(crate) struct TenantShares {
    /// Its part of the worker.
    pub(crate) tenant: Arc<Tenant>,
    /// Its part of the exported metrics.
    pub(crate) series: Arc<TenantSeries>,
}

/// How a tenant is called whose limit on series this is.
const METRIC_SERIES: &str = "metric-series";

/// How its limit on the processor time of its cell is called.
pub(crate) const CPU_PERCENT: &str = "cpu-percent";

impl TenantShares {
    /// What it has, and how often it came to each of its limits.
    pub(crate) fn look(&self) -> (TenantUse, Vec<(&'static str, u64)>) {
        let used = self.tenant.look();
        let limits = TenantLimit::ALL.iter().map(|limit| limit.name()).zip(used.exceeded);
        (used, limits.chain([(METRIC_SERIES, self.series.exceeded())]).collect())
    }
}

/// All tenants, as long as anything of theirs is kept.
#[derive(Debug, Default)]
pub(crate) struct Tenants(Mutex<BTreeMap<String, Weak<TenantShares>>>);

impl Tenants {
    /// What this tenant's task queues share, with its limits of now; and whether nobody knew it before.
    pub(crate) fn shares(&self, budget: &MemoryBudget, settings: &TenantSettings) -> (Arc<TenantShares>, bool) {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What is left of a tenant that was removed and has come back is under its limits, too.
        let known = tenants.get(&settings.name).and_then(Weak::upgrade);
        let is_new = known.is_none();
        let shares = known.unwrap_or_else(|| {
            let tenant = Arc::new(Tenant::new(budget.clone(), &settings.name));
            Arc::new(TenantShares { tenant, series: Arc::default() })
        });
        shares.tenant.change(settings.limits.clone());
        shares.series.limit(settings.metric_series, settings.limits.is_counted);
        if is_new {
            tenants.retain(|_, known| known.strong_count() != 0);
            tenants.insert(settings.name.clone(), Arc::downgrade(&shares));
        }
        (shares, is_new)
    }

    /// What the task queues of the tenant of this name share, if anything of it is kept.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<TenantShares>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).and_then(Weak::upgrade)
    }
}
