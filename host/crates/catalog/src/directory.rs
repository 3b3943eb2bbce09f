//! The activities of one task queue.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, PoisonError, RwLock},
};

use activity::{ActivityName, Definition, Directory, Info};

use crate::{Candidate, ConflictError, Exported, Exports, Share};

/// Which component runs which activity of one task queue.
///
/// Upholds the following invariants:
/// - every activity type has one component, and at most one component takes the types that no other names;
/// - where a component has a candidate, one of the two runs an attempt, and the share of the candidate says which;
/// - a lookup sees either all of the old content or all of the new, never a mixture;
/// - content that conflicts is refused, and the old content stays.
#[derive(Debug)]
pub struct TaskQueueDirectory {
    /// Written by `replace` only; held just long enough to copy or swap one pointer.
    content: RwLock<Arc<Content>>,
}

#[derive(Debug, Default)]
struct Content {
    named: BTreeMap<String, Versions>,
    dynamic: Option<Versions>,
}

/// Who may run an activity.
#[derive(Debug)]
struct Versions {
    stable: Arc<Definition>,
    candidate: Option<(Arc<Share>, Arc<Definition>)>,
}

impl TaskQueueDirectory {
    /// A directory of the activities of `components`.
    ///
    /// # Errors
    /// When two components export the same activity type, or both a dynamic activity.
    pub fn new(components: &[Exports]) -> Result<Self, ConflictError> {
        Ok(Self { content: RwLock::new(Arc::new(Content::index(components)?)) })
    }

    /// Serves `components` from now on, instead of what it served before. Attempts that run are not touched.
    ///
    /// # Errors
    /// As for [`TaskQueueDirectory::new`]; then nothing changes.
    pub fn replace(&self, components: &[Exports]) -> Result<(), ConflictError> {
        let content = Arc::new(Content::index(components)?);
        *self.content.write().unwrap_or_else(PoisonError::into_inner) = content;
        Ok(())
    }

    fn content(&self) -> Arc<Content> {
        Arc::clone(&self.content.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Directory for TaskQueueDirectory {
    fn find(&self, info: &Info) -> Option<Arc<Definition>> {
        let content = self.content();
        content.named.get(&info.activity_type).or(content.dynamic.as_ref()).map(|versions| versions.of(info))
    }

    fn versions(&self, info: &Info) -> Vec<Arc<Definition>> {
        let content = self.content();
        let versions = content.named.get(&info.activity_type).or(content.dynamic.as_ref());
        versions.map(Versions::all).unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        self.content().named.keys().cloned().collect()
    }
}

impl Content {
    fn index(components: &[Exports]) -> Result<Self, ConflictError> {
        let mut owners = Owners::default();
        let mut content = Self::default();
        for exports in components {
            for exported in &exports.activities {
                owners.claim(&exported.name, exports)?;
                let stable = Definition {
                    name: exported.name.clone(),
                    interruptible: exported.interruptible,
                    component: exports.component.clone(),
                    policy: Arc::clone(&exports.policy),
                };
                let candidate = exports.candidate.as_ref().and_then(|candidate| candidate.offers(&exported.name));
                content.add(&exported.name, Versions { stable: Arc::new(stable), candidate });
            }
        }
        Ok(content)
    }

    fn add(&mut self, name: &ActivityName, versions: Versions) {
        match name {
            ActivityName::Named(name) => {
                self.named.insert(name.clone(), versions);
            }
            ActivityName::Dynamic => self.dynamic = Some(versions),
        }
    }
}

impl Versions {
    fn all(&self) -> Vec<Arc<Definition>> {
        let candidate = self.candidate.iter().map(|(_, candidate)| Arc::clone(candidate));
        [Arc::clone(&self.stable)].into_iter().chain(candidate).collect()
    }

    fn of(&self, info: &Info) -> Arc<Definition> {
        match &self.candidate {
            Some((share, candidate)) if share.takes(info) => Arc::clone(candidate),
            _ => Arc::clone(&self.stable),
        }
    }
}

impl Candidate {
    /// What runs its share of an activity: its own one of this name, or else its dynamic one.
    fn offers(&self, name: &ActivityName) -> Option<(Arc<Share>, Arc<Definition>)> {
        let find = |name: &ActivityName| self.activities.iter().find(|exported| exported.name == *name);
        let Exported { name, interruptible } = find(name).or_else(|| find(&ActivityName::Dynamic))?.clone();
        let (component, policy) = (self.component.clone(), Arc::clone(&self.policy));
        Some((Arc::clone(&self.share), Arc::new(Definition { name, interruptible, component, policy })))
    }
}

/// Who exports what, by the names that the operator knows.
#[derive(Default)]
struct Owners<'a>(BTreeMap<&'a ActivityName, &'a Exports>);

impl<'a> Owners<'a> {
    fn claim(&mut self, name: &'a ActivityName, exports: &'a Exports) -> Result<(), ConflictError> {
        let first = match self.0.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(exports);
                return Ok(());
            }
            Entry::Occupied(entry) => entry.get().origin.clone(),
        };
        let second = exports.origin.clone();
        Err(match name {
            ActivityName::Named(activity) => ConflictError::ActivityTaken { activity: activity.clone(), first, second },
            ActivityName::Dynamic => ConflictError::SecondDynamic { first, second },
        })
    }
}

#[cfg(test)]
mod tests {
    use activity::{ComponentHandle, ComponentId};

