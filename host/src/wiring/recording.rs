//! What is kept of what happened: the audit log and receipts.

use std::{fmt, path::Path, sync::Arc};

use activity::{Block, Grants, MetricsGrant, Observer};
use records::{Audit, AuditWriter, FileError, Head, ReceiptWriter, Receipts};
use serde_json::{Value, json};

use super::loading::Loaded;
use crate::{
    config::{difference::Difference, records::RecordSettings},
    exit::{Exit, Problem, failed_to},
};

/// What is kept of what happened, as far as it is wanted. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    audit: Option<Audit>,
    receipts: Option<Receipts>,
}

/// What writes it.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    audit: Option<AuditWriter>,
    receipts: Option<ReceiptWriter>,
}

impl Records {
    /// Opens what is wanted, and starts what writes it.
    ///
    /// # Errors
    /// When a file can't be written to.
    pub(crate) fn start(settings: &RecordSettings) -> Result<(Self, Recording), Problem> {
        let audit = settings.audit.clone().map(Audit::start).transpose();
        let audit = audit.map_err(|error| refused("audit.file", error))?;
        let source = format!("/isolet/{}", host_name());
        let receipts = settings.receipts.clone().map(|file| Receipts::start(file, source)).transpose();
        let receipts = receipts.map_err(|error| refused("receipts.file", error))?;
        let (audit, of_audit) = audit.unzip();
        let (receipts, of_receipts) = receipts.unzip();
        Ok((Self { audit, receipts }, Recording { audit: of_audit, receipts: of_receipts }))
    }

    /// `next`, and before it what notes what is to be kept of attempts.
    pub(crate) fn observer(&self, next: Arc<dyn Observer>) -> Arc<dyn Observer> {
        let next = match &self.receipts {
            Some(receipts) => receipts.observer(next),
            None => next,
        };
        match &self.audit {
            Some(audit) => audit.observer(next),
            None => next,
        }
    }

    /// Goes on with other files where these were moved.
    pub(crate) fn look_again(&self) {
        self.audit.iter().for_each(Audit::look_again);
        self.receipts.iter().for_each(Receipts::look_again);
    }

    /// The newest entry of the audit log.
    pub(crate) fn head(&self) -> Option<Head> {
        self.audit.as_ref().map(Audit::head)
    }

    /// The worker has started.
    pub(crate) fn started(&self, files: &[impl AsRef<Path>]) {
        let files: Vec<String> = files.iter().map(|file| file.as_ref().display().to_string()).collect();
        let version = env!("CARGO_PKG_VERSION");
        self.tell("worker-started", || json!({"pid": std::process::id(), "version": version, "files": files}));
    }

    /// It has ended.
    pub(crate) fn stopped(&self) {
        self.tell("worker-stopped", || json!({"pid": std::process::id()}));
    }

    /// A component is served from now on, and may do this.
    pub(crate) fn loaded(&self, tenant: &str, task_queue: &str, component: &Loaded) {
        self.tell("component-loaded", || {
            json!({
                "tenant": tenant,
                "task_queue": task_queue,
                "path": component.path().display().to_string(),
                "digest": component.digest,
                "activities": component.activities(),
                "grants": granted(&component.exports.policy.grants),
            })
        });
    }

    /// The configuration is another one.
    pub(crate) fn changed(&self, difference: &Difference) {
        self.tell("configuration-changed", || difference.in_json());
    }

    /// Another configuration was refused.
    pub(crate) fn refused(&self, problem: &Problem) {
        self.tell("configuration-refused", || json!({"message": format!("{:#}", problem.error)}));
    }

    /// An operator has blocked something, or blocks it no more.
    pub(crate) fn blocked(&self, block: &Block, is_blocked: bool, user: u32) {
        let Block { activity, digest, tenant, reason, at_once, .. } = block;
        let mut fields = json!({"activity": activity, "digest": digest, "tenant": tenant, "user": user});
        if let (true, Some(object)) = (is_blocked, fields.as_object_mut()) {
            object.insert("reason".to_owned(), json!(reason));
            object.insert("at_once".to_owned(), json!(at_once));
        }
        self.tell(if is_blocked { "blocked" } else { "unblocked" }, || fields);
    }

    /// Another version of a component was released, promoted or rolled back: by an operator, or else by its gate.
    pub(crate) fn released(&self, what: &'static str, release: &admin::Release, user: Option<u32>) {
        self.tell(what, || {
            let version = |version: &admin::ReleaseVersion| {
                let admin::ReleaseVersion { version, digest, ended, failed, p99_ms } = version;
                json!({"version": version, "digest": digest, "ended": ended, "failed": failed, "p99_ms": p99_ms})
            };
            json!({
                "tenant": release.tenant,
                "namespace": release.namespace,
                "task_queue": release.task_queue,
                "component": release.component,
                "set_by": release.set_by,
                "percent": release.percent,
                "gate": release.gate,
                "reason": release.reason,
                "stable": version(&release.stable),
                "candidate": version(&release.candidate),
                "user": user,
            })
        });
    }

    fn tell(&self, event: &'static str, fields: impl FnOnce() -> Value) {
        if let Some(audit) = &self.audit {
            audit.tell(event, fields());
        }
    }
}

impl Recording {
    /// Waits until all is written. Those who add to it must be gone.
    pub(crate) fn end(self) {
        self.audit.into_iter().for_each(AuditWriter::join);
        self.receipts.into_iter().for_each(ReceiptWriter::join);
    }
}

fn refused(key: &str, error: FileError) -> Problem {
    let cure = format!("set {key} to a file of this worker's own, in a folder that is there and that it may write to");
    Problem::new(Exit::Usage, failed_to(error)).cure(cure)
}

/// What a component may reach, without the values of its variables and secrets.
fn granted(grants: &Grants) -> Value {
    let names = |each: &[&dyn fmt::Display]| each.iter().map(ToString::to_string).collect::<Vec<_>>();
    let directory = |directory: &activity::DirectoryGrant| json!({"host": directory.host.display().to_string(), "guest": directory.guest, "writable": directory.writable});
    let http: Vec<&dyn fmt::Display> = grants.http.iter().map(|origin| origin as &dyn fmt::Display).collect();
    json!({
        "environment": grants.environment.keys().collect::<Vec<_>>(),
        "directories": grants.directories.iter().map(directory).collect::<Vec<_>>(),
        "scratch": grants.scratch,
        "http": names(&http),
        "secrets": grants.secrets.keys().collect::<Vec<_>>(),
        "identity": grants.identity.as_ref().map(|grant| &grant.audiences),
        "client": grants.client.is_some(),
        "metrics": grants.metrics == MetricsGrant::Granted,
    })
}

/// The name of this host, in letters that a URI may have.
fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars()
        .map(|each| if each.is_ascii_alphanumeric() || matches!(each, '.' | '-') { each } else { '-' })
        .collect()
}
