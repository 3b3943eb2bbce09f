//! What components told when they were asked for their activities, kept beside their code: asking takes a sandbox, and a
//! language runtime in it its time.
//!
//! A component is asked again when it would run under other limits, and each time if it sees something of its surroundings
//! by which it could tell others.

use std::{fs, io};

use activity::{ActivityName, Policy};
use serde::{Deserialize, Serialize};

use super::{LIST, Store};
use crate::source;

/// The longest list that is kept, in bytes.
const LONGEST: usize = 256 << 10;

/// What is learnt of a component by asking it for its activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its activities, by its own account, which is checked; and whether a cancellation may interrupt each.
    pub activities: Vec<(ActivityName, bool)>,
    /// Its image, in bytes: the memory that each attempt begins with, and that does not count towards its limit. At most
    /// [`activity::LARGEST_IMAGE`].
    pub image: u64,
    /// What the host may hold for the result of an attempt beyond what it holds for any, in bytes: nothing for components
    /// of an SDK, which return payloads.
    pub values: u64,
}

/// A listing as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    image: u64,
    values: u64,
    /// Each by its name unless it is dynamic, and whether a cancellation may interrupt it.
    activities: Vec<(Option<String>, bool)>,
}

impl Store {
    /// What the component whose bytes have this digest told under `policy`.
    pub(crate) fn listing(&self, component: &str, policy: &Policy) -> Option<Listing> {
        let key = key(policy)?;
        let kept = fs::read_to_string(self.list(component)).ok()?;
        let (kept_seal, kept) = kept.split_once('\n')?;
        let Kept { image, values, activities } =
            serde_json::from_str(kept).ok().filter(|_| kept_seal == seal(&key, kept))?;
        let name = |name: Option<String>| name.map_or(ActivityName::Dynamic, ActivityName::Named);
        let activities = activities.into_iter().map(|(of, interruptible)| (name(of), interruptible)).collect();
        Some(Listing { activities, image, values })
    }

    /// Keeps it. What can't be kept is asked for again the next time.
    pub(crate) fn keep_listing(&self, component: &str, policy: &Policy, listing: &Listing) {
        let Some(key) = key(policy) else { return };
        let name = |name: &ActivityName| match name {
            ActivityName::Named(name) => Some(name.clone()),
            ActivityName::Dynamic => None,
        };
        let activities = listing.activities.iter().map(|(of, interruptible)| (name(of), *interruptible)).collect();
        let kept = Kept { image: listing.image, values: listing.values, activities };
        let kept = serde_json::to_string(&kept).map_err(io::Error::from).and_then(|listed| {
            let text = format!("{}\n{listed}", seal(&key, &listed));
            if text.len() < LONGEST { self.write_whole(&self.list(component), &text) } else { Ok(()) }
        });
        if let Err(error) = kept {
            tracing::debug!(%error, "the activities of a component can't be kept");
        }
    }

    fn list(&self, component: &str) -> std::path::PathBuf {
        self.paths(component).0.with_extension(LIST)
    }
}

/// What a list depends on beside the component; nothing when it could depend on anything.
fn key(policy: &Policy) -> Option<String> {
    let grants = &policy.grants;
    let is_blind = grants.environment.is_empty() && grants.directories.is_empty() && grants.scratch.is_none();
    let limits = &policy.limits;
    is_blind.then(|| source::digest(format!("{} {limits:?}", env!("CARGO_PKG_VERSION")).as_bytes()))
}

/// What a list is kept under: what it depends on, and its own digest, so that a damaged one is none.
fn seal(key: &str, listed: &str) -> String {
    format!("{key} {}", source::digest(listed.as_bytes()))
}

#[cfg(test)]
mod tests {
    use activity::{Grants, Limits};
    use wasmtime::Engine;

    use super::*;

    #[test]
    fn a_list_holds_for_the_limits_that_it_was_told_under() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(&crate::config::compile_config(1 << 20)).unwrap();
        let store = Store::open(Some(&dir.path().join("store")), u64::MAX, &engine).unwrap();
        let activities = vec![(ActivityName::Named("ship\n\"it\"".to_owned()), true), (ActivityName::Dynamic, false)];
        let listing = Listing { activities, image: 7, values: 8 };
        let policy = Policy::default();
        assert_eq!(store.listing("c0ffee", &policy), None);
        store.keep_listing("c0ffee", &policy, &listing);
        assert_eq!(store.listing("c0ffee", &policy), Some(listing.clone()));
        assert_eq!(store.listing("decaf", &policy), None);
        let less = Policy { limits: Limits { memory: 1 << 20, ..Limits::default() }, ..Policy::default() };
        assert_eq!(store.listing("c0ffee", &less), None);
        let environment = [("REGION".to_owned(), "north".to_owned())].into();
        let sees = Policy { grants: Grants { environment, ..Grants::default() }, ..Policy::default() };
        store.keep_listing("c0ffee", &sees, &listing);
        assert_eq!(store.listing("c0ffee", &sees), None);
        assert_eq!(store.listing("c0ffee", &policy), Some(listing));
        let file = store.list("c0ffee");
        let damaged = fs::read_to_string(&file).unwrap().replace("ship", "shop");
        fs::write(&file, damaged).unwrap();
        assert_eq!(store.listing("c0ffee", &policy), None, "one that was changed is none");
    }
}
