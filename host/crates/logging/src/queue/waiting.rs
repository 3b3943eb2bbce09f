//! Lines that wait, within a bound that those who write them share fairly.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use activity::ComponentId;

/// What a line counts beside its text, so that empty ones count too.
const LINE: usize = 128;

/// Whose a line is. What may be dropped first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Speaker {
    /// A guest said it, or made the host say it.
    Guest,
    /// The host tells of an attempt.
    Attempt,
    /// The host tells of itself.
    Host,
}

/// Who pays for a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner {
    /// Whose it is.
    pub(crate) speaker: Speaker,
    /// The tenant; empty for the host.
    pub(crate) tenant: String,
    /// The component; empty where none runs the attempt.
    pub(crate) component: String,
}

impl Owner {
    /// Whoever speaks for an attempt of `component`, or of one that no component runs, for `tenant`.
    pub(crate) fn new(speaker: Speaker, tenant: &str, component: Option<&ComponentId>) -> Self {
        let component = component.map(|component| component.name.clone()).unwrap_or_default();
        Self { speaker, tenant: tenant.to_owned(), component }
    }

    /// The host itself.
    pub(crate) fn host() -> Self {
        Self { speaker: Speaker::Host, tenant: String::new(), component: String::new() }
    }
}

/// Lines that wait, of at most so many bytes.
///
/// A line that finds it full takes the place of the newest line of the largest component of the tenant that has the most
/// bytes there: first of what guests said, then of what tells of attempts, and of the host's own at last. Where that
/// would be the line itself, it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    most: usize,
    bytes: usize,
    next: u64,
    lines: BTreeMap<u64, (Arc<Owner>, String)>,
    shares: BTreeMap<Arc<Owner>, Share>,
}

/// What one owner has there.
#[derive(Debug, Default)]
struct Share {
    bytes: usize,
    /// The numbers of its lines, in order.
    lines: VecDeque<u64>,
    /// Lines that were dropped and not told yet.
    dropped: u64,
}

impl Waiting {
    pub(super) fn new(most: usize) -> Self {
        Self { most, bytes: 0, next: 0, lines: BTreeMap::new(), shares: BTreeMap::new() }
    }

    /// Takes a line.
    pub(super) fn put(&mut self, owner: Owner, line: String) {
        let size = line.len() + LINE;
        let owner = self.shares.get_key_value(&owner).map_or_else(|| Arc::new(owner), |(known, _)| Arc::clone(known));
        while self.most < self.bytes + size {
            match self.victim(&owner, size) {
                Some(victim) if victim != owner => self.drop_newest(&victim),
                _ => {
                    self.shares.entry(owner).or_default().dropped += 1;
                    return;
                }
            }
        }
        let share = self.shares.entry(Arc::clone(&owner)).or_default();
        share.bytes += size;
        share.lines.push_back(self.next);
        self.bytes += size;
        self.lines.insert(self.next, (owner, line));
        self.next += 1;
    }

    /// The oldest line.
    pub(super) fn take(&mut self) -> Option<String> {
        let (_, (owner, line)) = self.lines.pop_first()?;
        let size = line.len() + LINE;
        self.bytes -= size;
        if let Some(share) = self.shares.get_mut(&owner) {
            share.bytes -= size;
            share.lines.pop_front();
        }
        self.forget(&owner);
        Some(line)
    }

