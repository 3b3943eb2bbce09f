//! Which imports a host of this version satisfies, and what is missing for those it does not.

/// Interfaces that are always linked, without their versions.
const LINKED: [&str; 34] = [
    "isolet:activity/types",
    "isolet:activity/info",
    "isolet:activity/heartbeat",
    "isolet:activity/cancellation",
    "isolet:activity/cancellation-pollable",
    "isolet:activity/log",
    "isolet:activity/metrics",
    "isolet:activity/client",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Interfaces of `wasi:io`, which the rest of WASI stands on.
const IO: [&str; 3] = ["wasi:io/error", "wasi:io/poll", "wasi:io/streams"];

/// What an import needs from whoever runs the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is always there.
    Nothing,
    /// The grant `environment`, to find anything in it.
    Environment,
    /// The grant `directories`, to find anything in it.
    Directories,
    /// The grant `client`, to be answered by Temporal.
    Client,
    /// The grant `http`, to send anything.
    Http,
    /// A grant that this version does not have: it is there, and every call is refused.
    Refused,
    /// A workflow to be called in: it is there, and every call traps. A component may have a workflow in it beside its
    /// activities.
    Workflow,
    /// Something that this version can't give, and the cure.
    Unavailable(&'static str),
}

/// What the import called `name` needs, such as `wasi:cli/environment@0.2.6`.
pub fn need(name: &str) -> Need {
    let (interface, version) = name.split_once('@').unwrap_or((name, ""));
    // Not the candidates before a release, which are not what was released.
    let released = |of: &str| {
        let patch = version.strip_prefix(of).unwrap_or("-");
        !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (wasi, contract) = (released("0.2."), released("0.1."));
    let linked = LINKED.contains(&interface) || IO.contains(&interface);
    match interface {
        "wasi:cli/environment" if wasi => Need::Environment,
        "wasi:filesystem/preopens" if wasi => Need::Directories,
        "wasi:http/outgoing-handler" if wasi => Need::Http,
        "isolet:activity/client" if contract => Need::Client,
        _ if linked && interface.starts_with("wasi:sockets/") && wasi => Need::Refused,
        _ if linked && interface.starts_with("isolet:") && contract => Need::Nothing,
        _ if linked && interface.starts_with("wasi:") && wasi => Need::Nothing,
        _ if interface.starts_with("temporal:") => Need::Workflow,
        _ => Need::Unavailable(cure(interface)),
    }
}

fn cure(interface: &str) -> &'static str {
    let package = interface.split_once('/').map_or(interface, |(package, _)| package);
    match package {
        "isolet:activity" => "the component was built for another version of Isolet: use that one, or rebuild it",
        "wasi:http" => "activities can send HTTP requests, by `wasi:http/outgoing-handler@0.2`, and not answer any",
        _ if package.starts_with("wasi:") => "build the component for WASI 0.2 and without this interface",
        _ => "build the component without it, or compose it with a component that exports it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs() {
        let unavailable = |name| matches!(need(name), Need::Unavailable(_));
        assert_eq!(need("isolet:activity/info@0.1.0"), Need::Nothing);
        assert_eq!(need("wasi:io/poll@0.2.3"), Need::Nothing);
        assert_eq!(need("wasi:cli/environment@0.2.6"), Need::Environment);
        assert_eq!(need("wasi:filesystem/preopens@0.2.6"), Need::Directories);
        assert_eq!(need("isolet:activity/client@0.1.0"), Need::Client);
        assert!(unavailable("isolet:activity/info@0.2.0"));
        assert!(unavailable("isolet:activity/telepathy@0.1.0"));
        assert!(unavailable("wasi:clocks/wall-clock@0.3.0"));
        assert!(unavailable("wasi:clocks/wall-clock@0.2.0-rc-2023-11-10"));
        assert_eq!(need("wasi:sockets/tcp@0.2.6"), Need::Refused);
        assert!(unavailable("wasi:sockets/tcp@0.3.0"));
        assert_eq!(need("wasi:http/outgoing-handler@0.2.4"), Need::Http);
        assert_eq!(need("wasi:http/types@0.2.4"), Need::Nothing);
        assert!(unavailable("wasi:http/incoming-handler@0.2.4"));
        assert!(unavailable("wasi:http/handler@0.3.0"));
        assert_eq!(need("temporal:workflow-runtime/workflow-host@0.1.0"), Need::Workflow);
        assert!(unavailable("acme:shop/orders"));
        assert!(unavailable("a-function"));
    }
}
