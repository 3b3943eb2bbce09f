//! Whether the worker is well, for what restarts it and what waits for it.
//!
//! A worker of many tenants is ready once it has tried everything and serves something: one tenant's trouble is told, and is
//! nobody else's.

use std::fmt::Write as _;

use activity::shown::{name, on_one_line};
use admin::{Queue, Status};
use axum::{
    http::{HeaderMap, StatusCode, header::ACCEPT},
    response::Response,
};
use serde::Serialize;
use web::{json, text};

/// How many task queues are named that are not served.
const MOST_NAMED: usize = 100;

/// Whether the worker is ready for work, and why not.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Readiness {
    ready: bool,
    /// Why it is not.
    reasons: Vec<String>,
    /// Task queues that are not served, whether it is ready or not.
    queues: Vec<Troubled>,
    /// How many more of them there are.
    queues_left_out: usize,
}

/// A task queue that is not served.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Troubled {
    tenant: String,
    namespace: Option<String>,
    task_queue: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// Whether each task queue must be served.
    pub all: bool,
    /// Whether it is told what is wrong: that may name files and servers.
    pub why: bool,
}

impl Readiness {
    /// That of a worker, which has said nothing if `status` is none.
    pub(crate) fn of(status: Option<&Status>, wanted: Wanted) -> Self {
        let Some(status) = status else {
            return Self { reasons: vec!["the worker has not answered in time".to_owned()], ..Self::default() };
        };
        let mut reasons = Vec::new();
        let worker = &status.worker;
        if worker.state != "ready" {
            reasons.push(format!("the worker is {}", worker.state));
        }
        if worker.address.is_none() {
            let why = worker.reason.as_ref().filter(|_| wanted.why).map(|why| format!(": {}", on_one_line(why)));
            reasons.push(format!("there is no connection to Temporal{}", why.unwrap_or_default()));
        }
        let queues = || status.tenants.iter().flat_map(|tenant| tenant.queues.iter().map(move |queue| (tenant, queue)));
        let (all, served) = (queues().count(), queues().filter(|(_, queue)| is_well(queue)).count());
        if 0 < all && served == 0 {
            reasons.push(format!("none of {all} task queues is served"));
        } else if wanted.all && served < all {
            reasons.push(format!("{served} of {all} task queues are served"));
        }
        let troubled = queues().filter(|(_, queue)| !is_well(queue)).take(MOST_NAMED);
        let troubled = troubled.map(|(tenant, queue)| Troubled {
            tenant: tenant.name.clone(),
            namespace: queue.namespace.clone(),
            task_queue: queue.task_queue.clone(),
            status: queue.status.clone(),
            reason: queue.reason.clone().filter(|_| wanted.why),
        });
        let queues: Vec<_> = troubled.collect();
        let queues_left_out = (all - served).saturating_sub(queues.len());
        Self { ready: reasons.is_empty(), reasons, queues, queues_left_out }
    }

    /// As whoever asks wants to read it.
    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let status = if self.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
        match accepted.contains("application/json") {
            true => json(status, self),
            false => text(status, self.in_words()),
        }
    }

    fn in_words(&self) -> String {
        let mut words = if self.ready { "ready\n" } else { "not ready\n" }.to_owned();
        self.reasons.iter().for_each(|reason| put(&mut words, format_args!("{reason}")));
        for Troubled { tenant, namespace, task_queue, status, reason } in &self.queues {
            let of = namespace.as_ref().map(|of| format!(" of namespace {}", name(of))).unwrap_or_default();
            let why = reason.as_ref().map(|why| format!(": {}", on_one_line(why))).unwrap_or_default();
            let (tenant, task_queue) = (name(tenant), name(task_queue));
            put(&mut words, format_args!("tenant {tenant}, task queue {task_queue}{of}: {status}{why}"));
        }
        if self.queues_left_out != 0 {
            put(&mut words, format_args!("and {} more task queues", self.queues_left_out));
        }
        words
    }
}

/// Whether it is as it is to be: an operator who has blocked a tenant wants its task queues not to be served.
fn is_well(queue: &Queue) -> bool {
    matches!(queue.status.as_str(), "serving" | "blocked")
}

fn put(words: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(words, "{line}");
}

#[cfg(test)]
mod tests {
    use admin::{Tenant, Worker};

    use super::*;

    fn status(state: &str, queues: &[&str]) -> Status {
        let queue = |status: &&str| Queue {
            task_queue: "orders".to_owned(),
            status: (*status).to_owned(),
            reason: Some("failed to find /srv/secret.wasm".to_owned()),
            ..Queue::default()
        };
        let queues = queues.iter().map(queue).collect();
        let tenant = Tenant { name: "acme".to_owned(), queues, ..Tenant::default() };
        let worker =
            Worker { state: state.to_owned(), address: Some("localhost:7233".to_owned()), ..Worker::default() };
        Status { worker, tenants: vec![tenant], ..Status::default() }
    }

    #[test]
    fn one_tenant_s_trouble_is_nobody_else_s() {
        let all = Wanted { all: true, why: false };
        let cases = [
            (status("ready", &["serving", "refused"]), Wanted::default(), true),
            (status("ready", &["serving", "refused"]), all, false),
            (status("ready", &["refused", "unreachable"]), Wanted::default(), false),
            (status("ready", &["blocked"]), all, true),
            (status("ready", &[]), all, true),
            (status("starting", &["loading"]), Wanted::default(), false),
            (status("stopping", &["serving"]), Wanted::default(), false),
        ];
        for (status, wanted, ready) in cases {
            let readiness = Readiness::of(Some(&status), wanted);
            assert_eq!(readiness.ready, ready, "{readiness:?}");
        }
        assert!(!Readiness::of(None, Wanted::default()).ready);
    }

    #[test]
    fn what_is_wrong_is_for_those_who_may_know() {
        let status = status("ready", &["refused"]);
        let words = Readiness::of(Some(&status), Wanted::default()).in_words();
        let expected = "not ready\nnone of 1 task queues is served\ntenant acme, task queue orders: refused\n";
        assert_eq!(words, expected);
        let words = Readiness::of(Some(&status), Wanted { all: false, why: true }).in_words();
        assert!(words.ends_with("refused: failed to find /srv/secret.wasm\n"), "{words}");
    }

    #[test]
    fn many_are_counted() {
        let readiness = Readiness::of(Some(&status("ready", &["refused"; 150])), Wanted::default());
        assert_eq!((readiness.queues.len(), readiness.queues_left_out), (100, 50));
    }
}
