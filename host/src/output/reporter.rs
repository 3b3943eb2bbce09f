//! What a serving command tells: to people through the log, to scripts as events.

use std::{path::Path, sync::Arc};

use activity::{Block, Level, LineFormat, Observer, shown};
use logging::{AttemptLog, EventWriter, Log, Printer, Queued};
use serde_json::{Value, json};
use worker::Summary;

use super::{Format, lines, log::least_level};
use crate::{
    config::difference::{Change, Difference},
    exit::Problem,
};

/// Tells what a serving command does.
#[derive(Debug)]
pub(crate) struct Reporter {
    events: Option<(EventWriter, Printer)>,
    log: Log,
    /// Lines of the log are queued as long as this is there.
    queued: Queued,
}

/// What writes lines of guests down where a serving command tells in `format`, and in `log` what it tells people.
pub(crate) fn guest_lines(format: Format, log: &Log) -> GuestLines {
    let words = match format {
        Format::Human => lines::words(log.style()),
        Format::Json => lines::EVENTS,
    };
    GuestLines { least_level: least_level(format), format: lines::format(words), words: Some(words) }
}

/// Which lines of guests are kept, and how they are written down.
#[derive(Clone, Debug)]
pub(crate) struct GuestLines {
    /// The least important level that is kept.
    pub least_level: Level,
    /// What writes them down; without it nobody reads them, but those who watch an attempt.
    pub format: Option<Arc<dyn LineFormat>>,
    /// The same in words.
    pub words: Option<&'static str>,
}

impl GuestLines {
    /// All of them, for those who watch attempts.
    pub(crate) fn watched() -> Self {
        Self { least_level: Level::Trace, format: None, words: None }
    }

    /// None worth a mention: where no attempt runs.
    pub(crate) fn unread() -> Self {
        Self { least_level: Level::Error, format: None, words: None }
    }
}

/// What is served once everything is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    /// Host and port of the server.
    pub address: String,
    /// The web user interface, where we know it.
    pub ui: Option<String>,
    /// The namespace of the connection.
    pub namespace: String,
    /// Where the worker answers by HTTP, if it does.
    pub web: Option<String>,
    /// Where Prometheus finds the metrics, if it does.
    pub metrics: Option<String>,
    /// The task queues.
    pub workers: Vec<ReadyWorker>,
}

/// A task queue that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadyWorker {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub task_queue: String,
    /// The activity types, sorted.
    pub activities: Vec<String>,
    /// Whether it takes every other activity type too.
    pub is_dynamic: bool,
}

/// How it is with a task queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueueStatus {
    /// For whom it is served.
    pub tenant: String,
    /// Its namespace, if that is known.
    pub namespace: Option<String>,
    /// Its name.
    pub task_queue: String,
    /// How it is.
    pub status: String,
    /// Why it is not served.
    pub reason: Option<String>,
    /// What to do about that.
    pub cure: Option<String>,
}

