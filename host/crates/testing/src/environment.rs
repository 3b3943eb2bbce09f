//! A loaded component whose activities can be run.

use std::{fs, path::Path, sync::Arc};

use activity::{ActivityName, ClientGrant, ComponentHandle, Grants, Limits, Policy};
use engine::{Engine, Source};

use crate::{ActivityTest, Error, shared_engine::shared_engine};

/// A component in a test: its activities run in sandboxes, as under a worker, but without a server.
#[derive(Clone, Debug)]
pub struct ActivityEnvironment {
    engine: Arc<Engine>,
    component: ComponentHandle,
    activities: Vec<ActivityName>,
    /// What the client may ask; `None` leaves it to the test's stub.
    client: Option<Arc<ClientGrant>>,
}

impl ActivityEnvironment {
    /// Loads the component in a file, with the default limits and without any grant. Blocks while it is compiled, which
    /// happens once: what was compiled is kept where the program keeps it.
    ///
    /// # Errors
    /// When the file can't be read, the engine can't start, or it refuses the component.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(path, Limits::default(), Grants::default())
    }

    /// Loads the component in a file, with these limits and grants.
    ///
    /// What its client asks is checked against the grant, if there is one, before a test's stub is asked: see
    /// [`ActivityTest::client`].
    ///
    /// # Errors
    /// As for [`ActivityEnvironment::open`].
    pub fn open_with(path: impl AsRef<Path>, limits: Limits, grants: Grants) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let name = path.file_stem().map_or_else(|| "component".into(), |name| name.to_string_lossy());
        Self::load(&shared_engine()?, &Source::new(&name, &bytes), limits, grants)
    }

    /// Loads a component into an engine of the caller's.
    ///
    /// # Errors
    /// When the engine refuses the component.
    pub fn load(engine: &Arc<Engine>, source: &Source<'_>, limits: Limits, grants: Grants) -> Result<Self, Error> {
        let client = grants.client.clone();
        // A stub needs no grant, because it reaches nothing. Without a stub and a grant the attempt itself refuses.
        let grants = Grants { client: client.clone().or_else(|| Some(Arc::default())), ..grants };
        let policy = Policy { limits, grants, ..Policy::default() };
        let refused = |error| Error::Load { name: source.id.name.clone(), source: error };
        let loaded = engine.load(source, Arc::new(policy)).map_err(refused)?;
        let activities = loaded.listing.activities.into_iter().map(|(name, _)| name).collect();
        Ok(Self::loaded(Arc::clone(engine), loaded.component, activities).client_grant(client))
    }

    /// The environment of a component that `engine` has loaded already, with its activities.
    pub fn loaded(engine: Arc<Engine>, component: ComponentHandle, activities: Vec<ActivityName>) -> Self {
        Self { engine, component, activities, client: None }
    }

    /// With what the client may ask; for `None`, whatever a test's stub answers.
    #[must_use]
    pub fn client_grant(mut self, grant: Option<Arc<ClientGrant>>) -> Self {
        self.client = grant;
        self
    }

    /// The component's activities, in its own order.
    pub fn activities(&self) -> &[ActivityName] {
        &self.activities
    }

    /// An attempt of the activity `name`, yet to be arranged and run.
    ///
    /// # Errors
    /// When the component has no activity of that name, and none that takes any name.
    pub fn activity(&self, name: &str) -> Result<ActivityTest, Error> {
        let takes = |activity: &ActivityName| match activity {
            ActivityName::Named(named) => named == name,
            ActivityName::Dynamic => true,
        };
        if self.activities.iter().any(takes) {
            let (engine, component) = (Arc::clone(&self.engine), self.component.clone());
            return Ok(ActivityTest::new(engine, component, name, self.client.clone()));
        }
        let named = self.activities.iter().filter_map(|activity| match activity {
            ActivityName::Named(named) => Some(named.clone()),
            ActivityName::Dynamic => None,
        });
        Err(Error::NoSuchActivity { name: name.to_owned(), available: named.collect() })
    }
}
