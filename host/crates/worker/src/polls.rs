//! The polls of one worker that are under way, and the end of all of them.
//!
//! A poll that is given up may have been given a task already, which the server hands out again only when that has timed
//! out. So where there is time for it, polls are not given up: no more are made, and the last ones are waited for.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::watch;

/// The polls of one worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Polls(Arc<watch::Sender<State>>);

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    /// Whether there will be no more.
    are_last: bool,
}

impl Polls {
    /// One more, if there may be one.
    pub(crate) fn begin(&self) -> Option<Poll> {
        let begun = self.0.send_if_modified(|state| {
            state.under_way = state.under_way.saturating_add(usize::from(!state.are_last));
            !state.are_last
        });
        begun.then(|| Poll { polls: self.clone(), has_ended: AtomicBool::new(false) })
    }

    /// Those that are under way are the last ones.
    pub(crate) fn end(&self) {
        self.0.send_modify(|state| state.are_last = true);
    }

    /// Waits until there are no more to come.
    pub(crate) async fn are_last(&self) {
        self.reach(|state| state.are_last).await;
    }

    /// Waits until there are no more to come and none is under way.
    pub(crate) async fn over(&self) {
        self.reach(|state| state.are_last && state.under_way == 0).await;
    }

    async fn reach(&self, is_reached: impl FnMut(&State) -> bool) {
        // It fails without a sender, which is here.
        let _ = self.0.subscribe().wait_for(is_reached).await;
    }
}

/// A poll that is under way, until it brings a task or is dropped.
#[derive(Debug)]
pub(crate) struct Poll {
    polls: Polls,
    has_ended: AtomicBool,
}

impl Poll {
    pub(crate) fn end(&self) {
        if !self.has_ended.swap(true, Ordering::Relaxed) {
            self.polls.0.send_modify(|state| state.under_way = state.under_way.saturating_sub(1));
        }
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.end();
    }
}
