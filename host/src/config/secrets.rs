//! `grants.secrets`: what the host puts into requests, where that comes from, and to which servers it goes. What it is, is
//! never printed, nor can it be written in a configuration.

use std::{collections::BTreeMap, path::PathBuf, str::FromStr};

use activity::{HeldSecret, HttpGrant, Secret};
use serde::{Deserialize, Serialize};

use super::{
    environment::{RawVariableSource, VariableSource, source},
    origin::origin,
    problems::Problems,
};

/// The longest name.
const LONGEST_NAME: usize = 64;

/// A secret as it is written: one of `file`, `env` and `command`, and the servers that may learn it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawSecret {
    /// A file that holds nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// A variable of the worker's own environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// A program and its arguments, which writes it to its standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Scheme, host and port of each.
    pub servers: Vec<String>,
}

/// Checks what is written: for whom each secret is, without its value, and where that comes from.
pub(super) fn validate(
    raw: BTreeMap<String, RawSecret>,
    granted: &[HttpGrant],
    key: &str,
    problems: &mut Problems,
) -> (BTreeMap<String, HeldSecret>, BTreeMap<String, VariableSource>) {
    let (mut held, mut sources) = (BTreeMap::new(), BTreeMap::new());
    for (name, RawSecret { file, env, command, servers }) in raw {
        let key = format!("{key}.{name}");
        let is_name = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        problems.refuse_if(!is_name, &key, "a secret's name has 1 to 64 letters, digits, `-`, `_` and `.`");
        problems.refuse_if(servers.is_empty(), &format!("{key}.servers"), "it names no server that may learn it");
        let mut origins = Vec::new();
        for server in servers {
            match origin(&server) {
                Ok(origin) if granted.iter().any(|grant| grant.servers.covers_all_of(&origin)) => origins.push(origin),
                Ok(_) => {
                    let problem = "is not granted, so nothing can be sent there: add it to `grants.http`";
                    problems.add(&format!("{key}.servers"), format_args!("{server:?} {problem}"));
                }
                Err(problem) => problems.add(&format!("{key}.servers"), format_args!("{server:?} {problem}")),
            }
        }
        sources.extend(
            source(RawVariableSource { file, env, command }, &key, problems).map(|source| (name.clone(), source)),
        );
        held.insert(name, HeldSecret { value: Secret::default(), servers: origins });
    }
    (held, sources)
}

/// A secret as a flag gives it: its name, and the rest as TOML has it.
#[derive(Clone, Debug)]
pub(super) struct SecretFlag(pub(super) String, pub(super) RawSecret);

impl FromStr for SecretFlag {
    type Err = String;

    fn from_str(flag: &str) -> Result<Self, String> {
        const FORM: &str = "a secret is written NAME={ file = \"…\", servers = [\"https://…\"] }";
        let (name, table) = flag.split_once('=').ok_or(FORM)?;
        let read = toml::from_str::<BTreeMap<String, RawSecret>>(&format!("secret = {table}"));
        // What serde says of a value may show it.
        let secret = read.ok().and_then(|mut read| read.remove("secret")).ok_or(FORM)?;
        Ok(Self(name.trim().to_owned(), secret))
    }
}

#[cfg(test)]
mod tests {
    use activity::{HttpHost, HttpScheme, Origin, OriginHost};

    use super::*;

    fn checked(secret: &str) -> String {
        let SecretFlag(name, raw) = secret.parse().unwrap();
        let host = OriginHost::Only(HttpHost::Name("a.example".to_owned()));
        let granted = [Origin::new(HttpScheme::Https, host, 443).into()];
        let mut problems = Problems::default();
        let (held, sources) = validate([(name, raw)].into(), &granted, "secrets", &mut problems);
        if problems.is_empty() { format!("{sources:?} {}", held["key"].servers[0]) } else { problems.to_string() }
    }

    #[test]
    fn a_secret_is_from_somewhere_and_for_granted_servers() {
        let cases = [
            ("key={ file = \"k\", servers = [\"https://a.example\"] }", "{\"key\": File(\"k\")} https://a.example"),
            ("key={ command = [\"pass\", \"k\"], servers = [\"https://a.example\"] }", "Command([\"pass\", \"k\"])"),
            ("key={ servers = [\"https://a.example\"] }", "secrets.key: it must name one of"),
            (
                "key={ env = \"K\", file = \"k\", servers = [\"https://a.example\"] }",
                "secrets.key: it must name one of",
            ),
            ("key={ command = [], servers = [\"https://a.example\"] }", "secrets.key: it must name one of"),
            ("key={ env = \"K\" }", "secrets.key.servers: it names no server"),
            ("key={ env = \"K\", servers = [\"https://b.example\"] }", "\"https://b.example\" is not granted"),
            ("key={ env = \"K\", servers = [\"http://a.example\"] }", "\"http://a.example\" is not granted"),
            ("key={ env = \"K\", servers = [\"https://*.example\"] }", "is not granted"),
            ("key={ env = \"K\", servers = [\"https://a.example/v1\"] }", "has a path"),
            ("a}}b={ env = \"K\", servers = [\"https://a.example\"] }", "a secret's name has"),
        ];
        for (secret, expected) in cases {
            assert!(checked(secret).contains(expected), "{secret}: {}", checked(secret));
        }
    }

    #[test]
    fn a_value_can_not_be_written_and_is_not_told() {
        let refused = "key=\"hunter2\"".parse::<SecretFlag>().unwrap_err();
        assert!(refused.contains("NAME={") && !refused.contains("hunter2"), "{refused}");
    }
}
