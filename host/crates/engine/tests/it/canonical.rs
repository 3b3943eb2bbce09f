//! Values against the component model's canonical ABI: what bytes of a guest's memory are as JSON, and what JSON becomes
//! in it. The bytes are worked out from the ABI's text, by hand.

use std::{fmt::Write as _, sync::Arc};

use activity::{End, Executor as _, Info, Outcome, Payload, Task};
use engine::{Engine, Source};

use crate::support::{ending, engine, line, task};

/// Where the guest's memory is given out from; multiples of what anything is aligned to.
const BASE: u32 = 1024;

/// A component of two functions: `lift` returns the elements that it is given as bytes, and `lower` the bytes of the
/// elements that it is given.
fn component(types: &str, element: &str, count: usize, encoding: &str) -> Vec<u8> {
    let text = format!(
        r#"(component {types}
            (core module $m
                (memory (export "memory") 1)
                (global $next (mut i32) (i32.const {BASE}))
                (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
                    (result i32) (local $at i32)
                    ;; What grows or shrinks is the last that was given out.
                    (if (local.get $old) (then
                        (global.set $next (i32.add (local.get $old) (local.get $new)))
                        (return (local.get $old))))
                    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                        (i32.sub (i32.const 0) (local.get $align))))
                    (global.set $next (i32.add (local.get $at) (local.get $new)))
                    (local.get $at))
                (func (export "lift") (param i32 i32) (result i32)
                    (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (i32.const {count})) i32.const 8)
                (func (export "lower") (param i32 i32) (result i32)
                    (i32.store (i32.const 8) (local.get 0))
                    (i32.store (i32.const 12) (i32.sub (global.get $next) (local.get 0))) i32.const 8))
            (core instance $m (instantiate $m))
            (alias core export $m "memory" (core memory $memory))
            (alias core export $m "realloc" (core func $realloc))
            (type $list (list {element}))
            (func $lift (param "bytes" (list u8)) (result $list)
                (canon lift (core func $m "lift") (memory $memory) (realloc $realloc) {encoding}))
            (func $lower (param "values" $list) (result (list u8))
                (canon lift (core func $m "lower") (memory $memory) (realloc $realloc) {encoding}))
            (export "lift" (func $lift))
            (export "lower" (func $lower)))"#
    );
    wat::parse_str(text).unwrap()
}

async fn call(engine: &Engine, component: &[u8], name: &str, input: Payload) -> Vec<u8> {
    let loaded = engine.load(&Source::new("guest", component), Arc::default()).unwrap();
    let info = Info { activity_type: name.to_owned(), attempt: 1, ..Info::default() };
    let end =
        ending(engine.start(Task { info: Arc::new(info), input: vec![input], ..task(&loaded.component) })).await.end;
    match end {
        End::Returned(Outcome::Completed(Some(payload))) => payload.data.to_vec(),
        end => panic!("{name}: {}", line(&end)),
    }
}

/// One list of values, as bytes and as JSON.
struct Row {
    types: &'static str,
    element: &'static str,
    encoding: &'static str,
    bytes: &'static [&'static [u8]],
    json: &'static str,
}

