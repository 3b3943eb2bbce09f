//! Components as toolchains with dynamic libraries make them, small.

use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use super::{NotMerged, merged};

/// A main module with memory, table and addresses; a library with functions in the table and data; functions of the host,
/// one of which needs the memory and comes through a table that a last module fills.
const LINKED: &str = r#"
(component
  (import "clock" (func $clock (result u64)))
  (import "print" (func $print (param "text" string)))
  (core module $shim
    (type $print (func (param i32 i32)))
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (type $print)
      local.get 0
      local.get 1
      i32.const 0
      call_indirect (type $print)))
  (core module $main
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global (export "base") i32 (i32.const 1))
    (global (export "data") i32 (i32.const 64))
    (global (export "count") (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core module $library
    (type $number (func (result i32)))
    (import "env" "memory" (memory 1))
    (import "env" "table" (table 4 funcref))
    (import "env" "base" (global $base i32))
    (import "env" "data" (global $data i32))
    (import "env" "count" (global $count (mut i32)))
    (import "host" "clock" (func $clock (result i64)))
    (import "host" "print" (func $print (param i32 i32)))
    (global $own (mut i32) (global.get $data))
    (elem (offset (global.get $base)) func $seven $eight)
    (elem (offset (i32.add (global.get $base) (i32.const 2))) func $seven)
    (data (offset (global.get $data)) "hello")
    (func $seven (type $number) i32.const 7)
    (func $eight (type $number) i32.const 8)
    (func (export "run") (result i32)
      call $clock
      drop
      global.get $own
      i32.const 5
      call $print
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.add (global.get $count) (call_indirect (type $number) (i32.add (global.get $base) (i32.const 1))))))
  (core module $fixup
    (import "" "0" (func (param i32 i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) func 0))
  (core instance $shim (instantiate $shim))
  (core instance $main (instantiate $main))
  (alias core export $main "memory" (core memory $memory))
  (alias core export $main "table" (core table $table))
  (alias core export $main "base" (core global $base))
  (alias core export $main "data" (core global $data))
  (alias core export $main "count" (core global $count))
  (alias core export $main "realloc" (core func $realloc))
  (alias core export $shim "0" (core func $print-later))
  (alias core export $shim "$imports" (core table $imports))
  (core func $clock (canon lower (func $clock)))
  (core instance $env
    (export "memory" (memory $memory))
    (export "table" (table $table))
    (export "base" (global $base))
    (export "data" (global $data))
    (export "count" (global $count)))
  (core instance $host (export "clock" (func $clock)) (export "print" (func $print-later)))
  (core instance $library (instantiate $library (with "env" (instance $env)) (with "host" (instance $host))))
  (core func $print (canon lower (func $print) (memory $memory) (realloc $realloc)))
  (core instance $late (export "0" (func $print)) (export "$imports" (table $imports)))
  (core instance (instantiate $fixup (with "" (instance $late))))
  (alias core export $library "run" (core func $run))
  (func (export "run") (result u32) (canon lift (core func $run))))
"#;

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// How many functions each core module has of its own, and how many it imports.
fn modules(component: &[u8]) -> Vec<(u32, u32)> {
    let mut modules = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } => modules.push((0, 0)),
            Payload::FunctionSection(section) => modules.last_mut().unwrap().0 = section.count(),
            Payload::ImportSection(section) => modules.last_mut().unwrap().1 = section.count(),
            _ => {}
        }
    }
    modules
}

#[test]
fn modules_that_are_linked_become_one() {
    let before = component(LINKED);
    let after = merged(&before).unwrap();
    // As strict as the engine: constant expressions name no globals of their own module.
    Validator::new_with_features(WasmFeatures::WASM2 | WasmFeatures::EXTENDED_CONST | WasmFeatures::COMPONENT_MODEL)
        .validate_all(&after)
        .unwrap();
    assert_eq!(modules(&before), [(1, 0), (1, 0), (3, 7), (0, 2)]);
    assert_eq!(modules(&after), [(0, 2), (5, 1)], "what fills the table, and all else with the clock");
}

#[test]
fn names_of_functions_stay() {
    let after = merged(&component(LINKED)).unwrap();
    let has = |name: &str| after.windows(name.len()).any(|window| window == name.as_bytes());
    assert!(has("seven") && has("eight"));
}

#[test]
fn a_merged_component_has_nothing_more_to_merge() {
    let once = merged(&component(LINKED)).unwrap();
    assert!(matches!(merged(&once), Err(NotMerged::Nothing)), "{:?}", merged(&once).map(drop));
}

#[test]
fn a_module_that_stays_apart_may_be_given_whole_ones() {
    let text = LINKED
        .replace("(elem (i32.const 0) func 0))", "(import \"library\" \"run\" (func $run (result i32))) (elem (i32.const 0) func 0) (func $start call $run drop) (start $start))")
        .replace("(with \"\" (instance $late))", "(with \"\" (instance $late)) (with \"library\" (instance $library))");
    let after = merged(&component(&text)).unwrap();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&after).unwrap();
    assert_eq!(modules(&after), [(1, 3), (5, 1)]);
}

