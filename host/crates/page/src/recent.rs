//! Attempts that run and that have ended, of all tenants, each within what is its own.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use activity::{About, Observation, Observer};

use crate::{
    kept::{Attempt, Kept, Quota},
    tail::Tail,
};

/// How many attempts that have ended are kept of all tenants.
const ALL_ENDED: usize = 10_000;

/// How many of one tenant, at least and at most.
const ENDED: (usize, usize) = (10, 500);

/// How many bytes are kept of what the attempts of all tenants have logged.
const ALL_LOGGED: usize = 16 << 20;

/// How many of one tenant, at least and at most.
const LOGGED: (usize, usize) = (64 << 10, 4 << 20);

/// Attempts that run and that have ended.
#[derive(Debug, Default)]
pub struct Recent {
    tenants: Mutex<BTreeMap<String, Arc<OfTenant>>>,
    next: Arc<AtomicU64>,
}

/// Those of one tenant.
#[derive(Debug)]
struct OfTenant(Mutex<Kept>);

/// Hears of the attempts of one task queue, and passes on what it hears.
struct Hearing {
    tenant: Arc<OfTenant>,
    numbers: Arc<AtomicU64>,
    next: Arc<dyn Observer>,
}

/// Which attempts are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub tenant: Option<String>,
    pub activity_type: Option<String>,
    /// How they have ended, or `running`.
    pub outcome: Option<String>,
}

impl Recent {
    /// `next`, and before it what hears of the attempts of a task queue of `tenant`.
    pub fn observer(&self, tenant: &str, next: Arc<dyn Observer>) -> Arc<dyn Observer> {
        let mut tenants = self.tenants();
        if !tenants.contains_key(tenant) {
            // Those that nobody hears of any more make room.
            tenants.retain(|_, tenant| 1 < Arc::strong_count(tenant));
            let quota = quota(tenants.len() + 1);
            tenants.values().for_each(|tenant| tenant.kept().limit(quota));
            tenants.insert(tenant.to_owned(), Arc::new(OfTenant(Mutex::new(Kept::new(tenant, quota)))));
        }
        let of_tenant = tenants.get(tenant).map(Arc::clone);
        drop(tenants);
        match of_tenant {
            Some(tenant) => Arc::new(Hearing { tenant, numbers: Arc::clone(&self.next), next }),
            None => next,
        }
    }

    /// The newest `most` of those that are asked for, and how many there are.
    pub(crate) fn list(&self, filter: &Filter, most: usize) -> (Vec<Attempt>, usize) {
        let tenants: Vec<(String, Arc<OfTenant>)> =
            self.tenants().iter().map(|(name, tenant)| (name.clone(), Arc::clone(tenant))).collect();
        let mut found: Vec<(SystemTime, u64, usize)> = Vec::new();
        for (index, (name, tenant)) in tenants.iter().enumerate() {
            if filter.tenant.as_ref().is_some_and(|wanted| wanted != name) {
                continue;
            }
            let kept = tenant.kept();
            let wanted = kept.each().filter(|attempt| filter.takes(attempt));
            found.extend(wanted.map(|attempt| (attempt.begun, attempt.id, index)));
        }
        let count = found.len();
        found.sort_unstable_by_key(|(_, id, _)| Reverse(*id));
        found.truncate(most);
        let look = |(_, id, index): &(SystemTime, u64, usize)| {
            let (_, tenant) = tenants.get(*index)?;
            tenant.kept().find(*id).map(|(attempt, _)| attempt.clone())
        };
        (found.iter().filter_map(look).collect(), count)
    }

    /// One attempt, and what it has logged.
    pub(crate) fn find(&self, id: u64) -> Option<(Attempt, Tail)> {
        let tenants: Vec<_> = self.tenants().values().cloned().collect();
        tenants.iter().find_map(|tenant| tenant.kept().find(id).cloned())
    }

