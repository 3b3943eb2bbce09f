//! How the worker is.

use std::time::Duration;

use admin::{Status, Worker};
use maud::{Markup, html};

use super::{
    links::Links,
    plot::Plot,
    tables,
    words::{age, badge, shown, size, text},
};
use crate::history::{Sample, Shares};

/// What is shown, and to what it is narrowed.
pub(crate) struct Overview<'a> {
    pub status: Option<&'a Status>,
    pub samples: &'a [Sample],
    pub links: &'a Links,
    /// The tenant that is asked for.
    pub tenant: Option<&'a str>,
}

impl Overview<'_> {
    /// The content of the page.
    pub(crate) fn content(&self) -> Markup {
        let Some(status) = self.status else {
            return html! {
                h1 { "Overview" }
                p class="wrong" role="alert" { "The worker has not answered in time. It may be ending, or have too much to do." }
            };
        };
        html! {
            h1 { "Worker " (badge(&status.worker.state)) }
            (facts(status))
            (self.plots())
            @if let Some(tenant) = self.tenant {
                p { "Only what is of tenant " strong { (shown(tenant)) } ". " a href="/" { "Show all" } }
            }
            (tables::tenants(status, self.tenant))
            (tables::queues(status, self.tenant, self.links))
            (tables::components(status, self.tenant))
            (tables::releases(status, self.tenant))
            (tables::refused("Refused", "Failures and requests that the host has refused since the start.", &status.refused, self.tenant))
            (tables::refused("Only counted", "What would have been refused if it were not only counted.", &status.would_refuse, self.tenant))
            @if self.tenant.is_none() {
                (tables::blocks(status))
                (tables::cells(status))
            }
        }
    }

    fn plots(&self) -> Markup {
        let of = |shares: fn(&Sample) -> &Shares| self.samples.iter().map(shares).collect::<Vec<_>>();
        let processors = Plot { title: "Processors", told: |cores| format!("{cores:.2}"), least: 1.0 };
        let reserved = Plot { title: "Memory reserved", told: memory, least: 1.0 };
        html! {
            section class="plots" aria-label="Shares of processor and memory" {
                (processors.of(&of(|sample| &sample.processor)))
                (reserved.of(&of(|sample| &sample.memory)))
            }
        }
    }
}

/// Of so many MiB, what matters.
fn memory(mebibytes: f64) -> String {
    if mebibytes < 1_024.0 { format!("{mebibytes:.0} MiB") } else { format!("{:.1} GiB", mebibytes / 1_024.0) }
}

fn facts(status: &Status) -> Markup {
    let Worker { pid, version, started, uptime_seconds, address, namespace, reason, .. } = &status.worker;
    let running = status.attempts.len() as u64 + status.attempts_left_out;
    html! {
        dl class="facts" {
            div { dt { "Server" } dd {
                @match (address, namespace, reason) {
                    (Some(address), Some(namespace), _) => { (shown(address)) ", namespace " (shown(namespace)) }
                    (_, _, Some(reason)) => { span class="wrong" { "none: " (text(reason)) } }
                    _ => { "connecting" }
                }
            } }
            div { dt { "Up for" } dd title=(started) { (age(Duration::from_secs(*uptime_seconds))) } }
            div { dt { "Attempts running" } dd { a href="/attempts?outcome=running" { (running) } } }
            div { dt { "Memory" } dd {
                (size(status.memory.reserved_bytes)) " of " (size(status.memory.budget_bytes)) " reserved, "
                (size(status.memory.used_bytes)) " used by guests"
            } }
            div { dt { "Process" } dd { (pid) ", version " (version) } }
            @if let Some(head) = &status.audit_head {
                div { dt { "Audit head" } dd { code { (shown(head)) } } }
            }
        }
    }
}
