//! How lines of guests are written down, in words: so that a cell, which writes them, learns it.

use std::sync::Arc;

use activity::LineFormat;
use logging::{LogEvents, Style};

/// As events.
pub(crate) const EVENTS: &str = "events";

const TEXT: &str = "text";
const COLOURED: &str = "coloured text";
const JSON: &str = "json";

/// The words for lines of a log in this style.
pub(crate) fn words(style: Style) -> &'static str {
    match style {
        Style::Text { colours: false } => TEXT,
        Style::Text { colours: true } => COLOURED,
        Style::Json => JSON,
    }
}

/// What writes them down so; nothing for words that nobody says.
pub(crate) fn format(words: &str) -> Option<Arc<dyn LineFormat>> {
    match words {
        EVENTS => Some(Arc::new(LogEvents)),
        TEXT => Some(Arc::new(Style::Text { colours: false })),
        COLOURED => Some(Arc::new(Style::Text { colours: true })),
        JSON => Some(Arc::new(Style::Json)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_understood() {
        let styles = [Style::Text { colours: false }, Style::Text { colours: true }, Style::Json];
        for words in styles.map(words).into_iter().chain([EVENTS]) {
            assert!(format(words).is_some(), "{words}");
        }
        assert!(format("verse").is_none());
    }
}
