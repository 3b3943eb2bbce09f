//! Another worker takes over.

use super::*;

/// What takes over: it returns what it is given.
fn heir(scene: &Scene) -> Ports {
    let transcript = scene.server.transcript.clone();
    World { guest: echo, rules: RULES, grant: None, transcript }
        .ports(CurrentCoding::default(), scene.block.subscribe())
}

fn another(info: &mut Info) {
    info.task_token = Bytes::from_static(b"another");
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_not_touched_and_what_the_last_polls_bring_is_run_by_the_heir() {
    let scene = play(obedient, RULES, 2);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.hand_over(Some(heir(&scene)));
    scene.at(2).await;
    scene.lease(another);
    scene.at(3).await;
    scene.server.change(|state| state.are_polls_over = true);
    scene.at(30).await;
    scene.cancel(REQUESTED);
    let (result, text) = scene.end().await;
    assert_eq!(
        text,
        "0s guest: starts\n1s server: last polls\n2s guest: starts\n2s server: completed 7\n\
         30s guest: cancelled by request\n30s server: cancelled\n30s server: closed"
    );
    assert_eq!(result.unwrap(), Summary { completed: 1, cancelled: 1, ..Summary::default() });
}

#[tokio::test(start_paused = true)]
async fn polls_that_never_end_are_given_up() {
    let scene = play(echo, RULES, 2);
    scene.handle.hand_over(None);
    let (result, text) = scene.end().await;
    assert_eq!(text, "0s server: last polls\n90s server: closed");
    assert_eq!(result.unwrap(), Summary::default());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_no_polls() {
    let scene = play(obedient, RULES, 2);
    scene.lease(|_| {});
    scene.at(1).await;
    scene.handle.hand_over(Some(heir(&scene)));
    scene.handle.hand_over(Some(heir(&scene)));
    scene.at(4).await;
    scene.handle.begin();
    let (_, text) = scene.end().await;
    assert_eq!(
        text,
        "0s guest: starts\n1s server: last polls\n4s guest: WorkerShutdown\n6s guest: cancelled by shutdown\n\
         6s server: failed WorkerShutdown\n6s observer: Worker is shutting down and this activity did not complete in \
         time\n6s server: closed"
    );
}
