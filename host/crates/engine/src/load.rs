//! Components from bytes to running: each step checks what the next one takes for granted.

mod activities;
mod imports;

use std::{
    fs::Metadata,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use activity::{ComponentHandle, ComponentId, Limits, Policy, shown};
use capabilities::{FileThreads, bindings::ActivityIndices};
use values::Found;
use wasmtime::component;

use crate::{
    Engine, Source,
    cache::{self, FunctionCode, Listing},
    component::{Component, Exports},
    config::TABLES_PER_SLOT,
    error::LoadError,
    functions::Functions,
    inspect::{self, Import, Inspection},
    text::{self, reasons},
};

/// The interface that components of activities export, without its version.
const HANDLER: &str = "isolet:activity/handler@0.1.";

/// What every version of the contract begins with.
const CONTRACT: &str = "isolet:activity/";

/// The first bytes of WebAssembly, and what follows for a component and for a module.
const WASM: &[u8] = b"\0asm";
const COMPONENT: &[u8] = &[0x0d, 0, 1, 0];
const MODULE: &[u8] = &[1, 0, 0, 0];

/// A loaded component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What tasks name it by, and what keeps it loaded.
    pub component: ComponentHandle,
    /// SHA-256 of its bytes in hexadecimal.
    pub digest: String,
    /// Its activities and its image.
    pub listing: Listing,
    /// What it imports.
    pub imports: Vec<Import>,
}

impl Engine {
    /// Compiles a component unless it is kept compiled, checks it, and makes it ready for attempts, as long as anybody holds
    /// the handle that is returned.
    ///
    /// Blocks, seconds if it must be compiled: not for a thread that does I/O.
    ///
    /// # Errors
    /// When the component is not what it should be, wants what it is not given, or fails when it is asked for its
    /// activities; and when it can't be compiled.
    pub fn load(&self, source: &Source<'_>, policy: Arc<Policy>) -> Result<Loaded, LoadError> {
        let (compiled, _) = self.compiled(source)?;
        let imports = inspect::imports(&compiled);
        let (component, listing) = self.checked(source.id.clone(), &compiled, policy, None)?;
        let component = self.components.register(component);
        Ok(Loaded { component, digest: source.id.digest.clone(), listing, imports })
    }

    /// Tells what a component is, even if it can't be loaded. Blocks, as [`Engine::load`] does.
    ///
    /// # Errors
    /// When it is not a component, and when it can't be compiled.
    pub fn inspect(&self, source: &Source<'_>, policy: Arc<Policy>) -> Result<Inspection, LoadError> {
        let (compiled, _) = self.compiled(source)?;
        Ok(Inspection {
            digest: source.id.digest.clone(),
            size: source.size,
            imports: inspect::imports(&compiled),
            exports: inspect::exports(&compiled),
            functions: functions(&compiled),
            listing: self.checked(source.id.clone(), &compiled, policy, None).map(|(_, listing)| listing),
        })
    }

    /// What a component imports, and its functions that are activities, of which there are none if it exports the contract's
    /// handler. Nothing of it runs. Blocks, as [`Engine::load`] does.
    ///
    /// # Errors
    /// As for [`Engine::inspect`].
    pub fn outline(&self, source: &Source<'_>) -> Result<(Vec<Import>, Found), LoadError> {
        let (compiled, _) = self.compiled(source)?;
        Ok((inspect::imports(&compiled), functions(&compiled)))
    }

    /// Compiles a component ahead of time; returns false if it is kept already. Blocks, as [`Engine::load`] does.
    ///
    /// # Errors
    /// When it is not a component, and when it can't be compiled.
    pub fn compile(&self, source: &Source<'_>) -> Result<bool, LoadError> {
        let (_, was_kept) = self.compiled(source)?;
        Ok(!was_kept)
    }

    /// The digest of the component file at `path`, of which the system tells `metadata`, if an engine on this store has
    /// seen the very file before and nobody has changed it since.
    pub fn digest_of(&self, path: &Path, metadata: &Metadata) -> Option<String> {
        self.cache.digest_of(path, metadata)
    }

    /// Keeps the digest of the component file at `path`. `metadata` must be what the system told of it before it was read
    /// and after.
    pub fn keep_digest(&self, path: &Path, metadata: &Metadata, digest: &str) {
        self.cache.keep_digest(path, metadata, digest);
    }

    /// The component's machine code, and whether it comes from the store and not from the compiler.
    fn compiled(&self, source: &Source<'_>) -> Result<(component::Component, bool), LoadError> {
        let limit = self.settings.compile_limits.component;
        if limit < source.size {
            return Err(LoadError::TooLarge { size: source.size, limit });
        }
        if let Some(compiled) = self.cache.find(&self.wasmtime, &source.id.digest)? {
            self.counts.kept.fetch_add(1, Ordering::Relaxed);
            return Ok((compiled, true));
        }
        self.counts.compiled.fetch_add(1, Ordering::Relaxed);
        let bytes = source.bytes.get().map_err(LoadError::Unread)?;
        check_bytes(&bytes)?;
        let mut code = self.cache.new_code()?;
        let of_code = if self.settings.keeps_functions { cache::code_digest(&bytes) } else { None };
        let mut functions = of_code.as_deref().map_or(FunctionCode::Unkept, |digest| self.cache.functions(digest));
        crate::compile::compile(&self.settings, &self.wasmtime, &bytes, &mut functions, &mut code)?;
        if let Some(digest) = of_code {
            self.cache.keep_functions(&digest, functions);
        }
        let kept = self.cache.keep(&self.wasmtime, &source.id.digest, code)?;
        let compiled = kept.map_err(|error| LoadError::does_not_fit(&error))?;
        Ok((compiled, false))
    }

