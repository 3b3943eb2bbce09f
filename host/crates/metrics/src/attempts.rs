//! What the host measures of the attempts of one component.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use activity::{
    Excess, FailureKind, HttpUsage, KillReason, MeasuredValue, Meter, Reported, SandboxFailureKind, Series, Traffic,
    Usage, shown,
};

use crate::instruments::{
    ATTEMPT_BYTES, ATTEMPT_SECONDS, ATTEMPTS, ATTEMPTS_RUNNING, CPU_SECONDS, HOST_CALLS, HTTP_REQUESTS, HostInstrument,
    KILL_DELAY_SECONDS, KILLS, LOG_LINES_DROPPED, PEAK_MEMORY, PEAK_SCRATCH, SANDBOX_START_SECONDS, WOULD_REFUSE,
};

/// Failure types of a component's own that are told apart; guests and callers choose them, so they must be bounded.
const MAX_FAILURE_TYPES: usize = 100;

/// The longest failure type that is told, in bytes.
const LONGEST_FAILURE_TYPE: usize = 128;

/// What further failure types are called.
const OTHER: &str = "other";

/// Failure types of the host's own that are no sandbox failures.
const HOST_FAILURE_TYPES: [&str; 5] =
    ["ActivityPause", "ActivityReset", "CancelledError", "NotFoundError", "WorkerShutdown"];

/// Whose attempts: the attributes of all that is measured of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// For whom they run.
    pub tenant: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue.
    pub task_queue: String,
    /// The component; empty where none runs them.
    pub component: String,
}

impl Labels {
    /// By what those of one component are found.
    pub(crate) fn key(&self) -> [String; 4] {
        let Self { tenant, namespace, task_queue, component } = self.clone();
        [tenant, namespace, task_queue, component]
    }

    /// These and more attributes.
    pub(crate) fn with<'a>(&'a self, more: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
        let mut all = vec![
            ("tenant", self.tenant.as_str()),
            ("namespace", self.namespace.as_str()),
            ("task_queue", self.task_queue.as_str()),
            ("component", self.component.as_str()),
        ];
        all.extend_from_slice(more);
        all
    }
}

type Line = Option<Box<dyn Series>>;

/// What is measured of the attempts of one component on one task queue.
pub(crate) struct AttemptMetrics {
    meter: Arc<dyn Meter>,
    labels: Labels,
    /// The task tokens of those that run: a task that can't be decoded ends without having started.
    running: HashSet<Vec<u8>>,
    running_line: Line,
    wall: Line,
    cpu: Line,
    sandbox_start: Line,
    peak_memory: Line,
    peak_scratch: Line,
    kill_delay: Line,
    host_calls: Line,
    bytes: [Line; 2],
    log_lines_dropped: Line,
    ends: HashMap<(&'static str, String), Line>,
    kills: HashMap<&'static str, Line>,
    http_requests: HashMap<&'static str, Line>,
    would_refuse: HashMap<&'static str, Line>,
    failure_types: HashSet<String>,
}

impl AttemptMetrics {
    pub(crate) fn new(meter: Arc<dyn Meter>, labels: Labels) -> Self {
        let line = |instrument: HostInstrument| instrument.series(meter.as_ref(), &labels.with(&[]));
        Self {
            running: HashSet::new(),
            running_line: line(ATTEMPTS_RUNNING),
            wall: line(ATTEMPT_SECONDS),
            cpu: line(CPU_SECONDS),
            sandbox_start: line(SANDBOX_START_SECONDS),
            peak_memory: line(PEAK_MEMORY),
            peak_scratch: line(PEAK_SCRATCH),
            kill_delay: line(KILL_DELAY_SECONDS),
            host_calls: line(HOST_CALLS),
            bytes: ["in", "out"]
                .map(|direction| ATTEMPT_BYTES.series(meter.as_ref(), &labels.with(&[("direction", direction)]))),
            log_lines_dropped: line(LOG_LINES_DROPPED),
            ends: HashMap::new(),
            kills: HashMap::new(),
            http_requests: HashMap::new(),
            would_refuse: HashMap::new(),
            failure_types: HashSet::new(),
            labels,
            meter,
        }
    }

    pub(crate) fn started(&mut self, task_token: &[u8]) {
        self.running.insert(task_token.to_vec());
        self.show_running();
    }

    fn show_running(&self) {
        record(&self.running_line, MeasuredValue::Integer(self.running.len() as u64));
    }

    pub(crate) fn log_lines_dropped(&self, count: u64) {
        record(&self.log_lines_dropped, MeasuredValue::Integer(count));
    }

