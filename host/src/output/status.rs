//! How a worker is, as people read it.

use std::{fmt::Write as _, time::Duration};

use activity::shown::{name, on_one_line};
use admin::{Attempt, Block, Cell, Memory, Queue, Refused, Status, Tenant, Worker};

use super::{human::size, releases::heading};

/// How many digits of a digest are shown: as many as `isolet block` needs, and a few more.
const DIGITS: usize = 16;

/// The whole of it.
pub(crate) fn text(status: &Status) -> String {
    let mut text = worker(&status.worker);
    let Memory { budget_bytes, reserved_bytes, used_bytes } = status.memory;
    text += &format!(
        "memory: {} of {} reserved, {} used by guests\n",
        size(reserved_bytes),
        size(budget_bytes),
        size(used_bytes)
    );
    status.tenants.iter().for_each(|each| tenant(&mut text, each));
    part(&mut text, "cells", &status.cells, cell);
    let running = status.attempts.len() as u64 + status.attempts_left_out;
    part(&mut text, &format!("attempts: {running}"), &status.attempts, attempt);
    if status.attempts_left_out != 0 {
        line(&mut text, 1, format_args!("and {} more", status.attempts_left_out));
    }
    part(&mut text, "released", &status.releases, heading);
    part(&mut text, "blocked", &status.blocks, block);
    let refused =
        |each: &Refused| format!("{} {}: {} × {}", name(&each.tenant), name(&each.component), each.what, each.count);
    part(&mut text, "refused since the start", &status.refused, refused);
    part(&mut text, "only counted since the start", &status.would_refuse, refused);
    if let Some(head) = &status.audit_head {
        text += &format!("audit head: {head}\n");
    }
    text
}

fn worker(worker: &Worker) -> String {
    let Worker { pid, version, uptime_seconds, state, address, namespace, reason, .. } = worker;
    let uptime = age(Duration::from_secs(*uptime_seconds));
    let server = match (address, namespace, reason) {
        (Some(address), Some(namespace), _) => format!("server {address}, namespace {}", name(namespace)),
        (_, _, Some(reason)) => format!("no server: {}", on_one_line(reason)),
        _ => "connecting".to_owned(),
    };
    format!("worker {pid} of version {version}: {state}, for {uptime}; {server}\n")
}

fn tenant(text: &mut String, tenant: &Tenant) {
    let blocked = tenant.blocked.as_ref().map(|reason| format!(", blocked: {}", on_one_line(reason)));
    line(
        text,
        0,
        format_args!(
            "tenant {}: isolation {}, weight {}, {}, {} reserved{}",
            name(&tenant.name),
            name(&tenant.isolation),
            tenant.weight,
            many(tenant.attempts, "attempt"),
            size(tenant.reserved_bytes),
            blocked.unwrap_or_default()
        ),
    );
    if let Some(limits) = limits(tenant) {
        line(text, 1, format_args!("{limits}"));
    }
    tenant.queues.iter().for_each(|each| queue(text, each));
}

