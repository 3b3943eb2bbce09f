//! `[tenants.workers.codec]`, once it is checked: how payloads are coded. Secrets are only named here, never read.

use std::{collections::BTreeSet, time::Duration};

use codec::{CodecServer, KeySource};

use super::{
    problems::{Place, Problems},
    raw::codec::{RawCodec, RawCodecServer, RawCodecStep, RawEncryption, RawKey},
    section::Declared as _,
};

/// How payloads are coded between Temporal and guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodecSettings {
    /// What encodes, in this order; nothing, when it is empty.
    pub order: Vec<CodecStep>,
    /// The most bytes that a decoded list of payloads may have.
    pub max_size: usize,
    /// The id of the key that encrypts; there is one for every encryption.
    pub active_key: Option<String>,
    /// All keys by their ids, the active one among them.
    pub keys: Vec<(String, KeySource)>,
    /// Where the codec server is; it is known for every use of one.
    pub endpoint: Option<String>,
    /// How long a request to it may take.
    pub timeout: Duration,
    /// The environment variable with the authorization that it wants.
    pub authorization_env: Option<String>,
}

/// One way of coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodecStep {
    /// Compression.
    Zlib,
    /// Encryption.
    Encryption,
    /// A codec server.
    Server,
}

impl CodecStep {
    /// Its name in the configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zlib => "zlib",
            Self::Encryption => "encryption",
            Self::Server => "server",
        }
    }
}

/// Checks how a worker codes payloads; `key` names it in problems.
pub(super) fn validate(raw: RawCodec, key: &str, problems: &mut Problems) -> CodecSettings {
    let order = order(&raw.order, key, problems);
    raw.check(&Place::Table(key.to_owned()), problems);
    raw.server.check(&Place::Table(format!("{key}.server")), problems);
    let keys = encryption(&raw.encryption, order.contains(&CodecStep::Encryption), key, problems);
    server(&raw.server, order.contains(&CodecStep::Server), key, problems);
    CodecSettings {
        order,
        max_size: raw.max_size().as_usize(),
        active_key: raw.encryption.active,
        keys,
        timeout: raw.server.timeout().0,
        endpoint: raw.server.endpoint,
        authorization_env: raw.server.authorization_env,
    }
}

fn order(raw: &[RawCodecStep], key: &str, problems: &mut Problems) -> Vec<CodecStep> {
    let mut order = Vec::new();
    for step in raw {
        let step = match step {
            RawCodecStep::Zlib => CodecStep::Zlib,
            RawCodecStep::Encryption => CodecStep::Encryption,
            RawCodecStep::Server => CodecStep::Server,
        };
        let twice = order.contains(&step);
        problems.refuse_if(twice, &format!("{key}.order"), format_args!("\"{}\" is there twice", step.name()));
        order.push(step);
    }
    order
}

fn encryption(raw: &RawEncryption, is_used: bool, key: &str, problems: &mut Problems) -> Vec<(String, KeySource)> {
    let key = format!("{key}.encryption");
    let idle = !is_used && (raw.active.is_some() || !raw.keys.is_empty());
    problems.refuse_if(idle, &key, "it is not in `order`, so nothing would be encrypted");
    let mut ids = BTreeSet::new();
    let mut keys = Vec::new();
    for (index, raw) in raw.keys.iter().enumerate() {
        let key = format!("{key}.keys[{index}]");
        let id = raw.id.clone().unwrap_or_default();
        problems.refuse_if(id.is_empty(), &format!("{key}.id"), "every key needs an id");
        problems.refuse_if(!ids.insert(id.clone()), &format!("{key}.id"), format_args!("two keys are called {id:?}"));
        match key_source(raw) {
            Some(source) => keys.push((id, source)),
            None => problems.add(&key, "it must name either a file or an environment variable, `env`"),
        }
    }
    match &raw.active {
        Some(active) => {
            let problem = format_args!("{active:?} is not among the keys");
            problems.refuse_if(!ids.contains(active), &format!("{key}.active"), problem);
        }
        None => problems.refuse_if(is_used, &format!("{key}.active"), "it must name the key that encrypts"),
    }
    keys
}