impl Reporter {
    /// Tells in `format`; what it tells people, in `log`.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn new(format: Format, log: Log) -> std::io::Result<Self> {
        let events = match format {
            Format::Human => None,
            Format::Json => Some(EventWriter::start()?),
        };
        Ok(Self { events, queued: log.queued()?, log })
    }

    /// Whom a worker tells about the attempts of `tenant`.
    pub(crate) fn observer(&self, tenant: &str) -> Arc<dyn Observer> {
        match &self.events {
            Some((writer, _)) => Arc::new(writer.of_tenant(tenant)),
            None => Arc::new(AttemptLog::new(self.log.clone(), tenant)),
        }
    }

    /// Task queues are polled.
    pub(crate) fn ready(&self, ready: &Ready) {
        let queue = |worker: &ReadyWorker| {
            json!({
                "namespace": worker.namespace,
                "task_queue": worker.task_queue,
                "activities": worker.activities,
                "dynamic": worker.is_dynamic,
            })
        };
        let mut event = json!({
            "event": "ready",
            "address": ready.address,
            "namespace": ready.namespace,
            "workers": ready.workers.iter().map(queue).collect::<Vec<_>>(),
        });
        for (name, url) in [("ui", &ready.ui), ("web", &ready.web), ("metrics", &ready.metrics)] {
            if let (Some(url), Some(object)) = (url, event.as_object_mut()) {
                object.insert(name.to_owned(), json!(url));
            }
        }
        self.tell(event, || {
            for worker in &ready.workers {
                let ReadyWorker { namespace, task_queue, activities, is_dynamic } = worker;
                let others = is_dynamic.then_some("any other activity").into_iter();
                let served: Vec<&str> = activities.iter().map(String::as_str).chain(others).collect();
                tracing::info!(
                    "task queue {task_queue} of namespace {namespace} serves {}",
                    shown::names(served.into_iter())
                );
            }
            if let Some(metrics) = &ready.metrics {
                tracing::info!("metrics are served at {metrics}");
            }
            let ui = ready.ui.as_ref().map_or_else(String::new, |ui| format!(", web user interface at {ui}"));
            tracing::info!("ready: polling {}{ui}; an interrupt ends it", ready.address);
        });
    }

    /// A project is built anew, because this source of it has changed.
    pub(crate) fn rebuilding(&self, project: &Path, changed: &Path) {
        let (project, changed) = (project.display().to_string(), changed.display().to_string());
        let event = json!({"event": "rebuilding", "path": project, "changed": changed});
        self.tell(event, || tracing::info!("building {project} anew: {changed} has changed"));
    }

    /// A new version of a component is served.
    pub(crate) fn reloaded(&self, path: &Path, activities: &[String]) {
        let event = json!({"event": "reloaded", "path": path.display().to_string(), "activities": activities});
        let served = shown::names(activities.iter().map(String::as_str));
        self.tell(event, || tracing::info!("reloaded {}: it serves {served}", path.display()));
    }

    /// A new version of a component can't be served; the old one still is.
    pub(crate) fn reload_failed(&self, path: &Path, problem: &Problem) {
        let Problem { error, cure, .. } = problem;
        let message = format!("{error:#}");
        let mut event = json!({"event": "reload-failed", "path": path.display().to_string(), "message": message});
        if let (Some(cure), Some(object)) = (cure, event.as_object_mut()) {
            object.insert("cure".to_owned(), json!(cure));
        }
        self.tell(event, || {
            let path = path.display();
            tracing::error!(cure, "the new version of {path} is not served, the old one still is: {message}");
        });
    }

    /// It is otherwise with a task queue than before.
    pub(crate) fn queue(&self, queue: &QueueStatus) {
        let QueueStatus { tenant, namespace, task_queue, status, reason, cure } = queue;
        let mut event = json!({"event": "queue", "tenant": tenant, "task_queue": task_queue, "status": status});
        for (name, text) in [("namespace", namespace), ("reason", reason), ("cure", cure)] {
            if let (Some(text), Some(object)) = (text, event.as_object_mut()) {
                object.insert(name.to_owned(), json!(text));
            }
        }
        self.tell(event, || match reason {
            Some(reason) => tracing::error!(cure, "task queue {task_queue} of tenant {tenant} is {status}: {reason}"),
            None => tracing::info!("task queue {task_queue} of tenant {tenant}: {status}"),
        });
    }

    /// The files of a task queue were read again; its components are the same.
    pub(crate) fn looked_again(&self, task_queue: &str) {
        let event = json!({"event": "read-again", "task_queue": task_queue});
        self.tell(event, || {
            tracing::info!("the files of task queue {task_queue} were read again, its keys among them");
        });
    }

    /// A task queue can't be served as it is wanted now; it is served as before.
    pub(crate) fn queue_unchanged(&self, task_queue: &str, problem: &Problem) {
        let Problem { error, cure, .. } = problem;
        let message = format!("{error:#}");
        let event = json!({"event": "queue-unchanged", "task_queue": task_queue, "message": message, "cure": cure});
        self.tell(event, || {
            tracing::error!(
                cure,
                "task queue {task_queue} is served as before, and not as it is wanted now: {message}"
            );
        });
    }

    /// The configuration was read again, and holds.
    pub(crate) fn reconfigured(&self, difference: &Difference) {
        let Difference { added, removed, changed, at_once, at_next_start } = difference;
        let keys = |changes: &[Change]| changes.iter().map(|change| change.key.clone()).collect::<Vec<_>>();
        let changed_keys = changed.iter().map(|(queue, changes)| json!({"queue": queue, "keys": keys(changes)}));
        let event = json!({
            "event": "reconfigured",
            "added": added,
            "removed": removed,
            "changed": changed_keys.collect::<Vec<_>>(),
            "at_once": keys(at_once),
            "at_next_start": keys(at_next_start),
        });
        self.tell(event, || {
            let (added, removed, changed) = (added.len(), removed.len(), changed.len());
            tracing::info!(
                "the configuration was read again: {added} task queues are new, {changed} others, {removed} gone"
            );
            for change in at_once {
                tracing::info!("{change}; that holds from now on");
            }
            for change in at_next_start {
                tracing::warn!("{change}; that holds when the worker is started anew");
            }
        });
    }

    /// The configuration was read again and does not hold; everything stays as it is.
    pub(crate) fn reconfigure_failed(&self, problem: &Problem) {
        let Problem { error, cure, .. } = problem;
        let message = format!("{error:#}");
        let event = json!({"event": "reconfigure-failed", "message": message, "cure": cure});
        self.tell(event, || tracing::error!(cure, "everything stays as it is: {message}"));
    }

    /// An operator has blocked something, or blocks it no more.
    pub(crate) fn blocked(&self, block: &Block, is_blocked: bool) {
        let Block { activity, digest, tenant, reason, .. } = block;
        let name = if is_blocked { "blocked" } else { "unblocked" };
        let mut event = json!({"event": name, "activity": activity, "digest": digest, "tenant": tenant});
        if let (true, Some(object)) = (is_blocked, event.as_object_mut()) {
            object.insert("reason".to_owned(), json!(reason));
        }
        self.tell(event, || match is_blocked {
            true => tracing::warn!("{block} is blocked: {reason}"),
            false => tracing::warn!("{block} is blocked no more"),
        });
    }

    /// Another version of a component was released, promoted or rolled back.
    pub(crate) fn released(&self, what: &str, release: &admin::Release) {
        let admin::Release { tenant, task_queue, component, percent, reason, stable, candidate, .. } = release;
        let event = json!({
            "event": what,
            "tenant": tenant,
            "task_queue": task_queue,
            "component": component,
            "percent": percent,
            "gate": release.gate,
            "stable": stable.digest,
            "candidate": candidate.digest,
            "reason": reason,
        });
        self.tell(event, || {
            let (version, component) = (shown::on_one_line(&candidate.version), shown::on_one_line(component));
            let of = format!("{version} ({}) in place of {component} on task queue {task_queue}", candidate.digest);
            let reason = reason.as_deref().unwrap_or_default();
            match what {
                "release-set" => tracing::warn!("{of} runs {percent} % of the attempts from now on"),
                "release-promoted" => tracing::warn!("{of} runs all attempts from now on: {reason}"),
                "release-over" => tracing::warn!("{of} is released no more: {reason}"),
                _ => tracing::warn!("{of} is rolled back: {reason}"),
            }
        });
    }

    /// A candidate of a component can't be served; the component is, without it.
    pub(crate) fn candidate_refused(&self, task_queue: &str, component: &Path, problem: &Problem) {
        let Problem { error, cure, .. } = problem;
        let (message, component) = (format!("{error:#}"), component.display().to_string());
        let event = json!({
            "event": "release-refused",
            "task_queue": task_queue,
            "component": component,
            "message": message,
            "cure": cure,
        });
        self.tell(event, || {
            tracing::error!(cure, "{component} runs all attempts on task queue {task_queue}: {message}");
        });
    }

    /// The shutdown has begun.
    pub(crate) fn stopping(&self) {
        self.tell(json!({"event": "stopping"}), || {
            tracing::info!("stopping: attempts get their grace; a second interrupt ends it");
        });
    }

    /// Everything has ended.
    pub(crate) fn stopped(&self, summary: Summary) {
        let Summary { completed, failed, cancelled, will_complete_async, timed_out, abandoned, unreported } = summary;
        let event = json!({
            "event": "stopped",
            "completed": completed,
            "failed": failed,
            "cancelled": cancelled,
            "will_complete_async": will_complete_async,
            "timed_out": timed_out,
            "abandoned": abandoned,
            "unreported": unreported,
        });
        self.tell(event, || {
            tracing::info!(
                "stopped; attempts: {completed} completed, {failed} failed, {cancelled} cancelled, \
                 {will_complete_async} to complete later, {timed_out} timed out, {abandoned} given up, \
                 {unreported} that the server could not be told"
            );
        });
    }

    /// Waits until everything is told. Observers must be gone.
    pub(crate) fn close(self) {
        if let Some((writer, thread)) = self.events {
            drop(writer);
            thread.join();
        }
        drop(self.queued);
    }

    fn tell(&self, event: Value, say: impl FnOnce()) {
        match &self.events {
            Some((writer, _)) => writer.write(&event),
            None => say(),
        }
    }
}