#[test]
fn what_is_not_understood_stays_as_it_is() {
    for (replaced, by) in [
        // What begins with code of its own may need what comes before it, and nothing behind.
        ("(func $seven (type $number) i32.const 7)", "(func $seven (type $number) i32.const 7) (func $s) (start $s)"),
        (
            "(core instance $shim (instantiate $shim))",
            "(core instance (instantiate $shim)) (core instance $shim (instantiate $shim))",
        ),
        ("(global (export \"base\") i32 (i32.const 1))", "(global (export \"base\") i32 (i32.const 1)) (tag)"),
    ] {
        let text = LINKED.replace(replaced, by);
        assert_ne!(text, LINKED);
        let before = component(&text);
        // Others may still become one.
        if let Ok(after) = merged(&before) {
            Validator::new_with_features(WasmFeatures::all()).validate_all(&after).unwrap();
            assert!(2 < modules(&after).len(), "{by}");
        }
    }
}

#[test]
fn what_is_no_component_is_told() {
    for bytes in [&b""[..], b"\0asm", b"no component at all", &wat::parse_str("(module)").unwrap()] {
        merged(bytes).unwrap_err();
    }
    let whole = component(LINKED);
    for length in 0..whole.len() {
        drop(merged(whole.get(..length).unwrap()));
    }
}

/// Two modules, with what stands for `$more` beside them, and in them.
fn pair(more: &str, in_one: &str, in_other: &str) -> Vec<u8> {
    component(&format!(
        r#"(component
            (core module $one {in_one} (func (export "f") (result i32) i32.const 1))
            (core module $other (import "one" "f" (func (result i32))) {in_other} (func (export "g") (result i32) call 0))
            (core instance $one (instantiate $one))
            {more}
            (core instance $other (instantiate $other (with "one" (instance $one))))
            (func (export "g") (result s32) (canon lift (core func $other "g"))))"#
    ))
}

#[test]
fn what_names_core_modules_or_functions_by_their_indices_keeps_them() {
    assert_eq!(modules(&merged(&pair("", "", "")).unwrap()).len(), 1);
    for more in [
        "(component (alias outer 1 0 (core module)))",
        r#"(core module $drops (func (export "drop") (param i32)))
           (core instance $drops (instantiate $drops))
           (type (resource (rep i32) (dtor (core func $drops "drop"))))"#,
    ] {
        assert!(matches!(merged(&pair(more, "", "")), Err(NotMerged::Unknown(_))), "{more}");
    }
}

#[test]
fn each_memory_stays_in_a_module_of_its_own() {
    assert!(merged(&pair("", "(memory 1)", "(memory 1)")).is_err());
    assert!(merged(&pair("", "(memory 1)", "")).is_ok());
}

#[test]
fn segments_are_counted_where_functions_may_name_them() {
    let counts = |component: &[u8]| {
        let payloads = Parser::new(0).parse_all(component);
        payloads.filter(|payload| matches!(payload, Ok(Payload::DataCountSection { .. }))).count()
    };
    let one = r#"(memory 1) (data $data (i32.const 0) "one")"#;
    assert_eq!(counts(&merged(&pair("", one, "")).unwrap()), 0);
    let names = format!("{one} (func data.drop $data)");
    assert_eq!(counts(&merged(&pair("", &names, "")).unwrap()), 1);
}

#[test]
fn a_table_is_filled_in_the_order_in_which_it_was() {
    // Between the two another one fills the table, with a function that needs the memory and so can be no member.
    let between = r#"
        (import "random" (func $random (param "length" u64) (result (list u8))))
        (core func $random (canon lower (func $random) (memory (core memory $one "memory")) (realloc (core func $one "realloc"))))
        (core module $fills
            (import "one" "table" (table 1 funcref))
            (import "host" "random" (func (param i64 i32)))
            (elem (i32.const 0) func 0))
        (core instance (instantiate $fills
            (with "one" (instance $one))
            (with "host" (instance (export "random" (func $random))))))"#;
    let one = r#"(memory (export "memory") 1)
        (table (export "table") 2 funcref)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 8)"#;
    let fills_too = r#"(import "one" "table" (table 1 funcref)) (elem (i32.const 0) func 0)"#;
    assert!(merged(&pair(between, one, fills_too)).is_err());
    assert!(merged(&pair(between, one, "")).is_ok());
}

#[test]
fn what_is_wrong_between_two_modules_stays_wrong() {
    let two = r#"(component
        (core module $one (memory (export "memory") 1))
        (core module $other (import "one" "memory" (memory 2)))
        (core instance $one (instantiate $one))
        (core instance (instantiate $other (with "one" (instance $one)))))"#;
    assert!(matches!(merged(&component(two)), Err(NotMerged::Invalid(_))));
}
