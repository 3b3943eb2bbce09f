//! Who issues tokens: what they say, and what says how to check them.

use std::time::{Duration, SystemTime};

use activity::{ComponentId, Info, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Value, json};

use crate::Key;

/// Where the keys are found below the issuer.
pub(crate) const KEYS: &str = "/.well-known/jwks.json";

/// Where the document about the issuer is found below it.
pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What stands in a subject as it is. What separates its parts does not.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// Issues tokens.
#[derive(Debug)]
pub struct Issuer {
    /// As tokens name it.
    url: String,
    /// What signs.
    key: Key,
    /// Former and future keys, which sign nothing now.
    others: Vec<Key>,
}

impl Issuer {
    /// One that is called `url` and signs with `key`; tokens that `others` have signed, or will sign elsewhere, can be checked,
    /// too.
    pub fn new(url: impl Into<String>, key: Key, others: Vec<Key>) -> Self {
        Self { url: url.into(), key, others }
    }

    /// A token for `audience` about an attempt that runs in `component`, valid from now on for as long; `None` when the
    /// system gives no random numbers.
    pub fn token(&self, audience: &str, info: &Info, component: &ComponentId, lifetime: Duration) -> Option<Secret> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        let mut claims = claims(info, component);
        let fixed = json!({
            "iss": self.url,
            "sub": subject(info, component),
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add(lifetime.as_secs().max(1)),
            "jti": unique()?,
        });
        if let (Value::Object(claims), Value::Object(fixed)) = (&mut claims, fixed) {
            claims.extend(fixed);
        }
        self.key.token(&claims).map(Secret::new)
    }

    /// The keys that tokens may be signed with, as RFC 7517 has them.
    pub(crate) fn keys(&self) -> Value {
        let keys = std::iter::once(&self.key).chain(&self.others);
        json!({"keys": keys.map(Key::public).collect::<Vec<_>>()})
    }

    /// Itself, as OpenID Connect Discovery has it.
    pub(crate) fn discovery(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}{KEYS}", self.url),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    }
}

/// What is said of the attempt.
fn claims(info: &Info, component: &ComponentId) -> Value {
    let mut claims = json!({
        "tenant": component.tenant,
        "namespace": info.namespace,
        "task_queue": info.task_queue,
        "activity_type": info.activity_type,
        "activity_id": info.activity_id,
        "attempt": info.attempt,
        "component": format!("sha256:{}", component.digest),
    });
    let Value::Object(fields) = &mut claims else { return claims };
    if let Some(workflow) = &info.workflow {
        fields.insert("workflow_id".to_owned(), workflow.workflow_id.clone().into());
        fields.insert("run_id".to_owned(), workflow.run_id.clone().into());
    } else if let Some(run_id) = &info.activity_run_id {
        fields.insert("run_id".to_owned(), run_id.clone().into());
    }
    claims
}

/// For whom the attempt runs and what it is, the same for all attempts of an activity type.
fn subject(info: &Info, component: &ComponentId) -> String {
    let parts = [
        ("tenant", &component.tenant),
        ("namespace", &info.namespace),
        ("task-queue", &info.task_queue),
        ("activity", &info.activity_type),
    ];
    parts.map(|(name, value)| format!("{name}:{}", utf8_percent_encode(value, PLAIN))).join(":")
}

/// What no other token has.
fn unique() -> Option<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
pub(crate) mod tests {
    use activity::WorkflowExecution;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    pub(crate) fn key() -> Key {
        let folder = tempfile::tempdir().unwrap();
        Key::read_or_make(&folder.path().join("key.pem")).unwrap()
    }

    fn decoded(text: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    }