    /// The component, linked, if there is nothing against running it; and what it lists, unless that is known.
    pub(crate) fn checked(
        &self,
        id: ComponentId,
        compiled: &component::Component,
        policy: Arc<Policy>,
        known: Option<Listing>,
    ) -> Result<(Component, Listing), LoadError> {
        self.check_limits(&policy.limits)?;
        imports::check(compiled)?;
        let functions = check_exports(compiled)?;
        self.check_needs(compiled)?;
        let import_type = |error: wasmtime::Error| LoadError::ImportType { reason: reasons(&error) };
        let export_type = |error: wasmtime::Error| LoadError::ExportType { reason: reasons(&error) };
        let linker = imports::linker(&self.linker, compiled).map_err(import_type)?;
        let pre = linker.instantiate_pre(compiled).map_err(import_type)?;
        let tenant = self.shared_by(&id.tenant, &policy);
        let network = self.network_for(&policy, &tenant)?;
        let files = match policy.grants.directories.is_empty() {
            true => None,
            false => Some(Arc::new(FileThreads::new(tenant).map_err(LoadError::Files)?)),
        };
        let (log_level, log_format) = (self.settings.log_level, self.settings.log_format.clone());
        let (component, told) = (policy, Arc::default());
        let policy = capabilities::Policy { component, log_level, log_format, network, files, told };
        let component = Component {
            id,
            exports: match functions {
                Some(functions) => Exports::Functions(Arc::new(functions)),
                None => Exports::Handler(ActivityIndices::new(&pre).map_err(export_type)?),
            },
            pre,
            policy: Arc::new(policy),
            image: None,
            memories_per_slot: self.settings.memories_per_slot,
            memory_held: Arc::clone(&self.counts.memory),
            prefault: Arc::clone(&self.prefault),
        };
        let component = Arc::new(component);
        let digest = &component.id.digest;
        let listing = match known.or_else(|| self.cache.listing(digest, &component.policy.component)) {
            Some(kept) => kept,
            None => {
                let listing = activities::list(self, &component)?;
                self.cache.keep_listing(digest, &component.policy.component, &listing);
                listing
            }
        };
        // Whoever listed the activities has dropped the sandbox, and the component with it.
        let component = Arc::into_inner(component).ok_or(LoadError::ShuttingDown)?;
        Ok((Component { image: Some(listing.image), ..component }, listing))
    }

    fn check_limits(&self, limits: &Limits) -> Result<(), LoadError> {
        let settings = &self.settings;
        if settings.max_memory < limits.memory {
            let (value, largest) =
                (text::Bytes(limits.memory).to_string(), text::Bytes(settings.max_memory).to_string());
            return Err(LoadError::LimitTooLarge { key: "memory", value, largest });
        }
        if settings.max_table_elements < limits.table_elements {
            let (value, largest) = (limits.table_elements.to_string(), settings.max_table_elements.to_string());
            return Err(LoadError::LimitTooLarge { key: "table-elements", value, largest });
        }
        Ok(())
    }

    fn check_needs(&self, compiled: &component::Component) -> Result<(), LoadError> {
        let Some(needs) = compiled.resources_required() else { return Ok(()) };
        let rooms = [
            ("memories", needs.num_memories, self.settings.memories_per_slot),
            ("tables", needs.num_tables, TABLES_PER_SLOT),
        ];
        match rooms.into_iter().find(|(_, needed, limit)| limit < needed) {
            Some((of, needed, limit)) => Err(LoadError::TooComplex { of, needed: needed.into(), limit: limit.into() }),
            None => Ok(()),
        }
    }
}

/// Refuses what can't be a component, without compiling it.
fn check_bytes(bytes: &[u8]) -> Result<(), LoadError> {
    let (magic, layer) = bytes.split_at_checked(WASM.len()).unwrap_or((bytes, &[]));
    match () {
        () if magic == WASM && layer.starts_with(COMPONENT) => Ok(()),
        () if magic == WASM && layer.starts_with(MODULE) => Err(LoadError::CoreModule),
        () if is_text_form(bytes) => Err(LoadError::TextForm),
        () => Err(LoadError::NotWasm { found: described(bytes) }),
    }
}

fn is_text_form(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(b"(component") || text.starts_with(b"(module")
}

fn described(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        "an empty file".to_owned()
    } else {
        let first: Vec<_> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("a file that begins with the bytes {}", first.join(" "))
    }
}

/// The functions that are the component's activities, unless it exports the contract's handler: whatever it exports
/// beside that is none of ours.
fn check_exports(compiled: &component::Component) -> Result<Option<Functions>, LoadError> {
    if exports_handler(compiled) {
        return Ok(None);
    }
    let exports = inspect::exports(compiled);
    if exports.is_empty() || exports.iter().any(|name| name.starts_with(CONTRACT)) {
        let exports = match exports.is_empty() {
            true => "none".to_owned(),
            false => shown::names(exports.iter().map(String::as_str)),
        };
        return Err(LoadError::NoHandler { exports });
    }
    Functions::find(compiled).map(Some)
}

fn functions(compiled: &component::Component) -> Found {
    if exports_handler(compiled) { Found::default() } else { values::functions(compiled) }
}

fn exports_handler(compiled: &component::Component) -> bool {
    inspect::exports(compiled).iter().any(|name| name.starts_with(HANDLER))
}
