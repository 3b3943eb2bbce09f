//! Attempts that run and that have ended.

use std::time::SystemTime;

use maud::{Markup, html};

use super::words::{badge, duration, shown, size, time};
use crate::{
    kept::{Attempt, Ended},
    recent::Filter,
};

/// How many are shown.
pub(crate) const MOST_SHOWN: usize = 200;

/// What an attempt may be by its outcome.
const OUTCOMES: [&str; 8] =
    ["running", "completed", "failed", "cancelled", "will-complete-async", "timed-out", "abandoned", "unreported"];

/// What is shown, and of what.
pub(crate) struct Attempts<'a> {
    pub attempts: &'a [Attempt],
    /// How many there are.
    pub count: usize,
    pub filter: &'a Filter,
    pub now: SystemTime,
}

impl Attempts<'_> {
    /// The content of the page.
    pub(crate) fn content(&self) -> Markup {
        let more = self.count.saturating_sub(self.attempts.len());
        html! {
            h1 { "Attempts" }
            (self.form())
            @if self.attempts.is_empty() {
                p { "There are none that are kept." }
            } @else {
                div class="wide" role="region" aria-label="Attempts" tabindex="0" { (self.table()) }
            }
            p class="about" {
                @if more != 0 { "and " (more) " more. " }
                "Those that run, and the newest of those that have ended: some of each tenant are kept in memory."
            }
        }
    }

    fn form(&self) -> Markup {
        let Filter { tenant, activity_type, outcome } = self.filter;
        let is_chosen = |each: &str| outcome.as_deref() == Some(each);
        html! {
            form class="filter" method="get" action="/attempts" role="search" aria-label="Attempts" {
                label { "Tenant" input name="tenant" value=[tenant.as_deref()] autocomplete="off"; }
                label { "Activity type" input name="type" value=[activity_type.as_deref()] autocomplete="off"; }
                label { "Outcome" select name="outcome" {
                    option value="" { "any" }
                    @for each in OUTCOMES { option value=(each) selected[is_chosen(each)] { (each) } }
                } }
                button type="submit" { "Filter" }
                @if *self.filter != Filter::default() { a href="/attempts" { "Clear" } }
            }
        }
    }

    fn table(&self) -> Markup {
        html! {
            table {
                thead { tr {
                    @for column in ["Activity", "Outcome", "Tenant", "Task queue", "Began (UTC)", "Took", "Processor", "Memory", "Limit hit"] {
                        th scope="col" { (column) }
                    }
                } }
                tbody { @for attempt in self.attempts { (self.row(attempt)) } }
            }
        }
    }

    fn row(&self, attempt: &Attempt) -> Markup {
        html! {
            // By which the script knows it again.
            tr id={ "attempt-" (attempt.id) } {
                th scope="row" {
                    a href={ "/attempts/" (attempt.id) } { (shown(&attempt.activity_type)) }
                    span class="of" { (shown(&attempt.activity_id)) @if 1 < attempt.attempt { ", attempt " (attempt.attempt) } }
                }
                td {
                    (outcome(attempt))
                    @if let Some(Ended { failure_type: Some(failure_type), .. }) = &attempt.ended {
                        span class="why" { (shown(failure_type)) }
                    }
                }
                td { (shown(&attempt.tenant)) }
                td { (shown(&attempt.task_queue)) }
                td { (time(attempt.begun)) }
                @match &attempt.ended {
                    Some(Ended { usage, limit, .. }) => {
                        td class="number" { (duration(usage.wall)) }
                        td class="number" { (duration(usage.cpu)) }
                        td class="number" { (size(usage.peak_memory)) }
                        td { @if let Some(limit) = limit { span class="hit" { (limit) } } }
                    }
                    None => {
                        td class="number" { (duration(self.now.duration_since(attempt.begun).unwrap_or_default())) }
                        td {} td {} td {}
                    }
                }
            }
        }
    }
}

/// How it has ended, or that it runs.
pub(super) fn outcome(attempt: &Attempt) -> Markup {
    badge(attempt.ended.as_ref().map_or("running", |ended| ended.outcome))
}
