//! What guests ask Temporal: whatever the request, what is sent of it is granted, field by field.
//!
//! The first byte of an input says which method it is, the others are the encoded request.

#![no_main]

use std::sync::LazyLock;

use activity::{ClientGrant, Pattern};
use libfuzzer_sys::fuzz_target;

static GRANTS: LazyLock<Vec<ClientGrant>> = LazyLock::new(grants);

fuzz_target!(|input: &[u8]| {
    worker::fuzzing::from_server(input);
    let Some((method, request)) = input.split_first() else { return };
    let method = worker::CLIENT_METHODS[usize::from(*method) % worker::CLIENT_METHODS.len()];
    let sent: Vec<bool> = GRANTS.iter().map(|grant| worker::fuzzing::client_request(grant, method, request)).collect();
    assert!(!sent[0], "nothing is granted");
    assert!(!sent.contains(&true) || sent[1], "what some grant covers is covered where everything is");
});

/// Nothing, everything, and what lies between.
fn grants() -> Vec<ClientGrant> {
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(*text)).collect::<Vec<_>>();
    let all = || patterns(&["*"]);
    let everything = ClientGrant {
        methods: all(),
        namespaces: all(),
        workflow_ids: all(),
        task_queues: all(),
        activity_ids: all(),
        task_tokens: true,
    };
    let some = ClientGrant {
        methods: all(),
        namespaces: Vec::new(),
        workflow_ids: patterns(&["order-*"]),
        task_queues: patterns(&["orders"]),
        activity_ids: patterns(&["ship-*", "pack"]),
        task_tokens: false,
    };
    // Everything but to terminate.
    let methods: Vec<_> = worker::CLIENT_METHODS.iter().filter(|name| !name.starts_with("Terminate")).copied().collect();
    vec![
        ClientGrant::default(),
        everything.clone(),
        some.clone(),
        ClientGrant { methods: patterns(&methods), ..everything.clone() },
        ClientGrant { methods: patterns(&methods), namespaces: patterns(&["other-*"]), ..some },
        ClientGrant { workflow_ids: Vec::new(), ..everything.clone() },
        ClientGrant { activity_ids: patterns(&["?", "**x"]), task_queues: patterns(&["*s"]), ..everything },
    ]
}
