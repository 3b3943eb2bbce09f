//! A release as it is told.

use std::{path::Path, time::Duration};

use catalog::{Counts, Verdict};

use super::release::{Phase, Plan, Release, ReleaseKey, State};

/// What a candidate is that can't be served.
const REFUSED: &str = "refused";

impl Release {
    /// As it is told.
    pub(crate) fn told(&self) -> admin::Release {
        let Plan { key, configured, base, candidate, terms, set_by, since, .. } = self.plan.clone();
        let State { phase, changed, reason, observed, .. } = self.state();
        let verdict = self.verdict().filter(|_| phase == Phase::Rolling).map(|verdict| match verdict {
            Verdict::Open(why) => format!("open: {why}"),
            Verdict::Holds(why) => format!("holds: {why}"),
            Verdict::Broken(why) => format!("broken: {why}"),
        });
        let component = key.component.display().to_string();
        let (stable, digest) = match base {
            Some(base) => (base.written, base.digest),
            None => (component.clone(), configured),
        };
        let time = |time| humantime::format_rfc3339_seconds(time).to_string();
        admin::Release {
            tenant: key.tenant,
            namespace: key.namespace,
            task_queue: key.task_queue,
            component,
            set_by: set_by.to_string(),
            phase: phase.to_string(),
            percent: terms.percent.into(),
            gate: terms.gate.map(|gate| gate.to_string()),
            min_attempts: terms.min_attempts,
            attempts: terms.attempts,
            hold_ms: u64::try_from(terms.hold.as_millis()).unwrap_or(u64::MAX),
            since: time(since),
            changed: time(changed),
            reason: reason.or(verdict),
            stable: version(stable, digest, &observed.stable),
            candidate: version(candidate.written, candidate.digest, &observed.candidate),
        }
    }
}

impl Release {
    /// As it is told while its candidate can't be served, and gets no attempts, for this reason.
    pub(crate) fn told_refused(&self, reason: String) -> admin::Release {
        admin::Release { phase: REFUSED.to_owned(), reason: Some(reason), ..self.told() }
    }
}

/// A candidate of the configuration that can't be served, and has no release, as it is told.
pub(crate) fn refused(key: ReleaseKey, candidate: &Path, reason: String) -> admin::Release {
    admin::Release {
        tenant: key.tenant,
        namespace: key.namespace,
        task_queue: key.task_queue,
        component: key.component.display().to_string(),
        phase: REFUSED.to_owned(),
        candidate: admin::ReleaseVersion {
            version: candidate.display().to_string(),
            ..admin::ReleaseVersion::default()
        },
        reason: Some(reason),
        ..admin::Release::default()
    }
}

fn version(version: String, digest: String, counts: &Counts) -> admin::ReleaseVersion {
    let millis = |time: Duration| 1_000.0 * time.as_secs_f64();
    admin::ReleaseVersion {
        version,
        digest,
        ended: counts.ended(),
        failed: counts.failed(),
        p99_ms: counts.p99().map(millis),
    }
}
