//! Several task queues that share a small budget.

mod tenants;

use super::*;

/// A budget and its task queues, which always wait for one more poll, as Temporal's core does.
struct Queues {
    shares: Shares,
    ids: Vec<QueueId>,
}

impl Queues {
    /// A budget of so many pages, and a queue with 100 slots for each of these sizes.
    fn new(pages: u64, slots: &[u64]) -> Self {
        let mut shares = Shares::new(pages);
        let ids = slots.iter().map(|slot| shares.add("a", *slot, 100)).collect();
        Self::begin(shares, ids)
    }

    /// These queues, each of which asks for its first poll.
    fn begin(shares: Shares, ids: Vec<QueueId>) -> Self {
        let mut queues = Self { shares, ids };
        for id in queues.ids.clone() {
            let polling = queues.shares.ask(id);
            queues.go_on(polling);
        }
        queues
    }

    /// Asks for another poll wherever one was granted.
    fn go_on(&mut self, mut polling: Vec<QueueId>) {
        while let Some(id) = polling.pop() {
            polling.extend(self.shares.ask(id));
        }
    }

    fn change(&mut self, queue: usize, change: impl FnOnce(&mut Shares, QueueId) -> Vec<QueueId>) {
        let polling = change(&mut self.shares, self.ids[queue]);
        self.go_on(polling);
        self.check();
    }

    fn task(&mut self, queue: usize) {
        self.change(queue, Shares::poll_brought_task);
    }

    fn tasks(&mut self, queue: usize, count: usize) {
        (0..count).for_each(|_| self.task(queue));
    }

    fn task_ends(&mut self, queue: usize) {
        self.change(queue, Shares::task_ended);
    }

    fn poll_ends(&mut self, queue: usize) {
        self.change(queue, Shares::poll_ended);
    }

    /// Polls and tasks of each queue.
    fn taken(&self) -> Vec<(usize, usize)> {
        self.shares.queues.values().map(|share| (share.polls, share.tasks)).collect()
    }

    fn late(&self) -> Vec<bool> {
        self.ids.iter().map(|id| self.shares.is_late(*id)).collect()
    }

    fn check(&self) {
        for share in self.shares.queues.values() {
            assert!(share.held <= share.slots_taken(), "{:?}", self.shares);
            assert_eq!(share.late.is_some(), share.held < share.tasks, "{:?}", self.shares);
        }
    }
}

#[test]
fn idle_queues_hold_the_memory_of_one() {
    let mut queues = Queues::new(16, &[1; 13]);
    assert_eq!(queues.taken(), [(1, 0); 13]);
    assert_eq!((queues.shares.reserve, queues.shares.free), (1, 15));
    queues.tasks(0, 15);
    assert_eq!(queues.taken()[0], (0, 15));
    assert_eq!(queues.shares.reserve, 1);
    queues.task(7);
    assert_eq!((queues.taken()[7], queues.shares.reserve), ((0, 1), 0));
    assert_eq!(queues.late(), [false; 13]);
}

#[test]
fn a_queue_alone_uses_the_whole_budget() {
    let mut queues = Queues::new(4, &[1]);
    queues.tasks(0, 4);
    assert_eq!((queues.taken()[0], queues.shares.reserve, queues.shares.free), ((0, 4), 0, 0));
    queues.task_ends(0);
    assert_eq!(queues.taken()[0], (1, 3));
}

#[test]
fn polls_grow_with_tasks_and_shrink_without() {
    let mut queues = Queues::new(4, &[1]);
    assert_eq!(queues.taken()[0], (1, 0));
    queues.task(0);
    queues.task_ends(0);
    assert_eq!(queues.taken()[0].0, 4);
    for polls in [3, 2, 1, 1] {
        queues.poll_ends(0);
        assert_eq!(queues.taken()[0].0, polls);
    }
}

#[test]
fn concurrency_limits_too() {
    let mut shares = Shares::new(100);
    let id = shares.add("a", 1, 2);
    assert_eq!((shares.ask(id), shares.ask(id)), (vec![id], vec![]));
    assert_eq!((shares.poll_brought_task(id), shares.ask(id)), (vec![id], vec![]));
    assert_eq!(shares.slots_taken(id), 2);
}

