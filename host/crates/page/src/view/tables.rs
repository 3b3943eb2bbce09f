//! The tables of the overview.

use admin::{Component, Limited, Queue, Refused, Release, ReleaseVersion, Status, Tenant};
use maud::{Markup, html};

use super::{
    links::{Links, with_query},
    words::{badge, digest, shown, size, text},
};

/// How many rows a table has.
const MOST_ROWS: usize = 200;

/// A table with a heading, unless it is empty.
fn table(heading: &str, about: &str, columns: &[&str], rows: Vec<Markup>) -> Markup {
    let more = rows.len().saturating_sub(MOST_ROWS);
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (heading) }
                @if !about.is_empty() { p class="about" { (about) } }
                div class="wide" role="region" aria-label=(heading) tabindex="0" {
                    table {
                        thead { tr { @for column in columns { th scope="col" { (column) } } } }
                        tbody { @for row in rows.iter().take(MOST_ROWS) { tr { (row) } } }
                    }
                }
                @if more != 0 { p class="about" { "and " (more) " more; choose a tenant to see its own" } }
            }
        }
    }
}

/// A cell with a number.
fn number(number: u64) -> Markup {
    html! { td class="number" { (number) } }
}

pub(super) fn tenants(status: &Status, only: Option<&str>) -> Markup {
    let tenants = status.tenants.iter().filter(|tenant| only.is_none_or(|only| only == tenant.name));
    let columns = ["Tenant", "Isolation", "Weight", "Attempts", "Reserved", "Limits", "Came to its limits"];
    table("Tenants", "", &columns, tenants.map(tenant).collect())
}

fn tenant(tenant: &Tenant) -> Markup {
    let name = Some(tenant.name.as_str());
    let least = (tenant.guaranteed_bytes != 0).then(|| format!("{} guaranteed", size(tenant.guaranteed_bytes)));
    let memory = tenant.memory_limit_bytes.map(|most| format!("at most {}", size(most)));
    let attempts = tenant.attempts_limit.map(|most| format!("at most {most} attempts"));
    let limits: Vec<String> = least.into_iter().chain(memory).chain(attempts).collect();
    html! {
        th scope="row" {
            a href=(with_query("/", &[("tenant", name)])) { (shown(&tenant.name)) }
            @if let Some(blocked) = &tenant.blocked { " " (badge("blocked")) span class="why" { (text(blocked)) } }
        }
        td { (shown(&tenant.isolation)) }
        (number(tenant.weight.into()))
        td class="number" { a href=(with_query("/attempts", &[("tenant", name)])) { (tenant.attempts) } }
        td class="number" { (size(tenant.reserved_bytes)) }
        td { (limits.join(", ")) }
        td {
            @for Limited { limit, count } in &tenant.limited {
                span class="hit" { (shown(limit)) " × " (count) @if tenant.counts { " (only counted)" } }
            }
        }
    }
}

pub(super) fn queues(status: &Status, only: Option<&str>, links: &Links) -> Markup {
    let mut queues: Vec<(&Tenant, &Queue)> = each(status, only).collect();
    // Trouble first.
    queues.sort_by_key(|(_, queue)| queue.status == "serving");
    let columns = ["Task queue", "Tenant", "Status", "Attempts", "Slots", "Reserved", "Activities"];
    table("Task queues", "", &columns, queues.into_iter().map(|(tenant, queue)| row(tenant, queue, links)).collect())
}

fn row(tenant: &Tenant, queue: &Queue, links: &Links) -> Markup {
    let namespace = queue.namespace.as_deref().unwrap_or_default();
    let name = html! { (shown(&queue.task_queue)) };
    html! {
        th scope="row" {
            @match links.task_queue(namespace, &queue.task_queue) {
                Some(link) => { a href=(link) rel="noreferrer" title="in Temporal's page" { (name) } }
                None => { (name) }
            }
            @if !namespace.is_empty() { span class="of" { (shown(namespace)) } }
        }
        td { (shown(&tenant.name)) }
        td {
            (badge(&queue.status))
            @if let Some(reason) = &queue.reason { span class="why" { (text(reason)) } }
            @if let Some(cure) = &queue.cure { span class="cure" { "Cure: " (text(cure)) } }
        }
        (number(queue.attempts))
        td class="number" { (queue.slots_reserved) " of " (queue.slots) }
        td class="number" { (size(queue.reserved_bytes)) }
        td { (activities(tenant, queue)) }
    }
}

/// The first of the activities of a task queue, each with its attempts.
fn activities(tenant: &Tenant, queue: &Queue) -> Markup {
    const MOST: usize = 10;
    let more = queue.activities.len().saturating_sub(MOST);
    let of_type = |name: &str| with_query("/attempts", &[("tenant", Some(tenant.name.as_str())), ("type", Some(name))]);
    html! {
        @for name in queue.activities.iter().take(MOST) {
            // They wrap where there is a space.
            a class="activity" href=(of_type(name)) { (shown(name)) } " "
        }
        @if more != 0 { "and " (more) " more" }
        @if queue.dynamic { " any other" }
    }
}