    pub(crate) fn finished(
        &mut self,
        task_token: &[u8],
        reported: &Reported<'_>,
        killed: Option<&'static str>,
        usage: Usage,
    ) {
        if !self.running.remove(task_token) {
            return self.count(reported);
        }
        self.show_running();
        for (line, duration) in
            [(&self.wall, usage.wall), (&self.cpu, usage.cpu), (&self.sandbox_start, usage.sandbox_start)]
        {
            record(line, MeasuredValue::Float(duration.as_secs_f64()));
        }
        record(&self.peak_memory, MeasuredValue::Integer(usage.peak_memory));
        if usage.peak_scratch > 0 {
            record(&self.peak_scratch, MeasuredValue::Integer(usage.peak_scratch));
        }
        let Traffic { host_calls, bytes_in, bytes_out } = usage.traffic;
        record(&self.host_calls, MeasuredValue::Integer(host_calls));
        for (line, bytes) in self.bytes.iter().zip([bytes_in, bytes_out]) {
            record(line, MeasuredValue::Integer(bytes));
        }
        self.requested(usage.http);
        usage.excesses.iter().for_each(|(excess, count)| self.exceeded(excess, count));
        if let Some(reason) = killed {
            self.killed(reason);
            if let Some(delay) = usage.kill_delay {
                record(&self.kill_delay, MeasuredValue::Float(delay.as_secs_f64()));
            }
        }
        self.count(reported);
    }

    /// Counts an attempt that ended.
    pub(crate) fn count(&mut self, reported: &Reported<'_>) {
        let (outcome, failure_type) = match reported {
            Reported::Completed => ("completed", String::new()),
            Reported::Failed(failure) => ("failed", self.failure_type(&failure.kind)),
            Reported::Cancelled => ("cancelled", String::new()),
            Reported::WillCompleteAsync => ("will-complete-async", String::new()),
            Reported::TimedOut => ("timed-out", String::new()),
            Reported::Abandoned => ("abandoned", String::new()),
            Reported::Unreported { .. } => ("unreported", String::new()),
        };
        let Self { meter, labels, ends, .. } = self;
        let line = ends.entry((outcome, failure_type.clone())).or_insert_with(|| {
            let attributes = labels.with(&[("outcome", outcome), ("failure_type", &failure_type)]);
            ATTEMPTS.series(meter.as_ref(), &attributes)
        });
        record(line, MeasuredValue::Integer(1));
    }

    fn requested(&mut self, usage: HttpUsage) {
        let HttpUsage { answered, failed, refused, abandoned } = usage;
        let Self { meter, labels, http_requests, .. } = self;
        for (outcome, count) in
            [("answered", answered), ("failed", failed), ("refused", refused), ("abandoned", abandoned)]
        {
            if 0 < count {
                let line = http_requests
                    .entry(outcome)
                    .or_insert_with(|| HTTP_REQUESTS.series(meter.as_ref(), &labels.with(&[("outcome", outcome)])));
                record(line, MeasuredValue::Integer(count));
            }
        }
    }

    /// What is of its tenant is measured with that.
    fn exceeded(&mut self, excess: Excess, count: u64) {
        if excess.is_of_tenant() {
            return;
        }
        let (Self { meter, labels, would_refuse, .. }, what) = (self, excess.name());
        let line = would_refuse
            .entry(what)
            .or_insert_with(|| WOULD_REFUSE.series(meter.as_ref(), &labels.with(&[("what", what)])));
        record(line, MeasuredValue::Integer(count));
    }

    fn killed(&mut self, reason: &'static str) {
        let Self { meter, labels, kills, .. } = self;
        let line =
            kills.entry(reason).or_insert_with(|| KILLS.series(meter.as_ref(), &labels.with(&[("reason", reason)])));
        record(line, MeasuredValue::Integer(1));
    }

