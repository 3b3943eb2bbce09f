//! What comes out of the port, given what goes in.

use tokio::time::Instant;

use super::{
    outbox::{LINE, WAITING_LOG, WAITING_MEASUREMENTS},
    *,
};
use crate::{ClientRequest, Instrument, InstrumentKind, Level, MeasuredValue, Outcome, WorkflowReference};

fn ending() -> Ending {
    Ending::new(End::Returned(Outcome::WillCompleteAsync), Usage::default())
}

fn line(message: &str) -> LogRecord {
    LogRecord::new(Level::Info, "", message)
}

#[tokio::test]
async fn the_newest_heartbeat_replaces_the_waiting_one_and_the_end_comes_last() {
    let (mut attempt, port) = attempt();
    port.events.heartbeat(vec![Payload::json("1")]);
    port.events.heartbeat(vec![Payload::json("2")]);
    port.events.log(line("a"));
    port.events.end(ending());
    assert_eq!(attempt.next().await, Event::Logged(line("a")));
    assert_eq!(attempt.next().await, Event::Heartbeat(vec![Payload::json("2")]));
    assert_eq!(attempt.next().await, Event::Ended(Box::new(ending())));
}

#[tokio::test]
async fn lines_beyond_the_bound_are_counted_by_their_bytes() {
    let text = "x".repeat(10_000 - LINE);
    let (mut attempt, port) = attempt();
    for _ in 0..WAITING_LOG / 10_000 + 3 {
        port.events.log_written(text.clone());
    }
    for _ in 0..WAITING_LOG / 10_000 {
        assert!(matches!(attempt.next().await, Event::Written(_)));
    }
    assert_eq!(attempt.next().await, Event::LogLinesDropped(3));
    port.events.log_written(text);
    assert!(matches!(attempt.next().await, Event::Written(_)), "there is room again");
    for _ in 0..WAITING_LOG {
        port.events.log_written(String::new());
    }
    drop(port);
    let mut lines = 0;
    while matches!(attempt.next().await, Event::Written(_)) {
        lines += 1;
    }
    assert_eq!(lines, WAITING_LOG / LINE, "empty lines count too");
}

/// An attempt whose events are paced, and whose heartbeat timeout is this.
fn paced(timeout: Option<Duration>) -> (Attempt, AttemptPort) {
    let (mut attempt, port) = attempt();
    attempt.pace(timeout);
    (attempt, port)
}

/// How long the next event is waited for, and what it is.
async fn next_after(attempt: &mut Attempt) -> (Duration, Event) {
    let begun = Instant::now();
    let event = attempt.next().await;
    (begun.elapsed(), event)
}

#[tokio::test(start_paused = true)]
async fn heartbeats_come_at_a_pace_and_the_last_one_at_once() {
    let (mut attempt, port) = paced(None);
    let details = |text: &str| vec![Payload::json(text.to_owned())];
    port.events.heartbeat(details("1"));
    assert_eq!(attempt.next().await, Event::Heartbeat(details("1")));
    port.events.heartbeat(details("2"));
    port.events.heartbeat(details("3"));
    let (waited, event) = next_after(&mut attempt).await;
    assert_eq!(event, Event::Heartbeat(details("3")));
    assert!((100..110).contains(&waited.as_millis()), "{waited:?}");
    port.events.heartbeat(details("4"));
    port.events.end(ending());
    assert_eq!(next_after(&mut attempt).await, (Duration::ZERO, Event::Heartbeat(details("4"))));
    assert_eq!(attempt.next().await, Event::Ended(Box::new(ending())));
}

#[tokio::test(start_paused = true)]
async fn large_heartbeats_wait_longer_but_never_too_long_for_their_timeout() {
    for (timeout, expected) in [(None, 1_500), (Some(30), 1_500), (Some(2), 500)] {
        let (mut attempt, port) = paced(timeout.map(Duration::from_secs));
        let details = vec![Payload { data: vec![0; 3 << 19].into(), ..Payload::default() }];
        port.events.heartbeat(details.clone());
        assert!(matches!(attempt.next().await, Event::Heartbeat(_)));
        port.events.heartbeat(details);
        let (waited, _) = next_after(&mut attempt).await;
        assert!((expected..expected + 10).contains(&waited.as_millis()), "{timeout:?}: {waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_come_at_a_pace_by_their_size() {
    let (mut attempt, port) = paced(None);
    let call = |size: usize| {
        let request = ClientRequest::DescribeWorkflow(WorkflowReference::default());
        ClientCall { id: 1, request, size, timeout: None }
    };
    for (size, expected) in [(0, 0), (4 << 20, 5), (0, 1_000), (0, 5)] {
        port.events.call(call(size));
        let (waited, event) = next_after(&mut attempt).await;
        assert!(matches!(event, Event::Called(_)));
        assert!((expected..expected + 5).contains(&waited.as_millis()), "{size}: {waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_lines_are_told_together() {
    let (mut attempt, port) = paced(None);
    for _ in 0..5 {
        port.events.log_lines_dropped(1);
    }
    let (waited, event) = next_after(&mut attempt).await;
    assert_eq!(event, Event::LogLinesDropped(5));
    assert!((1_000..1_010).contains(&waited.as_millis()), "{waited:?}");
    port.events.log_lines_dropped(1);
    port.events.end(ending());
    assert_eq!(next_after(&mut attempt).await, (Duration::ZERO, Event::LogLinesDropped(1)));
}

#[tokio::test]
async fn a_guest_waits_while_many_of_its_measurements_do() {
    let (mut attempt, port) = attempt();
    let instrument = Arc::new(Instrument {
        kind: InstrumentKind::Counter,
        name: "rows".to_owned(),
        description: String::new(),
        unit: String::new(),
    });
    let rows = |value| Measurement {
        instrument: Arc::clone(&instrument),
        value: MeasuredValue::Integer(value),
        attributes: Vec::new(),
    };
    let mut taken = 0;
    let guest = async {
        for value in 0..3 * WAITING_MEASUREMENTS as u64 {
            port.events.measure(rows(value)).await;
        }
        port.events.end(ending());
    };
    let worker = async {
        loop {
            match attempt.next().await {
                Event::Measured(measurements) => {
                    assert!(measurements.len() <= WAITING_MEASUREMENTS);
                    taken += measurements.len();
                }
                Event::Ended(_) => return,
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::join!(guest, worker);
    assert_eq!(taken, 3 * WAITING_MEASUREMENTS);
}

#[tokio::test]
async fn an_executor_that_drops_its_end_ends_the_attempt() {
    let (mut attempt, port) = attempt();
    drop(port);
    let Event::Ended(ending) = attempt.next().await else { panic!("no ending") };
    assert!(matches!(ending.end, End::Stopped(SandboxFailure { kind: SandboxFailureKind::Load, .. })));
}
