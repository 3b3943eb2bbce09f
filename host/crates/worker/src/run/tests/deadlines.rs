//! What is reported, and what is not, when an attempt's time is over.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_result_after_the_deadline_is_not_a_result() {
    /// Catches that it is cancelled, and returns.
    fn catching(_: Task, mut port: AttemptPort, _: Transcript) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            while let Some(command) = port.commands.recv().await {
                if matches!(command, Command::Cancel(_)) {
                    return port.events.end(returned(Outcome::Completed(None)));
                }
            }
        })
    }
    let timeouts: [fn(&mut Info); 2] = [
        |info| info.deadline = Some(info.started_time + Duration::from_secs(10)),
        |info| info.heartbeat_timeout = Some(Duration::from_secs(10)),
    ];
    for timeout in timeouts {
        let scene = play(catching, RULES, 0);
        scene.lease(timeout);
        scene.at(11).await;
        scene.handle.begin();
        let (result, text) = scene.end().await;
        assert!(text.ends_with("\n10s server: nothing\n11s server: closed"), "{text}");
        assert_eq!(result.unwrap(), Summary { timed_out: 1, ..Summary::default() });
    }
}

/// An attempt of ten seconds that returns in time, on a server that lacks something until `back`.
async fn attempt_without(lacks: fn(&mut State, bool), back: u64) -> (Summary, String) {
    let scene = play(echo, RULES, 0);
    scene.server.change(|state| lacks(state, true));
    scene.lease(|info| info.deadline = Some(info.started_time + Duration::from_secs(10)));
    scene.at(back).await;
    scene.server.change(|state| lacks(state, false));
    scene.at(30).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    (result.unwrap(), text)
}

/// When the server has been away since its start and is back at `back`.
async fn reported_after(back: u64) -> (Summary, String) {
    attempt_without(|state, is_away| state.is_away = is_away, back).await
}

/// When there is memory only at `back`.
async fn started_after(back: u64) -> (Summary, String) {
    attempt_without(|state, has_no_memory| state.has_no_memory = has_no_memory, back).await
}

#[tokio::test(start_paused = true)]
async fn a_report_is_sent_until_the_deadline() {
    let (summary, text) = reported_after(8).await;
    assert!(text.contains("\n8s server: completed 7\n") || text.contains("\n9s server: completed 7\n"), "{text}");
    assert_eq!(summary, Summary { completed: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_sent_until_then_is_not_told_as_sent() {
    let (summary, text) = reported_after(20).await;
    assert!(!text.contains("server: completed"), "{text}");
    assert_eq!(summary, Summary { unreported: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn a_task_without_memory_waits_for_it_until_its_deadline() {
    let (summary, text) = started_after(5).await;
    assert!(text.contains("s guest: starts, killed after"), "{text}");
    assert_eq!(summary, Summary { completed: 1, ..Summary::default() }, "{text}");

    let (summary, text) = started_after(20).await;
    assert_eq!(text, "10s server: nothing\n30s server: closed");
    assert_eq!(summary, Summary { timed_out: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn a_kill_that_nobody_asked_the_server_about_is_not_reported_as_a_cancellation() {
    let lost = CancellationDetails::NOT_FOUND;
    let scene = play(stubborn, RULES, 0);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.cancel(lost);
    scene.at(10).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(text.contains(&format!("6s guest: Kill({:?})\n6s server: nothing", KillReason::LeaseLost)), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_told_and_then_kills() {
    let scene = play(stubborn, RULES, 0);
    scene.lease(|info| info.deadline = Some(info.started_time + Duration::from_secs(20)));
    scene.at(30).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(
        text.starts_with(
            "0s guest: starts, killed after 25s\n20s guest: cancelled by timeout\n25s guest: Kill(Deadline)\n\
             25s server: nothing"
        ),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_stops_at_its_deadline_leaves_the_timeout_to_the_server() {
    let scene = play(obedient, RULES, 0);
    scene.lease(|info| info.heartbeat_timeout = Some(Duration::from_secs(10)));
    scene.at(30).await;
    scene.handle.begin();
    let (result, text) = scene.end().await;
    assert_eq!(text, "0s guest: starts\n10s guest: cancelled by timeout\n10s server: nothing\n30s server: closed");
    assert_eq!(result.unwrap(), Summary { timed_out: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn no_heartbeat_is_sent_after_the_deadline() {
    let scene = play(busy, RULES, 0);
    scene.lease(|info| info.deadline = Some(info.started_time + Duration::from_secs(6)));
    scene.at(7).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(!text.contains("last"), "{text}");
    assert!(text.contains("4s server: heartbeat 1\n6s guest: told to stop\n6s server: nothing"), "{text}");
}
