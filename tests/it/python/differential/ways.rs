//! Ways in which activities are written, called: `tests/guests-python/ways`.

use serde_json::json;

use super::differences::{GIVEN_UP, HEARTBEAT_FAILED, NEGATIVE_DELAY, RETURNED_TOO_LATE};
use crate::{
    differential::{Case, Then, call, plain},
    support::payload::encoded,
};

const ID: &str = "0b1f0a52-6a0e-4a6e-9c55-3e0f6f1a7f00";

/// All of them.
pub(super) fn all() -> Vec<Case> {
    let told = earlier().into_iter().chain(arguments()).chain(results()).chain(failures()).chain(heartbeats());
    let told = told.chain(lines()).chain(structure()).chain(computing());
    let told = told.chain(carrying()).chain(finding()).chain(alone());
    // They take the longest, and wait most of the time.
    stopping().into_iter().chain(told).collect()
}

fn earlier() -> Vec<Case> {
    let plain =
        plain(["gathered", "grouped", "timed_out", "in_threads", "loop_of_its_own", "imports_late", "fails_deep"]);
    plain
        .chain([
            call("types", json!([{"x": 1, "unknown": 1}, ID, {"a": [{"x": 0, "y": 7}]}])),
            call("types", json!([{"y": 1}, ID, {"a": []}])),
            call("types", json!([{"x": 1}, "no id", {"a": []}])),
            call("types", json!([{"x": 1}, ID, {"b": []}])),
            call("method", json!(["Ada"])),
            call("static_method", json!(["Ada"])),
            call("callable_class", json!([2])),
        ])
        .collect()
}

