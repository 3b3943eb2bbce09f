//! What the store gives back, and what it refuses.

use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

use super::*;

const COMPONENT: &str = "c0ffee";

fn engine() -> Engine {
    Engine::new(&crate::config::compile_config(1 << 20)).unwrap()
}

/// A store with one component in it.
fn filled(dir: &Path, engine: &Engine) -> Store {
    let store = Store::open(Some(&dir.join("store")), u64::MAX, engine).unwrap();
    keep(&store, engine, COMPONENT);
    store
}

/// Keeps a component. Returns the size of its code.
fn keep(store: &Store, engine: &Engine, component: &str) -> u64 {
    let mut code = store.new_code().unwrap();
    code.write_all(&engine.precompile_component(b"(component)").unwrap()).unwrap();
    let size = code.size;
    store.keep(engine, component, code).unwrap().unwrap();
    size
}

/// Sets how long ago a component was used.
fn age(store: &Store, component: &str, hours: u64) {
    let file = fs::File::open(store.paths(component).1).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
}

/// Writes to what is kept read-only.
fn rewrite(code: &Path, bytes: &[u8]) {
    fs::set_permissions(code, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(code, bytes).unwrap();
}

#[test]
fn a_kept_component_is_found_even_when_its_file_was_touched() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let store = filled(dir.path(), &engine);
    assert!(store.find(&engine, COMPONENT).unwrap().is_some());
    let (code, _) = store.paths(COMPONENT);
    let bytes = fs::read(&code).unwrap();
    rewrite(&code, &bytes);
    assert!(store.find(&engine, COMPONENT).unwrap().is_some());
    assert!(store.find(&engine, "decaf").unwrap().is_none());
}

#[test]
fn changed_code_is_refused_and_forgotten() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let store = filled(dir.path(), &engine);
    let (code, _) = store.paths(COMPONENT);
    let mut bytes = fs::read(&code).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    rewrite(&code, &bytes);
    assert!(store.find(&engine, COMPONENT).unwrap().is_none());
    assert!(!code.exists());
}

#[test]
fn code_without_a_valid_seal_is_refused() {
    for seal_text in ["", "0 0 0 0 0 0", "nonsense"] {
        let (dir, engine) = (TempDir::new().unwrap(), engine());
        let store = filled(dir.path(), &engine);
        fs::write(store.paths(COMPONENT).1, seal_text).unwrap();
        assert!(store.find(&engine, COMPONENT).unwrap().is_none());
    }
}

#[test]
fn a_directory_that_others_may_enter_is_refused() {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let refused = Store::open(Some(dir.path()), u64::MAX, &engine()).unwrap_err();
    assert!(refused.to_string().contains("its mode is 755"), "{refused}");
}

#[test]
fn what_was_not_used_for_longest_is_taken_out() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let store = Store::open(Some(&dir.path().join("store")), u64::MAX, &engine).unwrap();
    let size = ["a", "b", "c"].map(|component| keep(&store, &engine, component))[0];
    age(&store, "a", 3);
    age(&store, "b", 2);
    age(&store, "c", 1);
    // Found is used.
    assert!(store.find(&engine, "a").unwrap().is_some());
    let small = Store::open(Some(&store.dir), 3 * size, &engine).unwrap();
    keep(&small, &engine, "d");
    let kept = |store: &Store| ["a", "b", "c", "d", "e"].map(|component| store.paths(component).0.exists());
    assert_eq!(kept(&small), [true, false, true, true, false]);
    assert!(!small.paths("b").1.exists(), "its seal goes with it");
    // What the limit lets no longer be goes when the store is opened.
    age(&store, "d", 5);
    let smaller = Store::open(Some(&store.dir), size, &engine).unwrap();
    assert_eq!(kept(&smaller), [true, false, false, false, false]);
    // What is new stays, whatever its clock says, and what is larger than everything is used and not kept.
    keep(&smaller, &engine, "e");
    assert_eq!(kept(&smaller), [false, false, false, false, true]);
    keep(&Store::open(Some(&store.dir), size - 1, &engine).unwrap(), &engine, "a");
    assert_eq!(kept(&smaller), [false; 5]);
}

#[test]
fn what_was_left_half_written_long_ago_is_taken_out() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let store = filled(dir.path(), &engine);
    let [old, new] = ["new-old", "new-new"].map(|name| store.dir.join(name));
    for file in [&old, &new] {
        fs::write(file, "half").unwrap();
    }
    fs::File::open(&old).unwrap().set_modified(SystemTime::now() - Duration::from_secs(200_000)).unwrap();
    keep(&store, &engine, "a");
    assert_eq!((old.exists(), new.exists()), (false, true));
}

#[test]
fn processes_that_share_a_store_do_not_trip_over_each_other() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let size = keep(&filled(dir.path(), &engine), &engine, COMPONENT);
    std::thread::scope(|scope| {
        for first in 0..4 {
            let (dir, engine) = (dir.path().join("store"), &engine);
            scope.spawn(move || {
                let store = Store::open(Some(&dir), 2 * size, engine).unwrap();
                for round in 0..20 {
                    let component = format!("{}", (first + round) % 5);
                    if store.find(engine, &component).unwrap().is_none() {
                        keep(&store, engine, &component);
                    }
                }
            });
        }
    });
}

#[test]
fn functions_are_kept_for_the_code_that_they_were_made_of() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let store = filled(dir.path(), &engine);
    let learn = |store: &Store, code: &str, learnt: &[u8]| {
        let mut functions = store.functions(code);
        let FunctionCode::New(new) = &mut functions else { panic!("{functions:?}") };
        new.write_all(learnt).unwrap();
        store.keep_functions(code, functions);
    };
    let known = |store: &Store, code: &str| match store.functions(code) {
        FunctionCode::Known(known) => Some(known),
        _ => None,
    };
    learn(&store, "c0de", b"functions");
    assert_eq!(known(&store, "c0de").as_deref(), Some(&b"functions"[..]));
    assert_eq!(known(&store, "0de"), None);
    learn(&store, "0de", b"");
    assert_eq!(known(&store, "0de"), None, "nothing was learnt");
    rewrite(&store.paths_of("c0de", FUNCTIONS).0, b"functi0ns");
    assert_eq!(known(&store, "c0de"), None);
    learn(&store, "c0de", b"functions again");
    assert_eq!(known(&store, "c0de").as_deref(), Some(&b"functions again"[..]));
    // They count, and go like all else.
    let full = Store::open(Some(&dir.path().join("store")), 0, &engine).unwrap();
    assert_eq!(known(&full, "c0de"), None);
}

#[test]
fn code_is_the_same_whatever_is_in_its_memory() {
    let digest = |pages: u32, data: &str, function: &str| {
        let text = format!(
            "(component (core module
                (memory {pages}) (global i32 (i32.const {pages})) {data} (func (result i32) {function})))"
        );
        code_digest(&wat::parse_str(text).unwrap()).unwrap()
    };
    let one = digest(1, "(data (i32.const 0) \"one\")", "i32.const 1");
    assert_eq!(one, digest(2, "(data (i32.const 7) \"two\") (data (i32.const 0) \"\")", "i32.const 1"));
    assert_ne!(one, digest(1, "(data (i32.const 0) \"one\")", "i32.const 2"));
    assert_ne!(one, digest(1, "(data (i32.const 0) \"one\") (@custom \"name\" \"\")", "i32.const 1"));
    assert_eq!(code_digest(b"\0asm\x0d\0\x01\0\x04\x7f"), None);
}
