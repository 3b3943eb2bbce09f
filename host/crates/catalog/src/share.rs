//! Which of two versions an attempt is for: the same one for all attempts of an activity and for all activities of a
//! workflow, on every worker.

use std::sync::atomic::{AtomicU8, Ordering};

use activity::Info;
use sha2::{Digest as _, Sha256};

/// All of it, in percent.
const WHOLE: u64 = 100;

/// The percentage of ids that are a candidate's. It may change while attempts are leased: raised, it takes ids from the
/// stable version alone, and lowered, it gives some of those back.
#[derive(Debug)]
pub struct Share(AtomicU8);

impl Share {
    /// So many percent.
    pub fn new(percent: u8) -> Self {
        Self(AtomicU8::new(percent))
    }

    /// How many percent it is now.
    pub fn percent(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// So many percent from now on.
    pub fn set(&self, percent: u8) {
        self.0.store(percent, Ordering::Relaxed);
    }

    /// Whether an attempt is the candidate's.
    pub fn takes(&self, info: &Info) -> bool {
        place(sticky(info)) < u64::from(self.percent())
    }
}

/// There is one for a release: only the very same is the same.
impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Share {}

/// What an attempt stays with: the id of its workflow, or of an activity that no workflow has called.
fn sticky(info: &Info) -> &str {
    info.workflow.as_ref().map_or(&info.activity_id, |workflow| &workflow.workflow_id)
}

/// The place of an id among a hundred: the first eight bytes of its SHA-256, as a number, modulo 100. Operators can compute
/// it, and no version of Isolet may change it, or workers of two versions would not agree.
fn place(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    let first = digest.iter().take(8).fold(0, |number: u64, byte| (number << 8) | u64::from(*byte));
    first % WHOLE
}

#[cfg(test)]
mod tests {
    use activity::WorkflowExecution;

    use super::*;

    fn info(workflow: Option<&str>, activity: &str) -> Info {
        let workflow =
            workflow.map(|id| WorkflowExecution { workflow_id: id.to_owned(), ..WorkflowExecution::default() });
        Info { workflow, activity_id: activity.to_owned(), ..Info::default() }
    }

    #[test]
    fn the_place_of_an_id_never_changes() {
        let places = ["", "order-1", "order-2", "order-3", "Bestellung-ä"].map(place);
        assert_eq!(places, [52, 96, 63, 51, 38]);
    }

    #[test]
    fn a_workflow_stays_with_one_version_and_so_does_an_activity_of_none() {
        let share = Share::new(64);
        assert!(share.takes(&info(Some("order-2"), "1")) && share.takes(&info(Some("order-2"), "order-1")));
        assert!(share.takes(&info(None, "order-2")) && !share.takes(&info(None, "order-1")));
    }

    #[test]
    fn raising_the_percentage_takes_ids_from_the_stable_version_alone() {
        let share = Share::new(0);
        let ids: Vec<Info> = (0..2_000).map(|number| info(Some(&format!("workflow-{number}")), "1")).collect();
        let mut former = vec![false; ids.len()];
        for percent in 0..=100 {
            share.set(percent);
            let now: Vec<bool> = ids.iter().map(|id| share.takes(id)).collect();
            assert!(former.iter().zip(&now).all(|(before, now)| !before || *now), "at {percent} %");
            let taken = now.iter().filter(|taken| **taken).count();
            // Within four standard deviations.
            assert!(taken.abs_diff(usize::from(percent) * 20) <= 90, "{taken} of 2000 at {percent} %");
            former = now;
        }
        assert!(former.iter().all(|taken| *taken));
    }
}
