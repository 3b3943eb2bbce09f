//! What a component may ask Temporal.

use std::sync::Arc;

use crate::Beyond;

/// What a component may ask Temporal. A call must be covered by every list that it is about; an empty list covers
/// nothing, so what is not granted is denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientGrant {
    /// Methods of Temporal's workflow service, such as `SignalWorkflowExecution`.
    pub methods: Vec<Pattern>,
    /// Namespaces; when there are none, that of the activity alone.
    pub namespaces: Vec<Pattern>,
    /// Ids of workflows.
    pub workflow_ids: Vec<Pattern>,
    /// Task queues on which workflows and activities are started.
    pub task_queues: Vec<Pattern>,
    /// Ids of activities.
    pub activity_ids: Vec<Pattern>,
    /// Whether activities may be completed by their task tokens. The server does not sign tokens, so this covers every
    /// activity of the namespace whatever its ids.
    pub task_tokens: bool,
    /// Whether what it does not cover in the namespace of the activity goes on, and where that is counted.
    pub beyond: Option<Arc<Beyond>>,
}

/// A name, with `*` for any text in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern that is written so.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it covers every name.
    pub fn is_everything(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte == b'*')
    }

    /// Whether it covers `name`. Upper and lower case differ.
    pub fn covers(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = name.strip_prefix(first) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            // The earliest place leaves the most for what follows.
            match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let cases = [
            ("order-1", "order-1", true),
            ("order-1", "order-10", false),
            ("order-1", "my-order-1", false),
            ("order-*", "order-", true),
            ("order-*", "order-7", true),
            ("order-*", "border-7", false),
            ("*-7", "order-7", true),
            ("*-7", "order-78", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("ab*ba", "aba", false),
            ("a*a*a", "aa", false),
            ("*", "", true),
            ("*", "anything", true),
            ("", "", true),
            ("", "a", false),
            ("Order", "order", false),
            ("é*", "é1", true),
        ];
        for (pattern, name, covered) in cases {
            assert_eq!(Pattern::new(pattern).covers(name), covered, "{pattern} {name}");
        }
    }

    #[test]
    fn only_stars_cover_everything() {
        let cases = [("*", true), ("**", true), ("", false), ("a*", false)];
        for (pattern, everything) in cases {
            assert_eq!(Pattern::new(pattern).is_everything(), everything, "{pattern}");
        }
    }
}
