//! What is called: the activities of `tests/guests-typescript/differential`.

use serde_json::{Value, json};

use super::differences::{NO_DELAY, RETRY_STATE};
use crate::{
    differential::{Case, Then, call, plain},
    support::payload::encoded,
};

/// What `returns` returns.
const RESULTS: &[&str] = &[
    "undefined",
    "null",
    "nan",
    "infinity",
    "bigint",
    "bigint within",
    "date",
    "invalid date",
    "map",
    "set",
    "undefined within",
    "bytes",
    "no bytes",
    "part of bytes",
    "clamped bytes",
    "bytes within",
    "buffer",
    "buffer within",
    "array buffer",
    "words",
    "floats",
    "a text",
    "half a character",
    "half a key",
    "no text",
    "true",
    "price",
    "money",
    "money within",
    "no JSON",
    "no JSON within",
    "throwing JSON",
    "cycle",
    "function",
    "class",
    "symbol",
    "boxed",
    "boxed bigint",
    "generator",
    "asynchronous generator",
    "a promise within",
    "error",
    "error with fields",
    "proxy",
    "getter",
    "throwing getter",
    "symbol keys",
    "no prototype",
    "inherited fields",
    "holes",
    "array with fields",
    "key order",
    "numbers",
    "url",
    "search parameters",
    "headers",
    "nested",
    "arguments",
    "raw value",
    "raw value within",
];

/// What `throws` throws.
const THROWN: &[&str] = &[
    "error",
    "an empty error",
    "several lines",
    "own class",
    "subclass",
    "described",
    "message by a getter",
    "anonymous class",
    "called, not constructed",
    "odd name",
    "no name",
    "odd message",
    "no message",
    "odd stack",
    "no stack",
    "own stack",
    "stack by a getter",
    "no constructor",
    "odd constructor",
    "fixed message",
    "frozen",
    "with a code",
    "caused",
    "caused by a text",
    "caused by an object",
    "caused by nothing",
    "aggregate",
    "an exception of the platform",
    "another of the platform",
    "state of the SDK",
    "value of the SDK",
    "text",
    "empty text",
    "number",
    "zero",
    "true",
    "bigint",
    "symbol",
    "null",
    "undefined",
    "object",
    "object with a message",
    "object with an odd message",
    "no prototype",
    "array",
    "like an error",
    "promise",
    "date",
    "bytes",
];

/// Where `throws_in` throws.
const PLACES: &[&str] = &[
    "method",
    "static",
    "getter",
    "constructor",
    "callback",
    "arrow",
    "sort",
    "replace",
    "reviver",
    "conversion",
    "proxy",
    "generator",
    "rethrown",
    "finally",
];

/// What `fails` fails with.
const FAILURES: &[&str] = &[
    "created",
    "created with everything",
    "created with nothing",
    "constructed",
    "constructed with nothing",
    "no message",
    "no details",
    "retryable",
    "retryable without type",
    "nonRetryable",
    "nonRetryable without type",
    "empty type",
    "from an error",
    "from a text",
    "from a failure",
    "own class",
    "benign",
    "delay in milliseconds",
    "delay with a part",
    "long delay",
    "large details",
    "half a character",
    "long message",
    "caused by a text",
    "caused by a cancellation",
    "temporal",
    "cancelled",
    "terminated",
    "server",
    "timeout",
];

/// What `beats_then_throws` tells.
const DETAILS: &[&str] = &["nothing", "null", "number", "text", "half a character", "object", "list", "bytes", "large"];

/// What `lets_it_out` and `catches_it` wait for.
const WAITS: &[&str] = &["cancelled", "sleep", "sleep of the context", "a race", "all", "any"];

/// All calls. Those that take the longest, and wait most of the time, come first.
pub(super) fn all() -> Vec<Case> {
    let told = arguments().into_iter().chain(results()).chain(throwing()).chain(failing());
    stopping().into_iter().chain(heartbeats()).chain(attempts()).chain(shapes()).chain(told).collect()
}

/// One call for each kind.
fn each(activity: &'static str, kinds: &[&str]) -> impl Iterator<Item = Case> {
    kinds.iter().map(move |kind| call(activity, json!([kind])))
}

