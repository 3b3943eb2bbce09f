//! Guests that go on although they were told to stop: when they are killed, and what is reported for them.

use expect_test::expect;

use super::{Guest, cancellation, shutdown};

pub(super) async fn one_that_does_not_care_is_killed_when_cancelled(guest: Guest) {
    let builder = guest.worker().await.cancel_check("300ms").option("--on-cancel", "kill");
    let worker = builder.option("--cancel-grace", "200ms").start().await;
    for activity in ["spin", "park"] {
        let call = |caller| worker.called_by(caller, activity);
        cancellation::check(&worker, call, expect!["cancelled: Activity canceled []"]).await;
    }
    worker.stop().await;
}

pub(super) async fn one_that_goes_on_is_killed_after_a_shutdown(guest: Guest) {
    for activity in ["spin", "park"] {
        let worker = guest.worker().await.shutdown_grace("0s").kill_grace("300ms").start().await;
        shutdown::check(
            worker,
            activity,
            expect![[r#"
                failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
                not tried again: MaximumAttemptsReached"#]],
        )
        .await;
    }
}

pub(super) async fn a_shield_does_not_hold_a_kill_back(guest: Guest) {
    let worker = guest.worker().await.shutdown_grace("0s").kill_grace("300ms").start().await;
    shutdown::check(
        worker,
        "shield_forever",
        expect![[r#"
            failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
            not tried again: MaximumAttemptsReached"#]],
    )
    .await;
}

pub(super) async fn a_terminated_activity_is_killed_unreported(guest: Guest) {
    let worker = guest.worker().await.cancel_check("300ms").kill_grace("200ms").start().await;
    let call = worker.standalone("spin").start().await;
    worker.started(call.id()).await;
    call.standalone().terminate().await;
    expect!["terminated: enough"].assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "abandoned");
    worker.stop().await;
}
