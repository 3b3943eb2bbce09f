//! The end of an attempt: it is reported while its time lasts, its lease is closed, and the observer hears of it.

use std::{pin::pin, sync::Arc, time::Duration};

use activity::{
    About, CancellationDetails, ComponentId, Failure, Observation, Payload, Report, Reported, TracedParts, Tracer,
    deadline::{after, sleep_until},
    shown,
};
use tokio::{sync::watch, time::Instant};

use crate::{
    PayloadCoding,
    attempt::{Closed, Ended, Ran, ReportedAs, Shared},
    lease::Lease,
    shutdown::Stop,
    source::{Delivery, LeaseSource},
};

/// How long a worker that shuts down goes on trying to report an attempt after it would have cancelled it: as long as core
/// does.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(10);

/// Reports the attempt, which closes its lease, and tells the observer.
pub(crate) async fn close<S: LeaseSource>(
    mut lease: Lease<S>,
    ended: Ended,
    component: Option<&ComponentId>,
    coding: &PayloadCoding,
    shared: &Shared,
) -> Closed {
    let ports = &shared.ports;
    let Ended { report, deadline, ran } = ended;
    let info = Arc::clone(lease.info());
    let told = for_observers(&report);
    let (report, told) = match encode(&mut lease, report, deadline, coding).await {
        Ok(report @ (Report::TimedOut | Report::Abandoned)) => (report.clone(), report),
        Ok(report) => (report, told),
        Err(failure) => {
            let report = Report::Failed(failure);
            let told = for_observers(&report);
            (report, told)
        }
    };
    let reported_as = ReportedAs::from(&report);
    let digest = component.map(|component| component.digest.clone());
    let delivery = lease.close(report, digest, given_up(deadline, shared.stop.clone())).await;
    let (reported_as, reported) = match &delivery {
        Delivery::Delivered => (reported_as, told.as_reported()),
        Delivery::NotFound => (ReportedAs::Abandoned, Reported::Abandoned),
        Delivery::Refused(reason) => (ReportedAs::Unreported, Reported::Unreported { refusal: Some(reason) }),
        Delivery::GivenUp => (ReportedAs::Unreported, Reported::Unreported { refusal: None }),
    };
    let Ran { killed, stopped, usage, parts } = ran;
    let finished = Observation::Finished { reported, killed, stopped, usage };
    let about = About { info: &info, component };
    let is_sampled = info.trace.as_ref().is_some_and(|trace| trace.is_sampled);
    if let Some(tracer) = ports.tracer.as_ref().filter(|_| is_sampled) {
        trace(tracer.as_ref(), about, &finished, parts, coding);
    }
    ports.observer.observe(about, finished);
    Closed { task_token: info.task_token.clone(), reported_as }
}

/// Tells what traces the attempt of a failure what the server sees of it, and no more.
fn trace(
    tracer: &dyn Tracer,
    about: About<'_>,
    finished: &Observation<'_>,
    parts: TracedParts,
    coding: &PayloadCoding,
) {
    let Observation::Finished { reported: Reported::Failed(failure), killed, stopped, usage } = finished else {
        return tracer.end(about, finished, parts);
    };
    let mut failure = (*failure).clone();
    coding.hide_texts(&mut failure);
    let (reported, killed, stopped, usage) = (Reported::Failed(&failure), *killed, *stopped, *usage);
    tracer.end(about, &Observation::Finished { reported, killed, stopped, usage }, parts);
}

/// Returns when it is of no more use to report: when the attempt's time is over, and a while after a worker that shuts down
/// would have cancelled it, because nobody waits for a worker as long as an activity may last.
pub(crate) async fn given_up(deadline: Option<Instant>, mut stop: watch::Receiver<Stop>) {
    let stopping = async {
        loop {
            let stopped = match *stop.borrow_and_update() {
                Stop::Running => None,
                Stop::CancelAt(at) => Some(at.max(Instant::now())),
                Stop::Now => Some(Instant::now()),
            };
            tokio::select! {
                () = sleep_until(stopped.map(|at| after(at, SHUTDOWN_PATIENCE))) => return,
                // A worker that has gone changes its mind no more.
                Ok(()) = stop.changed() => {}
            }
        }
    };
    tokio::select! {
        () = sleep_until(deadline) => {}
        () = stopping => {}
    }
}

/// What the observer hears of a report, once it is sent: nothing that is large, because it is kept until then, and shown.
fn for_observers(report: &Report) -> Report {
    match report {
        Report::Completed(_) => Report::Completed(Payload::default()),
        Report::Cancelled(_) => Report::Cancelled(Vec::new()),
        Report::Failed(failure) => Report::Failed(Box::new(shown::failure(failure))),
        Report::WillCompleteAsync | Report::TimedOut | Report::Abandoned => report.clone(),
    }
}

/// Encodes the report, unless its time is over or the server gives the attempt up before that is done. The error is what
/// to report instead.
async fn encode<S: LeaseSource>(
    lease: &mut Lease<S>,
    report: Report,
    deadline: Option<Instant>,
    coding: &PayloadCoding,
) -> Result<Report, Box<Failure>> {
    if !report.needs_saying() {
        return Ok(report);
    }
    let mut encoded = pin!(coding.encode_report(report));
    loop {
        tokio::select! {
            biased;
            () = sleep_until(deadline) => return Ok(Report::TimedOut),
            encoded = &mut encoded => return encoded.and_then(|report| lease.admit(report)),
            details = lease.cancelled() => {
                if details.contains(CancellationDetails::NOT_FOUND) {
                    return Ok(Report::Abandoned);
                }
                if details.contains(CancellationDetails::TIMED_OUT) {
                    return Ok(Report::TimedOut);
                }
            }
        }
    }
}
