//! What is known to differ, with the row of the language's document in which it stands.

use expect_test::Expect;

use super::{Case, Language, Pair};

/// A part of what is seen that differs, in an activity that is the same otherwise.
#[derive(Debug)]
pub(crate) struct Known {
    /// The beginning of the row.
    pub(crate) row: &'static str,
    /// What ours has where theirs has the other.
    pub(crate) ours: &'static str,
    pub(crate) theirs: &'static str,
}

impl Known {
    /// Whether our side, or theirs, says a line about how the attempt ended.
    pub(super) fn is_said(&self, is_ours: bool) -> bool {
        let said = if is_ours { self.ours } else { self.theirs };
        said.contains("ompleting")
    }

    /// What is seen of ours and theirs with this settled.
    pub(super) fn settle(&self, language: &dyn Language, [ours, theirs]: [String; 2]) -> [String; 2] {
        language.assert_documented(self.row);
        assert!(ours.contains(self.ours), "not to be seen any more: {self:?}\n{ours}");
        [ours.replace(self.ours, self.theirs), theirs]
    }
}

/// Makes the call on both, and compares what each of them comes to.
pub(crate) async fn differs(pair: &Pair, row: &str, case: Case, ours: Expect, theirs: Expect) {
    pair.language.assert_documented(row);
    let [our, their] = pair.play_patiently(&case).await;
    ours.assert_eq(&our.outcome.to_string());
    theirs.assert_eq(&their.outcome.to_string());
}
