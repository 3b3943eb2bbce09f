//! The file that releases are kept in. It may have been cut or edited: whatever is read is checked.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, anyhow, bail};
use catalog::{Counts, Observed};
use serde::{Deserialize, Serialize};

use super::release::{Phase, Plan, Release, ReleaseKey, SetBy, Source, State, Version};
use crate::{
    config::releases::{Terms, WrittenTerms},
    files,
};

/// The version of the file's form.
const VERSION: u32 = 1;

/// More is no list of releases.
const LARGEST_FILE: u64 = 64 << 20;

/// The digits of a digest.
const DIGITS: usize = 64;

/// The file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    releases: Vec<WrittenRelease>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenRelease {
    tenant: String,
    namespace: Option<String>,
    task_queue: String,
    component: PathBuf,
    activity: Option<String>,
    configured: String,
    base: Option<WrittenVersion>,
    candidate: WrittenVersion,
    percent: u64,
    gate: Option<String>,
    min_attempts: u64,
    attempts: u64,
    hold_ms: u64,
    set_by: WrittenSetBy,
    since: String,
    phase: WrittenPhase,
    changed: String,
    reason: Option<String>,
    stable_observed: WrittenCounts,
    candidate_observed: WrittenCounts,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenVersion {
    digest: String,
    written: String,
    /// The name under which it is kept beside this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_as: Option<String>,
    /// The folder of versions that has it, if that is not called as its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenPhase {
    Rolling,
    Promoted,
    RolledBack,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenSetBy {
    Command,
    Configuration,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenCounts {
    ended: u64,
    failed: u64,
    /// How many took so many microseconds.
    times: Vec<(u64, u64)>,
}

/// The releases in the file at `path`; none if there is no such file.
///
/// # Errors
/// When it can't be read, or is not what this program writes.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Release>> {
    let text = match files::read_text(path, LARGEST_FILE) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let Written { version, releases } = serde_json::from_str(&text)?;
    if version != VERSION {
        bail!("its version is {version}, and this program knows version {VERSION}");
    }
    let read = |(index, written): (usize, WrittenRelease)| written.read().with_context(|| format!("releases[{index}]"));
    let releases: Vec<Release> = releases.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    for (index, release) in releases.iter().enumerate() {
        if releases.iter().take(index).any(|other| other.plan.key == release.plan.key) {
            bail!("releases[{index}]: its component has two of them");
        }
    }
    Ok(releases)
}

/// What the file has of these.
///
/// # Errors
/// When it would be larger than what is read.
pub(super) fn text<'a>(releases: impl Iterator<Item = &'a Arc<Release>>) -> anyhow::Result<String> {
    let releases = releases.map(|release| WrittenRelease::of(release)).collect();
    let text = serde_json::to_string_pretty(&Written { version: VERSION, releases })?;
    match LARGEST_FILE < text.len() as u64 {
        true => Err(anyhow!("it would have more than {LARGEST_FILE} bytes")),
        false => Ok(text),
    }
}

impl WrittenRelease {
    fn of(release: &Release) -> Self {
        let Plan { key, activity, configured, base, candidate, terms, set_by, since } = release.plan.clone();
        let State { phase, changed, reason, observed, .. } = release.state();
        Self {
            tenant: key.tenant,
            namespace: key.namespace,
            task_queue: key.task_queue,
            component: key.component,
            activity,
            configured,
            base: base.map(Into::into),
            candidate: candidate.into(),
            percent: terms.percent.into(),
            gate: terms.gate.map(|gate| gate.to_string()),
            min_attempts: terms.min_attempts,
            attempts: terms.attempts,
            hold_ms: u64::try_from(terms.hold.as_millis()).unwrap_or(u64::MAX),
            set_by: match set_by {
                SetBy::Command => WrittenSetBy::Command,
                SetBy::Configuration => WrittenSetBy::Configuration,
            },
            since: told(since),
            phase: match phase {
                Phase::Rolling => WrittenPhase::Rolling,
                Phase::Promoted => WrittenPhase::Promoted,
                Phase::RolledBack => WrittenPhase::RolledBack,
            },
            changed: told(changed),
            reason,
            stable_observed: (&observed.stable).into(),
            candidate_observed: (&observed.candidate).into(),
        }
    }

