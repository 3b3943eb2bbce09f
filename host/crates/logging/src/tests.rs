//! How lines look, above all those of a guest that means ill.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use activity::{About, ComponentId, Failure, Info, Level, WorkflowExecution};
use serde_json::{Value, json};

use crate::{json::json, line::Line, text::render};

/// What a guest would print to forge a line, drive a terminal, hide text, and end a JSON object.
const HOSTILE: &str =
    "ok\n2026-01-01T00:00:00.000Z ERROR isolet: forged\r\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\"}\u{7f}\0";

static COMPONENT: LazyLock<ComponentId> =
    LazyLock::new(|| ComponentId { tenant: "acme".to_owned(), ..ComponentId::new("orders", "digest") });

fn info() -> Info {
    Info {
        activity_id: "7".to_owned(),
        activity_type: "ship".to_owned(),
        attempt: 1,
        namespace: "default".to_owned(),
        task_queue: "orders".to_owned(),
        workflow: Some(WorkflowExecution {
            namespace: "default".to_owned(),
            workflow_id: "w 1".to_owned(),
            run_id: "r".to_owned(),
            workflow_type: "Order".to_owned(),
        }),
        ..Info::default()
    }
}

fn line<'a>(message: &'a str, info: &'a Info) -> Line<'a> {
    let about = About { info, component: Some(&COMPONENT) };
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
    Line { time, about: Some(about), ..Line::new(Level::Info, "guest", message) }
}

fn is_harmless(each: char) -> bool {
    !each.is_control() && !matches!(each, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn a_line_for_people_has_everything_in_order() {
    let info = info();
    let mut line = line("shipped", &info);
    line.fields.insert("rows".to_owned(), json!(3));
    assert_eq!(
        render(&line, false),
        "1970-01-01T00:00:01.500Z  INFO guest: shipped rows=3 (activity_id=7 activity_type=ship attempt=1 \
         namespace=default task_queue=orders workflow_id=\"w 1\" workflow_run_id=r workflow_type=Order \
         component=orders digest=digest tenant=acme)"
    );
}

#[test]
fn a_line_for_programs_keeps_the_host_s_fields_apart() {
    let info = info();
    let mut line = line("shipped", &info);
    line.fields.insert("level".to_owned(), json!("forged"));
    let line: Value = serde_json::from_str(&json(&line)).unwrap();
    assert_eq!(
        line,
        json!({
            "time": "1970-01-01T00:00:01.500000Z",
            "level": "info",
            "logger": "guest",
            "message": "shipped",
            "temporal_activity": {
                "activity_id": "7",
                "activity_type": "ship",
                "attempt": 1,
                "namespace": "default",
                "task_queue": "orders",
                "workflow_id": "w 1",
                "workflow_run_id": "r",
                "workflow_type": "Order",
                "component": "orders",
                "digest": "digest",
                "tenant": "acme",
            },
            "fields": {"level": "forged"},
        })
    );
}

#[test]
fn a_standalone_activity_is_known_by_its_own_run() {
    let info = Info { workflow: None, activity_run_id: Some("a".to_owned()), ..info() };
    let line: Value = serde_json::from_str(&json(&line("x", &info))).unwrap();
    assert_eq!(line["temporal_activity"]["activity_run_id"], "a");
    assert_eq!(line["temporal_activity"].get("workflow_id"), None);
}

#[test]
fn no_guest_can_forge_a_line_or_drive_a_terminal() {
    let info = Info { activity_type: HOSTILE.to_owned(), activity_id: HOSTILE.to_owned(), ..info() };
    let mut line = Line { logger: HOSTILE, ..line(HOSTILE, &info) };
    line.fields.insert(HOSTILE.to_owned(), json!({ HOSTILE: HOSTILE }));
    line.fields.insert("text".to_owned(), json!(HOSTILE));
    let shown = render(&line, false);
    assert_eq!(shown.chars().filter(|each| !is_harmless(*each)).collect::<String>(), "", "{shown:?}");
    let written = json(&line);
    assert_eq!(written.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap()["message"], HOSTILE);
}

#[test]
fn a_failure_is_indented_below_its_line() {
    let info = info();
    let mut cause = Failure::application("", HOSTILE);
    cause.stack_trace = format!("frame one\n{HOSTILE}");
    let failure = Failure { cause: Some(Box::new(cause)), ..Failure::application(HOSTILE, "out of stock") };
    let line = Line { failure: Some(&failure), identifier: Some("ActivityFailure"), ..line("failed", &info) };
    let shown = render(&line, false);
    let (first, rest) = shown.split_once('\n').unwrap();
    assert!(first.contains("guest: failed ("), "{first}");
    assert!(rest.lines().all(|line| line.starts_with("    ") && line.chars().all(is_harmless)), "{rest:?}");
    assert!(rest.contains("\n      frame one\n"), "{rest}");
    let written: Value = serde_json::from_str(&json(&line)).unwrap();
    assert_eq!(written["__temporal_error_identifier"], "ActivityFailure");
    assert_eq!(written["failure"]["message"], "out of stock");
    assert_eq!(written["failure"]["cause"]["message"], HOSTILE);
}