const fn row(element: &'static str, bytes: &'static [&'static [u8]], json: &'static str) -> Row {
    Row { types: "", element, encoding: "", bytes, json }
}

const fn typed(types: &'static str, bytes: &'static [&'static [u8]], json: &'static str) -> Row {
    Row { types, element: "$it", encoding: "", bytes, json }
}

const fn text(encoding: &'static str, bytes: &'static [&'static [u8]], json: &'static str) -> Row {
    Row { types: "", element: "string", encoding, bytes, json }
}

/// Values of every type. Elements of a list stand as far apart as they are large, rounded up to what they are aligned to;
/// a text or a list is where it is, and how long.
const ROWS: [Row; 27] = [
    row("bool", &[&[0, 1]], "[false,true]"),
    row("u16", &[&[0, 0, 255, 255]], "[0,65535]"),
    row("s8", &[&[128, 127]], "[-128,127]"),
    row("s16", &[&[0, 128, 255, 127]], "[-32768,32767]"),
    row("u32", &[&[255, 255, 255, 255]], "[4294967295]"),
    row("s32", &[&[0, 0, 0, 128]], "[-2147483648]"),
    row("u64", &[&[255; 8]], "[\"18446744073709551615\"]"),
    row("s64", &[&[0, 0, 0, 0, 0, 0, 0, 128]], "[\"-9223372036854775808\"]"),
    row("s64", &[&[255, 255, 255, 255, 255, 255, 31, 0]], "[9007199254740991]"),
    row("f32", &[&[0, 0, 192, 63], &[0, 0, 0, 128]], "[1.5,-0.0]"),
    // The one that stands for all that are no numbers.
    row("f32", &[&[0, 0, 192, 127]], "[\"NaN\"]"),
    row("f64", &[&[0, 0, 0, 0, 0, 0, 240, 255]], "[\"-Infinity\"]"),
    row("char", &[&[255, 255, 16, 0], &[0, 224, 0, 0]], "[\"\u{10ffff}\",\"\u{e000}\"]"),
    row("(option u16)", &[&[0, 0, 0, 0], &[1, 0, 7, 0]], "[null,7]"),
    row("(result u8 (error u32))", &[&[0, 0, 0, 0, 9, 0, 0, 0], &[1, 0, 0, 0, 9, 0, 0, 0]], r#"[{"ok":9},{"err":9}]"#),
    row("(tuple u8 u64)", &[&[1, 0, 0, 0, 0, 0, 0, 0], &[2, 0, 0, 0, 0, 0, 0, 0]], "[[1,2]]"),
    row("(list u16)", &[&[8, 4, 0, 0, 2, 0, 0, 0], &[1, 0, 2, 0]], "[[1,2]]"),
    typed(
        r#"(type $raw (record (field "a" u8) (field "b" u32) (field "c" u8) (field "d" u64))) (export $it "it" (type $raw))"#,
        &[&[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]],
        r#"[{"a":1,"b":2,"c":3,"d":4}]"#,
    ),
    typed(
        r#"(type $raw (variant (case "a" u8) (case "b" u64) (case "c"))) (export $it "it" (type $raw))"#,
        &[&[1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0], &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
        r#"[{"b":5},"c"]"#,
    ),
    typed(r#"(type $raw (enum "a" "b-c")) (export $it "it" (type $raw))"#, &[&[0, 1]], r#"["a","b_c"]"#),
    typed(r#"(type $raw (flags "a" "b" "c")) (export $it "it" (type $raw))"#, &[&[0, 5]], r#"[[],["a","c"]]"#),
    typed(
        r#"(type $raw (flags "a" "b" "c" "d" "e" "f" "g" "h" "i")) (export $it "it" (type $raw))"#,
        &[&[1, 1]],
        r#"[["a","i"]]"#,
    ),
    typed(
        r#"(type $raw (flags "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q")) (export $it "it" (type $raw))"#,
        &[&[0, 0, 1, 0]],
        r#"[["q"]]"#,
    ),
    text("", &[&[8, 4, 0, 0, 3, 0, 0, 0], "aé".as_bytes()], "[\"aé\"]"),
    text("string-encoding=utf16", &[&[8, 4, 0, 0, 3, 0, 0, 0], &[97, 0, 61, 216, 77, 220]], "[\"a👍\"]"),
    text("string-encoding=latin1+utf16", &[&[8, 4, 0, 0, 2, 0, 0, 0], &[97, 233]], "[\"aé\"]"),
    // The highest bit of the length tells that it is not Latin-1.
    text("string-encoding=latin1+utf16", &[&[8, 4, 0, 0, 1, 0, 0, 128], &[172, 32]], "[\"€\"]"),
];

#[tokio::test]
async fn bytes_and_json_stand_for_each_other() {
    let engine = engine();
    let mut complaints = String::new();
    for Row { types, element, encoding, bytes, json } in ROWS {
        let bytes = bytes.concat();
        let count = serde_json::from_str::<Vec<serde_json::Value>>(json).unwrap().len();
        let component = component(types, element, count, encoding);
        let lifted = call(&engine, &component, "lift", Payload::encoded("binary/plain", bytes.clone().into())).await;
        let lifted = String::from_utf8(lifted).unwrap();
        let lowered = call(&engine, &component, "lower", Payload::json(json)).await;
        if lifted != json || lowered != bytes {
            writeln!(complaints, "{types} {element} {encoding}: {bytes:?} are {lifted}, {json} is {lowered:?}")
                .unwrap();
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}