    fn tenants(&self) -> MutexGuard<'_, BTreeMap<String, Arc<OfTenant>>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What each of so many tenants may keep.
fn quota(tenants: usize) -> Quota {
    let share = |all: usize, (least, most): (usize, usize)| (all / tenants.max(1)).clamp(least, most);
    Quota { ended: share(ALL_ENDED, ENDED), logged: share(ALL_LOGGED, LOGGED) }
}

impl OfTenant {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Hearing {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        if !matches!(observation, Observation::Measured(_)) {
            self.tenant.kept().note(about, &observation, || self.numbers.fetch_add(1, Ordering::Relaxed));
        }
        self.next.observe(about, observation);
    }
}

impl Filter {
    fn takes(&self, attempt: &Attempt) -> bool {
        let outcome = attempt.ended.as_ref().map_or("running", |ended| ended.outcome);
        self.activity_type.as_ref().is_none_or(|wanted| *wanted == attempt.activity_type)
            && self.outcome.as_ref().is_none_or(|wanted| wanted == outcome)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use activity::{ComponentId, Info, Reported, Usage};
    use bytes::Bytes;

    use super::*;

    pub(crate) struct Nobody;

    impl Observer for Nobody {
        fn observe(&self, _: About<'_>, _: Observation<'_>) {}
    }

    /// An attempt of `tenant` that has begun, logged `line`, and ended unless it `runs`.
    pub(crate) fn attempt(recent: &Recent, tenant: &str, activity_type: &str, (line, runs): (&str, bool)) {
        let observer = recent.observer(tenant, Arc::new(Nobody));
        let component = ComponentId { tenant: tenant.to_owned(), ..ComponentId::new("shop", "0123456789abcdef") };
        let token = Bytes::from(format!("{tenant} {activity_type}"));
        let info = Info { activity_type: activity_type.to_owned(), task_token: token, ..Info::default() };
        let about = About { info: &info, component: Some(&component) };
        observer.observe(about, Observation::Started);
        observer.observe(about, Observation::Logged(line));
        if !runs {
            let usage = Usage::default();
            let finished = Observation::Finished { reported: Reported::Completed, killed: None, stopped: None, usage };
            observer.observe(about, finished);
        }
    }

    #[test]
    fn no_tenant_pushes_out_another_s() {
        let recent = Recent::default();
        let observer = recent.observer("beta", Arc::new(Nobody));
        attempt(&recent, "beta", "bill", ("once", false));
        let others = recent.observer("acme", Arc::new(Nobody));
        for _ in 0..10_000 {
            attempt(&recent, "acme", "ship", ("again", false));
        }
        let of = |tenant: &str| Filter { tenant: Some(tenant.to_owned()), ..Filter::default() };
        assert_eq!(recent.list(&of("acme"), 3).1, ENDED.1);
        let (beta, count) = recent.list(&of("beta"), 3);
        assert_eq!((beta[0].activity_type.as_str(), count), ("bill", 1));
        assert_eq!(recent.find(beta[0].id).unwrap().1.lines().collect::<Vec<_>>(), ["once"]);
        drop((observer, others));
        let held: Vec<_> = (0..5_000).map(|number| recent.observer(&number.to_string(), Arc::new(Nobody))).collect();
        assert_eq!((recent.tenants().len(), quota(5_000).ended), (held.len(), ENDED.0));
    }

    #[test]
    fn attempts_are_found_by_what_they_are() {
        let recent = Recent::default();
        attempt(&recent, "acme", "ship", ("", false));
        attempt(&recent, "acme", "bill", ("", true));
        let found = |filter: &Filter| -> Vec<String> {
            recent.list(filter, 10).0.into_iter().map(|attempt| attempt.activity_type).collect()
        };
        assert_eq!(found(&Filter::default()), ["bill", "ship"]);
        let outcome = |outcome: &str| Filter { outcome: Some(outcome.to_owned()), ..Filter::default() };
        assert_eq!(found(&outcome("running")), ["bill"]);
        assert_eq!(found(&outcome("completed")), ["ship"]);
        assert_eq!(found(&Filter { activity_type: Some("ship".to_owned()), ..Filter::default() }), ["ship"]);
        assert_eq!(found(&Filter { tenant: Some("beta".to_owned()), ..Filter::default() }), [""; 0]);
    }
}