    /// The type of a failure, if it is one of the host's or of the first of the component's own.
    fn failure_type(&mut self, kind: &FailureKind) -> String {
        let FailureKind::Application(fields) = kind else { return OTHER.to_owned() };
        let name = &*shown::name(&fields.failure_type);
        let is_ours = HOST_FAILURE_TYPES.contains(&name)
            || SandboxFailureKind::ALL.into_iter().any(|kind| kind.failure_type() == name);
        if is_ours || self.failure_types.contains(name) {
            return name.to_owned();
        }
        if LONGEST_FAILURE_TYPE < name.len() || self.failure_types.len() == MAX_FAILURE_TYPES {
            return OTHER.to_owned();
        }
        self.failure_types.insert(name.to_owned());
        name.to_owned()
    }
}

pub(crate) fn record(line: &Line, value: MeasuredValue) {
    if let Some(line) = line {
        line.record(value);
    }
}

/// Why an attempt was killed. One that is blocked is told and killed as one that is cancelled.
pub(crate) fn kill_label(reason: KillReason, stopped: Option<SandboxFailureKind>) -> &'static str {
    match (reason, stopped) {
        (KillReason::Cancelled, Some(SandboxFailureKind::Blocked)) => "blocked",
        (KillReason::Deadline, _) => "deadline",
        (KillReason::Cancelled, _) => "cancelled",
        (KillReason::LeaseLost, _) => "lease-lost",
        (KillReason::WorkerShutdown, _) => "worker-shutdown",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use activity::Failure;

    use super::*;
    use crate::recorder::Recorder;

    fn metrics(recorder: &Arc<Recorder>) -> AttemptMetrics {
        let labels = Labels {
            tenant: "acme".to_owned(),
            namespace: "default".to_owned(),
            task_queue: "orders".to_owned(),
            component: "ship".to_owned(),
        };
        AttemptMetrics::new(Arc::clone(recorder) as Arc<dyn Meter>, labels)
    }

    #[test]
    fn an_attempt_that_is_killed_is_measured_in_full() {
        let recorder = Arc::new(Recorder::default());
        let mut metrics = metrics(&recorder);
        metrics.started(b"other");
        metrics.started(b"token");
        assert_eq!(recorder.last("isolet_attempts_running"), "2");
        let usage = Usage {
            cpu: Duration::from_millis(5),
            peak_memory: 65_536,
            peak_scratch: 1_024,
            kill_delay: Some(Duration::from_millis(2)),
            http: HttpUsage { answered: 2, refused: 1, ..HttpUsage::default() },
            traffic: Traffic { host_calls: 5, bytes_in: 6, bytes_out: 7 },
            excesses: activity::Excesses([1, 2, 3, 4, 5, 6, 7, 8, 9]),
            ..Usage::default()
        };
        metrics.finished(b"token", &Reported::TimedOut, Some("deadline"), usage);
        let seen = |line: &str| recorder.last(line);
        assert_eq!(seen("isolet_attempts_running"), "1");
        assert_eq!(seen("isolet_attempt_cpu_seconds"), "0.005");
        assert_eq!(seen("isolet_attempt_peak_memory_bytes"), "65536");
        assert_eq!(seen("isolet_attempt_peak_scratch_bytes"), "1024");
        let would_refuse = |what: &str| {
            let labels = "tenant=acme,namespace=default,task_queue=orders,component=ship";
            recorder.last(&format!("isolet_would_refuse{{{labels},what={what}}}"))
        };
        assert_eq!((would_refuse("grants.http"), would_refuse("limits.http-requests")), ("5".into(), "8".into()));
        assert_eq!(seen("isolet_host_calls"), "5");
        assert_eq!(seen("isolet_kill_delay_seconds"), "0.002");
        let ours = "tenant=acme,namespace=default,task_queue=orders,component=ship";
        assert_eq!(seen(&format!("isolet_http_requests{{{ours},outcome=answered}}")), "2");
        assert_eq!(seen(&format!("isolet_http_requests{{{ours},outcome=refused}}")), "1");
        assert_eq!(recorder.series_of("isolet_http_requests"), 2);
        assert_eq!(seen(&format!("isolet_attempt_bytes{{{ours},direction=in}}")), "6");
        assert_eq!(seen(&format!("isolet_attempt_bytes{{{ours},direction=out}}")), "7");
        assert_eq!(seen(&format!("isolet_kills{{{ours},reason=deadline}}")), "1");
        assert_eq!(seen(&format!("isolet_attempts{{{ours},outcome=timed-out,failure_type=}}")), "1");
        // One that could not be decoded never ran, and one that runs still does.
        let undecoded = Failure::application("Undecoded", "no");
        metrics.finished(b"never started", &Reported::Failed(&undecoded), None, Usage::default());
        assert_eq!(recorder.last("isolet_attempts_running"), "1");
        let ended = format!("isolet_attempts{{{ours},outcome=failed,failure_type=Undecoded}}");
        assert_eq!(recorder.last(&ended), "1");
    }

    #[test]
    fn failure_types_are_bounded() {
        let recorder = Arc::new(Recorder::default());
        let mut metrics = metrics(&recorder);
        for number in 0..MAX_FAILURE_TYPES + 10 {
            metrics.count(&Reported::Failed(&Failure::application(format!("Type{number}"), "")));
        }
        metrics.count(&Reported::Failed(&Failure::application("x".repeat(200), "")));
        metrics.count(&Reported::Failed(&Failure::application("SandboxTrap", "")));
        assert_eq!(recorder.series_of("isolet_attempts"), MAX_FAILURE_TYPES + 2);
    }
}