    fn read(self) -> anyhow::Result<Release> {
        let written = WrittenTerms {
            percent: self.percent,
            gate: self.gate.as_deref(),
            min_attempts: Some(self.min_attempts),
            attempts: Some(self.attempts),
            hold: Some(Duration::from_millis(self.hold_ms)),
        };
        let terms = Terms::read(&written).map_err(|(key, wrong)| anyhow!("{key}: {wrong}"))?;
        let plan = Plan {
            key: ReleaseKey {
                tenant: self.tenant,
                namespace: self.namespace,
                task_queue: self.task_queue,
                component: self.component,
            },
            activity: self.activity,
            configured: digest(self.configured).context("configured")?,
            base: self.base.map(WrittenVersion::read).transpose().context("base")?,
            candidate: self.candidate.read().context("candidate")?,
            terms,
            set_by: match self.set_by {
                WrittenSetBy::Command => SetBy::Command,
                WrittenSetBy::Configuration => SetBy::Configuration,
            },
            since: time(&self.since).context("since")?,
        };
        let state = State {
            phase: match self.phase {
                WrittenPhase::Rolling => Phase::Rolling,
                WrittenPhase::Promoted => Phase::Promoted,
                WrittenPhase::RolledBack => Phase::RolledBack,
            },
            changed: time(&self.changed).context("changed")?,
            reason: self.reason,
            observed: Observed { stable: self.stable_observed.into(), candidate: self.candidate_observed.into() },
            is_judged: false,
        };
        let release = Release::new(plan, state);
        release.is_told.store(true, Ordering::Relaxed);
        Ok(release)
    }
}

impl WrittenVersion {
    fn read(self) -> anyhow::Result<Version> {
        let source = match (self.kept_as, self.reference) {
            (Some(name), None) => {
                let folder = self.kept_in.unwrap_or_else(|| self.digest.clone());
                for (key, name) in [("kept_as", &name), ("kept_in", &folder)] {
                    let is_name = !name.is_empty() && !name.contains(['/', '\0']) && name != "." && name != "..";
                    if !is_name {
                        bail!("{key}: {name:?} is no name of a file");
                    }
                }
                Source::Kept { folder, name }
            }
            (None, Some(reference)) => Source::Registry(reference),
            (None, None) => Source::Configuration,
            (Some(_), Some(_)) => bail!("it has kept_as and reference, and can be in one place only"),
        };
        Ok(Version { digest: digest(self.digest).context("digest")?, written: self.written, source })
    }
}

impl From<Version> for WrittenVersion {
    fn from(version: Version) -> Self {
        let Version { digest, written, source } = version;
        let (kept_as, kept_in, reference) = match source {
            Source::Kept { folder, name } => (Some(name), Some(folder).filter(|folder| *folder != digest), None),
            Source::Registry(reference) => (None, None, Some(reference)),
            Source::Configuration => (None, None, None),
        };
        Self { digest, written, kept_as, kept_in, reference }
    }
}

impl From<&Counts> for WrittenCounts {
    fn from(counts: &Counts) -> Self {
        Self { ended: counts.ended(), failed: counts.failed(), times: counts.times().collect() }
    }
}

impl From<WrittenCounts> for Counts {
    fn from(written: WrittenCounts) -> Self {
        Self::of(written.ended, written.failed, written.times.into_iter())
    }
}

fn digest(text: String) -> anyhow::Result<String> {
    let is_digest = text.len() == DIGITS && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest { Ok(text) } else { Err(anyhow!("{text:?} is no digest")) }
}

fn told(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

fn time(text: &str) -> anyhow::Result<SystemTime> {
    humantime::parse_rfc3339(text).with_context(|| format!("{text:?} is no time"))
}
