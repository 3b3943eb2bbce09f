//! The table "Stopping work", row by row.

use activity::OnCancel;

use super::*;

const RULES: Stopping =
    Stopping { on_cancel: OnCancel::Tell, cancel_grace: Duration::from_secs(3), kill_grace: Duration::from_secs(5) };
const REQUESTED: CancellationDetails = CancellationDetails::CANCEL_REQUESTED;
const TIMED_OUT: CancellationDetails = CancellationDetails::TIMED_OUT;
const SHUTDOWN: CancellationDetails = CancellationDetails::WORKER_SHUTDOWN;

/// What happens to an attempt from outside, at a second after it was received.
#[derive(Clone, Copy)]
enum Act {
    Cancel(CancellationDetails),
    ShutDownWithGrace(u64),
    Hasten,
    Heartbeat,
}

struct Case {
    rules: Stopping,
    close: Option<u64>,
    heartbeat: Option<u64>,
    acts: &'static [(u64, Act)],
}

const PLAIN: Case = Case { rules: RULES, close: None, heartbeat: Some(1_000), acts: &[] };

/// Plays a case for 100 s and writes down who was told what, when.
fn play(case: Case) -> String {
    let start = Instant::now();
    let seconds = |count| start + Duration::from_secs(count);
    let mut plan = StopPlan::new(
        case.rules,
        start,
        case.close.map(Duration::from_secs),
        case.heartbeat.map(Duration::from_secs),
        Duration::from_secs(40),
    );
    let mut said = Vec::new();
    for second in 0..100 {
        let now = seconds(second);
        let mut note = |text: String| said.push(format!("{second}: {text}"));
        for (_, act) in case.acts.iter().filter(|(at, _)| *at == second) {
            let command = match *act {
                Act::Cancel(details) => plan.cancel(now, details),
                Act::ShutDownWithGrace(grace) => plan.shut_down(seconds(second + grace)),
                Act::Hasten => plan.hasten(now),
                Act::Heartbeat => {
                    plan.heartbeat(now);
                    None
                }
            };
            if let Some(command) = command {
                note(tell(&command));
            }
        }
        let was_due = plan.next_due().is_some_and(|due| due <= now);
        let mut stepped = false;
        while let Some(step) = plan.advance(now, false) {
            stepped = true;
            note(match step {
                Step::Tell(command) => tell(&command),
                Step::CheckCancellation => "check".to_owned(),
            });
        }
        assert!(was_due || !stepped, "a step at {second} s that nobody would have woken up for");
    }
    said.join(", ")
}

fn tell(command: &Command) -> String {
    match command {
        Command::Cancel(REQUESTED) => "cancel requested".to_owned(),
        Command::Cancel(TIMED_OUT) => "cancel timed out".to_owned(),
        Command::Cancel(SHUTDOWN) => "cancel shutdown".to_owned(),
        Command::Cancel(details) => format!("cancel {details:?}"),
        Command::WorkerShutdown => "shutdown".to_owned(),
        Command::Answered { .. } => "answered".to_owned(),
        Command::Kill(reason) => format!("kill {reason:?}"),
    }
}

#[track_caller]
fn check(case: Case, expected: &str) {
    assert_eq!(play(case), expected);
}

#[test]
fn a_cancelled_guest_may_finish() {
    check(Case { acts: &[(7, Act::Cancel(REQUESTED))], ..PLAIN }, "7: cancel requested");
}

#[test]
fn a_cancelled_guest_that_must_stop_is_killed_after_the_cancel_grace() {
    let rules = Stopping { on_cancel: OnCancel::Kill, ..RULES };
    let acts = &[(7, Act::Cancel(REQUESTED))];
    check(Case { rules, acts, ..PLAIN }, "7: cancel requested, 10: kill Cancelled");
}

#[test]
fn a_close_deadline_is_told_and_then_kills() {
    check(Case { close: Some(20), ..PLAIN }, "20: cancel timed out, 25: kill Deadline");
}

#[test]
fn a_deadline_kills_also_who_was_cancelled_before() {
    let acts = &[(7, Act::Cancel(REQUESTED))];
    check(Case { close: Some(20), acts, ..PLAIN }, "7: cancel requested, 20: cancel timed out, 25: kill Deadline");
}

#[test]
fn a_lost_lease_kills() {
    let acts = &[(7, Act::Cancel(CancellationDetails::NOT_FOUND))];
    let told = play(Case { acts, ..PLAIN });
    assert!(told.starts_with("7: cancel") && told.ends_with("12: kill LeaseLost"), "{told}");
}

#[test]
fn a_guest_that_does_not_heartbeat_times_out() {
    check(Case { heartbeat: Some(10), ..PLAIN }, "10: cancel timed out, 15: kill Deadline");
}

