//! What is asked and told from the outside: how everything is, and what must not run.

use std::{collections::HashMap, process, time::SystemTime};

use activity::{Block, Blocks};
use admin::{Asked, Changed, Limited, Memory, Queue, Refusal, Reply, Request, STATUS_VERSION, Tenant};
use cell::CellProcess;
use engine::EngineStats;

use super::{
    Supervisor,
    link::Link,
    releasing::Answer,
    status::{QueueKey, Report, Served, Status},
};
use crate::{
    config::settings::{TenantSettings, WorkerSettings},
    control::{blocks, releases::release::Phase},
    wiring::tenants::CPU_PERCENT,
};

/// Attempts that run, by tenant, namespace and task queue.
type Counts = HashMap<(String, String, String), u64>;

impl Supervisor {
    /// Answers.
    pub(super) fn answer(&mut self, asked: Asked) {
        let Asked { request, user, reply } = asked;
        let answer = match request {
            Request::Status => Reply::Status(Box::new(self.status())),
            Request::Block(asked) => self.block(&asked, true, user),
            Request::Unblock(asked) => self.block(&asked, false, user),
            // These take a while.
            Request::SetRelease(asked) => return self.set_release(asked, Answer { user, reply }),
            Request::Promote(of) => return self.decide(&of, Phase::Promoted, Answer { user, reply }),
            Request::RollBack(of) => return self.decide(&of, Phase::RolledBack, Answer { user, reply }),
        };
        // A client that has gone needs no answer.
        let _ = reply.send(answer);
    }

    /// Blocks something, or blocks it no more.
    fn block(&mut self, asked: &admin::Block, is_block: bool, user: u32) -> Reply {
        let kept = &self.control.blocks;
        let done = if is_block { kept.block(asked) } else { kept.unblock(asked) };
        let (block, changed) = match done {
            Ok(done) => done,
            Err(Refusal { message, cure }) => {
                tracing::error!(cure, "what must run is as before: {message}");
                return Reply::Refused(Refusal { message, cure });
            }
        };
        if changed.changed {
            self.shared.reporter.blocked(&block, is_block);
            self.shared.records.blocked(&block, is_block, user);
            // Whole tenants are kept otherwise.
            self.apply();
        }
        let attempts = match &self.shared.running {
            Some(running) if is_block => running.blocked(&block),
            _ => 0,
        };
        Reply::Changed(Changed { attempts, is_served: self.serves(&block), ..changed })
    }

    /// Whether anything is served, or is to be, that a block is about.
    fn serves(&self, block: &Block) -> bool {
        let tenants = self.now.settings.tenants.iter();
        let mut tenants = tenants.filter(|tenant| block.tenant.as_ref().is_none_or(|name| *name == tenant.name));
        tenants.any(|tenant| {
            let is_whole = block.activity.is_none() && block.digest.is_none();
            is_whole
                || tenant.workers.iter().any(|worker| self.served(worker).is_some_and(|served| about(block, served)))
        })
    }

    pub(super) fn served(&self, worker: &WorkerSettings) -> Option<&Served> {
        match self.kept.status(&key(worker)) {
            Some(Status::Serving(served)) => Some(served),
            _ => None,
        }
    }

    /// How everything is.
    fn status(&self) -> admin::Status {
        let blocks = self.control.blocks.now();
        let counts = self.shared.running.as_ref().map(|running| running.counts()).unwrap_or_default();
        let tenants = self.now.settings.tenants.iter();
        let tenants: Vec<Tenant> = tenants.map(|tenant| self.tenant(tenant, &blocks, &counts)).collect();
        let EngineStats { components, sandboxes, memory, .. } = self.shared.host.engine.stats();
        let cells = self.cells();
        let in_cells = cells.iter().map(|cell| cell.engine.memory_bytes).fold(0, u64::saturating_add);
        let (attempts, attempts_left_out) =
            self.shared.running.as_ref().map(|running| running.attempts()).unwrap_or_default();
        admin::Status {
            version: STATUS_VERSION,
            worker: self.worker(),
            memory: Memory {
                budget_bytes: self.shared.budget.total(),
                reserved_bytes: tenants.iter().map(|tenant| tenant.reserved_bytes).sum(),
                used_bytes: memory.saturating_add(in_cells),
            },
            engine: admin::Engine { components: components as u64, attempts: sandboxes as u64, memory_bytes: memory },
            tenants,
            cells,
            blocks: blocks.iter().map(blocks::told).collect(),
            releases: self.told_releases(),
            attempts,
            attempts_left_out,
            refused: self.shared.running.as_ref().map(|running| running.refused()).unwrap_or_default(),
            would_refuse: self.shared.running.as_ref().map(|running| running.would_refuse()).unwrap_or_default(),
            audit_head: self.shared.records.head().map(|head| head.hash),
        }
    }

    /// The namespace of task queues that name none, once it is known.
    pub(super) fn default_namespace(&self) -> Option<String> {
        match &*self.link.borrow() {
            Link::Open(line) => Some(line.connection.namespace().to_owned()),
            Link::Opening | Link::Closed(_) => None,
        }
    }

