//! The page for those who may not see the others.

use maud::{Markup, html};

use super::layout::document;

/// The form that takes the token, and leads `to` what was wanted.
pub(crate) fn login(nonce: &str, to: &str, is_wrong: bool) -> Markup {
    document(
        "Log in",
        nonce,
        &html! {
            main id="content" class="login" {
                h1 { "Isolet" }
                p { "What this worker does is shown to those who have its token: the one in the file that " code { "web.token-file" } " names." }
                form method="post" action="/login" {
                    input type="hidden" name="to" value=(to);
                    label for="token" { "Token" }
                    input id="token" name="token" type="password" autocomplete="current-password" required autofocus
                        aria-describedby=[is_wrong.then_some("wrong")] aria-invalid=[is_wrong.then_some("true")];
                    @if is_wrong {
                        p id="wrong" class="wrong" role="alert" { "That is not the token." }
                    }
                    button type="submit" { "Log in" }
                }
            }
        },
    )
}