fn arguments() -> Vec<Case> {
    let values = [
        json!(null),
        json!(true),
        json!(-1.5),
        json!(9_007_199_254_740_993_u64),
        json!("grüße \u{1f600}"),
        json!([]),
        json!({"b": [1, {"a": null}], "a": ""}),
        json!({"__proto__": {"polluted": true}, "constructor": 1, "10": "a", "2": "b"}),
    ];
    let values = values.into_iter().map(|value| call("kinds", json!([value])));
    let texts: [(&str, &[u8]); 9] = [
        ("binary/null", b""),
        ("binary/plain", b"\xff\x00ok"),
        ("binary/plain", b""),
        ("json/plain", b""),
        ("json/plain", b"\"\xff\""),
        ("json/plain", b"[1e999, -0, 12345678901234567890123, 0.1]"),
        ("json/plain", br#"" \ud83d""#),
        ("json/protobuf", b"{}"),
        ("nobody/knows", b"?"),
    ];
    let texts = texts.into_iter().map(|(encoding, data)| call("kinds", json!([])).payload(encoded(encoding, data)));
    let more = [
        call("echo", json!([])),
        call("echo", json!([1, "two", [3], {"four": null}])),
        call("count", json!([])),
        call("count", json!([null, null])),
        call("declared", json!([])),
        call("declared", json!(["a", 1, 2])),
        call("defaults", json!([1])),
        call("defaults", json!([1, null, {"c": 4, "d": 5}])),
        call("digits", json!([0.1, 1e21, 5e-324, 123456789.125])),
        call("digits", json!([])).payload(encoded("json/plain", b"-0".as_slice())),
        call("bytes", json!([])).payload(encoded("binary/plain", b"\x01\x02".as_slice())),
        call("first", json!([])).payload(encoded("binary/plain", b"\x01\x02".as_slice())),
        call("first", json!([Value::String("ü".repeat(100_000))])),
        call("nobody exports this", json!([1, {"a": null}])),
        call("toString", json!([])),
        call("default", json!([1])),
    ];
    values.chain(texts).chain(more).collect()
}

fn results() -> Vec<Case> {
    let more = [
        call("returns_at_once", json!(["map"])),
        call("returns_at_once", json!(["cycle"])),
        call("returns_text_of", json!([300_000])),
        call("returns_bytes_of", json!([300])),
        call("returns_bytes_of", json!([0])),
    ];
    each("returns", RESULTS).chain(more).collect()
}

fn throwing() -> Vec<Case> {
    let more = ["error", "own class", "undefined", "caused"];
    let ways = ["throws_at_once", "throws_later", "rejects"];
    let ways = ways.into_iter().flat_map(|activity| each(activity, &more).collect::<Vec<_>>());
    let plain = plain([
        "throws_without_text",
        "throws_after_waiting",
        "throws_in_a_timer",
        "throws_in_its_cleanup",
        "catches_many",
        "recurses",
    ]);
    let deep = [3, 9, 30].map(|depth| call("throws_deep", json!([depth])));
    each("throws", THROWN).chain(ways).chain(each("throws_in", PLACES)).chain(plain).chain(deep).collect()
}

fn failing() -> Vec<Case> {
    let known = [
        call("fails", json!(["delay of none"])).knowing(&NO_DELAY),
        call("fails", json!(["activity"])),
        call("fails", json!(["child workflow"])),
        call("fails_caused_by", json!(["activity"])).knowing(&RETRY_STATE),
        call("fails_caused_by", json!(["child workflow"])).knowing(&RETRY_STATE),
    ];
    let more = [
        call("engine_errors", json!([])),
        call("platform_errors", json!([])),
        call("told_errors", json!([])),
        call("fails_until", json!([2])).attempts(2),
        call("fails_until", json!([3, 10])).attempts(3),
        call("fails_until", json!([3])).attempts(2),
        call("completes_elsewhere", json!([])).then(Then::Complete),
        call("completes_elsewhere_at_once", json!([])).then(Then::Complete),
    ];
    each("fails", FAILURES).chain(each("fails_caused_by", FAILURES)).chain(known).chain(more).collect()
}

fn heartbeats() -> Vec<Case> {
    let twice =
        plain(["beats_without_details", "beats_by_its_context", "beats_with_what_changes", "beats_in_callbacks"]);
    let twice = each("beats_then_throws", DETAILS).chain(twice).map(|case| case.attempts(2));
    let hanging = call("beats_then_hangs", json!([{"done": 1}]));
    let more = [
        hanging.clone().attempts(2).heartbeat("3s"),
        hanging.clone().heartbeat("3s"),
        hanging.start_to_close("3s"),
        call("beats_often_then_throws", json!([5])).attempts(2),
        call("beats_over_attempts", json!([3])).attempts(3),
        call("beats_in_the_first_alone", json!([])).attempts(3),
        call("beats_what_can_not_be_encoded", json!([])),
        call("beats_what_can_not_be_encoded_and_catches", json!([])),
        call("beats_what_can_not_be_encoded_and_throws", json!([])),
    ];
    twice.chain(more).collect()
}

fn attempts() -> Vec<Case> {
    let plain = plain([
        "info",
        "context",
        "context_everywhere",
        "own_storage",
        "says_at_every_level",
        "says_with_fields",
        "says_with_errors",
        "says_what_is_circular",
        "says_odd_messages",
        "says_by_its_context",
    ]);
    plain.chain([call("says_then_throws", json!([3])).attempts(3), call("info", json!([])).heartbeat("10s")]).collect()
}

fn shapes() -> Vec<Case> {
    let plain = plain([
        "named_otherwise",
        "thenable",
        "failing_thenable",
        "throwing_thenable",
        "promise_of_promise",
        "generator",
        "synchronous_generator",
        "called_as",
        "parallel",
        "order",
        "cleans_up",
    ]);
    let named = ["synchronous", "arrow", "bound", "proxied", "greet", "welcome"];
    let named = named.map(|activity| call(activity, json!(["Ada"])));
    plain.chain(named).chain([call("sums_up", json!([4])), call("numbers_of", json!([1]))]).collect()
}

/// Told to stop while they wait.
fn stopping() -> Vec<Case> {
    let plain = plain([
        "sees_its_signal",
        "throws_an_abort_error",
        "throws_its_own_abort_error",
        "throws_the_reason",
        "throws_another_cancellation",
        "throws_a_failure",
        "wraps_it",
        "wraps_it_in_a_failure",
        "cleans_up_after_it",
        "returns_in_its_cleanup",
        "goes_on_after_it",
        "is_not_interrupted",
        "fetches_until_then",
        "joins_signals",
        "throws_before_it_is_awaited",
    ]);
    let cancelled = each("lets_it_out", WAITS).chain(each("catches_it", WAITS)).chain(plain);
    let cancelled = cancelled.map(|case| case.heartbeat("20s").then(Then::Cancel));
    let late = [
        call("waits_too_long", json!([])).start_to_close("1s"),
        call("waits_too_long", json!([])).start_to_close("1s").attempts(2),
    ];
    cancelled.chain(late).collect()
}