    /// How many lines of whom were dropped since this was asked last.
    pub(super) fn take_dropped(&mut self) -> Vec<(Arc<Owner>, u64)> {
        let dropped = self.shares.iter_mut().filter(|(_, share)| share.dropped > 0);
        let dropped: Vec<_> =
            dropped.map(|(owner, share)| (Arc::clone(owner), std::mem::take(&mut share.dropped))).collect();
        dropped.iter().for_each(|(owner, _)| self.forget(owner));
        dropped
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Who must give way to a line of `size` bytes of `owner`; `None` when all that is there comes before it.
    fn victim(&self, owner: &Arc<Owner>, size: usize) -> Option<Arc<Owner>> {
        let readiest = self.shares.iter().find(|(_, share)| !share.lines.is_empty()).map(|(first, _)| first.speaker)?;
        if owner.speaker < readiest {
            return None;
        }
        let bytes = |other: &Arc<Owner>, share: &Share| share.bytes + if other == owner { size } else { 0 };
        let candidates = || {
            let own = (!self.shares.contains_key(owner)).then_some((owner, size));
            let others = self.shares.iter().map(move |(other, share)| (other, bytes(other, share)));
            others.chain(own).filter(move |(other, bytes)| other.speaker == readiest && 0 < *bytes)
        };
        let mut tenants = BTreeMap::<&str, usize>::new();
        candidates().for_each(|(other, bytes)| *tenants.entry(&other.tenant).or_default() += bytes);
        // Of two that are as large the line's own gives way, so that they do not push each other out.
        let tenant = tenants.into_iter().max_by_key(|(tenant, bytes)| (*bytes, *tenant == owner.tenant))?.0;
        let components = candidates().filter(|(other, _)| other.tenant == tenant);
        components.max_by_key(|(other, bytes)| (*bytes, *other == owner)).map(|(victim, _)| Arc::clone(victim))
    }

    fn drop_newest(&mut self, owner: &Arc<Owner>) {
        let Some(share) = self.shares.get_mut(owner) else { return };
        let Some((_, line)) = share.lines.pop_back().and_then(|newest| self.lines.remove(&newest)) else { return };
        let size = line.len() + LINE;
        share.bytes -= size;
        share.dropped += 1;
        self.bytes -= size;
    }

    /// Forgets an owner of whom there is nothing left to say.
    fn forget(&mut self, owner: &Arc<Owner>) {
        if self.shares.get(owner).is_some_and(|share| share.lines.is_empty() && share.dropped == 0) {
            self.shares.remove(owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for four lines of one byte.
    const FOUR: usize = 4 * (LINE + 1);

    fn of(speaker: Speaker, tenant: &str, component: &str) -> Owner {
        Owner { speaker, tenant: tenant.to_owned(), component: component.to_owned() }
    }

    fn guest(tenant: &str) -> Owner {
        of(Speaker::Guest, tenant, "c")
    }

    fn all(waiting: &mut Waiting) -> String {
        std::iter::from_fn(|| waiting.take()).collect()
    }

    fn dropped(waiting: &mut Waiting) -> Vec<(String, u64)> {
        let name = |owner: &Owner| format!("{:?} {}/{}", owner.speaker, owner.tenant, owner.component);
        waiting.take_dropped().iter().map(|(owner, count)| (name(owner), *count)).collect()
    }

    #[test]
    fn lines_come_in_order_and_nothing_is_kept_of_those_who_are_done() {
        let mut waiting = Waiting::new(FOUR);
        for (tenant, line) in [("a", "1"), ("b", "2"), ("a", "3")] {
            waiting.put(guest(tenant), line.to_owned());
        }
        assert_eq!(all(&mut waiting), "123");
        assert!(waiting.is_empty() && waiting.shares.is_empty() && waiting.bytes == 0);
    }

    #[test]
    fn one_who_floods_loses_its_own_lines() {
        let mut waiting = Waiting::new(FOUR);
        for line in ["1", "2", "3", "4", "5", "6"] {
            waiting.put(guest("evil"), line.to_owned());
        }
        waiting.put(guest("good"), "g".to_owned());
        waiting.put(guest("good"), "h".to_owned());
        waiting.put(guest("good"), "i".to_owned());
        waiting.put(guest("evil"), "7".to_owned());
        assert_eq!(all(&mut waiting), "12gh");
        assert_eq!(dropped(&mut waiting), [("Guest evil/c".to_owned(), 5), ("Guest good/c".to_owned(), 1)]);
        assert!(waiting.shares.is_empty());
    }

    #[test]
    fn within_a_tenant_the_largest_component_gives_way() {
        let mut waiting = Waiting::new(FOUR);
        waiting.put(of(Speaker::Guest, "t", "small"), "s".to_owned());
        for line in ["1", "2", "3"] {
            waiting.put(of(Speaker::Guest, "t", "large"), line.to_owned());
        }
        waiting.put(of(Speaker::Guest, "t", "small"), "t".to_owned());
        assert_eq!(all(&mut waiting), "s12t");
        assert_eq!(dropped(&mut waiting), [("Guest t/large".to_owned(), 1)]);
    }

    #[test]
    fn what_guests_say_goes_before_attempts_and_those_before_the_host() {
        let mut waiting = Waiting::new(FOUR);
        let attempt = || of(Speaker::Attempt, "good", "c");
        for line in ["1", "2", "3", "4"] {
            waiting.put(guest("evil"), line.to_owned());
        }
        for line in ["a", "b", "c"] {
            waiting.put(attempt(), line.to_owned());
        }
        waiting.put(Owner::host(), "h".to_owned());
        waiting.put(guest("evil"), "5".to_owned());
        waiting.put(guest("other"), "o".to_owned());
        waiting.put(Owner::host(), "i".to_owned());
        assert_eq!(all(&mut waiting), "abhi");
        let counts = dropped(&mut waiting);
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 7, "{counts:?}");
        assert!(counts.contains(&("Attempt good/c".to_owned(), 1)), "{counts:?}");
    }

    #[test]
    fn a_line_that_is_larger_than_everything_is_dropped() {
        let mut waiting = Waiting::new(FOUR);
        waiting.put(Owner::host(), "x".repeat(FOUR));
        waiting.put(guest("a"), "1".to_owned());
        waiting.put(guest("b"), "x".repeat(FOUR));
        assert_eq!(all(&mut waiting), "1");
        assert_eq!(dropped(&mut waiting).len(), 2);
    }
}