pub(super) fn components(status: &Status, only: Option<&str>) -> Markup {
    let of_queue = |(tenant, queue)| components_of(status, tenant, queue);
    let columns = ["Component", "Tenant", "Task queue", "Digest", "Release", "A slot takes"];
    table("Components", "", &columns, each(status, only).flat_map(of_queue).collect())
}

fn components_of<'a>(status: &'a Status, tenant: &'a Tenant, queue: &'a Queue) -> impl Iterator<Item = Markup> + 'a {
    let release = |component: &'a Component| {
        let of_queue = |release: &&Release| release.tenant == tenant.name && release.task_queue == queue.task_queue;
        status.releases.iter().filter(of_queue).find_map(|release| part_in(release, component.digest.as_deref()?))
    };
    queue.components.iter().map(move |component| {
        html! {
            th scope="row" { (shown(&component.path)) }
            td { (shown(&tenant.name)) }
            td { (shown(&queue.task_queue)) }
            td { @match &component.digest { Some(of) => (digest(of)), None => "not loaded" } }
            td { @if let Some((part, phase)) = release(component) { (part) " " (badge(phase)) } }
            td class="number" { @if component.slot_bytes != 0 { (size(component.slot_bytes)) } }
        }
    })
}

/// As what a version takes part in a release.
fn part_in<'a>(release: &'a Release, digest: &str) -> Option<(&'static str, &'a str)> {
    match digest {
        digest if digest == release.candidate.digest => Some(("candidate", &release.phase)),
        digest if digest == release.stable.digest => Some(("stable", &release.phase)),
        _ => None,
    }
}

pub(super) fn releases(status: &Status, only: Option<&str>) -> Markup {
    let releases = status.releases.iter().filter(|release| only.is_none_or(|only| only == release.tenant));
    let columns = ["Component", "Tenant", "Phase", "Share", "Gate", "Stable", "Candidate"];
    table("Releases", "", &columns, releases.map(release).collect())
}

fn release(release: &Release) -> Markup {
    html! {
        th scope="row" { (shown(&release.component)) span class="of" { (shown(&release.task_queue)) } }
        td { (shown(&release.tenant)) }
        td {
            (badge(&release.phase))
            @if let Some(reason) = &release.reason { span class="why" { (text(reason)) } }
        }
        td class="number" { (release.percent) " %" }
        td { @match &release.gate { Some(gate) => code { (shown(gate)) }, None => "an operator" } }
        td { (version(&release.stable)) }
        td { (version(&release.candidate)) }
    }
}

fn version(version: &ReleaseVersion) -> Markup {
    html! {
        (digest(&version.digest))
        span class="of" {
            (version.failed) " of " (version.ended) " failed"
            @if let Some(p99) = version.p99_ms { ", p99 " (format!("{p99:.1}")) " ms" }
        }
    }
}

pub(super) fn refused(heading: &str, about: &str, refused: &[Refused], only: Option<&str>) -> Markup {
    let refused = refused.iter().filter(|refused| only.is_none_or(|only| only == refused.tenant));
    let row = |refused: &Refused| {
        html! {
            th scope="row" { (shown(&refused.what)) }
            td { (shown(&refused.component)) }
            td { (shown(&refused.tenant)) }
            (number(refused.count))
        }
    };
    table(heading, about, &["What", "Component", "Tenant", "Count"], refused.map(row).collect())
}

pub(super) fn blocks(status: &Status) -> Markup {
    let row = |block: &admin::Block| {
        let named = [("activity", &block.activity), ("component", &block.digest), ("tenant", &block.tenant)];
        html! {
            th scope="row" {
                @for (what, name) in named {
                    @if let Some(name) = name { span class="hit" { (what) " " (shown(name)) } }
                }
            }
            td { (text(&block.reason)) }
            td { (shown(&block.since)) }
        }
    };
    table("Blocked", "", &["What", "Why", "Since"], status.blocks.iter().map(row).collect())
}

pub(super) fn cells(status: &Status) -> Markup {
    let row = |cell: &admin::Cell| {
        html! {
            th scope="row" { (shown(&cell.name)) }
            td { (badge(&cell.state)) }
            td class="number" { @if let Some(pid) = cell.pid { (pid) } }
            (number(cell.engine.components))
            (number(cell.engine.attempts))
            td class="number" { (size(cell.engine.memory_bytes)) }
        }
    };
    let columns = ["Cell", "State", "Process", "Components", "Attempts", "Memory of guests"];
    table("Cells", "", &columns, status.cells.iter().map(row).collect())
}

fn each<'a>(status: &'a Status, only: Option<&'a str>) -> impl Iterator<Item = (&'a Tenant, &'a Queue)> {
    let tenants = status.tenants.iter().filter(move |tenant| only.is_none_or(|only| only == tenant.name));
    tenants.flat_map(|tenant| tenant.queues.iter().map(move |queue| (tenant, queue)))
}
