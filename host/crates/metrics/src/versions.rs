//! Which versions of components run, and how those do that are released.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

use activity::{MeasuredValue, Meter, Series};

use crate::{
    Labels,
    attempts::record,
    instruments::{COMPONENT_INFO, RELEASE_ATTEMPTS, RELEASE_DECISIONS, RELEASE_SHARE},
};

/// How many versions of its components a task queue is told of since the worker's start: each is a series that stays.
const MOST_VERSIONS: usize = 64;

type Line = Option<Box<dyn Series>>;

/// A version of a component that is served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServedVersion {
    /// The component.
    pub component: String,
    /// The digest of its bytes.
    pub digest: String,
    /// Whether it runs only the share of a candidate.
    pub is_candidate: bool,
}

/// The versions that serve one task queue: each has a series, which is 1 as long as it is served.
pub struct VersionSeries {
    meter: Arc<dyn Meter>,
    queue: Labels,
    known: BTreeMap<ServedVersion, Line>,
    served: BTreeSet<ServedVersion>,
}

impl VersionSeries {
    /// Those of this task queue; the component is filled in for each.
    pub fn new(meter: Arc<dyn Meter>, queue: Labels) -> Self {
        Self { meter, queue, known: BTreeMap::new(), served: BTreeSet::new() }
    }

    /// These are served now, and no others.
    pub fn record(&mut self, served: BTreeSet<ServedVersion>) {
        let former = mem::replace(&mut self.served, served.clone());
        for gone in former.difference(&served) {
            self.known.get(gone).iter().for_each(|line| record(line, MeasuredValue::Integer(0)));
        }
        for version in served {
            if !self.known.contains_key(&version) {
                if MOST_VERSIONS <= self.known.len() {
                    continue;
                }
                let line = self.line(&version);
                self.known.insert(version.clone(), line);
            }
            self.known.get(&version).iter().for_each(|line| record(line, MeasuredValue::Integer(1)));
        }
    }

    fn line(&self, version: &ServedVersion) -> Line {
        let ServedVersion { component, digest, is_candidate } = version;
        let labels = Labels { component: component.clone(), ..self.queue.clone() };
        COMPONENT_INFO
            .series(self.meter.as_ref(), &labels.with(&[("digest", digest), ("version", called(*is_candidate))]))
    }
}

/// What is measured of releases.
pub struct ReleaseSeries {
    meter: Arc<dyn Meter>,
    /// Of each its share, and what was last counted.
    releases: BTreeMap<[String; 4], Known>,
}

/// A release at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseSample {
    /// The share of the candidate, in percent.
    pub percent: u8,
    /// Attempts of the stable version that ended and those that failed, since the release was set.
    pub stable: (u64, u64),
    /// The same of the candidate.
    pub candidate: (u64, u64),
}

struct Known {
    share: Line,
    /// The stable version's, then the candidate's: completed, then failed.
    lines: [[Line; 2]; 2],
    last: ReleaseSample,
}

impl ReleaseSeries {
    /// None yet.
    pub fn new(meter: Arc<dyn Meter>) -> Self {
        Self { meter, releases: BTreeMap::new() }
    }

    /// Records how it is with a release. What was counted before it was seen for the first time is not recorded, but of one
    /// that begins.
    pub fn record(&mut self, of: &Labels, now: ReleaseSample) {
        let meter = Arc::clone(&self.meter);
        let known = self.releases.entry(of.key()).or_insert_with(|| Known {
            share: RELEASE_SHARE.series(meter.as_ref(), &of.with(&[])),
            lines: [false, true].map(|is_candidate| {
                ["completed", "failed"].map(|outcome| {
                    let attributes = of.with(&[("version", called(is_candidate)), ("outcome", outcome)]);
                    RELEASE_ATTEMPTS.series(meter.as_ref(), &attributes)
                })
            }),
            last: now,
        });
        record(&known.share, MeasuredValue::Integer(now.percent.into()));
        let last = mem::replace(&mut known.last, now);
        let both = [(last.stable, now.stable), (last.candidate, now.candidate)];
        for (lines, (last, now)) in known.lines.iter().zip(both) {
            // Another release counts anew.
            let (last_ended, last_failed) = if now.0 < last.0 { (0, 0) } else { last };
            let failed = now.1.saturating_sub(last_failed);
            let completed = now.0.saturating_sub(last_ended).saturating_sub(failed);
            for (line, grown) in lines.iter().zip([completed, failed]).filter(|(_, grown)| *grown != 0) {
                record(line, MeasuredValue::Integer(grown));
            }
        }
    }

