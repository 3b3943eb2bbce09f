//! Text of guests and callers, and how it is shown to people: every character as what it is, and never more than fits.
//!
//! One rule for names, messages, log lines and events: what a terminal or a reader's eye could take for something else
//! is escaped.

use std::{borrow::Cow, fmt};

use crate::{ApplicationFailure, Failure, FailureKind, TimeoutFailure};

/// Names that a list of names shows before it only counts.
const NAMES_SHOWN: usize = 20;

/// Bytes of each of them.
const NAME_SHOWN: usize = 200;

/// Bytes of a failure's texts, those of its causes included.
const FAILURE_SHOWN: usize = 16 << 10;

/// Failures of a chain.
const CAUSES_SHOWN: usize = 16;

/// Characters that are not seen, or change how what is around them is seen: Unicode's `Bidi_Control` and
/// `Default_Ignorable_Code_Point` (zero-width characters, fillers, variation selectors, tags), interlinear annotations,
/// and the separators of lines and paragraphs. Version 17 of Unicode; the ranges have room for what is not assigned yet.
const INVISIBLE: [(char, char); 20] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{16fe4}', '\u{16fe4}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character could change what a terminal shows, or is not seen at all.
pub fn is_harmful(each: char) -> bool {
    each.is_control() || (!each.is_ascii() && INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&each)))
}

/// A text on one line, in which every character is shown as what it is.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    escaped(text, |each| each != '\t' && is_harmful(each))
}

/// A text on the lines that it has, in which every other character is shown as what it is.
pub fn on_its_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |each| !matches!(each, '\n' | '\t') && is_harmful(each))
}

/// A JSON document with the same values, in which every character is shown as what it is.
pub fn in_json(document: &str) -> Cow<'_, str> {
    let harmful = |each: char| !matches!(each, '\n' | '\t') && is_harmful(each);
    if !document.chars().any(harmful) {
        return Cow::Borrowed(document);
    }
    let mut shown = String::with_capacity(document.len() + 16);
    for each in document.chars() {
        match harmful(each) {
            // Outside of its strings a document has no such characters.
            true => {
                let mut units = [0; 2];
                each.encode_utf16(&mut units).iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}")));
            }
            false => shown.push(each),
        }
    }
    Cow::Owned(shown)
}

/// The beginning of a text: at most `most` bytes of it, and a mark if it goes on.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let begin = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
    Cow::Owned(format!("{begin}…"))
}

/// A name on one line, cut.
pub fn name(name: &str) -> Cow<'_, str> {
    match cut(name, NAME_SHOWN) {
        Cow::Borrowed(name) => on_one_line(name),
        Cow::Owned(name) => Cow::Owned(on_one_line(&name).into_owned()),
    }
}

/// The first of `names` beside one another, each cut, and how many more there are.
pub fn names<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let mut shown: Vec<_> = names.take(NAMES_SHOWN).map(name).collect();
    if more != 0 {
        shown.push(Cow::Owned(format!("and {more} more")));
    }
    shown.join(", ")
}

/// What something says of itself, at most `most` bytes of it, and a mark if it goes on. It is asked for no more.
pub fn bounded(said: &impl fmt::Display, most: usize) -> String {
    let mut text = Bounded { text: String::new(), most, is_cut: false };
    // Fails only to stop it.
    let _ = fmt::write(&mut text, format_args!("{said}"));
    if text.is_cut {
        text.text.push('…');
    }
    text.text
}

/// A failure and its causes without their payloads, and no more of their texts than is shown: what a guest says in a
/// failure may have megabytes, and whoever shows it escapes and writes it.
pub fn failure(failure: &Failure) -> Failure {
    let mut left = FAILURE_SHOWN;
    let mut shown = Vec::new();
    let mut next = Some(failure);
    while let Some(failure) = next.filter(|_| left > 0 && shown.len() < CAUSES_SHOWN) {
        let mut take = |text: &str| {
            let begin = cut(text, left).into_owned();
            left = left.saturating_sub(begin.len());
            begin
        };
        let (message, stack_trace) = (take(&failure.message), take(&failure.stack_trace));
        shown.push(Failure { message, stack_trace, kind: kind(&failure.kind), encoded_attributes: None, cause: None });
        next = failure.cause.as_deref();
    }
    let nest = |cause: Option<Box<Failure>>, failure| Some(Box::new(Failure { cause, ..failure }));
    let nested = shown.into_iter().rev().fold(None, nest);
    nested.map_or_else(|| Failure::application("", ""), |failure| *failure)
}

