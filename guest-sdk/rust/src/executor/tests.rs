//! Asynchronous activities against the test backend, whose time passes only in waits.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::time::Duration;

use futures_util::future::{Either, join, join_all, select};
use futures_util::{StreamExt as _, pin_mut, stream::FuturesUnordered};

use super::*;
use crate::test::TestContext;
use crate::{activity, sleep, timeout};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[activity]
async fn naps(naps: Vec<u64>) -> Result<usize, ActivityError> {
    let slept = join_all(naps.into_iter().map(|nap| sleep(seconds(nap)))).await;
    Ok(slept.into_iter().collect::<Result<Vec<()>, _>>()?.len())
}

#[test]
fn sleeps_pass_side_by_side() {
    let test = TestContext::new();
    assert_eq!(test.run::<naps>(&[&[3, 1, 2]]).unwrap().decode::<usize>().unwrap(), 3);
    assert_eq!(test.waited(), seconds(3));
}

#[test]
fn they_end_in_the_order_of_their_times() {
    let test = TestContext::new();
    let order = test.context().block_on(async {
        let naps: FuturesUnordered<_> =
            [3, 1, 2].into_iter().map(async |nap| sleep(seconds(nap)).await.map(|()| nap)).collect();
        naps.collect::<Vec<_>>().await
    });
    assert_eq!(order, [Ok(1), Ok(2), Ok(3)]);
}

#[test]
fn a_cancellation_ends_every_wait_and_can_be_caught() {
    let test = TestContext::new().cancelled_after(seconds(2));
    let context = test.context();
    let (short, long) = context.block_on(join(sleep(seconds(1)), sleep(seconds(60))));
    assert_eq!((short, long), (Ok(()), Err(Cancelled::new())));
    assert_eq!(test.waited(), seconds(2));
    // It stays.
    assert!(context.block_on(sleep(seconds(1))).is_err());
    assert!(matches!(test.run::<naps>(&[&[1]]), Err(ActivityError::Cancelled(_))));
}

#[test]
fn a_shield_covers_its_own_work_alone() {
    let test = TestContext::new().cancelled_after(seconds(1));
    let context = test.context();
    let steps = RefCell::new(Vec::new());
    let shielded = context.shield_async(async {
        let inner = context.shield_async(sleep(seconds(3))).await;
        steps.borrow_mut().push(format!("inner {inner:?}"));
    });
    let beside = async {
        let slept = sleep(seconds(2)).await;
        steps.borrow_mut().push(format!("beside {slept:?} after {:?}", test.waited()));
    };
    let (end, ()) = context.block_on(join(shielded, beside));
    assert!(end.is_err());
    let cancelled = format!("{:?}", Err::<(), _>(Cancelled::new()));
    assert_eq!(steps.into_inner(), [format!("beside {cancelled} after 1s"), "inner Ok(Ok(()))".to_owned()]);
    assert_eq!(test.waited(), seconds(3));
}

#[test]
fn a_timeout_drops_what_is_not_done() {
    let test = TestContext::new();
    let context = test.context();
    context.block_on(async {
        let late = timeout(seconds(1), sleep(seconds(5))).await.unwrap_err();
        assert_eq!(late.to_string(), "not done within 1s");
        assert_eq!(timeout(seconds(5), sleep(seconds(1))).await, Ok(Ok(())));
        assert_eq!(timeout(seconds(1), pending::<()>()).await, Err(late));
    });
    assert_eq!(test.waited(), seconds(3));
}

#[test]
fn time_runs_from_the_call_on() {
    let test = TestContext::new();
    test.context().block_on(async {
        let later = sleep(seconds(3));
        sleep(seconds(2)).await.unwrap();
        later.await.unwrap();
    });
    assert_eq!(test.waited(), seconds(3));
}

#[test]
fn any_future_can_end_with_the_cancellation() {
    let test = TestContext::new().cancelled_after(seconds(7)).worker_shutdown_after(seconds(3));
    let context = test.context();
    context.block_on(async {
        context.worker_shutdown().await;
        assert_eq!(test.waited(), seconds(3));
        assert!(context.until_cancelled(pending::<()>()).await.is_err());
        assert_eq!(test.waited(), seconds(7));
        context.cancelled().await;
    });
}

#[test]
fn whoever_loses_a_race_waits_no_more() {
    let test = TestContext::new();
    let context = test.context();
    context.block_on(async {
        let (short, long) = (sleep(seconds(1)), sleep(seconds(60)));
        pin_mut!(short, long);
        assert!(matches!(select(short, long).await, Either::Left((Ok(()), _))));
        sleep(seconds(1)).await.unwrap();
    });
    assert_eq!(test.waited(), seconds(2));
}

#[test]
fn one_that_is_never_done_does_not_starve_the_others() {
    let test = TestContext::new().cancelled_after(Duration::ZERO);
    let context = test.context();
    let busy = poll_fn(|context| {
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    });
    context.block_on(async {
        let cancelled = context.cancelled();
        pin_mut!(busy, cancelled);
        assert!(matches!(select(busy, cancelled).await, Either::Right(_)));
    });
}

#[activity]
async fn forsaken() {
    pending::<()>().await;
}

#[test]
fn what_nothing_will_wake_is_a_failure() {
    let Err(ActivityError::Application(failure)) = TestContext::new().run::<forsaken>(&[]) else {
        unreachable!("it never ends")
    };
    assert_eq!(failure.type_name(), "NeverWoken");
    assert!(failure.message().starts_with("the activity waits for ever"), "{failure}");
    // Once it is cancelled that is what it ends with.
    assert!(matches!(TestContext::new().cancelled().run::<forsaken>(&[]), Err(ActivityError::Cancelled(_))));
}

#[activity(interruptible = false)]
async fn stubborn() -> Result<(), ActivityError> {
    Ok(sleep(seconds(5)).await?)
}

#[test]
fn an_uninterruptible_activity_sleeps_to_the_end() {
    let test = TestContext::new().cancelled_after(seconds(1));
    assert!(test.run::<stubborn>(&[]).is_ok());
    assert_eq!(test.waited(), seconds(5));
}

#[activity(dynamic)]
async fn anything(context: &ActivityContext, arguments: Vec<crate::RawValue>) -> String {
    sleep(seconds(1)).await.ok();
    format!("{} with {}", context.info().activity_type, arguments.len())
}

#[test]
fn a_dynamic_activity_may_be_asynchronous() {
    let told: String = TestContext::new().run::<anything>(&[&1, &2]).unwrap().decode().unwrap();
    assert_eq!(told, "test with 2");
}
