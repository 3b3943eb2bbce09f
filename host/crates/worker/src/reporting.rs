//! The end of an attempt: it is reported while its time lasts, its lease is closed, and the observer hears of it.

use std::{pin::pin, sync::Arc};

use activity::{
    About, CancellationDetails, ComponentId, Failure, Observation, Payload, Report, Reported, deadline::sleep_until,
    shown,
};
use tokio::time::Instant;

use crate::{
    PayloadCoding, Ports,
    attempt::{Closed, Ended, ReportedAs},
    lease::Lease,
    source::LeaseSource,
};

/// Reports the attempt, which closes its lease, and tells the observer.
pub(crate) async fn close<S: LeaseSource>(
    mut lease: Lease<S>,
    ended: Ended,
    component: Option<&ComponentId>,
    ports: &Ports,
) -> Closed {
    let Ended { report, deadline, ran } = ended;
    let info = Arc::clone(lease.info());
    let told = as_told(&report);
    let (report, told) = match encode(&mut lease, report, deadline, &ports.coding).await {
        Ok(report @ (Report::TimedOut | Report::Abandoned)) => (report.clone(), report),
        Ok(report) => (report, told),
        Err(failure) => {
            let report = Report::Failed(failure);
            let told = as_told(&report);
            (report, told)
        }
    };
    let (reported_as, needs_saying) = (ReportedAs::from(&report), report.needs_saying());
    let is_told = lease.close(report, deadline.filter(|_| needs_saying)).await;
    let (reported_as, reported) = match is_told {
        true => (reported_as, told.as_reported()),
        false => (ReportedAs::Unreported, Reported::Unreported),
    };
    let (killed, usage) = ran.unwrap_or_default();
    ports.observer.observe(About { info: &info, component }, Observation::Finished { reported, killed, usage });
    Closed { task_token: info.task_token.clone(), reported_as }
}

/// What the observer hears of a report, once it is sent: nothing that is large, because it is kept until then, and shown.
fn as_told(report: &Report) -> Report {
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