fn arguments() -> Vec<Case> {
    let line = json!({"article": "tea", "quantity": 2, "tags": ["green"]});
    let order =
        json!({"number": 7, "lines": [line, {"article": "cup"}], "size": 2, "next": {"number": 8, "lines": []}});
    let duration = |encoding: &str, data: &[u8]| {
        let mut payload = encoded(encoding, data);
        payload.metadata.insert("messageType".to_owned(), b"google.protobuf.Duration".to_vec());
        payload
    };
    vec![
        call("passes_an_order", json!([order])),
        call("passes_an_order", json!([{"number": "seven", "lines": []}])),
        call("passes_an_order", json!([{"number": 7, "lines": [{"quantity": 1}]}])),
        call("passes_an_order", json!([{"number": 7, "lines": [], "size": 3}])),
        call("enums", json!(["red", 2, "low"])),
        call("enums", json!(["blue", 2, "low"])),
        call("unions", json!([1, {"article": "tea"}, null])),
        call("unions", json!(["1", [1, 2], 3])),
        call("optionals", json!([])),
        call("optionals", json!([null, null])),
        call("optionals", json!([{"article": "tea"}, 4])),
        call("collections_of", json!([[1, 1, 2], [1, "a"], [1, 2, 3], ["x"]])),
        call("collections_of", json!([["a"], [1, "a"], [], []])),
        call("collections_of", json!([[], [1], [], []])),
        call("named_tuple", json!([[1, "b"]])),
        call("typed_dict", json!([{"street": "Main", "number": 1}])),
        call("typed_dict", json!([{"number": 1}])),
        call("keys_of", json!([{"1": "a", "2": "b"}, {"x": line}])),
        call("times", json!(["2024-02-28T23:59:59.123456Z"])),
        call("times", json!(["2024-02-28T23:59:59+02:00"])),
        call("times", json!(["yesterday"])),
        call("ids", json!([ID])),
        call("ids", json!([7])),
        call("literals", json!(["kg", 2])),
        call("literals", json!(["lb", 2])),
        call("generic", json!([{"content": 1}])),
        call("takes_bytes", json!([])).payload(encoded("binary/plain", b"\xff\x00ok".as_slice())),
        call("takes_bytes", json!(["text"])),
        call("takes_bytes", json!([])).payload(encoded("nobody/knows", b"?".as_slice())),
        call("raw", json!([])).payload(encoded("nobody/knows", b"?".as_slice())),
        call("raw", json!([{"b": 1, "a": 2}])),
        call("raw_many", json!([])),
        call("raw_many", json!([1, "two", [3], {"four": null}])),
        call("converts", json!([order])),
        call("message", json!([])).payload(duration("json/protobuf", br#""3.5s""#)),
        call("message", json!([])).payload(duration("binary/protobuf", &[8, 3])),
        call("message", json!(["3s"])),
        call("without_hints", json!([1])),
        call("without_hints", json!([1, null, {"a": 1}, 4])),
        call("without_hints", json!([])),
        call("half_hinted", json!([{"number": 1}, line])),
        call("positional", json!([4])),
        call("positional", json!([4, 5])),
        call("positional", json!([4, 5, 6])),
        call("recode", json!([])).payload(encoded("binary/null", b"".as_slice())),
        call("recode", json!([])).payload(encoded("json/plain", b"{".as_slice())),
        call("recode", json!([])).payload(encoded("json/plain", b"\"\xff\"".as_slice())),
        call("recode", json!([])).payload(encoded("json/plain", b"[NaN, 1e999, 12345678901234567890123]".as_slice())),
    ]
}

fn results() -> Vec<Case> {
    let plain =
        plain(["returns_collections", "returns_a_generator", "numbers", "not_numbers", "texts", "returns_nothing"]);
    let not = ["object", "circle", "key", "complex", "type"];
    let not = not.map(|kind| call("returns_what_can_not_be_encoded", json!([kind])));
    let more = [
        call("makes_an_order", json!([1])),
        call("returns_bytes", json!([300])),
        call("returns_bytes", json!([0])),
        call("returns_text_of", json!([300_000])),
    ];
    plain.chain(not).chain(more).collect()
}

fn failures() -> Vec<Case> {
    let plain = plain([
        "raises_its_own",
        "raises_described",
        "raises_empty",
        "raises_an_assertion",
        "raises_application",
        "raises_application_with_all",
        "raises_application_without_type",
        "raises_subclass_of_application",
        "raises_with_a_cause",
        "raises_with_a_context",
        "raises_application_with_a_context",
        "raises_from_none",
        "raises_a_long_chain",
        "raises_with_notes",
        "raises_a_group",
        "raises_in_a_task_group",
        "raises_in_gather",
        "raises_in_a_thread",
        "raises_in_a_task",
        "raises_in_a_loop_of_its_own",
        "raises_a_timeout",
        "raises_a_timeout_of_wait_for",
        "raises_stop_iteration",
        "raises_asyncio_cancelled",
        "raises_asyncio_cancelled_synchronously",
        "raises_at_the_bottom",
        "raises_without_end",
        "raises_in_a_generator",
        "raises_in_a_decorator",
        "raises_in_its_cleanup",
        "compiles",
    ]);
    let builtin = [
        "key",
        "index",
        "zero",
        "attribute",
        "type",
        "value",
        "decode",
        "encode",
        "json",
        "overflow",
        "import",
        "lookup",
    ];
    let builtin = builtin.map(|kind| call("raises", json!([kind])));
    let base = ["exit", "interrupt", "generator", "own"].map(|kind| call("raises_base", json!([kind])));
    let again = [
        call("raises_with_a_negative_delay", json!([])).knowing(&NEGATIVE_DELAY),
        call("raises_with_a_negative_delay", json!([])).attempts(2).knowing(&NEGATIVE_DELAY),
        call("raises_again", json!([2])).attempts(3),
        call("raises_again", json!([3])).attempts(2),
    ];
    plain.chain(builtin).chain(base).chain(again).collect()
}

fn heartbeats() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in ["nothing", "null", "several", "bytes", "progress", "text"] {
        cases.push(call("beats_then_raises", json!([kind])).attempts(2));
        cases.push(call("beats_then_raises_asynchronously", json!([kind])).attempts(2));
    }
    let hanging = ["beats_then_hangs", "beats_then_hangs_asynchronously"];
    // What was held back is lost with the attempt, so the first is the one that arrives.
    let hanging = hanging.map(|activity| call(activity, json!([1])).knowing(&GIVEN_UP));
    cases.extend(hanging.clone().map(|case| case.attempts(2).heartbeat("3s")));
    cases.extend(hanging.clone().map(|case| case.heartbeat("3s")));
    cases.extend(hanging.map(|case| case.start_to_close("3s")));
    for activity in ["beats_once", "beats_once_asynchronously"] {
        cases.push(call(activity, json!([{"done": [1, "ü"]}])).heartbeat("10s"));
        cases.push(call(activity, json!([null])));
    }
    cases.extend([
        call("beats_on", json!([])).attempts(3),
        call("beats_in_tasks", json!([])).attempts(2),
        call("beats_in_a_loop_of_its_own", json!([])).attempts(2),
        call("beats_what_can_not_be_encoded", json!([])).knowing(&HEARTBEAT_FAILED),
    ]);
    cases
}

fn lines() -> Vec<Case> {
    let plain = plain([
        "says_at_every_level",
        "says_with_its_context",
        "says_with_its_context_asynchronously",
        "says_with_extras",
        "says_with_arguments",
        "says_what_can_not_be_said",
        "says_an_exception",
        "says_where",
        "says_below",
        "says_filtered",
        "says_with_adapters",
        "says_in_a_thread",
        "says_what_it_would_say",
    ]);
    plain.chain([call("says_then_raises", json!([3])).attempts(3)]).collect()
}

fn structure() -> Vec<Case> {
    let plain = plain([
        "documented",
        "contexts",
        "context_of_synchronous",
        "not_for_synchronous",
        "undisturbed",
        "waits_in_vain",
        "tasks_of_all_kinds",
        "callbacks",
        "generators",
        "threads_without_threads",
        "loops_of_its_own",
        "measures",
        "a name: with spaces, ü and more",
    ]);
    plain
        .chain([
            call("inherited", json!(["Ada"])),
            call("of_the_class", json!(["Ada"])),
            call("asynchronous_method", json!(["Ada"])),
            call("asynchronous_method", json!(["Ada", 3])),
            call("synchronous_callable", json!([2])),
            call("synchronous_callable", json!([2, 5])),
            call("decorated", json!([4])),
            call("documented", json!([2])),
            call("about_itself", json!([])).heartbeat("10s"),
            call("completes_elsewhere", json!([])).then(Then::Complete),
            call("taken by the dynamic one", json!([1, {"a": [null]}, "ü"])),
            call("taken by the dynamic one", json!([])),
        ])
        .collect()
}

fn computing() -> Vec<Case> {
    let plain = plain([
        "json_of_all_kinds",
        "pickles",
        "exact_numbers",
        "real_numbers",
        "dates",
        "clocks",
        "sleeps_oddly",
        "randomness",
        "containers",
        "iterators",
        "functions",
        "texts_of_all_kinds",
        "formats_of_files",
        "addresses",
        "classes",
        "memory",
        "deep_calls",
        "files",
    ]);
    plain
        .chain([
            call("expressions", json!(["first second third, Ü"])),
            call("digests", json!([])).payload(encoded("binary/plain", b"data \xff".as_slice())),
        ])
        .collect()
}

/// Texts that UTF-8 can't carry.
fn carrying() -> Vec<Case> {
    let kinds = ["message", "application", "type", "details", "cause", "plain cause", "group", "result"];
    let kinds = kinds.map(|kind| call("fails_with_a_half", json!([kind])));
    let plain = plain(["says_halves", "fails_with_a_half_synchronously", "refuses_halves"]);
    plain.chain(kinds).chain([call("beats_halves", json!([])).attempts(2)]).collect()
}

/// What is loaded when it is needed, and what needs files or the system.
fn finding() -> Vec<Case> {
    let encodings = ["cp437", "cp850", "shift_jis", "gbk", "big5", "utf-7", "koi8-r", "mac-roman", "no such"];
    let modules = ["xml.sax.expatreader", "unittest.mock", "doctest", "mailbox", "temporalio.testing", "no_such"];
    let plain = plain([
        "decodes_everything",
        "unpacks",
        "parses",
        "reads_of_packages",
        "writes_temporary_files",
        "misuses_files",
        "asks_the_system",
        "derives_keys",
    ]);
    plain.chain([call("encodes", json!([encodings])), call("imports", json!([modules]))]).collect()
}

/// Waits for others, of whom there are none, and recursions.
fn alone() -> Vec<Case> {
    let plain = ["waits_with_timeouts", "waits_with_timeouts_asynchronously", "waits_wrongly", "recurses_without_end"];
    crate::differential::plain(plain).collect()
}

/// Told to stop while they wait.
fn stopping() -> Vec<Case> {
    let cancelled = [
        "lets_it_out",
        "catches_it",
        "catches_it_and_raises",
        "catches_it_and_raises_another_cancellation",
        "cleans_up_after_it",
        "leaves_a_context",
        "goes_on",
        "shields_a_task",
        "gathers",
        "groups",
        "limits_its_time",
        "waits_for_it",
        "misses_it",
        "lets_it_out_synchronously",
        "catches_it_synchronously",
        "raises_after_it_synchronously",
        "cleans_up_synchronously",
        "leaves_a_context_synchronously",
        "shields",
        "is_not_interrupted",
        "waits_for_it_synchronously",
        "runs_a_loop",
    ];
    let cancelled = cancelled.map(|activity| call(activity, json!([])).heartbeat("4s").then(Then::Cancel));
    let late = ["waits_too_long", "lets_it_out"].map(|activity| call(activity, json!([])).knowing(&GIVEN_UP));
    let caught = [call("catches_it", json!([])).knowing(&RETURNED_TOO_LATE)];
    cancelled.into_iter().chain(late.into_iter().chain(caught).map(|case| case.start_to_close("1s"))).collect()
}