fn key_source(raw: &RawKey) -> Option<KeySource> {
    match (&raw.file, &raw.env) {
        (Some(file), None) if !file.as_os_str().is_empty() => Some(KeySource::File(file.clone())),
        (None, Some(variable)) if !variable.is_empty() => Some(KeySource::Environment(variable.clone())),
        _ => None,
    }
}

fn server(raw: &RawCodecServer, is_used: bool, key: &str, problems: &mut Problems) {
    let key = format!("{key}.server");
    let endpoint_key = format!("{key}.endpoint");
    match &raw.endpoint {
        Some(_) if !is_used => problems.add(&key, "it is not in `order`, so it would not be asked"),
        Some(endpoint) => problems.refuse_if(
            !CodecServer::is_endpoint(endpoint),
            &endpoint_key,
            // Not shown, as there may be a password in it.
            "it is not an http or https address without a user, query or fragment",
        ),
        None => problems.refuse_if(is_used, &endpoint_key, "it must say where the codec server is"),
    }
    let no_name = raw.authorization_env.as_deref() == Some("");
    problems.refuse_if(no_name, &format!("{key}.authorization-env"), "it is empty");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::parse;

    fn check(text: &str) -> (CodecSettings, String) {
        let worker = format!("[[tenants]]\n[[tenants.workers]]\n[tenants.workers.codec]\n{text}\n");
        let raw = parse(&worker, "isolet.toml").unwrap();
        let codec = raw.tenants.into_iter().next().unwrap().workers.into_iter().next().unwrap().codec;
        let mut problems = Problems::default();
        (validate(codec, "c", &mut problems), problems.to_string())
    }

    #[test]
    fn what_is_written_is_what_holds() {
        let (codec, problems) = check(
            r#"
            order = ["zlib", "encryption"]
            encryption.active = "new"
            encryption.keys = [{ id = "old", env = "OLD_KEY" }, { id = "new", file = "new.key" }]
            "#,
        );
        assert_eq!(problems, "");
        assert_eq!(codec.order, [CodecStep::Zlib, CodecStep::Encryption]);
        assert_eq!(
            codec.keys,
            [
                ("old".to_owned(), KeySource::Environment("OLD_KEY".to_owned())),
                ("new".to_owned(), KeySource::File("new.key".into()))
            ]
        );
        let (codec, problems) = check("");
        assert!(codec.order.is_empty() && codec.keys.is_empty() && problems.is_empty());
    }

    #[test]
    fn every_problem_is_told_with_its_key() {
        let cases = [
            ("order = [\"zlib\", \"zlib\"]", "c.order: \"zlib\" is there twice"),
            ("order = [\"encryption\"]", "c.encryption.active: it must name the key that encrypts"),
            ("order = [\"server\"]", "c.server.endpoint: it must say where the codec server is"),
            ("max-size = 1", "c.max-size: 1B is too little; it must be from 4KiB to 4GiB"),
            ("server.timeout = \"11s\"", "c.server.timeout: 11s is too much; it must be from 100ms to 10s"),
            (
                "encryption = { active = \"a\", keys = [{ id = \"a\", env = \"A\" }] }",
                "c.encryption: it is not in `order`, so nothing would be encrypted",
            ),
            ("server.endpoint = \"http://c\"", "c.server: it is not in `order`, so it would not be asked"),
            (
                "order = [\"server\"]\nserver.endpoint = \"http://user:secret@c\"",
                "c.server.endpoint: it is not an http or https address without a user, query or fragment",
            ),
        ];
        for (text, problem) in cases {
            assert_eq!(check(text).1, problem, "{text}");
        }
        let (_, problems) = check(
            r#"
            order = ["encryption"]
            encryption.active = "b"
            encryption.keys = [{ id = "a", env = "A", file = "a" }, { id = "a", env = "A" }, { env = "A" }]
            "#,
        );
        let expected = [
            "c.encryption.keys[0]: it must name either a file or an environment variable, `env`",
            "c.encryption.keys[1].id: two keys are called \"a\"",
            "c.encryption.keys[2].id: every key needs an id",
            "c.encryption.active: \"b\" is not among the keys",
        ];
        assert_eq!(problems.lines().collect::<Vec<_>>(), expected);
    }
}
