//! What holds for every pattern, origin and text that is shown, and not for the written cases alone.

use std::net::IpAddr;

use activity::{HttpHost, HttpScheme, Origin, OriginHost, Pattern, shown};
use proptest::prelude::*;

/// Whether a pattern covers a name, by trying everything that each star may stand for.
fn covers(pattern: &[char], name: &[char]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some(('*', rest)) => (0..=name.len()).any(|skipped| covers(rest, name.get(skipped..).unwrap_or_default())),
        Some((first, rest)) => name.split_first().is_some_and(|(each, name)| each == first && covers(rest, name)),
    }
}

/// Short texts of few letters, so that patterns and names meet.
fn few_letters(letters: &'static str) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(letters.chars().collect::<Vec<_>>()), 0..8)
        .prop_map(|letters| letters.into_iter().collect())
}

fn host_name() -> impl Strategy<Value = String> {
    "[a-c]{0,2}(\\.[a-c]{0,2}){0,3}"
}

proptest! {
    #[test]
    fn a_pattern_covers_what_its_stars_can_stand_for(pattern in few_letters("ab*ä"), name in few_letters("abä")) {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = covers(&letters(&pattern), &letters(&name));
        prop_assert_eq!(Pattern::new(pattern).covers(&name), expected);
    }

    #[test]
    fn a_pattern_without_a_star_covers_itself_alone(pattern in "[^*]{0,20}", name in any::<String>()) {
        prop_assert!(Pattern::new(pattern.clone()).covers(&pattern));
        prop_assert_eq!(Pattern::new(pattern.clone()).covers(&name), pattern == name);
    }

    #[test]
    fn a_pattern_that_is_everything_covers_any_name(stars in "\\*{1,5}", name in any::<String>()) {
        let pattern = Pattern::new(stars);
        prop_assert!(pattern.is_everything() && pattern.covers(&name));
    }

    #[test]
    fn an_origin_covers_nothing_beside_its_names(parent in host_name(), name in host_name(), port in 1_u16..4) {
        let origin = Origin::new(HttpScheme::Https, OriginHost::Below(parent.clone()), 2);
        let covered = origin.covers(HttpScheme::Https, &HttpHost::Name(name.clone()), port);
        let below = name.len() > parent.len() + 1 && name.ends_with(&format!(".{parent}"));
        prop_assert_eq!(covered, below && port == 2);
        prop_assert!(!origin.covers(HttpScheme::Http, &HttpHost::Name(name), port));
    }

    #[test]
    fn no_name_stands_for_an_address(parent in host_name(), address in any::<IpAddr>(), other in any::<IpAddr>()) {
        let below = OriginHost::Below(parent);
        let only = OriginHost::Only(HttpHost::address(address));
        let covers = |host: &OriginHost, asked: IpAddr| {
            let origin = Origin::new(HttpScheme::Http, host.clone(), 80);
            origin.covers(HttpScheme::Http, &HttpHost::address(asked), 80)
        };
        prop_assert!(!covers(&below, address));
        prop_assert!(covers(&only, address) && covers(&only, address.to_canonical()));
        prop_assert_eq!(covers(&only, other), address.to_canonical() == other.to_canonical());
    }

    #[test]
    fn what_is_shown_hides_nothing(text in any::<String>()) {
        let line = shown::on_one_line(&text);
        prop_assert!(!line.chars().any(|each| each != '\t' && shown::is_harmful(each)));
        let lines = shown::on_its_lines(&text);
        prop_assert!(!lines.chars().any(|each| !matches!(each, '\n' | '\t') && shown::is_harmful(each)));
        // What needs no escape is shown as it is.
        if !text.chars().any(shown::is_harmful) {
            prop_assert_eq!(line, text.as_str());
        }
    }

    #[test]
    fn what_is_cut_is_a_beginning_within_the_bound(text in any::<String>(), most in 0_usize..40) {
        for cut in [shown::cut(&text, most).into_owned(), shown::bounded(&text, most)] {
            match cut.strip_suffix('…').filter(|_| text.len() > most) {
                Some(begin) => prop_assert!(begin.len() <= most && text.starts_with(begin)),
                None => prop_assert_eq!(&cut, &text),
            }
        }
    }
}
