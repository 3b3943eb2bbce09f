//! `[tenants.workers.components.grants.client]`: what a component may ask Temporal.

use std::{str::FromStr, sync::Arc};

use activity::{ClientGrant, Pattern};

use super::{parse::nearest, problems::Problems, raw::component::RawClient};

/// The grant that is written; none when nothing is, or only what holds without one. If it `is_counted`, there is one in any
/// case, beyond which calls are counted.
pub(super) fn validate(
    mut raw: RawClient,
    is_counted: bool,
    key: &str,
    problems: &mut Problems,
) -> Option<ClientGrant> {
    raw.task_tokens = raw.task_tokens.filter(|covered| *covered);
    if raw == RawClient::default() {
        return is_counted.then(|| ClientGrant { beyond: Some(Arc::default()), ..ClientGrant::default() });
    }
    problems.refuse_if(raw.methods.is_empty(), &format!("{key}.methods"), "none is named, so nothing can be called");
    let task_tokens = raw.task_tokens();
    let methods = patterns(raw.methods, &format!("{key}.methods"), problems);
    for method in &methods {
        if !worker::CLIENT_METHODS.iter().any(|name| method.covers(name)) {
            problems.add(&format!("{key}.methods"), unknown_method(method.as_str()));
        }
    }
    Some(ClientGrant {
        methods,
        namespaces: patterns(raw.namespaces, &format!("{key}.namespaces"), problems),
        workflow_ids: patterns(raw.workflow_ids, &format!("{key}.workflow-ids"), problems),
        task_queues: patterns(raw.task_queues, &format!("{key}.task-queues"), problems),
        activity_ids: patterns(raw.activity_ids, &format!("{key}.activity-ids"), problems),
        task_tokens,
        beyond: is_counted.then(Arc::default),
    })
}

fn patterns(texts: Vec<String>, key: &str, problems: &mut Problems) -> Vec<Pattern> {
    problems.refuse_if(
        texts.iter().any(String::is_empty),
        key,
        "an empty name covers nothing; \"*\" covers every name",
    );
    texts.into_iter().map(Pattern::new).collect()
}

fn unknown_method(method: &str) -> String {
    match nearest(method, worker::CLIENT_METHODS) {
        Some(near) => format!("no method that can be granted is called {method:?}; did you mean {near:?}?"),
        None => format!("no method that can be granted is called {method:?}; docs/client.md lists them"),
    }
}

/// A part of the grant as a flag gives it: `methods=Signal*,Query*`, `workflow-ids=order-*`, `task-tokens=true`.
impl FromStr for RawClient {
    type Err = String;

    fn from_str(flag: &str) -> Result<Self, String> {
        /// The keys of the table.
        const KEYS: [&str; 6] = ["methods", "namespaces", "workflow-ids", "task-queues", "activity-ids", "task-tokens"];
        let (key, value) =
            flag.split_once('=').ok_or("a grant is written KEY=NAME[,NAME…], such as methods=Signal*,Query*")?;
        let names = || value.split(',').map(|name| name.trim().to_owned()).collect();
        let mut raw = Self::default();
        match key.trim() {
            "methods" => raw.methods = names(),
            "namespaces" => raw.namespaces = names(),
            "workflow-ids" => raw.workflow_ids = names(),
            "task-queues" => raw.task_queues = names(),
            "activity-ids" => raw.activity_ids = names(),
            "task-tokens" => match value.trim().parse() {
                Ok(granted) => raw.task_tokens = Some(granted),
                Err(_) => return Err("task-tokens is true or false".to_owned()),
            },
            unknown => {
                return Err(match nearest(unknown, &KEYS) {
                    Some(near) => format!("unknown key {unknown:?}; did you mean {near:?}?"),
                    None => format!("unknown key {unknown:?}; the keys here are {}", KEYS.join(", ")),
                });
            }
        }
        Ok(raw)
    }
}

impl RawClient {
    /// Adds what a flag grants.
    pub(super) fn add(&mut self, flag: &Self) {
        self.methods.extend_from_slice(&flag.methods);
        self.namespaces.extend_from_slice(&flag.namespaces);
        self.workflow_ids.extend_from_slice(&flag.workflow_ids);
        self.task_queues.extend_from_slice(&flag.task_queues);
        self.activity_ids.extend_from_slice(&flag.activity_ids);
        self.task_tokens = flag.task_tokens.or(self.task_tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(flags: &[&str]) -> (Option<ClientGrant>, String) {
        let mut raw = RawClient::default();
        for flag in flags {
            raw.add(&flag.parse().unwrap());
        }
        let mut problems = Problems::default();
        (validate(raw, false, "client", &mut problems), problems.to_string())
    }

    #[test]
    fn flags_add_up() {
        let (grant, problems) = flags(&[
            "methods=Signal*, QueryWorkflow",
            "workflow-ids=order-*",
            "methods=Terminate*",
            "task-tokens=true",
        ]);
        assert_eq!(problems, "");
        let grant = grant.unwrap();
        let methods: Vec<_> = grant.methods.iter().map(Pattern::as_str).collect();
        assert_eq!(methods, ["Signal*", "QueryWorkflow", "Terminate*"]);
        assert!(grant.task_tokens && grant.workflow_ids[0].covers("order-1") && grant.task_queues.is_empty());
    }

    #[test]
    fn nothing_written_is_nothing_granted() {
        assert_eq!(flags(&[]), (None, String::new()));
        assert_eq!(flags(&["task-tokens=false"]), (None, String::new()));
    }

    #[test]
    fn what_covers_nothing_is_told() {
        let told = |given: &[&str], expected: &str| assert_eq!(flags(given).1, expected);
        told(&["workflow-ids=*"], "client.methods: none is named, so nothing can be called");
        told(
            &["methods=SignalWorkflow"],
            "client.methods: no method that can be granted is called \"SignalWorkflow\"; did you mean \
             \"SignalWorkflowExecution\"?",
        );
        told(
            &["methods=StartWorkflow"],
            "client.methods: no method that can be granted is called \"StartWorkflow\"; did you mean \
             \"StartWorkflowExecution\"?",
        );
        told(
            &["methods=StartBatch*"],
            "client.methods: no method that can be granted is called \"StartBatch*\"; docs/client.md lists them",
        );
        told(
            &["methods=*", "task-queues="],
            "client.task-queues: an empty name covers nothing; \"*\" covers every name",
        );
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let refused = |flag: &str| flag.parse::<RawClient>().unwrap_err();
        assert_eq!(refused("workflow-id=x"), "unknown key \"workflow-id\"; did you mean \"workflow-ids\"?");
        assert!(refused("colour=x").contains("the keys here are methods, namespaces"));
        assert!(refused("methods").contains("KEY=NAME"));
        assert!(refused("task-tokens=1").contains("true or false"));
    }
}
