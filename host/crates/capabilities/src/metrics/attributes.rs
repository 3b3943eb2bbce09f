//! Attributes as the host lets them pass: few, short, sorted, and none that says who the attempt is.

use activity::{AttributeValue, exported_name};

use crate::{bindings::isolet::activity::metrics::AttributeValue as GuestValue, outlet::truncate};

/// Attributes of one measurement.
pub(super) const MAX_COUNT: usize = 32;

/// Bytes of an attribute's name.
pub(super) const MAX_NAME: usize = 128;

/// Bytes of a text.
pub(super) const MAX_TEXT: usize = 256;

/// Attributes that the host gives, and those that exporters give a meaning of their own; a guest's of these names are
/// ignored.
const RESERVED: [&str; 8] =
    ["activity_type", "component", "le", "namespace", "quantile", "service_name", "task_queue", "tenant"];

/// The attributes without those that a guest may not set, sorted by name; of two with one name the last. Also tells
/// whether none was left out or cut for its size.
pub(super) fn sanitise(attributes: Vec<(String, GuestValue)>) -> (activity::Attributes, bool) {
    let mut is_whole = true;
    let mut kept: activity::Attributes = Vec::with_capacity(attributes.len().min(MAX_COUNT));
    for (name, value) in attributes {
        if is_reserved(&name) {
            continue;
        }
        if MAX_NAME < name.len() {
            is_whole = false;
            continue;
        }
        let value = match value {
            GuestValue::Text(mut text) => {
                is_whole &= text.len() <= MAX_TEXT;
                truncate(&mut text, MAX_TEXT);
                AttributeValue::Text(text)
            }
            GuestValue::Integer(number) => AttributeValue::Integer(number),
            GuestValue::Float(number) => AttributeValue::Float(number),
            GuestValue::Boolean(truth) => AttributeValue::Boolean(truth),
        };
        match kept.binary_search_by(|(other, _)| other.as_str().cmp(&name)) {
            Ok(at) => kept.splice(at..=at, [(name, value)]).for_each(drop),
            Err(at) if kept.len() < MAX_COUNT => kept.insert(at, (name, value)),
            Err(_) => is_whole = false,
        }
    }
    (kept, is_whole)
}

/// Whether an attribute of this name, as it is exported, says something that is not for the guest to say. Exporters keep
/// names with two underscores in front for themselves.
fn is_reserved(name: &str) -> bool {
    let exported = exported_name(name);
    exported.is_empty() || exported.starts_with("__") || RESERVED.contains(&exported.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, value: &str) -> (String, GuestValue) {
        (name.to_owned(), GuestValue::Text(value.to_owned()))
    }

    #[test]
    fn what_the_host_says_is_not_for_a_guest_to_say() {
        let guest = ["task_queue", "task-queue", "activity.type", "tenant", "__name__", "_.x", "le", "", "mine"];
        let (kept, is_whole) = sanitise(guest.into_iter().map(|name| text(name, "x")).collect());
        assert_eq!(kept, [("mine".to_owned(), AttributeValue::Text("x".to_owned()))]);
        assert!(is_whole, "what is ignored is not missed");
    }

    #[test]
    fn attributes_are_sorted_and_the_last_of_a_name_counts() {
        let (kept, is_whole) = sanitise(vec![
            text("b", "1"),
            ("a".to_owned(), GuestValue::Integer(-2)),
            ("c".to_owned(), GuestValue::Boolean(true)),
            ("b".to_owned(), GuestValue::Float(0.5)),
        ]);
        let expected = [
            ("a".to_owned(), AttributeValue::Integer(-2)),
            ("b".to_owned(), AttributeValue::Float(0.5)),
            ("c".to_owned(), AttributeValue::Boolean(true)),
        ];
        assert_eq!(kept, expected);
        assert!(is_whole);
    }

    #[test]
    fn too_many_and_too_long_ones_are_cut() {
        let many = (0..=MAX_COUNT).map(|number| text(&format!("a{number}"), "x")).collect();
        assert_eq!(
            {
                let (kept, is_whole) = sanitise(many);
                (kept.len(), is_whole)
            },
            (MAX_COUNT, false)
        );
        let (kept, is_whole) = sanitise(vec![text(&"n".repeat(MAX_NAME + 1), "x"), text("t", &"é".repeat(200))]);
        assert!(!is_whole);
        let [(_, AttributeValue::Text(text))] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!(text.len(), MAX_TEXT);
    }
}
