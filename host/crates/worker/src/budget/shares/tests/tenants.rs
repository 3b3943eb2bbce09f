//! Tenants that share a small budget.

use super::{Portion, Queues, Shares};

/// A budget of so many pages, and for each of these portions a tenant with a queue whose slots have a page.
fn tenants(pages: u64, portions: &[Portion]) -> Queues {
    let mut shares = Shares::new(pages);
    let ids = portions.iter().zip(["a", "b", "c", "d"]).map(|(portion, name)| {
        shares.set_tenant(name, *portion);
        shares.add(name, 1, 100)
    });
    let ids = ids.collect();
    Queues::begin(shares, ids)
}

fn portion() -> Portion {
    Portion::default()
}

/// Lets every queue's attempts end and others begin, whoever may, until that changes nothing any more. Returns what each
/// holds then.
fn churn(queues: &mut Queues) -> Vec<u64> {
    for turn in 0..1_000 {
        let taken = queues.taken();
        let queue = turn % taken.len();
        if taken[queue].1 > 0 {
            queues.task_ends(queue);
        }
        for queue in 0..taken.len() {
            (0..queues.taken()[queue].0).for_each(|_| queues.task(queue));
        }
    }
    queues.ids.iter().map(|id| queues.shares.pages_held(*id)).collect()
}

#[test]
fn a_thousand_idle_queues_poll_on_the_memory_of_one() {
    let mut shares = Shares::new(4);
    let ids = (0..1_000).map(|number| shares.add(&format!("tenant {number}"), 1, 100)).collect();
    let mut queues = Queues::begin(shares, ids);
    assert!(queues.taken().iter().all(|taken| *taken == (1, 0)));
    assert_eq!((queues.shares.reserve, queues.shares.free), (1, 3));
    queues.tasks(17, 3);
    queues.task(500);
    assert_eq!((queues.taken()[17].1, queues.taken()[500].1, queues.shares.is_late(queues.ids[500])), (3, 1, false));
}

#[test]
fn who_is_over_its_share_gives_back_as_its_attempts_end() {
    let mut queues = tenants(12, &[portion(), Portion { weight: 200, ..portion() }]);
    queues.tasks(0, 12);
    assert_eq!(queues.taken()[0].1, 12, "alone it has all");
    queues.poll_ends(0);
    let held = churn(&mut queues);
    assert_eq!(held.iter().sum::<u64>(), 12);
    assert!((7..=9).contains(&held[1]), "{held:?}: twice the weight has twice as much");
}

#[test]
fn nobody_takes_what_another_is_guaranteed() {
    let guaranteed = Portion { guaranteed: 4, ..portion() };
    let mut queues = tenants(12, &[portion(), guaranteed]);
    assert_eq!(queues.taken(), [(1, 0), (1, 0)]);
    queues.tasks(0, 8);
    assert_eq!(queues.taken()[0], (0, 8));
    queues.tasks(1, 4);
    assert_eq!((queues.taken()[1].1, queues.late()), (4, vec![false; 2]));
    assert_eq!((queues.shares.free, queues.shares.set_aside), (0, 0));
    // What it gives back is its own again.
    queues.task_ends(1);
    assert_eq!(queues.taken()[0], (0, 8));
}

#[test]
fn polls_lend_nothing_that_is_guaranteed() {
    let guaranteed = Portion { guaranteed: 4, ..portion() };
    let mut queues = tenants(6, &[guaranteed, portion(), portion(), portion()]);
    queues.task(0);
    assert_eq!((queues.taken()[0], queues.shares.free), ((4, 1), 0), "it polls with what is free, too");
    (1..4).for_each(|queue| queues.task(queue));
    assert_eq!(queues.late(), [false, false, false, true], "of five it has lent the one that is not guaranteed");
    queues.tasks(0, 3);
    assert_eq!(queues.late(), [false, false, false, true]);
}

#[test]
fn who_is_guaranteed_memory_need_not_wait_for_late_tasks_of_others() {
    let guaranteed = Portion { guaranteed: 2, ..portion() };
    let mut queues = tenants(4, &[portion(), portion(), guaranteed]);
    queues.tasks(0, 2);
    queues.task(1);
    assert_eq!(queues.late(), [false, true, false]);
    queues.poll_ends(2);
    assert_eq!(queues.taken()[2], (1, 0));
    queues.tasks(2, 2);
    assert_eq!((queues.taken()[2].1, queues.late()), (2, vec![false, true, false]));
    queues.task_ends(2);
    assert_eq!(queues.late(), [false, true, false], "that is set aside again");
    queues.task_ends(0);
    assert_eq!(queues.late(), [false; 3]);
}

#[test]
fn a_tenant_at_its_limit_holds_up_nobody_else() {
    let limited = Portion { pages: Some(2), ..portion() };
    let mut queues = tenants(10, &[limited, portion(), Portion { slots: Some(1), ..portion() }]);
    queues.tasks(0, 2);
    assert_eq!(queues.taken()[0], (0, 2));
    queues.task(2);
    assert_eq!(queues.taken()[2], (0, 1));
    queues.tasks(1, 7);
    assert_eq!(queues.taken()[1], (0, 7));
    queues.task_ends(0);
    assert_eq!(queues.taken()[0].1, 1);
    queues.task_ends(1);
    // Its limit is raised while it runs.
    queues.shares.set_tenant("c", portion());
    assert_eq!(queues.taken()[2], (0, 1), "nothing is free");
    queues.task_ends(1);
    assert_eq!(queues.taken()[2], (1, 1));
}

#[test]
fn polls_of_one_queue_do_not_hold_up_the_tasks_of_another_of_its_tenant() {
    let mut shares = Shares::new(10);
    shares.set_tenant("a", Portion { slots: Some(3), ..portion() });
    let ids = vec![shares.add("a", 1, 100), shares.add("a", 1, 100)];
    let mut queues = Queues::begin(shares, ids);
    queues.task(0);
    assert_eq!(queues.taken(), [(1, 1), (1, 0)]);
    queues.task(1);
    assert_eq!(queues.late(), [false, false], "its slot was left");
    assert_eq!(queues.taken(), [(1, 1), (0, 1)]);
}

#[test]
fn a_queue_polls_for_no_more_tasks_than_its_tenant_may_run() {
    let mut queues = tenants(10, &[Portion { slots: Some(2), ..portion() }]);
    for _ in 0..8 {
        while queues.taken()[0].0 != 0 {
            queues.task(0);
        }
        assert_eq!((queues.taken()[0].1, queues.late()), (2, vec![false]));
        queues.task_ends(0);
        queues.task_ends(0);
    }
}
