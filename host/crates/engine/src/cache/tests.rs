//! What the store gives back, and what it refuses.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const COMPONENT: &str = "c0ffee";

fn engine() -> Engine {
    Engine::new(&crate::config::compile_config(1 << 20)).unwrap()
}

/// A store with one component in it.
fn filled(dir: &Path, engine: &Engine) -> Store {
    let store = Store::open(Some(&dir.join("store")), engine).unwrap();
    let file = store.new_file().unwrap();
    fs::write(file.path(), engine.precompile_component(b"(component)").unwrap()).unwrap();
    store.keep(engine, COMPONENT, file).unwrap().unwrap();
    store
}

#[test]
fn a_kept_component_is_found_even_when_its_file_was_touched() {
    let (dir, engine) = (TempDir::new().unwrap(), engine());
    let store = filled(dir.path(), &engine);
    assert!(store.find(&engine, COMPONENT).unwrap().is_some());
    let (code, _) = store.paths(COMPONENT);
    let bytes = fs::read(&code).unwrap();
    fs::write(&code, bytes).unwrap();
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
    fs::write(&code, bytes).unwrap();
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
    let refused = Store::open(Some(dir.path()), &engine()).unwrap_err();
    assert!(refused.to_string().contains("its mode is 755"), "{refused}");
}
