//! Code on its way from the process that compiles and keeps it to one that runs it.

use std::{
    fmt,
    fs::File,
    sync::{Arc, atomic::Ordering},
};

use activity::{ComponentId, Policy};
use wasmtime::component;

use crate::{
    Engine, Loaded, Prepared, Source,
    cache::{self, Listing},
    error::LoadError,
    inspect,
};

impl Engine {
    /// The file with a component's machine code, which is compiled unless it is kept: for another engine of this version,
    /// which [reads](Prepared::read_code) and [loads](Engine::load_code) it. Blocks, as [`Engine::load`] does.
    ///
    /// # Errors
    /// When it is not a component, can't be compiled, or is not kept because it is larger than the whole store.
    pub fn code(&self, source: &Source<'_>) -> Result<File, LoadError> {
        let digest = &source.id.digest;
        if let Some(file) = self.cache.open_code(digest)? {
            self.counts.kept.fetch_add(1, Ordering::Relaxed);
            return Ok(file);
        }
        self.compile(source)?;
        self.cache.open_code(digest)?.ok_or(LoadError::NotKept)
    }

    /// What is kept of the activities of the component with these bytes, under this policy.
    pub fn kept_listing(&self, digest: &str, policy: &Policy) -> Option<Listing> {
        self.cache.listing(digest, policy)
    }

    /// Keeps them.
    pub fn keep_listing(&self, digest: &str, policy: &Policy, listing: &Listing) {
        self.cache.keep_listing(digest, policy, listing);
    }

    /// Loads a component from its machine code. It is asked for its activities unless they are known. Blocks, as
    /// [`Engine::load`] does.
    ///
    /// # Errors
    /// As for [`Engine::load`], but for those of compiling.
    pub fn load_code(
        &self,
        id: ComponentId,
        code: &Code,
        policy: Arc<Policy>,
        known: Option<Listing>,
    ) -> Result<Loaded, LoadError> {
        let Code(compiled) = code;
        let imports = inspect::imports(compiled);
        let digest = id.digest.clone();
        let (component, listing) = self.checked(id, compiled, policy, known)?;
        let component = self.components.register(component);
        Ok(Loaded { component, digest, listing, imports })
    }
}

impl Prepared {
    /// Maps a component's machine code from `file`, which must come from [`Engine::code`] of the process that this one
    /// ends with. Nothing of it runs.
    ///
    /// # Errors
    /// When there is no room for such a component.
    pub fn read_code(&self, file: &File) -> Result<Code, LoadError> {
        let compiled = cache::deserialize_open(&self.wasmtime, file);
        compiled.map(Code).map_err(|error| LoadError::does_not_fit(&error))
    }
}

/// The machine code of a component.
pub struct Code(component::Component);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}