fn kind(kind: &FailureKind) -> FailureKind {
    match kind {
        FailureKind::Application(fields) => FailureKind::Application(ApplicationFailure {
            failure_type: cut(&fields.failure_type, NAME_SHOWN).into_owned(),
            details: Vec::new(),
            non_retryable: fields.non_retryable,
            next_retry_delay: fields.next_retry_delay,
            category: fields.category,
        }),
        // What other kinds tell beside their message is not shown.
        FailureKind::Cancelled(_) => FailureKind::Cancelled(Vec::new()),
        FailureKind::Timeout(fields) => {
            let timeout_type = fields.timeout_type;
            FailureKind::Timeout(TimeoutFailure { timeout_type, last_heartbeat_details: Vec::new() })
        }
        FailureKind::Server { non_retryable } => FailureKind::Server { non_retryable: *non_retryable },
        FailureKind::Terminated => FailureKind::Terminated,
        FailureKind::Activity { .. } => FailureKind::Other("activity".to_owned()),
        FailureKind::ChildWorkflow { .. } => FailureKind::Other("child workflow".to_owned()),
        FailureKind::Other(name) => FailureKind::Other(cut(name, NAME_SHOWN).into_owned()),
    }
}

/// A text that takes no more than it may.
struct Bounded {
    text: String,
    most: usize,
    is_cut: bool,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = self.most.saturating_sub(self.text.len());
        if more.len() <= room {
            self.text.push_str(more);
            return Ok(());
        }
        self.text.push_str(more.get(..more.floor_char_boundary(room)).unwrap_or_default());
        self.is_cut = true;
        Err(fmt::Error)
    }
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for each in text.chars() {
        match is_escaped(each) {
            true => shown.extend(each.escape_default()),
            false => shown.push(each),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind that is not seen, or moves what is.
    const HARMFUL: &str = "\u{1b}\u{7f}\u{9b}\u{ad}\u{34f}\u{61c}\u{1160}\u{17b4}\u{180e}\u{200b}\u{200d}\u{200f}\u{2028}\
        \u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1bca0}\u{1d173}\u{e0001}\
        \u{e0041}\u{e007f}\u{e0100}\u{e0fff}";

    #[test]
    fn escapes_what_is_not_seen_and_nothing_else() {
        for each in HARMFUL.chars() {
            let shown = on_one_line(each.encode_utf8(&mut [0; 4])).into_owned();
            assert!(shown.is_ascii() && shown.starts_with("\\u{"), "{shown}");
        }
        assert_eq!(on_one_line("a\tb\nc\u{202e}d"), "a\tb\\nc\\u{202e}d");
        assert_eq!(on_its_lines("a\tb\nc\rd\u{202e}e"), "a\tb\nc\\rd\\u{202e}e");
        for text in ["", "größer", "日本語", "עברית", "naïve — “quoted”", "👍"] {
            assert!(matches!(on_one_line(text), Cow::Borrowed(_)), "{text}");
            assert!(matches!(on_its_lines(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn escapes_json_as_json() {
        assert_eq!(in_json("{\"a\u{202e}\": \"\u{e0041}\u{7f}\"}\n"), "{\"a\\u202e\": \"\\udb40\\udc41\\u007f\"}\n");
        assert!(matches!(in_json("{\"ä\": 1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("ab", 2), "ab");
        assert_eq!(cut("abc", 2), "ab…");
        assert_eq!(cut("aé", 2), "a…");
        assert_eq!(name(&"n".repeat(1 << 20)).len(), NAME_SHOWN + "…".len());
        assert_eq!(bounded(&format_args!("{}{}", "ab", "cd"), 3), "abc…");
        assert_eq!(bounded(&"abc", 3), "abc");
    }

    #[test]
    fn counts_the_names_that_it_does_not_show() {
        let all: Vec<String> = (0..250_000).map(|number| format!("a{number:06}")).collect();
        let shown = names(all.iter().map(String::as_str));
        assert!(shown.starts_with("a000000, a000001, ") && shown.ends_with("a000019, and 249980 more"), "{shown}");
        assert_eq!(names(all[..3].iter().map(String::as_str)), "a000000, a000001, a000002");
        assert_eq!(names(["a\u{202e}b\nc"].into_iter()), "a\\u{202e}b\\nc");
    }

    /// Text that goes on for ever is not asked for more than fits.
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("more")?;
            }
        }
    }

    #[test]
    fn shows_little_of_a_large_failure() {
        let large = |cause| {
            let mut failure = Failure::application("t".repeat(1_000), "m".repeat(10_000));
            failure.stack_trace = "s".repeat(10_000);
            Failure { cause, ..failure }
        };
        let shown = failure(&large(Some(Box::new(large(None)))));
        assert_eq!((shown.message.len(), shown.cause), (10_000, None));
        assert_eq!(shown.stack_trace.len(), FAILURE_SHOWN - 10_000 + "…".len());
        let endless =
            (0..1_000).fold(None, |cause, _| Some(Box::new(Failure { cause, ..Failure::application("", "") })));
        let shown = failure(&endless.unwrap());
        assert_eq!(std::iter::successors(Some(&shown), |failure| failure.cause.as_deref()).count(), CAUSES_SHOWN);
        let small = Failure { cause: Some(Box::new(Failure::application("B", "b"))), ..Failure::application("A", "a") };
        assert_eq!(failure(&small), small);
    }

    #[test]
    fn stops_what_says_too_much() {
        assert_eq!(bounded(&Endless, 6), "moremo…");
    }
}
