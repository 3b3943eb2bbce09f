//! Machine code of the functions of components, beside that of the components: two builds of a project in an interpreted
//! language differ in data, and all their functions are the same.
//!
//! What is kept is written by the process that compiles, which may have been taken over by what it compiled. So it is used
//! again only for components with the very same code: whoever could put something there that another component's functions
//! become would have to do it with a component whose functions are these. Decision 0021 says more.

use std::fs;

use sha2::{Digest as _, Sha256};
use wasmparser::{Parser, Payload};

use super::{FUNCTIONS, NewCode, Store, evict, used};

/// What is no section, by numbers that no section has.
const VERSION: u8 = 0xfd;
const BEGIN: u8 = 0xfe;
const END: u8 = 0xff;

/// Machine code of one component's functions.
#[derive(Debug)]
pub(crate) enum FunctionCode {
    /// Neither known nor kept.
    Unkept,
    /// It was kept.
    Known(Vec<u8>),
    /// It is to be kept.
    New(NewCode),
}

impl Store {
    /// What is known of the functions of a component with this [digest](code_digest) of its code, or a place for it.
    pub(crate) fn functions(&self, code: &str) -> FunctionCode {
        let (file, seal) = self.paths_of(code, FUNCTIONS);
        if self.checked(&file, &seal).is_ok_and(|intact| intact)
            && let Ok(known) = fs::read(&file)
        {
            used(&seal);
            return FunctionCode::Known(known);
        }
        // What is damaged is made anew, and so is what another process takes out at this moment.
        let _ = evict::remove(&file);
        self.new_code().map_or(FunctionCode::Unkept, FunctionCode::New)
    }

    /// Keeps what was learnt of them. What can't be kept is made again the next time.
    pub(crate) fn keep_functions(&self, code: &str, functions: FunctionCode) {
        let FunctionCode::New(new) = functions else { return };
        if new.size == 0 || self.size < new.size {
            return;
        }
        let (file, seal) = self.paths_of(code, FUNCTIONS);
        if let Err(error) = self.put(new, &file, &seal) {
            tracing::debug!(%error, "the functions of a component can't be kept");
        }
    }
}

/// A digest of everything in a component that its functions' machine code may depend on, and more: all but the contents of
/// its memories and globals, and how large its memories are. Nothing if it can't be read.
pub(crate) fn code_digest(component: &[u8]) -> Option<String> {
    let mut digest = Sha256::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.ok()?;
        let (kind, range) = match &payload {
            Payload::DataSection(_)
            | Payload::DataCountSection { .. }
            | Payload::GlobalSection(_)
            | Payload::MemorySection(_) => continue,
            // What is in them follows.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => (BEGIN, 0..0),
            Payload::End(_) => (END, 0..0),
            Payload::Version { range, .. } => (VERSION, range.clone()),
            _ => match payload.as_section() {
                Some((id, range)) => (id, range),
                // A function, which was in its section.
                None => continue,
            },
        };
        let bytes = component.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?;
        digest.update([kind]);
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    Some(format!("{:x}", digest.finalize()))
}
