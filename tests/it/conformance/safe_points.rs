//! Where an activity is interrupted by a cancellation, and where it is not.

use expect_test::expect;

use super::{Guest, cancellation::check_heartbeating};

pub(super) async fn one_that_is_polled_tells(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    check_heartbeating(&worker, "wait_cancel_polling", expect!["cancelled: Activity canceled []"]).await;
    worker.stop().await;
}

pub(super) async fn one_can_be_swallowed(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    check_heartbeating(&worker, "wait_cancel_swallowed", expect![[r#"completed: "swallowed: true""#]]).await;
    worker.stop().await;
}

pub(super) async fn an_uninterruptible_activity_has_none(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    check_heartbeating(&worker, "wait_cancel_ignored", expect![[r#"completed: "ignored: true""#]]).await;
    worker.stop().await;
}

pub(super) async fn a_shield_moves_it_to_its_outermost_end(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    check_heartbeating(
        &worker,
        "wait_cancel_shielded",
        expect![[r#"completed: ["slept on","inner end passed","slept on","cancelled after cleanup"]"#]],
    )
    .await;
    worker.stop().await;
}