    /// It was decided what becomes of a release: `promoted` or `rolled-back`, by the `gate` or by the `operator`.
    pub fn decided(&self, of: &Labels, decision: &str, by: &str) {
        let line = RELEASE_DECISIONS.series(self.meter.as_ref(), &of.with(&[("decision", decision), ("by", by)]));
        record(&line, MeasuredValue::Integer(1));
    }
}

fn called(is_candidate: bool) -> &'static str {
    if is_candidate { "candidate" } else { "stable" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::Recorder;

    const QUEUE: &str = "tenant=acme,namespace=default,task_queue=orders,component=";

    fn labels(component: &str) -> Labels {
        Labels {
            tenant: "acme".to_owned(),
            namespace: "default".to_owned(),
            task_queue: "orders".to_owned(),
            component: component.to_owned(),
        }
    }

    #[test]
    fn a_version_is_told_as_long_as_it_is_served() {
        let recorder = Arc::new(Recorder::default());
        let mut series = VersionSeries::new(Arc::clone(&recorder) as Arc<dyn Meter>, labels(""));
        let version = |digest: &str, is_candidate| ServedVersion {
            component: "ship".to_owned(),
            digest: digest.to_owned(),
            is_candidate,
        };
        series.record([version("a", false), version("b", true)].into());
        series.record([version("b", false)].into());
        let seen = |rest: &str| recorder.last(&format!("isolet_component_info{{{QUEUE}ship,{rest}}}"));
        assert_eq!(seen("digest=a,version=stable"), "0");
        assert_eq!(seen("digest=b,version=candidate"), "0");
        assert_eq!(seen("digest=b,version=stable"), "1");
        for number in 0..2 * MOST_VERSIONS {
            series.record([version(&number.to_string(), false)].into());
        }
        assert_eq!(recorder.series_of("isolet_component_info"), MOST_VERSIONS);
    }

    #[test]
    fn attempts_of_a_release_are_recorded_as_what_they_have_grown_by() {
        let recorder = Arc::new(Recorder::default());
        let mut series = ReleaseSeries::new(Arc::clone(&recorder) as Arc<dyn Meter>);
        let sample = |stable, candidate| ReleaseSample { percent: 10, stable, candidate };
        // From before the worker's start.
        series.record(&labels("ship"), sample((100, 1), (10, 1)));
        series.record(&labels("ship"), sample((110, 1), (12, 3)));
        // Another one.
        series.record(&labels("ship"), sample((3, 1), (0, 0)));
        let all = |version: &str, outcome: &str| {
            let line = format!("isolet_release_attempts{{{QUEUE}ship,version={version},outcome={outcome}}}");
            recorder.all(&line)
        };
        assert_eq!(all("stable", "completed"), [MeasuredValue::Integer(10), MeasuredValue::Integer(2)]);
        assert_eq!(all("stable", "failed"), [MeasuredValue::Integer(1)]);
        assert_eq!(all("candidate", "failed"), [MeasuredValue::Integer(2)]);
        assert_eq!(recorder.last("isolet_release_share_percent"), "10");
        series.decided(&labels("ship"), "rolled-back", "gate");
        let line = format!("isolet_release_decisions{{{QUEUE}ship,decision=rolled-back,by=gate}}");
        assert_eq!(recorder.last(&line), "1");
    }
}
