//! Links to Temporal's own page, where the configuration says where that is.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a part of a path may have as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where Temporal's page is, if that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links(Option<String>);

impl Links {
    /// To the page at this URL, which has no slash at its end.
    pub(crate) fn new(base: Option<String>) -> Self {
        Self(base)
    }

    /// To the run of a workflow.
    pub(super) fn workflow(&self, namespace: &str, workflow_id: &str, run_id: &str) -> Option<String> {
        self.to(&["namespaces", namespace, "workflows", workflow_id, run_id, "history"])
    }

    /// To a task queue.
    pub(super) fn task_queue(&self, namespace: &str, task_queue: &str) -> Option<String> {
        self.to(&["namespaces", namespace, "task-queues", task_queue])
    }

    fn to(&self, parts: &[&str]) -> Option<String> {
        // A name that was cut leads nowhere.
        let is_whole = parts.iter().all(|part| !part.is_empty() && !part.ends_with('…'));
        let base = self.0.as_ref().filter(|_| is_whole)?;
        let parts = parts.iter().map(|part| part_of_path(part));
        Some(parts.fold(base.clone(), |path, part| path + "/" + &part))
    }
}

/// A part of a path.
fn part_of_path(part: &str) -> String {
    // These would be steps of the path.
    match part {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        part => utf8_percent_encode(part, PART).to_string(),
    }
}

/// An address of this page with what is asked for.
pub(super) fn with_query(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            pairs.append_pair(name, value);
        }
    }
    let pairs = pairs.finish();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{pairs}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_their_part_of_the_path() {
        let links = Links::new(Some("https://temporal.example/ui".to_owned()));
        assert_eq!(
            links.workflow("default", "../a?b#c\"<", "1").as_deref(),
            Some("https://temporal.example/ui/namespaces/default/workflows/..%2Fa%3Fb%23c%22%3C/1/history")
        );
        assert!(links.task_queue("..", "orders").unwrap().ends_with("/namespaces/%2E%2E/task-queues/orders"));
        assert_eq!(links.task_queue("default", "cut…"), None);
        assert_eq!(Links::default().task_queue("default", "orders"), None);
    }

    #[test]
    fn what_is_asked_for_is_encoded() {
        let query = [("tenant", Some("a&b=\"c")), ("type", Some("")), ("outcome", None)];
        assert_eq!(with_query("/attempts", &query), "/attempts?tenant=a%26b%3D%22c");
        assert_eq!(with_query("/", &[]), "/");
    }
}
