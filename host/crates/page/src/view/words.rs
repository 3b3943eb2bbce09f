//! Texts, sizes and times as people read them.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use activity::shown::{name, on_its_lines};
use maud::{Markup, html};

/// How many digits of a digest are shown: as many as `isolet block` needs, and a few more.
const DIGITS: usize = 16;

/// A name or a word of whoever chose it, on one line and not too long.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    name(text)
}

/// A text that may be longer, on the lines that it has.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    on_its_lines(text)
}

/// A size.
pub(super) fn size(bytes: u64) -> String {
    let in_units = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", in_units(1 << 10)),
        1_048_576..1_073_741_824 => format!("{} MiB", in_units(1 << 20)),
        _ => format!("{} GiB", in_units(1 << 30)),
    }
}

/// A short duration.
pub(super) fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        0 => format!("{:.2} ms", 1_000.0 * duration.as_secs_f64()),
        1..1_000 => format!("{:.1} ms", 1_000.0 * duration.as_secs_f64()),
        1_000..60_000 => format!("{:.2} s", duration.as_secs_f64()),
        _ => age(duration),
    }
}

/// Of a long duration, what matters.
pub(super) fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} m {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// A moment, in UTC.
pub(super) fn time(time: SystemTime) -> Markup {
    let whole = humantime::format_rfc3339_millis(time).to_string();
    let short = whole.get(11..23).unwrap_or(&whole);
    html! { time datetime=(whole) title=(whole) { (short) } }
}

/// The first digits of a digest, and all of them for whoever points at it.
pub(super) fn digest(digest: &str) -> Markup {
    html! { code title=(shown(digest)) { (shown(digest.get(..DIGITS).unwrap_or(digest))) } }
}

/// What something is, so that it is seen at once; its word is there, too.
pub(super) fn badge(word: &str) -> Markup {
    let class = match word {
        "serving" | "ready" | "completed" | "promoted" => "good",
        "running" | "loading" | "starting" | "rolling" | "draining" | "stopping" => "busy",
        "failed" | "refused" | "unreachable" | "timed-out" | "unreported" | "rolled-back" | "abandoned" => "bad",
        _ => "calm",
    };
    html! { span class={ "badge " (class) } { (shown(word)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        let sizes = [0, 1_023, 1_536, 3 << 20, 5 << 30].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.5 KiB", "3.0 MiB", "5.0 GiB"]);
        let durations = [420, 1_500, 2_350_000, 61_000_000].map(|micros| duration(Duration::from_micros(micros)));
        assert_eq!(durations, ["0.42 ms", "1.5 ms", "2.35 s", "1 m 1 s"]);
        assert_eq!(age(Duration::from_secs(90_000)), "1 d 1 h");
        let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        assert!(time(moment).into_string().contains(">00:00:01.500</time>"));
    }
}
