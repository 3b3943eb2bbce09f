//! The attribute macro of the Rust guest SDK. `isolet-sdk` re-exports and documents it for users.
//!
//! # Layout
//!
//! `options` reads what is in the attribute's parentheses, `signature` what the function takes and whether it can be
//! an activity, `expand` writes the code. Each mistake is an error at its place that says what to do instead.

mod expand;
mod options;
mod signature;

use proc_macro::TokenStream;

/// Makes a function an activity.
///
/// ```text
/// #[activity]
/// fn greet(name: String) -> Result<String, ActivityError> { … }
/// ```
///
/// - The function may take `&ActivityContext` first, then any number of owned arguments that serde can deserialize, or
///   `RawValue`. `Option` arguments at the end may be left out by the caller.
/// - It returns a value that serde can serialize, `RawValue` or nothing, or a `Result` of one whose error is
///   `ActivityError` or any other error.
/// - It may be an `async fn`: what it awaits waits side by side.
/// - It stays an ordinary function: unit tests call it.
///
/// Options, in parentheses:
/// - `name = "…"`: the activity type, instead of the function's name;
/// - `dynamic`: takes the tasks of every type that no other activity takes. The function has one argument of type
///   `Vec<RawValue>`; the type is `context.info().activity_type`;
/// - `interruptible = false`: no safe point (`sleep`, `check_cancelled`, the end of a `shield`) tells of a cancellation;
///   the activity looks at `is_cancelled` when it likes.
#[proc_macro_attribute]
pub fn activity(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::activity(attribute.into(), item.into()).into()
}
