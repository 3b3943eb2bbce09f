//! What is blocked is not started, and what runs of it is stopped.

use super::*;

fn blocked(scene: &Scene, activity: &str, at_once: bool) {
    let block = Block {
        activity: Some(activity.to_owned()),
        digest: None,
        tenant: None,
        reason: "it mines".to_owned(),
        since: SystemTime::UNIX_EPOCH,
        at_once,
    };
    scene.block.send_replace(Arc::new(Blocks::new(vec![block])));
}

const TOLD: &str = "failed SandboxBlocked";
const SEEN: &str = "observer: activity known is blocked on this worker: it mines";

#[tokio::test(start_paused = true)]
async fn what_is_blocked_is_not_started_until_it_is_blocked_no_more() {
    let scene = play(echo, RULES, 0);
    blocked(&scene, "known", false);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.block.send_replace(Arc::default());
    scene.lease(|_| {});
    scene.at(2).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    let started = "1s guest: starts\n1s server: completed 7\n2s server: closed";
    assert_eq!(text, format!("0s server: {TOLD}\n0s {SEEN}\n{started}"));
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_told_and_killed_after_its_grace() {
    for (at_once, killed) in [(false, 6), (true, 1)] {
        let scene = play(stubborn, RULES, 0);
        scene.lease(|_| {});
        scene.at(1).await;
        blocked(&scene, "known", at_once);
        scene.at(10).await;
        scene.handle.begin();
        let (_, text) = scene.end().await;
        let told = "0s guest: starts\n1s guest: Cancel(CancellationDetails(0x0))";
        let ended = format!("{killed}s server: {TOLD}\n{killed}s {SEEN}\n10s server: closed");
        assert_eq!(text, format!("{told}\n{killed}s guest: Kill(Cancelled)\n{ended}"));
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_obeys_says_so_and_one_that_is_asked_to_stop_is_reported_as_that() {
    for (reasons, reported) in [(CancellationDetails::default(), TOLD), (REQUESTED, "cancelled")] {
        let scene = play(stubborn, RULES, 0);
        scene.lease(|_| {});
        scene.at(1).await;
        if !reasons.is_empty() {
            scene.cancel(reasons);
        }
        scene.at(2).await;
        blocked(&scene, "known", false);
        scene.at(9).await;
        scene.handle.begin();
        let (_, text) = scene.end().await;
        assert!(text.contains(&format!("7s server: {reported}")), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_of_something_else_is_nothing_to_it() {
    let scene = play(obedient, RULES, 0);
    scene.lease(|_| {});
    scene.at(1).await;
    blocked(&scene, "other", false);
    scene.at(2).await;
    scene.cancel(REQUESTED);
    scene.at(3).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert!(text.starts_with("0s guest: starts\n2s guest: cancelled by request"), "{text}");
}
