//! What an operator has blocked: it is not started any more, and what runs of it is stopped.

use std::{fmt, time::SystemTime};

use crate::{ComponentId, Policy, Report, SandboxFailure, SandboxFailureKind, shown};

/// The fewest digits by which a digest is named: no two components are mistaken for each other by so many.
pub const LEAST_DIGEST_DIGITS: usize = 12;

/// Something that is blocked: all that has each of the properties that are named. At least one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The type of the activity.
    pub activity: Option<String>,
    /// The digest of the component, or how it begins.
    pub digest: Option<String>,
    /// The tenant.
    pub tenant: Option<String>,
    /// Why, in the operator's words; callers read it.
    pub reason: String,
    /// Since when.
    pub since: SystemTime,
    /// Whether what runs is killed at once, and gets no grace.
    pub at_once: bool,
}

/// All that is blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks(Vec<Block>);

impl Block {
    /// Whether it is the same that is blocked, for whatever reason.
    pub fn is_of(&self, other: &Self) -> bool {
        let what = |block: &Self| (block.activity.clone(), block.digest.clone(), block.tenant.clone());
        what(self) == what(other)
    }

    /// Whether an activity of this type is blocked in this component.
    pub fn holds(&self, activity_type: &str, component: &ComponentId) -> bool {
        let is = |named: &Option<String>, own: &str| named.as_deref().is_none_or(|named| named == own);
        let is_digest = self.digest.as_deref().is_none_or(|digest| component.digest.starts_with(digest));
        is(&self.activity, activity_type) && is(&self.tenant, &component.tenant) && is_digest
    }

    /// Whether it is all of a tenant.
    fn is_whole_tenant(&self, tenant: &str) -> bool {
        self.activity.is_none() && self.digest.is_none() && self.tenant.as_deref() == Some(tenant)
    }

    /// What is reported on an attempt that it stops, or keeps from starting.
    pub fn report(&self, policy: &Policy) -> Report {
        let kind = SandboxFailureKind::Blocked;
        let retryable = policy.limits.retryable.get(&kind).copied().unwrap_or_else(|| kind.is_retryable_by_default());
        let message = format!("{self} is blocked on this worker: {}", self.reason);
        Report::Failed(Box::new(SandboxFailure { retryable, ..SandboxFailure::new(kind, message) }.into()))
    }
}

/// What is blocked, as part of a sentence.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [("activity", &self.activity), ("component", &self.digest), ("tenant", &self.tenant)];
        let named = named.into_iter().filter_map(|(what, name)| Some((what, name.as_deref()?)));
        for (at, (what, name)) in named.enumerate() {
            write!(f, "{}{what} {}", if at == 0 { "" } else { " of " }, shown::name(name))?;
        }
        Ok(())
    }
}

impl Blocks {
    /// These.
    pub fn new(blocks: Vec<Block>) -> Self {
        Self(blocks)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Block> {
        self.0.iter()
    }

    /// What blocks an activity of this type in this component, if anything does.
    pub fn find(&self, activity_type: &str, component: &ComponentId) -> Option<&Block> {
        self.0.iter().find(|block| block.holds(activity_type, component))
    }

    /// What blocks all of a tenant, if anything does.
    pub fn of_tenant(&self, tenant: &str) -> Option<&Block> {
        self.0.iter().find(|block| block.is_whole_tenant(tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(activity: Option<&str>, digest: Option<&str>, tenant: Option<&str>) -> Block {
        let [activity, digest, tenant] = [activity, digest, tenant].map(|name| name.map(str::to_owned));
        let reason = "it mines".to_owned();
        Block { activity, digest, tenant, reason, since: SystemTime::UNIX_EPOCH, at_once: false }
    }

    fn component(tenant: &str, digest: &str) -> ComponentId {
        ComponentId { tenant: tenant.to_owned(), ..ComponentId::new("orders", digest) }
    }

    #[test]
    fn what_is_blocked_has_all_that_is_named() {
        let component = component("acme", "0123456789abcdef");
        let cases = [
            (block(Some("ship"), None, None), true),
            (block(Some("shi"), None, None), false),
            (block(None, Some("0123456789ab"), None), true),
            (block(None, Some("123456789abc"), None), false),
            (block(None, None, Some("acme")), true),
            (block(None, None, Some("beta")), false),
            (block(Some("ship"), None, Some("acme")), true),
            (block(Some("ship"), None, Some("beta")), false),
            (block(Some("bill"), Some("0123456789ab"), Some("acme")), false),
        ];
        for (block, expected) in cases {
            assert_eq!(Blocks::new(vec![block.clone()]).find("ship", &component).is_some(), expected, "{block}");
        }
    }

    #[test]
    fn only_a_block_of_nothing_less_is_of_the_whole_tenant() {
        assert!(Blocks::new(vec![block(None, None, Some("acme"))]).of_tenant("acme").is_some());
        assert!(Blocks::new(vec![block(Some("ship"), None, Some("acme"))]).of_tenant("acme").is_none());
        assert!(Blocks::new(vec![block(Some("acme"), None, None)]).of_tenant("acme").is_none());
    }

    #[test]
    fn the_failure_says_what_is_blocked_and_why() {
        let block = block(Some("ship"), None, Some("acme"));
        let Report::Failed(failure) = block.report(&Policy::default()) else { panic!("it is no failure") };
        assert_eq!(failure.message, "activity ship of tenant acme is blocked on this worker: it mines");
        let fields = failure.as_application().unwrap();
        assert_eq!((fields.failure_type.as_str(), fields.non_retryable), ("SandboxBlocked", false));
        let mut policy = Policy::default();
        policy.limits.retryable.insert(SandboxFailureKind::Blocked, false);
        let Report::Failed(failure) = block.report(&policy) else { panic!("it is no failure") };
        assert!(failure.as_application().unwrap().non_retryable);
    }
}