    fn worker(&self) -> admin::Worker {
        let state = match (self.requested != 0 || self.problem.is_some(), self.is_ready) {
            (true, _) => "stopping",
            (false, true) => "ready",
            (false, false) => "starting",
        };
        let (address, namespace, reason) = match &*self.link.borrow() {
            Link::Open(line) => {
                (Some(line.connection.address().to_owned()), Some(line.connection.namespace().to_owned()), None)
            }
            Link::Closed(problem) => (None, None, Some(format!("{:#}", problem.error))),
            Link::Opening => (None, None, None),
        };
        admin::Worker {
            pid: process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: humantime::format_rfc3339_seconds(self.begun).to_string(),
            uptime_seconds: SystemTime::now().duration_since(self.begun).unwrap_or_default().as_secs(),
            state: state.to_owned(),
            address,
            namespace,
            reason,
        }
    }

    fn tenant(&self, tenant: &TenantSettings, blocks: &Blocks, counts: &Counts) -> Tenant {
        let queues: Vec<Queue> = tenant.workers.iter().map(|worker| self.queue(tenant, worker, counts)).collect();
        let limits = &tenant.limits;
        Tenant {
            guaranteed_bytes: limits.guaranteed_memory,
            memory_limit_bytes: limits.memory,
            attempts_limit: limits.attempts.map(|most| most as u64),
            counts: limits.is_counted,
            limited: self.limited(&tenant.name),
            name: tenant.name.clone(),
            isolation: tenant.isolation.to_string(),
            weight: tenant.weight,
            attempts: queues.iter().map(|queue| queue.attempts).sum(),
            reserved_bytes: queues.iter().map(|queue| queue.reserved_bytes).sum(),
            blocked: blocks.of_tenant(&tenant.name).map(|block| block.reason.clone()),
            queues,
        }
    }

    /// Which of its limits a tenant has come to.
    fn limited(&self, tenant: &str) -> Vec<Limited> {
        let throttled = (CPU_PERCENT, self.shared.host.cells.throttled(tenant));
        let limits = self.kept.of_tenant(tenant).unwrap_or_default().into_iter().chain([throttled]);
        let limits = limits.filter(|(_, count)| *count != 0);
        limits.map(|(limit, count)| Limited { limit: limit.to_owned(), count }).collect()
    }

    fn queue(&self, tenant: &TenantSettings, worker: &WorkerSettings, counts: &Counts) -> Queue {
        let queue = key(worker);
        let status = self.kept.status(&queue).cloned().unwrap_or(Status::Loading);
        let (slots_reserved, reserved_bytes) = self.kept.reserved(&queue);
        let report = Report { number: 0, queue, tenant: tenant.name.clone(), status };
        let told = report.told(self.worker().namespace.as_deref());
        let (namespace, task_queue) = (told.namespace.clone(), told.task_queue);
        let attempts = (tenant.name.clone(), namespace.clone().unwrap_or_default(), task_queue.clone());
        let mut queue = Queue {
            namespace,
            task_queue,
            status: told.status,
            reason: told.reason,
            cure: told.cure,
            slots: worker.max_concurrent as u64,
            slots_reserved: slots_reserved as u64,
            reserved_bytes,
            attempts: counts.get(&attempts).copied().unwrap_or_default(),
            components: worker.components.iter().map(not_loaded).collect(),
            ..Queue::default()
        };
        if let Status::Serving(served) = &report.status {
            queue.activities.clone_from(&served.worker.activities);
            queue.dynamic = served.worker.is_dynamic;
            queue.components = served.components.iter().map(loaded).collect();
        }
        queue
    }

    fn cells(&self) -> Vec<admin::Cell> {
        let mut told = Vec::new();
        for cell in self.shared.host.cells.each() {
            let (components, processes) = cell.processes();
            let is_idle = !processes.iter().any(|process| process.takes_attempts);
            let process = |process: &CellProcess| admin::Cell {
                name: cell.name().to_owned(),
                state: if process.takes_attempts { "running" } else { "draining" }.to_owned(),
                pid: process.id,
                engine: admin::Engine {
                    components: components as u64,
                    attempts: process.sandboxes as u64,
                    memory_bytes: process.memory,
                },
            };
            told.extend(processes.iter().map(process));
            if is_idle {
                let engine = admin::Engine { components: components as u64, ..admin::Engine::default() };
                told.push(admin::Cell { name: cell.name().to_owned(), state: "idle".to_owned(), pid: None, engine });
            }
        }
        told
    }
}

fn key(worker: &WorkerSettings) -> QueueKey {
    (worker.namespace.clone(), worker.task_queue.clone())
}

/// Whether a block is about something of what is served.
fn about(block: &Block, served: &Served) -> bool {
    let worker = &served.worker;
    let is_activity = |name: &String| worker.is_dynamic || worker.activities.contains(name);
    let is_digest = |digest: &String| served.components.iter().any(|component| component.digest.starts_with(digest));
    block.activity.as_ref().is_none_or(is_activity) && block.digest.as_ref().is_none_or(is_digest)
}

fn not_loaded(settings: &crate::config::settings::ComponentSettings) -> admin::Component {
    admin::Component { path: settings.path.display().to_string(), ..admin::Component::default() }
}

fn loaded(served: &super::status::ServedComponent) -> admin::Component {
    let digest = Some(served.digest.clone());
    admin::Component { path: served.path.clone(), digest, slot_bytes: served.slot_memory }
}