    use super::*;
    use crate::Exported;

    fn exports(origin: &str, names: &[&str]) -> Exports {
        let name = |name: &&str| match *name {
            "*" => ActivityName::Dynamic,
            name => ActivityName::Named(name.to_owned()),
        };
        Exports {
            component: ComponentHandle::to_nothing(ComponentId::new(origin, "digest")),
            origin: origin.to_owned(),
            activities: names.iter().map(|each| Exported { name: name(each), interruptible: true }).collect(),
            policy: Arc::default(),
            candidate: None,
        }
    }

    fn found(directory: &TaskQueueDirectory, activity_type: &str) -> Option<String> {
        let info = Info { activity_type: activity_type.to_owned(), ..Info::default() };
        directory.find(&info).map(|definition| definition.component.id().to_string())
    }

    /// `new` as a candidate of `old`, for all attempts or for none.
    fn released(old: Exports, new: Exports, share: &Arc<Share>) -> Exports {
        let Exports { component, activities, policy, .. } = new;
        Exports { candidate: Some(Candidate { component, activities, policy, share: Arc::clone(share) }), ..old }
    }

    #[test]
    fn finds_the_named_activity_before_the_dynamic_one() {
        let directory = TaskQueueDirectory::new(&[exports("any", &["*"]), exports("orders", &["ship", "bill"])]);
        let directory = directory.unwrap();
        assert_eq!(found(&directory, "ship").as_deref(), Some("orders@digest"));
        assert_eq!(found(&directory, "else").as_deref(), Some("any@digest"));
        assert_eq!(directory.names(), ["bill", "ship"]);
    }

    #[test]
    fn finds_nothing_for_an_unknown_type() {
        let directory = TaskQueueDirectory::new(&[exports("orders", &["ship"])]).unwrap();
        assert_eq!(found(&directory, "bill"), None);
    }

    #[test]
    fn refuses_an_activity_that_another_component_exports() {
        let error = TaskQueueDirectory::new(&[exports("a.wasm", &["ship"]), exports("b.wasm", &["bill", "ship"])]);
        assert_eq!(
            error.unwrap_err().to_string(),
            "serve activity \"ship\" from b.wasm: a.wasm exports it too, on the same task queue"
        );
    }

    #[test]
    fn refuses_a_second_dynamic_activity() {
        let error = TaskQueueDirectory::new(&[exports("a.wasm", &["*"]), exports("b.wasm", &["*"])]).unwrap_err();
        assert_eq!(error, ConflictError::SecondDynamic { first: "a.wasm".to_owned(), second: "b.wasm".to_owned() });
    }

    #[test]
    fn a_candidate_runs_its_share_of_what_there_was_before() {
        let share = Arc::new(Share::new(0));
        let new = exports("new", &["ship", "weigh", "*"]);
        let directory = TaskQueueDirectory::new(&[released(exports("old", &["ship", "bill"]), new, &share)]).unwrap();
        let all = |directory: &TaskQueueDirectory| {
            ["ship", "bill", "weigh", "else"].map(|name| found(directory, name).unwrap_or_default())
        };
        assert_eq!(all(&directory), ["old@digest", "old@digest", "", ""]);
        share.set(100);
        assert_eq!(all(&directory), ["new@digest", "new@digest", "", ""]);
        assert_eq!(directory.names(), ["bill", "ship"]);
        let ship = Info { activity_type: "ship".to_owned(), ..Info::default() };
        let versions = directory.versions(&ship).into_iter().map(|each| each.component.id().to_string());
        assert_eq!(versions.collect::<Vec<_>>(), ["old@digest", "new@digest"]);
        let dynamic = released(exports("old", &["ship", "*"]), exports("new", &["ship", "*"]), &share);
        directory.replace(&[dynamic]).unwrap();
        assert_eq!(all(&directory), ["new@digest"; 4]);
    }

    #[test]
    fn replaces_its_content_as_a_whole_or_not_at_all() {
        let directory = TaskQueueDirectory::new(&[exports("old", &["ship"])]).unwrap();
        directory.replace(&[exports("a", &["ship"]), exports("b", &["ship"])]).unwrap_err();
        assert_eq!(found(&directory, "ship").as_deref(), Some("old@digest"));
        directory.replace(&[exports("new", &["bill"])]).unwrap();
        assert_eq!(found(&directory, "ship"), None);
        assert_eq!(found(&directory, "bill").as_deref(), Some("new@digest"));
    }
}
