//! What a project may be called: what the package registries of all languages take.

use anyhow::{bail, ensure};

/// npm's bound.
const LONGEST: usize = 214;

/// Names that npm has taken for itself.
const TAKEN: [&str; 2] = ["node_modules", "favicon.ico"];

/// What to do about a name that is refused.
pub(super) const ALLOWED: &str =
    "a name has lower-case letters, digits, `-`, `_` and `.`, and begins and ends with a letter or a digit";

/// Checks a project's name.
///
/// # Errors
/// When it can't be the name of a package.
pub(super) fn check(name: &str) -> anyhow::Result<()> {
    let is_plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    if let Some(wrong) = name.chars().find(|&each| !is_plain(each) && !"-_.".contains(each)) {
        bail!("a project can't be called {name:?}: {wrong:?} can't be in the name of a package");
    }
    ensure!(
        name.starts_with(is_plain) && name.ends_with(is_plain),
        "a project can't be called {name:?}: a package's name begins and ends with a letter or a digit"
    );
    ensure!(name.len() <= LONGEST, "a project's name has {} characters, and {LONGEST} are the most", name.len());
    ensure!(!TAKEN.contains(&name), "a project can't be called {name:?}: npm has taken that name for itself");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_packages() {
        let longest = "a".repeat(LONGEST);
        for name in ["hello", "a", "7", "order-service_2.0", &longest] {
            check(name).unwrap();
        }
        let refused = [
            ("Hello", "'H' can't be in the name"),
            ("hello world", "' ' can't be in the name"),
            ("héllo", "'é' can't be in the name"),
            ("@acme", "'@' can't be in the name"),
            (".hello", "begins and ends with"),
            ("hello-", "begins and ends with"),
            ("", "begins and ends with"),
            ("node_modules", "npm has taken that name"),
            (&"a".repeat(LONGEST + 1), "215 characters"),
        ];
        for (name, why) in refused {
            let told = check(name).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
    }
}
