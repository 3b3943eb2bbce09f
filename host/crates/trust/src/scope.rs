//! For which artefacts a rule is.

use std::{fmt, str::FromStr};

/// A registry, or a part of one: `registry.example.com/acme` is for `registry.example.com/acme/orders` and all else below
/// it, and never for `registry.example.com/acme-else`. `*` is for everything.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scope {
    /// None for everything.
    segments: Vec<String>,
}

impl Scope {
    /// Whether the rule is for what is at `place`: registry and repository.
    pub fn holds(&self, place: &str) -> bool {
        let mut place = place.split('/');
        self.segments.iter().all(|segment| place.next() == Some(segment))
    }

    /// How much of a place it names: of two that hold, the one that names more is for it.
    pub(crate) fn depth(&self) -> usize {
        self.segments.len()
    }
}

impl FromStr for Scope {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::default());
        }
        let text = text.strip_prefix("oci://").unwrap_or(text);
        if text.contains('*') {
            return Err("a scope is a beginning, of whole parts: it needs no *, which alone is for everything");
        }
        if text.contains('@') || text.split('/').skip(1).any(|segment| segment.contains(':')) {
            return Err("a scope names a registry and parts of a repository, without tag and digest");
        }
        // As references are: names of registries are the same in all letters, and those of repositories have small ones.
        let segments: Vec<String> = text
            .split('/')
            .enumerate()
            .map(|(at, part)| if at == 0 { part.to_lowercase() } else { part.to_owned() })
            .collect();
        if segments.iter().any(|segment| segment.is_empty() || segment.chars().all(|letter| letter == '.')) {
            return Err("it has a part that is no name");
        }
        let is_known =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-:[]".contains(letter);
        if !segments.iter().flat_map(|segment| segment.chars()).all(is_known) {
            return Err(
                "no registry or repository is called so: they have small letters, digits, dots, dashes and underscores",
            );
        }
        Ok(Self { segments })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.segments.is_empty() {
            true => f.write_str("*"),
            false => f.write_str(&self.segments.join("/")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_beginning_of_whole_parts() {
        let cases = [
            ("example.com/acme", "example.com/acme/orders", true),
            ("example.com/acme", "example.com/acme", true),
            ("example.com/acme", "example.com/acme-else/orders", false),
            ("example.com/acme", "example.com", false),
            ("oci://localhost:5000/a", "localhost:5000/a/b/c", true),
            ("localhost:5000", "localhost:50001/a", false),
            ("*", "example.com/acme/orders", true),
            ("Example.COM/acme", "example.com/acme/orders", true),
            ("[::1]:5000/a_b", "[::1]:5000/a_b/c", true),
        ];
        for (scope, place, holds) in cases {
            assert_eq!(scope.parse::<Scope>().unwrap().holds(place), holds, "{scope} {place}");
        }
    }

    #[test]
    fn what_could_mean_more_than_it_says_is_refused() {
        for wrong in [
            "",
            "example.com/acme/*",
            "example.com/*/orders",
            "example.com//a",
            "example.com/a/",
            "example.com/a:1",
            "example.com/a@sha256:0",
            "example.com/a/../b",
            "example.com/.",
            "example.com/Acme",
            " example.com/acme",
            "example.com/acme ",
        ] {
            assert!(wrong.parse::<Scope>().is_err(), "{wrong}");
        }
    }
}