#[test]
fn a_second_task_that_finds_the_reserve_empty_is_next() {
    let mut queues = Queues::new(4, &[1; 3]);
    queues.tasks(0, 3);
    queues.task(1);
    queues.task(2);
    assert_eq!(queues.late(), [false, false, true]);
    // The first one's polls wait, for they would take what is needed here.
    queues.task_ends(0);
    assert_eq!((queues.late(), queues.taken()), (vec![false; 3], vec![(0, 2), (0, 1), (0, 1)]));
    // The queue that holds the least goes first, then the one that has waited longest.
    queues.task_ends(0);
    assert_eq!(queues.taken(), [(0, 1), (1, 1), (0, 1)]);
}

#[test]
fn polls_lend_their_memory_to_tasks() {
    let mut queues = Queues::new(8, &[1; 5]);
    queues.task(0);
    assert_eq!(queues.taken()[0], (6, 1), "it polls with all that is free");
    for queue in 1..5 {
        queues.task(queue);
        assert_eq!(queues.late(), [false; 5], "{queue}");
    }
    assert_eq!(queues.taken()[0].0, 6, "a poll that has begun goes on");
    // What such a poll brings may be late, but for the next memory that becomes free.
    queues.tasks(0, 4);
    assert_eq!(queues.late(), [true, false, false, false, false]);
    queues.task_ends(1);
    assert_eq!(queues.late(), [false; 5]);
    (2..5).for_each(|queue| queues.task_ends(queue));
    assert_eq!(queues.taken(), [(2, 5), (2, 0), (2, 0), (1, 0), (1, 0)]);
}

#[test]
fn no_poll_begins_on_a_reserve_that_is_spent() {
    let mut queues = Queues::new(3, &[1; 3]);
    queues.tasks(0, 2);
    queues.task(1);
    assert_eq!((queues.shares.reserve, queues.taken()[2]), (0, (1, 0)));
    queues.poll_ends(2);
    assert_eq!(queues.taken()[2], (0, 0));
    queues.task_ends(0);
    assert_eq!((queues.shares.reserve, queues.taken()), (1, vec![(0, 1), (0, 1), (1, 0)]));
}

#[test]
fn neither_large_slots_nor_small_ones_starve_the_others() {
    let mut queues = Queues::new(16, &[8, 1]);
    queues.tasks(1, 8);
    assert_eq!(queues.taken(), [(1, 0), (0, 8)]);
    queues.task(0);
    // Both hold 8 and wait for more. What is freed goes to the one that has less then.
    queues.task_ends(1);
    assert_eq!(queues.taken(), [(0, 1), (1, 7)]);
    queues.task(1);
    queues.task_ends(0);
    assert_eq!(queues.taken(), [(1, 0), (0, 8)]);
}

#[test]
fn a_large_slot_keeps_what_is_freed_until_it_fits() {
    let mut queues = Queues::new(16, &[1, 8]);
    // The large queue's reserve is taken by its own task, which ends while small ones have all the rest.
    queues.task(1);
    queues.tasks(0, 8);
    queues.task_ends(1);
    assert_eq!(queues.taken(), [(0, 8), (1, 0)]);
    queues.poll_ends(1);
    assert_eq!(queues.taken()[1], (1, 0), "it holds nothing, so it is first");
    assert_eq!((queues.taken()[0], queues.shares.reserve), ((0, 8), 8));
}

#[test]
fn what_goes_leaves_everything() {
    let mut queues = Queues::new(16, &[8, 1]);
    queues.task(0);
    queues.tasks(1, 3);
    for id in queues.ids.clone() {
        queues.shares.remove(id);
    }
    assert_eq!((queues.shares.free, queues.shares.reserve), (16, 0));
}

#[test]
fn slots_that_become_larger_are_paid_for_before_anything_else() {
    let mut queues = Queues::new(8, &[1, 1]);
    queues.tasks(0, 6);
    queues.change(0, |shares, id| shares.enlarge(id, 2));
    // With its poll it holds seven slots of two pages, which are more than there is.
    assert_eq!((queues.shares.pages_held(queues.ids[0]), queues.shares.free), (14, 0));
    let owed = queues.shares.owed;
    queues.task_ends(0);
    assert_eq!((queues.shares.owed, queues.shares.free), (owed - 2, 0));
    (0..5).for_each(|_| queues.task_ends(0));
    let held: u64 = queues.ids.iter().map(|id| queues.shares.pages_held(*id)).sum();
    assert_eq!((queues.shares.owed, held + queues.shares.reserve + queues.shares.free), (0, 8));
    queues.change(0, |shares, id| shares.enlarge(id, 1));
    assert_eq!(queues.shares.slot_of(queues.ids[0]), 2, "they never become smaller");
}
