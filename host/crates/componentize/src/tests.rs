//! Modules that become components, and those that can not.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::*;
use expect_test::expect_file;

/// A core module with one activity, and these items beside.
fn module(items: &str) -> Vec<u8> {
    wat::parse_str(wat_component::activity_module(items, "i32.const 0")).unwrap()
}

fn refusal(module: &[u8]) -> String {
    component(module).unwrap_err().to_string()
}

/// The files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn the_contract_is_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let present: BTreeSet<_> = below(&root.join("wit"))
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "wit"))
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    assert_eq!(CONTRACT.iter().map(|(path, _)| (*path).to_owned()).collect::<BTreeSet<_>>(), present);
    assert!(fs::read_to_string(root.join("wit/world.wit")).unwrap().contains(&format!("@{}", contract::VERSION)));
    assert!(module::EXECUTE.starts_with(&format!("{}@{}#", contract::HANDLER, contract::VERSION)));
    contract::world().unwrap();
}

#[test]
fn the_bindings_of_c_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../guest-sdk/c/bindings");
    let (mut resolve, world) = contract::world().unwrap();
    let options = wit_bindgen_c::Opts {
        no_object_file: true,
        rename_world: Some("isolet-bindings".to_owned()),
        ..wit_bindgen_c::Opts::default()
    };
    let mut files = wit_bindgen_core::Files::default();
    options.build().generate(&mut resolve, world, &mut files).unwrap();
    for (name, text) in files.iter() {
        // `UPDATE_EXPECT=1` writes them.
        expect_file![folder.join(name)].assert_eq(str::from_utf8(text).unwrap());
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), files.iter().count());
}

#[test]
fn a_module_without_types_becomes_a_component_that_imports_what_it_uses() {
    let cancelled = r#"(import "isolet:activity/cancellation@0.1.0" "is-cancelled" (func (result i32)))"#;
    let made = component(&module(cancelled)).unwrap();
    let text = String::from_utf8_lossy(&made);
    assert!(text.contains("isolet:activity/cancellation@0.1.0"));
    assert!(!text.contains("wasi:http"));
}

#[test]
fn a_module_of_the_first_preview_is_adapted() {
    let random = r#"(import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#;
    let made = component(&module(random)).unwrap();
    assert!(String::from_utf8_lossy(&made).contains("wasi:random/random@0.2"));
}

#[test]
fn debug_information_is_left_out_and_names_stay() {
    let items = r#"(@custom ".debug_info" "of no use") (func $descend)"#;
    let made = component(&module(items)).unwrap();
    let text = String::from_utf8_lossy(&made);
    assert!(!text.contains("of no use"));
    assert!(text.contains("descend"));
}

#[test]
fn what_is_typed_already_keeps_its_types() {
    let (resolve, world) = contract::world().unwrap();
    let mut typed = module("");
    embed_component_metadata(&mut typed, &resolve, world, StringEncoding::UTF8).unwrap();
    assert!(Module::read(&typed).unwrap().is_typed);
    component(&typed).unwrap();
}

#[test]
fn a_program_exports_what_runs_it() {
    let program = |items: &str| wat::parse_str(format!(r#"(module {items} (func (export "_start")))"#)).unwrap();
    let made = component(&program(r#"(memory (export "memory") 1)"#)).unwrap();
    assert!(made.windows(13).any(|bytes| bytes == b"wasi:cli/run@"));
    // One that was meant to be activities.
    let told = refusal(&program(r#"(import "isolet:activity/info@0.1.0" "get" (func))"#));
    assert!(told.starts_with("it exports no activities: it has no function "), "{told}");
}

#[test]
fn what_can_not_become_one_says_why() {
    let made = component(&module("")).unwrap();
    assert_eq!(refusal(&made), "it is a component already, and not a core module");
    assert!(refusal(b"int main").starts_with("it is no core module: "));
    assert!(refusal(&wat::parse_str("(module)").unwrap()).starts_with("it exports no activities: it has no function "));
    let other = wat_component::activity_module("", "i32.const 0").replace("handler@0.1.0", "handler@0.7.0");
    let told = refusal(&wat::parse_str(other).unwrap());
    assert_eq!(told, "it is made for version 0.7.0 of the contract, and this is version 0.1.0");
    assert_eq!(
        refusal(&module(r#"(func (export "_start"))"#)),
        "it is a program, with a function _start, and not a reactor"
    );
    let missing = refusal(&module(r#"(import "env" "png_read" (func)) (import "env" "png_write" (func))"#));
    assert_eq!(missing, "it has symbols that are defined nowhere: png_read, png_write");
    let unknown = refusal(&module(r#"(import "isolet:activity/info@0.1.0" "guess" (func))"#));
    assert!(unknown.starts_with("it can't become a component: "), "{unknown}");
}

#[test]
fn damaged_modules_never_panic() {
    let whole = module("");
    for end in 0..whole.len() {
        // Some lack only what comes last, such as the names of functions.
        let _ = component(whole.get(..end).unwrap());
    }
}
