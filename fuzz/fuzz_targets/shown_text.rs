//! Text of guests, however it is shown: nothing in it passes for something else, and it takes no more than it may.

#![no_main]

use activity::shown;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    text: String,
    names: Vec<String>,
    most: u16,
}

/// More than the names of a list take that are shown: 20 of 200 bytes, each at most eight bytes of an escape for one.
const LONGEST_LIST: usize = 20 * (200 * 8 + 5) + 40;

fuzz_target!(|case: Case| {
    let Case { text, names, most } = &case;
    let most = usize::from(*most);
    let harmful = |text: &str, kept: &[char]| text.chars().any(|each| !kept.contains(&each) && shown::is_harmful(each));

    assert!(!harmful(&shown::on_one_line(text), &['\t']));
    assert!(!harmful(&shown::on_its_lines(text), &['\t', '\n']));
    assert!(!harmful(&shown::name(text), &['\t']));

    for cut in [shown::cut(text, most).into_owned(), shown::bounded(text, most)] {
        if text.len() <= most {
            assert_eq!(&cut, text);
        } else {
            let begin = cut.strip_suffix('…').expect("a mark where it was cut");
            assert!(begin.len() <= most && text.starts_with(begin));
        }
    }

    let list = shown::names(names.iter().map(String::as_str));
    assert!(!harmful(&list, &['\t']) && list.len() <= LONGEST_LIST, "{} bytes", list.len());

    let document = serde_json::to_string(text).expect("text is JSON");
    let shown = shown::in_json(&document);
    assert!(!harmful(&shown, &['\t', '\n']));
    assert_eq!(serde_json::from_str::<String>(&shown).ok().as_ref(), Some(text), "the same value");
});
