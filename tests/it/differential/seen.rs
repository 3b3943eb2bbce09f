//! What a caller sees of an activity, and what the server holds of it, as text.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use temporalio_common::protos::temporal::api::{
    activity::v1::ActivityExecutionInfo,
    common::v1::{Payload, Payloads},
    failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
};

use super::Language;
use crate::support::outcome::Outcome;

/// How an activity ended, and what the server holds of it then.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) outcome: Outcome,
    pub(crate) info: ActivityExecutionInfo,
}

/// What is different for each call.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) queue: &'a str,
    pub(super) activity_id: &'a str,
    pub(super) run_id: &'a str,
}

impl Names<'_> {
    /// The text with those left out.
    pub(super) fn replaced(&self, text: &str) -> String {
        text.replace(self.activity_id, "ACTIVITY").replace(self.queue, "QUEUE").replace(self.run_id, "RUN")
    }
}

/// The text without what stands between each `start` and the `end` after it.
pub(crate) fn without(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.split_once(end) {
        Some((_, rest)) => format!("{text}{start}{end}{rest}"),
        None => format!("{text}{start}{part}"),
    })
}

impl Seen {
    /// All of it as text.
    pub(super) fn text(&self, language: &dyn Language) -> String {
        let mut text = String::new();
        self.write(&mut text, language).unwrap();
        text
    }

    fn write(&self, f: &mut String, language: &dyn Language) -> fmt::Result {
        match &self.outcome {
            Outcome::Completed(payload) => writeln!(f, "completed: {}", exact(payload))?,
            Outcome::Failed { failure, retry_state } => {
                write_chain(f, failure, language)?;
                writeln!(f, "not tried again: {retry_state:?}")?;
            }
        }
        let info = &self.info;
        writeln!(f, "attempts: {}, status: {}", info.attempt, info.status)?;
        if let Some(failure) = &info.last_failure {
            f.write_str("last failure: ")?;
            write_chain(f, failure, language)?;
        }
        // The last one of an attempt that completes is sent, or is not: Temporal's core does not wait for it.
        match &self.outcome {
            Outcome::Completed(_) => Ok(()),
            Outcome::Failed { .. } => write!(f, "heartbeat: {}", all(info.heartbeat_details.as_ref())),
        }
    }
}

/// A failure and what caused it, outermost first.
fn write_chain(f: &mut String, failure: &Failure, language: &dyn Language) -> fmt::Result {
    let mut next = Some(failure);
    while let Some(failure) = next {
        writeln!(f, "failure: {:?}", failure.message)?;
        match &failure.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) => write_application(f, info)?,
            other => writeln!(f, "  {other:?}")?,
        }
        if let Some(encoded) = &failure.encoded_attributes {
            writeln!(f, "  encoded: {}", exact(encoded))?;
        }
        for line in language.users(&failure.stack_trace) {
            writeln!(f, "  {line}")?;
        }
        next = failure.cause.as_deref();
    }
    Ok(())
}

fn write_application(f: &mut String, info: &ApplicationFailureInfo) -> fmt::Result {
    let delay = info.next_retry_delay.map(|delay| (delay.seconds, delay.nanos));
    writeln!(
        f,
        "  type {:?}, details {}, non-retryable {}, next attempt in {delay:?}, category {}",
        info.r#type,
        all(info.details.as_ref()),
        info.non_retryable,
        info.category,
    )
}

/// A value to the byte, with all that is said of it.
fn exact(payload: &Payload) -> String {
    let metadata: BTreeMap<_, _> =
        payload.metadata.iter().map(|(key, value)| (key, String::from_utf8_lossy(value))).collect();
    format!("{metadata:?} \"{}\"", payload.data.escape_ascii())
}

fn all(payloads: Option<&Payloads>) -> String {
    match payloads {
        Some(payloads) => format!("[{}]", payloads.payloads.iter().map(exact).collect::<Vec<_>>().join(", ")),
        None => "none".to_owned(),
    }
}
