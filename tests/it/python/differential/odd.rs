//! Odd values and ways, called: `tests/guests-python/ways/odd.py`.

use serde_json::{Value, json};

use super::differences::HEARTBEAT_FAILED;
use crate::{
    differential::{Case, call, plain},
    support::payload::encoded,
};

/// What `_made` of `odd.py` makes.
const MADE: [&str; 36] = [
    "text",
    "text alone",
    "number",
    "number of many digits",
    "number of too many digits",
    "real",
    "true",
    "flags",
    "str enum",
    "bytes",
    "bytes within",
    "bytearray",
    "words",
    "named",
    "keys",
    "keys of all kinds",
    "told",
    "told alone",
    "refuses",
    "parsed",
    "answers",
    "generator",
    "generator that fails",
    "namespace",
    "range",
    "tuple",
    "empty tuple",
    "leaf",
    "class",
    "exception",
    "ellipsis",
    "raw",
    "raw within",
    "raw of nothing",
    "payload",
    "surrogate",
];

/// What can't be encoded.
const REFUSED: [&str; 11] = [
    "number of too many digits",
    "keys of all kinds",
    "refuses",
    "answers",
    "generator that fails",
    "namespace",
    "class",
    "exception",
    "ellipsis",
    "raw within",
    "raw of nothing",
];

/// All of them.
pub(super) fn all() -> Vec<Case> {
    let made = MADE.map(|kind| call("returns_odd", json!([kind])));
    let beats = MADE.into_iter().filter(|kind| !REFUSED.contains(kind)).map(|kind| call("beats_odd", json!([kind])));
    let failing = call("beats_odd", json!(["generator that fails"])).knowing(&HEARTBEAT_FAILED);
    let here = ["text alone", "refuses", "raw", "true"].map(|kind| call("returns_odd_synchronously", json!([kind])));
    let ways = plain([
        "leaves_tasks",
        "waits_for_what_is_there",
        "remembers",
        "remembers_synchronously",
        "asynchronous_generator",
    ]);
    // What ends without another wait the official worker tells nobody: `differences`.
    let cancelled = ["and goes on", "and ends"];
    let cancelled = cancelled.map(|kind| call("cancels_itself", json!([kind])));
    made.into_iter().chain(beats).chain([failing]).chain(here).chain(ways).chain(cancelled).chain(taken()).collect()
}

/// Each hint with arguments that fit, fit nearly, and do not.
fn taken() -> Vec<Case> {
    let values: [Value; 12] = [
        json!(null),
        json!(true),
        json!(1),
        json!(-1.5),
        json!("1"),
        json!("ü"),
        json!("good"),
        json!([]),
        json!([{"count": 1}]),
        json!({"count": -1, "weight": 2}),
        json!({"weight": 1, "on": {"weight": null}, "seen": true}),
        json!({}),
    ];
    let hinted = ["takes_real", "takes_whole", "takes_whether", "takes_text", "takes_list", "takes_dict"];
    let hinted = hinted.into_iter().chain(["takes_nothing", "takes_checked", "takes_parsed", "takes_any"]);
    let each = hinted.flat_map(|name| values.clone().map(|value| call(name, json!([value]))));
    // Versions of Python write unions in different ways when they do not fit.
    let either = [0, 6, 7, 8, 9, 11].map(|at: usize| call("takes_either", json!([values[at]])));
    let odd = ["NaN", "-Infinity", "1e400", "1.0", " 1 ", "1 2", "", "\u{feff}1", "\"\\ud800\"", "-0"];
    let odd = odd.into_iter().flat_map(|text| {
        ["takes_real", "takes_whole", "takes_any"]
            .map(|name| call(name, json!([])).payload(encoded("json/plain", text.as_bytes())))
    });
    let bytes = ["takes_text", "takes_list"]
        .map(|name| call(name, json!([])).payload(encoded("binary/plain", b"\xffa".as_slice())));
    let many = [json!([]), json!([1]), json!([1, 2]), json!(["1", "a", null])];
    let many = many
        .into_iter()
        .flat_map(|given| ["takes_more", "takes_real", "remembers"].map(|name| call(name, given.clone())));
    each.chain(either).chain(odd).chain(bytes).chain(many).collect()
}
