//! Machine code of single functions, as the process that compiles is given it and gives it back: each by the key that the
//! compiler has for it, one after the other.

use std::{borrow::Cow, collections::HashMap, io, ops::Range};

use wasmtime::CacheStore;

use crate::sync::{Mutex, PoisonError};

/// The most of it that is kept of one component, in bytes.
pub(super) const MOST: u64 = 256 << 20;

/// A key's size: it is a SHA-256.
const KEY: usize = 32;
/// What a function takes besides its code: its key and its size.
const HEAD: usize = KEY + size_of::<u32>();

/// What is known of a component's functions before it is compiled.
#[derive(Debug)]
pub(super) struct Given {
    bytes: Vec<u8>,
    places: HashMap<[u8; KEY], Range<usize>>,
}

/// What is learnt of a component's functions as they are compiled.
#[derive(Debug, Default)]
pub(super) struct Made {
    functions: Mutex<Functions>,
}

#[derive(Debug, Default)]
struct Functions {
    each: Vec<([u8; KEY], Vec<u8>)>,
    size: u64,
}

impl Given {
    /// Functions as [`Made::write`] wrote them; as far as they make sense.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let mut places = HashMap::new();
        let mut at = 0;
        while let Some((key, place)) = place(&bytes, at) {
            at = place.end;
            places.insert(key, place);
        }
        Self { bytes, places }
    }
}

/// The function that begins there.
fn place(bytes: &[u8], at: usize) -> Option<([u8; KEY], Range<usize>)> {
    let (key, rest) = bytes.get(at..)?.split_first_chunk::<KEY>()?;
    let (size, rest) = rest.split_first_chunk()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok().filter(|size| *size <= rest.len())?;
    let begin = at.checked_add(HEAD)?;
    Some((*key, begin..begin.checked_add(size)?))
}

impl Made {
    /// How much [`Made::write`] writes.
    pub(super) fn size(&self) -> u64 {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).size
    }

    /// Writes all of them.
    ///
    /// # Errors
    /// When they can't be written.
    pub(super) fn write(&self, to: &mut impl io::Write) -> io::Result<()> {
        for (key, code) in &self.functions.lock().unwrap_or_else(PoisonError::into_inner).each {
            to.write_all(key)?;
            to.write_all(&u32::try_from(code.len()).map_err(io::Error::other)?.to_le_bytes())?;
            to.write_all(code)?;
        }
        Ok(())
    }
}

impl CacheStore for Given {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let place = self.places.get(key)?;
        self.bytes.get(place.clone()).map(Cow::Borrowed)
    }

    fn insert(&self, _key: &[u8], _code: Vec<u8>) -> bool {
        false
    }
}

impl CacheStore for Made {
    fn get(&self, _key: &[u8]) -> Option<Cow<'_, [u8]>> {
        None
    }

    fn insert(&self, key: &[u8], code: Vec<u8>) -> bool {
        let (Ok(key), Ok(_)) = (key.try_into(), u32::try_from(code.len())) else { return false };
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        let size = functions.size.saturating_add(HEAD as u64).saturating_add(code.len() as u64);
        if MOST < size {
            return false;
        }
        functions.size = size;
        functions.each.push((key, code));
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sync::{AtomicU64, Ordering};

    /// Functions that are given, and how many there were not.
    #[derive(Debug)]
    struct Counted(Given, AtomicU64);

    impl CacheStore for Counted {
        fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
            let given = self.0.get(key);
            if given.is_none() {
                self.1.fetch_add(1, Ordering::Relaxed);
            }
            given
        }

        fn insert(&self, key: &[u8], code: Vec<u8>) -> bool {
            self.0.insert(key, code)
        }
    }

    fn compiled(component: &str, functions: Option<Arc<dyn CacheStore>>) -> Vec<u8> {
        let mut config = crate::config::compile_config(1 << 20);
        // Cranelift's key depends a little on what the same thread compiled before: with several, now and then a
        // function is compiled again although it is known.
        config.parallel_compilation(false);
        if let Some(functions) = functions {
            config.enable_incremental_compilation(functions).unwrap();
        }
        let engine = wasmtime::Engine::new(&config).unwrap();
        crate::compile::precompile(&engine, &wat::parse_str(component).unwrap()).unwrap()
    }

    #[test]
    fn code_with_functions_of_another_build_is_what_the_compiler_would_have_made() {
        let component = |data: &str, pages: u32| {
            format!(
                "(component (core module
                    (memory (export \"memory\") {pages})
                    (global (mut i32) (i32.const {pages}))
                    (func (export \"f\") (param i32) (result i32)
                        (i32.load (i32.add (local.get 0) (global.get 0))))
                    (func (export \"g\") (result i32) (call 0 (i32.const 8)))
                    (data (i32.const 0) \"{data}\")))"
            )
        };
        let made = Arc::new(Made::default());
        let first = compiled(&component("one", 1), Some(Arc::<Made>::clone(&made)));
        assert_eq!(first, compiled(&component("one", 1), None));
        let mut bytes = Vec::new();
        made.write(&mut bytes).unwrap();
        let given = Arc::new(Counted(Given::new(bytes), AtomicU64::new(0)));
        let second = component("of another length", 2);
        assert_eq!(compiled(&second, Some(Arc::<Counted>::clone(&given))), compiled(&second, None));
        assert_eq!(given.1.load(Ordering::Relaxed), 0, "{given:?}");
    }

    #[test]
    fn what_was_made_is_given_the_next_time() {
        let made = Made::default();
        assert!(made.insert(&[1; KEY], b"one".to_vec()));
        assert!(made.insert(&[2; KEY], Vec::new()));
        assert!(!made.insert(b"no key", b"three".to_vec()));
        let mut bytes = Vec::new();
        made.write(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, made.size());
        let given = Given::new(bytes.clone());
        assert_eq!(given.get(&[1; KEY]).as_deref(), Some(&b"one"[..]));
        assert_eq!(given.get(&[2; KEY]).as_deref(), Some(&b""[..]));
        assert_eq!(given.get(&[3; KEY]), None);
        for cut in 0..bytes.len() {
            let cut = Given::new(bytes[..cut].to_vec());
            assert_eq!(cut.get(&[2; KEY]), None);
        }
    }
}
