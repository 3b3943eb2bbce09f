//! What all pages have.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// How it looks, in the light and in the dark.
const STYLE: &str = include_str!("style.css");

/// What keeps it up to date where scripts run. It puts in its place what the server has written; it writes nothing itself.
const SCRIPT: &str = include_str!("live.js");

/// Which of the pages it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// How the worker is.
    Overview,
    /// Attempts, or one of them.
    Attempts,
}

/// A page with `content`, which is kept up to date.
pub(crate) fn page(title: &str, place: Place, nonce: &str, content: &Markup) -> Markup {
    let current = |this: Place| (this == place).then_some("page");
    document(
        title,
        nonce,
        &html! {
            a class="skip" href="#content" { "Skip to content" }
            header {
                span class="name" { "Isolet" }
                nav aria-label="Pages" {
                    a href="/" aria-current=[current(Place::Overview)] { "Overview" }
                    a href="/attempts" aria-current=[current(Place::Attempts)] { "Attempts" }
                }
                button id="pause" type="button" aria-pressed="false" hidden { "Pause updates" }
                span id="told" role="status" {}
                form method="post" action="/logout" { button type="submit" { "Log out" } }
            }
            main id="content" tabindex="-1" { (content) }
            script nonce=(nonce) { (PreEscaped(SCRIPT)) }
        },
    )
}

/// A whole document.
pub(super) fn document(title: &str, nonce: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Isolet" }
                link rel="icon" href="data:,";
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
}
