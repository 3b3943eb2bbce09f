//! An attempt from its start to its end, and what it says meanwhile.

use activity::{Event, KillReason};
use testing::{ActivityTest, Run, cancel_requested};

use super::show::{Shown, line};
use crate::{output, signals::EndRequests};

/// Starts an attempt and follows it to its end. The first request to end cancels it, the second kills it.
///
/// # Errors
/// When the system does not let us listen to signals.
pub(crate) async fn drive(test: ActivityTest, show: &[Shown]) -> anyhow::Result<Run> {
    let mut requests = EndRequests::listen()?;
    let mut running = test.start();
    let mut cancelled = false;
    loop {
        tokio::select! {
            event = running.next() => match event {
                Some(event) => say(&event, show),
                None => return Ok(running.finish().await),
            },
            () = requests.next() => match std::mem::replace(&mut cancelled, true) {
                false => running.cancel(cancel_requested()),
                true => running.kill(KillReason::Cancelled),
            },
        }
    }
}

fn say(event: &Event, show: &[Shown]) {
    if let Some(text) = line(event, show) {
        output::note(text);
    }
}
