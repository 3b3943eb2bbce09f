//! The activities that components told, kept beside their code: asking takes a sandbox, and a language runtime in it its
//! time.
//!
//! A component is asked again when it would run under other limits, and each time if it sees something of its surroundings
//! by which it could tell others.

use std::{fs, io};

use activity::{ActivityName, Policy};

use super::{LIST, Store};
use crate::source;

/// The longest list that is kept, in bytes.
const LONGEST: usize = 256 << 10;

/// An activity, by its name unless it is dynamic, and whether a cancellation may interrupt it.
type Listed = Vec<(Option<String>, bool)>;

impl Store {
    /// The activities of the component whose bytes have this digest, as it told them under `policy`.
    pub(crate) fn activities(&self, component: &str, policy: &Policy) -> Option<Vec<(ActivityName, bool)>> {
        let key = key(policy)?;
        let kept = fs::read_to_string(self.list(component)).ok()?;
        let (kept_key, listed) = kept.split_once('\n')?;
        let listed: Listed = serde_json::from_str(listed).ok().filter(|_| kept_key == key)?;
        let name = |name: Option<String>| name.map_or(ActivityName::Dynamic, ActivityName::Named);
        Some(listed.into_iter().map(|(of, interruptible)| (name(of), interruptible)).collect())
    }

    /// Keeps them. What can't be kept is asked for again the next time.
    pub(crate) fn keep_activities(&self, component: &str, policy: &Policy, activities: &[(ActivityName, bool)]) {
        let Some(key) = key(policy) else { return };
        let name = |name: &ActivityName| match name {
            ActivityName::Named(name) => Some(name.clone()),
            ActivityName::Dynamic => None,
        };
        let listed: Listed = activities.iter().map(|(of, interruptible)| (name(of), *interruptible)).collect();
        let kept = serde_json::to_string(&listed).map_err(io::Error::from).and_then(|listed| {
            let text = format!("{key}\n{listed}");
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
    let is_blind = grants.environment.is_empty() && grants.directories.is_empty();
    let limits = &policy.limits;
    is_blind.then(|| source::digest(format!("{} {limits:?}", env!("CARGO_PKG_VERSION")).as_bytes()))
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
        let policy = Policy::default();
        assert_eq!(store.activities("c0ffee", &policy), None);
        store.keep_activities("c0ffee", &policy, &activities);
        assert_eq!(store.activities("c0ffee", &policy), Some(activities.clone()));
        assert_eq!(store.activities("decaf", &policy), None);
        let less = Policy { limits: Limits { memory: 1 << 20, ..Limits::default() }, ..Policy::default() };
        assert_eq!(store.activities("c0ffee", &less), None);
        let environment = [("REGION".to_owned(), "north".to_owned())].into();
        let sees = Policy { grants: Grants { environment, ..Grants::default() }, ..Policy::default() };
        store.keep_activities("c0ffee", &sees, &[]);
        assert_eq!(store.activities("c0ffee", &sees), None);
        assert_eq!(store.activities("c0ffee", &policy), Some(activities));
    }
}
