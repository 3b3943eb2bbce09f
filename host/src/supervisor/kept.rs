//! The task queues that are kept, and the difference between them and those that are wanted.

use std::{
    collections::BTreeMap,
    mem::{replace, take},
    sync::Arc,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};
use worker::{Shutdown, SlotsView};

use super::{
    Shared,
    keeper::{Ended, Keeper, Lines, Wanted},
    link::Link,
    status::{QueueKey, Report, Status},
};
use crate::{
    config::settings::{Settings, WorkerSettings},
    exit::Problem,
    output::reporter::ReadyWorker,
    wiring::{cells::Room, tenants::Tenants},
};

/// All task queues that are wanted.
pub(super) struct Kept {
    queues: BTreeMap<QueueKey, Queue>,
    tenants: Tenants,
    reports: mpsc::UnboundedSender<Report>,
    next: u64,
}

/// One of them.
struct Queue {
    /// Its keeper's number, which counts up in the order of the configuration.
    number: u64,
    wanted: watch::Sender<Wanted>,
    status: Status,
    /// The slots of workers that serve it no more, whose attempts may still run.
    left: Vec<SlotsView>,
}

impl Kept {
    /// None yet. Keepers tell `reports` how it is with theirs.
    pub(super) fn new(reports: mpsc::UnboundedSender<Report>) -> Self {
        Self { queues: BTreeMap::new(), tenants: Tenants::default(), reports, next: 0 }
    }

    /// Keeps what `settings` want from now on: keepers of others come to their end, which is awaited among `ended`.
    pub(super) fn apply(
        &mut self,
        settings: &Settings,
        shared: &Arc<Shared>,
        (link, shutdown): (&watch::Receiver<Link>, &Shutdown),
        ended: &mut JoinSet<Ended>,
    ) {
        let blocks = Arc::clone(&shared.blocks.borrow());
        let rooms = shared.host.cells.rooms(&shared.host.engine, &settings.tenants);
        // Those that are not taken out of here are dropped, which ends their keepers.
        let mut former = take(&mut self.queues);
        for (tenant, room) in settings.tenants.iter().zip(rooms) {
            let (shares, is_new) = self.tenants.shares(&shared.budget, tenant);
            if let (true, Some(sampler)) = (is_new, &shared.sampler) {
                sampler.add_tenant(&shares);
            }
            let block = blocks.of_tenant(&tenant.name).cloned().map(Arc::new);
            for worker in &tenant.workers {
                let key = (worker.namespace.clone(), worker.task_queue.clone());
                let wanted = Wanted {
                    tenant: tenant.name.clone(),
                    shares: Arc::clone(&shares),
                    settings: worker.clone(),
                    room: room.clone(),
                    block: block.clone(),
                    looks: 0,
                    releases: 0,
                };
                let queue = match former.remove(&key) {
                    Some(queue) => {
                        queue.wanted.send_if_modified(|now| now.become_wanted(wanted));
                        queue
                    }
                    None => {
                        let (number, wanted) = (self.next, watch::Sender::new(wanted));
                        self.next += 1;
                        let lines = Lines {
                            wanted: wanted.subscribe(),
                            link: link.clone(),
                            shutdown: shutdown.clone(),
                            reports: self.reports.clone(),
                        };
                        ended.spawn(Keeper::new(key.clone(), number, Arc::clone(shared), lines).run());
                        Queue { number, wanted, status: Status::Loading, left: Vec::new() }
                    }
                };
                self.queues.insert(key, queue);
            }
        }
    }

    /// Lets keepers look again at the files of those task queues for which `is_meant`.
    pub(super) fn look_again(&self, is_meant: impl Fn(&WorkerSettings) -> bool) {
        for queue in self.queues.values() {
            queue.wanted.send_if_modified(|wanted| {
                let is_meant = is_meant(&wanted.settings);
                wanted.looks += u64::from(is_meant);
                is_meant
            });
        }
    }

    /// Lets the keeper of a task queue look which versions are released.
    pub(super) fn released(&self, queue: &QueueKey) {
        if let Some(queue) = self.queues.get(queue) {
            queue.wanted.send_modify(|wanted| wanted.releases += 1);
        }
    }

