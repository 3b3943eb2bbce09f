//! One attempt: what it is, what it has come to and has cost, and what it has logged.

use std::time::SystemTime;

use activity::Usage;
use maud::{Markup, html};

use super::{
    attempts::outcome,
    line::line,
    links::{Links, with_query},
    words::{digest, duration, shown, size, text, time},
};
use crate::{
    kept::{Attempt, Ended},
    tail::Tail,
};

/// What is shown.
pub(crate) struct One<'a> {
    pub attempt: &'a Attempt,
    pub tail: &'a Tail,
    pub links: &'a Links,
    pub now: SystemTime,
}

impl One<'_> {
    /// The content of the page.
    pub(crate) fn content(&self) -> Markup {
        html! {
            p { a href="/attempts" { "All attempts" } }
            h1 { (shown(&self.attempt.activity_type)) " " (outcome(self.attempt)) }
            @if let Some(ended) = &self.attempt.ended { (came_to(ended)) }
            (self.facts())
            @if let Some(Ended { usage, .. }) = &self.attempt.ended { (cost(*usage)) }
            (self.logged())
        }
    }

    fn facts(&self) -> Markup {
        let attempt = self.attempt;
        html! {
            dl class="facts" {
                div { dt { "Tenant" } dd { a href=(with_query("/", &[("tenant", Some(attempt.tenant.as_str()))])) { (shown(&attempt.tenant)) } } }
                div { dt { "Task queue" } dd { (shown(&attempt.task_queue)) ", namespace " (shown(&attempt.namespace)) } }
                div { dt { "Activity id" } dd { (shown(&attempt.activity_id)) ", attempt " (attempt.attempt) } }
                @if let Some(workflow) = &attempt.workflow_id { div { dt { "Workflow" } dd { (self.workflow(workflow)) } } }
                @if let Some(run_id) = &attempt.run_id { div { dt { "Run id" } dd { code { (shown(run_id)) } } } }
                div { dt { "Component" } dd { (shown(&attempt.component)) " " (digest(&attempt.digest)) } }
                div { dt { "Began" } dd { (time(attempt.begun)) " UTC" } }
                @match &attempt.ended {
                    Some(ended) => { div { dt { "Ended" } dd { (time(ended.at)) " UTC" } } }
                    None => { div { dt { "Runs for" } dd { (duration(self.now.duration_since(attempt.begun).unwrap_or_default())) } } }
                }
                div { dt { "Heartbeats" } dd { (attempt.heartbeats) } }
            }
        }
    }

    fn workflow(&self, workflow: &str) -> Markup {
        let of_type = self.attempt.workflow_type.as_deref().unwrap_or_default();
        let run_id = self.attempt.run_id.as_deref().unwrap_or_default();
        html! {
            @match self.links.workflow(&self.attempt.namespace, workflow, run_id) {
                Some(link) => { a href=(link) rel="noreferrer" title="in Temporal's page" { (shown(workflow)) } }
                None => { (shown(workflow)) }
            }
            @if !of_type.is_empty() { " of type " (shown(of_type)) }
        }
    }

    fn logged(&self) -> Markup {
        let (gone, dropped) = (self.tail.gone(), self.attempt.lines_dropped);
        html! {
            section {
                h2 id="log" { "Log" }
                @if gone != 0 { p class="about" { (gone) " older lines are not kept." } }
                @if dropped != 0 { p class="about" { (dropped) " lines were too many at once, and were dropped." } }
                @if self.tail.lines().next().is_none() {
                    p class="about" { "Nothing that the worker's log lets through." }
                } @else {
                    div class="log" role="log" aria-live="off" aria-labelledby="log" tabindex="0" {
                        @for each in self.tail.lines() { (line(each)) }
                    }
                }
            }
        }
    }
}

/// What an attempt has come to, where that is no result.
fn came_to(ended: &Ended) -> Markup {
    html! {
        @if ended.failure_type.is_some() || ended.message.is_some() || ended.limit.is_some() {
            section class="failure" {
                @if let Some(failure_type) = &ended.failure_type { strong { (shown(failure_type)) } }
                @if let Some(limit) = ended.limit { " " span class="hit" { "limit: " (limit) } }
                @if let Some(message) = &ended.message { pre { (text(message)) } }
            }
        }
    }
}

/// What an attempt has cost.
fn cost(usage: Usage) -> Markup {
    let Usage { wall, cpu, sandbox_start, peak_memory, peak_scratch, kill_delay, http, traffic, excesses } = usage;
    let counts = [
        ("HTTP requests answered", http.answered),
        ("HTTP requests failed", http.failed),
        ("HTTP requests refused", http.refused),
        ("HTTP requests given up", http.abandoned),
    ];
    html! {
        section {
            h2 { "Receipt" }
            dl class="facts" {
                div { dt { "Time" } dd { (duration(wall)) } }
                div { dt { "Processor" } dd { (duration(cpu)) } }
                div { dt { "Sandbox start" } dd { (duration(sandbox_start)) } }
                div { dt { "Peak memory" } dd { (size(peak_memory)) } }
                @if peak_scratch != 0 { div { dt { "Peak scratch" } dd { (size(peak_scratch)) } } }
                @if let Some(delay) = kill_delay { div { dt { "Killed within" } dd { (duration(delay)) } } }
                div { dt { "Host calls" } dd { (traffic.host_calls) } }
                div { dt { "In and out" } dd { (size(traffic.bytes_in)) ", " (size(traffic.bytes_out)) } }
                @for (what, count) in counts { @if count != 0 { div { dt { (what) } dd { (count) } } } }
                @for (excess, count) in excesses.iter() { @if count != 0 { div { dt { "Beyond " (excess.name()) } dd { (count) } } } }
            }
        }
    }
}
