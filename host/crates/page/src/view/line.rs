//! A line of an attempt's log, without what the page says of the attempt anyway.

use activity::shown::on_one_line;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Begins what the log says of the attempt, at the end of a line for people.
const OF_ATTEMPT: &str = " (activity_id=";

/// A line of the log or an event, for programs.
#[derive(Debug, Deserialize)]
struct Written {
    level: String,
    #[serde(default)]
    logger: String,
    message: String,
    #[serde(default)]
    fields: Map<String, Value>,
}

/// A line as the log has it.
pub(super) fn line(line: &str) -> Markup {
    // One that was cut is no JSON any more, and shown as it is.
    match serde_json::from_str::<Written>(line) {
        Ok(Written { level, logger, message, fields }) => html! {
            p {
                span class={ "level " (known(&level)) } { (on_one_line(&level)) } " "
                @if !logger.is_empty() { span class="of-line" { (on_one_line(&logger)) ": " } }
                (on_one_line(&message))
                @for (name, value) in &fields { " " span class="of-line" { (on_one_line(name)) "=" (on_one_line(&value.to_string())) } }
            }
        },
        Err(_) => html! { p { (on_one_line(line.rfind(OF_ATTEMPT).and_then(|end| line.get(..end)).unwrap_or(line))) } },
    }
}

/// A level that has a colour.
fn known(level: &str) -> &'static str {
    match level {
        "error" => "bad",
        "warn" => "hit",
        _ => "calm",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short_and_stay_lines() {
        let shown = |text: &str| line(text).into_string();
        assert_eq!(
            shown("2026-01-01T00:00:00.000Z  INFO shop: packed n=1 (activity_id=7 tenant=acme)"),
            "<p>2026-01-01T00:00:00.000Z  INFO shop: packed n=1</p>"
        );
        let event = r#"{"event":"log","level":"warn","logger":"shop","message":"a\nb\u202e<b>","fields":{"n":1}}"#;
        assert_eq!(
            shown(event),
            "<p><span class=\"level hit\">warn</span> <span class=\"of-line\">shop: </span>a\\nb\\u{202e}&lt;b&gt; \
             <span class=\"of-line\">n=1</span></p>"
        );
        assert_eq!(shown("{\"level\":\"warn\",\"mess…"), "<p>{&quot;level&quot;:&quot;warn&quot;,&quot;mess…</p>");
    }
}