    /// Notes how it is with a task queue. Returns whether that is otherwise than before.
    pub(super) fn note(&mut self, report: &Report) -> bool {
        // One that was removed and is wanted again has another keeper.
        let queue = self.queues.get_mut(&report.queue).filter(|queue| queue.number == report.number);
        let Some(queue) = queue else { return true };
        let former = replace(&mut queue.status, report.status.clone());
        // A keeper tells no trouble twice.
        match (former, &report.status) {
            (Status::Serving(former), Status::Serving(now)) if former.number == now.number => return false,
            (Status::Serving(former), _) => {
                queue.left.retain(|left| left.look().is_some());
                queue.left.push(former.slots);
            }
            _ => {}
        }
        true
    }

    /// Slots that a task queue has taken, and bytes of the memory budget that it holds: those of workers, too, that serve it
    /// no more.
    pub(super) fn reserved(&self, queue: &QueueKey) -> (usize, u64) {
        let Some(queue) = self.queues.get(queue) else { return (0, 0) };
        let now = match &queue.status {
            Status::Serving(served) => Some(&served.slots),
            _ => None,
        };
        let views = queue.left.iter().chain(now).filter_map(SlotsView::look);
        views.fold((0, 0), |(slots, bytes), (_, taken, held)| (slots + taken, bytes + held))
    }

    /// How it is with a task queue.
    pub(super) fn status(&self, queue: &QueueKey) -> Option<&Status> {
        self.queues.get(queue).map(|queue| &queue.status)
    }

    /// Where the guests of a task queue run.
    pub(super) fn room(&self, queue: &QueueKey) -> Option<Room> {
        self.queues.get(queue).map(|queue| queue.wanted.borrow().room.clone())
    }

    /// How often a tenant came to each of its limits.
    pub(super) fn of_tenant(&self, name: &str) -> Option<Vec<(&'static str, u64)>> {
        self.tenants.find(name).map(|shares| shares.look().1)
    }

    /// Whether each was tried. Where one is served, those that are late hold up nobody.
    pub(super) fn is_settled(&self) -> bool {
        let is_served = self.queues.values().any(|queue| matches!(queue.status, Status::Serving(_)));
        let is_late = |status: &Status| matches!(status, Status::Late(_));
        self.queues.values().all(|queue| queue.status.is_settled() || (is_served && is_late(&queue.status)))
    }

    /// Why not one is served; `None` if one is.
    pub(super) fn first_problem(&self) -> Option<Arc<Problem>> {
        if self.in_order().any(|(_, queue)| matches!(queue.status, Status::Serving(_))) {
            return None;
        }
        self.in_order().find_map(|(_, queue)| queue.status.problem().cloned())
    }

    /// Those that are served.
    pub(super) fn serving(&self) -> Vec<ReadyWorker> {
        let served = |(_, queue): (&QueueKey, &Queue)| match &queue.status {
            Status::Serving(served) => Some(served.worker.clone()),
            _ => None,
        };
        self.in_order().filter_map(served).collect()
    }

    /// What to tell of those that are not.
    pub(super) fn troubled(&self) -> Vec<Report> {
        let troubled = self.in_order().filter(|(_, queue)| queue.status.problem().is_some());
        let report = |(key, queue): (&QueueKey, &Queue)| Report {
            number: queue.number,
            queue: key.clone(),
            tenant: queue.wanted.borrow().tenant.clone(),
            status: queue.status.clone(),
        };
        troubled.map(report).collect()
    }

    /// All, in the order in which they came to be wanted.
    fn in_order(&self) -> impl Iterator<Item = (&QueueKey, &Queue)> {
        let mut queues: Vec<_> = self.queues.iter().collect();
        queues.sort_unstable_by_key(|(_, queue)| queue.number);
        queues.into_iter()
    }
}

impl Wanted {
    /// Becomes another one; returns whether it is.
    fn become_wanted(&mut self, other: Self) -> bool {
        let is_same = self.tenant == other.tenant
            && self.settings == other.settings
            && self.room.is(&other.room)
            && self.block == other.block;
        if !is_same {
            *self = Self { looks: self.looks, releases: self.releases, ..other };
        }
        !is_same
    }
}