#[test]
fn a_heartbeat_re_arms_the_timeout_from_when_it_is_sent() {
    // The first is sent at once, the second is held back until 4 + 8 s.
    let acts = &[(4, Act::Heartbeat), (5, Act::Heartbeat)];
    check(Case { heartbeat: Some(10), acts, ..PLAIN }, "22: cancel timed out, 27: kill Deadline");
    // The held one was sent at 12 s, so that of 13 s waits until 20 s.
    let acts = &[(4, Act::Heartbeat), (5, Act::Heartbeat), (13, Act::Heartbeat)];
    check(Case { heartbeat: Some(10), acts, ..PLAIN }, "30: cancel timed out, 35: kill Deadline");
}

#[test]
fn a_heartbeat_is_held_back_no_longer_than_configured() {
    let start = Instant::now();
    let seconds = |count| start + Duration::from_secs(count);
    let plan = StopPlan::new(RULES, start, None, Some(Duration::from_secs(100)), Duration::from_secs(40));
    let mut plan = plan.max_throttle(Duration::from_secs(3));
    plan.heartbeat(seconds(1));
    plan.heartbeat(seconds(2));
    // The second is sent 3 s after the first, and the timeout counts from then.
    assert_eq!(plan.deadline(), Some(seconds(104)));
}

#[test]
fn a_missing_heartbeat_counts_only_when_no_event_waits() {
    let start = Instant::now();
    let mut plan = StopPlan::new(RULES, start, None, Some(Duration::from_secs(1)), Duration::from_secs(40));
    let late = start + Duration::from_secs(2);
    assert_eq!(plan.advance(late, true), None);
    plan.heartbeat(late);
    assert_eq!(plan.advance(late, false), None);
}

#[test]
fn without_a_heartbeat_timeout_the_worker_asks() {
    check(Case { heartbeat: None, ..PLAIN }, "40: check, 80: check");
    check(Case { heartbeat: None, acts: &[(30, Act::Heartbeat)], ..PLAIN }, "70: check");
    // Once cancelled there is nothing to ask for.
    let acts = &[(50, Act::Cancel(REQUESTED))];
    check(Case { heartbeat: None, acts, ..PLAIN }, "40: check, 50: cancel requested");
}

#[test]
fn a_shutdown_without_grace_cancels_at_once_and_kills() {
    let acts = &[(7, Act::ShutDownWithGrace(0))];
    check(Case { acts, ..PLAIN }, "7: shutdown, 7: cancel shutdown, 12: kill WorkerShutdown");
}

#[test]
fn a_shutdown_with_grace_waits_for_it() {
    let acts = &[(7, Act::ShutDownWithGrace(30))];
    check(Case { acts, ..PLAIN }, "7: shutdown, 37: cancel shutdown, 42: kill WorkerShutdown");
}

#[test]
fn hastening_ends_every_grace() {
    let acts = &[(7, Act::ShutDownWithGrace(30)), (9, Act::Hasten)];
    check(Case { acts, ..PLAIN }, "7: shutdown, 9: cancel shutdown, 9: kill WorkerShutdown");
    check(Case { acts: &[(9, Act::Hasten)], ..PLAIN }, "9: shutdown, 9: cancel shutdown, 9: kill WorkerShutdown");
    let acts = &[(20, Act::ShutDownWithGrace(30)), (22, Act::Hasten)];
    check(Case { close: Some(20), acts, ..PLAIN }, "20: shutdown, 20: cancel timed out, 22: kill Deadline");
}

#[test]
fn every_reason_is_remembered_but_only_the_first_is_told() {
    let start = Instant::now();
    let mut plan = StopPlan::new(RULES, start, None, None, Duration::from_secs(40));
    assert_eq!(plan.cancel(start, SHUTDOWN), Some(Command::Cancel(SHUTDOWN)));
    assert_eq!(plan.cancel(start, REQUESTED), None);
    assert_eq!(plan.reasons(), CancellationDetails::CANCEL_REQUESTED.union(CancellationDetails::WORKER_SHUTDOWN));
    assert!(plan.may_speak(start));
    plan.cancel(start, TIMED_OUT);
    assert!(!plan.may_speak(start));
}

#[test]
fn an_end_after_the_deadline_is_a_timeout_even_when_nobody_has_looked_at_the_clock() {
    let start = Instant::now();
    let second = Duration::from_secs(1);
    let ended = |to_close, heartbeat, after: Duration| {
        let mut plan = StopPlan::new(RULES, start, to_close, heartbeat, second);
        plan.end(start + after);
        plan.reasons().contains(CancellationDetails::TIMED_OUT)
    };
    assert!(!ended(Some(second), None, second / 2) && ended(Some(second), None, second));
    assert!(!ended(None, Some(second), second / 2) && ended(None, Some(second), second));
    assert!(!ended(None, None, second * 100));
}

#[test]
fn absurd_timeouts_do_not_overflow() {
    let plan = StopPlan::new(RULES, Instant::now(), Some(Duration::MAX), Some(Duration::MAX), Duration::from_secs(40));
    assert!(plan.next_due().is_some());
}
