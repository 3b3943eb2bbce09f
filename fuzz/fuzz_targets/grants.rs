//! Patterns, origins and client grants: whatever they are and whatever is asked, they cover what they say and no more.

#![no_main]

use std::net::IpAddr;

use activity::{ClientError, ClientGrant, GrantCheck, HttpHost, HttpScheme, Origin, OriginHost, Pattern};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    pattern: String,
    more_patterns: Vec<String>,
    name: String,
    namespace: String,
    parent: String,
    address: IpAddr,
    port: u16,
    asked_port: u16,
    secure: bool,
    token: Vec<u8>,
    task_tokens: bool,
}

fuzz_target!(|case: Case| {
    patterns(&case);
    origins(&case);
    client(&case);
});

/// Whether the pattern covers the name, by the table of all beginnings of both.
fn covers(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut row = vec![false; name.len() + 1];
    row[0] = true;
    for each in pattern.chars() {
        let mut next = vec![false; row.len()];
        for end in 0..row.len() {
            let shorter = end.checked_sub(1);
            next[end] = match each {
                '*' => row[end] || shorter.is_some_and(|end| next[end]),
                each => shorter.is_some_and(|end| row[end] && name[end] == each),
            };
        }
        row = next;
    }
    row[name.len()]
}

fn patterns(case: &Case) {
    let covered = Pattern::new(case.pattern.as_str()).covers(&case.name);
    assert_eq!(covered, covers(&case.pattern, &case.name));
}

fn origins(case: &Case) {
    let scheme = if case.secure { HttpScheme::Https } else { HttpScheme::Http };
    let asked = HttpHost::Name(case.name.clone());
    let address = HttpHost::address(case.address);
    let origin = |host| Origin::new(scheme, host, case.port);
    let same_port = case.port == case.asked_port;

    let below = origin(OriginHost::Below(case.parent.clone()));
    let ending = format!(".{}", case.parent);
    let is_below = ending.len() < case.name.len() && case.name.ends_with(&ending);
    assert_eq!(below.covers(scheme, &asked, case.asked_port), is_below && same_port);
    assert!(!below.covers(scheme, &address, case.port), "no name stands for an address");

    let only = origin(OriginHost::Only(address.clone()));
    assert_eq!(only.covers(scheme, &address, case.asked_port), same_port);
    assert!(!only.covers(scheme, &asked, case.port), "no address stands for a name");
    for origin in [below, only] {
        let other = if case.secure { HttpScheme::Http } else { HttpScheme::Https };
        assert!(!origin.covers(other, &asked, case.port) && !origin.covers(other, &address, case.port));
        assert!(origin.to_string().starts_with(scheme.as_str()));
    }
}

fn client(case: &Case) {
    let patterns: Vec<_> = case.more_patterns.iter().map(Pattern::new).collect();
    let grant = ClientGrant {
        methods: patterns.clone(),
        namespaces: patterns.clone(),
        workflow_ids: patterns.clone(),
        task_queues: patterns.clone(),
        activity_ids: patterns,
        task_tokens: case.task_tokens,
    };
    let check = GrantCheck::new(&grant, &case.namespace);
    let covered = case.more_patterns.iter().any(|pattern| covers(pattern, &case.name));
    assert_eq!(check.method(&case.name).is_ok(), covered);
    for checked in [check.workflow_id(&case.name), check.activity_id(&case.name), check.task_queue(&case.name)] {
        match checked {
            Ok(()) => assert!(covered && !case.name.is_empty()),
            Err(ClientError::NotGranted(_)) => assert!(!covered && !case.name.is_empty()),
            Err(_) => assert!(case.name.is_empty()),
        }
    }
    assert_eq!(check.task_token(&case.token).is_ok(), case.task_tokens && !case.token.is_empty());
    let asked = if case.name.is_empty() { &case.namespace } else { &case.name };
    let own = case.more_patterns.is_empty() && *asked == case.namespace;
    let named = case.more_patterns.iter().any(|pattern| covers(pattern, asked));
    assert_eq!(check.namespace(&case.name).is_ok(), own || named);
}