    /// The claims of a token, if one of the published keys has signed it.
    pub(crate) fn checked(token: &str, keys: &Value) -> Option<Value> {
        let parts: Vec<_> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return None };
        let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == decoded(header)["kid"])?;
        assert_eq!(decoded(header)["alg"], "ES256");
        let half = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let point = [&[4][..], &half("x"), &half("y")].concat();
        let said = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public.verify(said.as_bytes(), &signature).ok().map(|()| decoded(claims))
    }

    fn attempt() -> (Info, ComponentId) {
        let workflow =
            WorkflowExecution { workflow_id: "order-1".into(), run_id: "run-1".into(), ..WorkflowExecution::default() };
        let info = Info {
            namespace: "default".into(),
            task_queue: "orders".into(),
            activity_type: "charge".into(),
            activity_id: "5".into(),
            attempt: 2,
            workflow: Some(workflow),
            ..Info::default()
        };
        (info, ComponentId { tenant: "acme".into(), ..ComponentId::new("orders", "abc") })
    }

    #[test]
    fn a_token_says_what_the_attempt_is() {
        let issuer = Issuer::new("https://worker.example", key(), Vec::new());
        let (info, component) = attempt();
        let token = issuer.token("vault", &info, &component, Duration::from_secs(300)).unwrap();
        let claims = checked(token.reveal(), &issuer.keys()).unwrap();
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 300);
        assert_eq!(claims["iat"], claims["nbf"]);
        let expected = [
            ("iss", json!("https://worker.example")),
            ("sub", json!("tenant:acme:namespace:default:task-queue:orders:activity:charge")),
            ("aud", json!("vault")),
            ("tenant", json!("acme")),
            ("namespace", json!("default")),
            ("task_queue", json!("orders")),
            ("activity_type", json!("charge")),
            ("workflow_id", json!("order-1")),
            ("run_id", json!("run-1")),
            ("activity_id", json!("5")),
            ("attempt", json!(2)),
            ("component", json!("sha256:abc")),
        ];
        for (name, value) in expected {
            assert_eq!(claims[name], value, "{name}");
        }
        let again = issuer.token("vault", &info, &component, Duration::from_secs(300)).unwrap();
        assert_ne!(checked(again.reveal(), &issuer.keys()).unwrap()["jti"], claims["jti"]);
        assert!(!format!("{issuer:?}").contains(token.reveal()));
    }

    #[test]
    fn a_name_can_t_pass_for_another_subject() {
        let (mut info, component) = attempt();
        info.activity_type = "x:tenant:other".into();
        assert!(subject(&info, &component).ends_with(":activity:x%3Atenant%3Aother"));
    }

    #[test]
    fn a_forged_token_is_none() {
        let (info, component) = attempt();
        let issuer = Issuer::new("https://worker.example", key(), Vec::new());
        let token = issuer.token("vault", &info, &component, Duration::from_secs(300)).unwrap();
        let [header, claims, signature] = token.reveal().split('.').collect::<Vec<_>>()[..] else { panic!() };
        let mut other = decoded(claims);
        other["tenant"] = json!("other");
        let other = URL_SAFE_NO_PAD.encode(other.to_string());
        for forged in
            [format!("{header}.{other}.{signature}"), format!("{header}.{claims}."), format!("{header}.{claims}")]
        {
            assert_eq!(checked(&forged, &issuer.keys()), None, "{forged}");
        }
        // By a key that is not published, under the name of one that is.
        let foreign = Issuer::new("https://worker.example", key(), Vec::new());
        let token = foreign.token("vault", &info, &component, Duration::from_secs(300)).unwrap();
        assert_eq!(checked(token.reveal(), &issuer.keys()), None);
        let rest = token.reveal().split_once('.').unwrap().1;
        assert_eq!(checked(&format!("{header}.{rest}"), &issuer.keys()), None);
    }

    #[test]
    fn keys_change_without_a_gap() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Key::read_or_make(&folder.path().join(name)).unwrap();
        let (info, component) = attempt();
        let token = |issuer: &Issuer| issuer.token("vault", &info, &component, Duration::from_secs(9)).unwrap();
        let before = Issuer::new("https://worker.example", file("old"), vec![file("new")]);
        let after = Issuer::new("https://worker.example", file("new"), vec![file("old")]);
        for (signed, known) in [(&before, &after), (&after, &before)] {
            assert!(checked(token(signed).reveal(), &known.keys()).is_some());
        }
    }
}