/// What is told of a tenant's limits: what it has of its own, and what it has come to.
fn limits(tenant: &Tenant) -> Option<String> {
    let guaranteed = (tenant.guaranteed_bytes != 0).then(|| format!("{} guaranteed", size(tenant.guaranteed_bytes)));
    let memory = tenant.memory_limit_bytes.map(|most| format!("at most {}", size(most)));
    let attempts = tenant.attempts_limit.map(|most| format!("at most {most} attempts"));
    let told = if tenant.counts { "would have been limited by" } else { "limited by" };
    let limited = tenant.limited.iter().map(|limited| format!("{told} {} × {}", limited.limit, limited.count));
    let parts: Vec<String> = guaranteed.into_iter().chain(memory).chain(attempts).chain(limited).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn queue(text: &mut String, queue: &Queue) {
    let namespace = queue.namespace.as_ref().map(|namespace| format!(" of namespace {}", name(namespace)));
    let slots = match queue.activities.is_empty() && !queue.dynamic {
        true => String::new(),
        false => format!(", {} of {} slots", queue.slots_reserved, queue.slots),
    };
    let reason = queue.reason.as_ref().map(|reason| format!(": {}", on_one_line(reason)));
    let (namespace, reason) = (namespace.unwrap_or_default(), reason.unwrap_or_default());
    line(text, 1, format_args!("task queue {}{namespace}: {}{slots}{reason}", name(&queue.task_queue), queue.status));
    if let Some(cure) = &queue.cure {
        line(text, 2, format_args!("cure: {}", on_one_line(cure)));
    }
    for component in &queue.components {
        let digest = component.digest.as_deref().map(|digest| format!(" {}", digest.get(..DIGITS).unwrap_or(digest)));
        line(text, 2, format_args!("{}{}", on_one_line(&component.path), digest.unwrap_or_default()));
    }
}

fn cell(cell: &Cell) -> String {
    let process = cell.pid.map_or_else(String::new, |pid| format!(" as process {pid}"));
    let admin::Engine { components, attempts, memory_bytes } = cell.engine;
    let held = size(memory_bytes);
    let (components, attempts) = (many(components, "component"), many(attempts, "attempt"));
    format!("{}: {}{process}, {components}, {attempts}, {held}", name(&cell.name), cell.state)
}

fn attempt(attempt: &Attempt) -> String {
    let Attempt { tenant, task_queue, activity_type, activity_id, workflow_id, attempt: number, age_ms, .. } = attempt;
    let whose = workflow_id.as_ref().map(|workflow| format!(" of workflow {}", name(workflow))).unwrap_or_default();
    format!(
        "{} {} {}: {} {}{whose}, attempt {number}",
        age(Duration::from_millis(*age_ms)),
        name(tenant),
        name(task_queue),
        name(activity_type),
        name(activity_id)
    )
}

fn block(block: &Block) -> String {
    let named = [("activity", &block.activity), ("component", &block.digest), ("tenant", &block.tenant)];
    let named = named.into_iter().filter_map(|(what, named)| Some(format!("{what} {}", name(named.as_deref()?))));
    let named = named.collect::<Vec<_>>().join(" of ");
    format!("{named}, since {}: {}", block.since, on_one_line(&block.reason))
}

/// A heading and a line for each, if there is any.
fn part<T>(text: &mut String, heading: &str, each: &[T], mut show: impl FnMut(&T) -> String) {
    if !each.is_empty() {
        line(text, 0, format_args!("{heading}"));
    }
    each.iter().for_each(|each| line(text, 1, format_args!("{}", show(each))));
}

fn line(text: &mut String, depth: usize, words: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{:1$}{words}", "", 2 * depth);
}

/// So many of what is called this.
fn many(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Of a duration, what matters.
fn age(duration: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = duration.as_secs();
    match seconds {
        0..MINUTE => format!("{:.1}s", duration.as_secs_f64()),
        MINUTE..HOUR => format!("{}m {}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h {}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d {}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

#[cfg(test)]
mod tests {
    use admin::{Component, Engine};

    use super::*;

    #[test]
    fn all_of_it_is_told() {
        let queue = Queue {
            namespace: Some("default".to_owned()),
            task_queue: "orders".to_owned(),
            status: "refused".to_owned(),
            reason: Some("failed to find component a.wasm: no such file".to_owned()),
            cure: Some("check the path".to_owned()),
            components: vec![Component { path: "a.wasm".to_owned(), digest: Some("ab".repeat(32)), slot_bytes: 1 }],
            ..Queue::default()
        };
        let tenant = Tenant {
            name: "acme".to_owned(),
            isolation: "tenant".to_owned(),
            queues: vec![queue],
            ..Tenant::default()
        };
        let cell = Cell {
            name: "acme".to_owned(),
            state: "running".to_owned(),
            pid: Some(7),
            engine: Engine { components: 1, ..Engine::default() },
        };
        let attempt = Attempt {
            tenant: "acme".to_owned(),
            activity_type: "ship\n".to_owned(),
            age_ms: 61_000,
            ..Attempt::default()
        };
        let block = Block { activity: Some("ship".to_owned()), reason: "no".to_owned(), ..Block::default() };
        let status = Status {
            tenants: vec![tenant],
            cells: vec![cell],
            attempts: vec![attempt],
            attempts_left_out: 3,
            blocks: vec![block],
            ..Status::default()
        };
        let text = text(&status);
        for expected in [
            "tenant acme: isolation tenant, weight 0, 0 attempts, 0 bytes reserved\n",
            "  task queue orders of namespace default: refused: failed to find component a.wasm: no such file\n",
            "    cure: check the path\n    a.wasm abababababababab\n",
            "  acme: running as process 7, 1 component, 0 attempts, 0 bytes\n",
            "attempts: 4\n  1m 1s acme : ship",
            "  and 3 more\n",
            "blocked\n  activity ship, since : no\n",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in\n{text}");
        }
    }
}
