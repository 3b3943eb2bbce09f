//! How a registry wants to be told who we are: what its refusal says, and how a token is asked for.

use std::fmt;

use reqwest::{
    RequestBuilder,
    header::{HeaderMap, WWW_AUTHENTICATE},
};
use serde::Deserialize;
use url::Url;

use crate::{Reference, credentials::Credentials};

/// Bytes of the largest header that is read, and of the longest list.
const LARGEST: usize = 8 << 10;

/// What a request carries.
#[derive(Clone)]
pub(crate) enum Authorization {
    /// User and password.
    Basic(String, String),
    /// A token.
    Bearer(String),
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization(…)")
    }
}

/// What a registry wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// User and password.
    Basic,
    /// A token that someone hands out.
    Bearer {
        /// Where.
        realm: Url,
        /// For whom.
        service: Option<String>,
    },
}

/// A token as it is handed out. Both names are in use.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Authorization {
    /// Puts it on a request.
    pub(crate) fn on(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Basic(user, password) => request.basic_auth(user, Some(password)),
            Self::Bearer(token) => request.bearer_auth(token),
        }
    }

    /// The token in an answer.
    pub(crate) fn from_answer(answer: &[u8]) -> Option<Self> {
        let Token { token, access_token } = serde_json::from_slice(answer).ok()?;
        token.or(access_token).filter(|token| !token.is_empty()).map(Self::Bearer)
    }
}

impl Challenge {
    /// What a refusal asks for; a token, if it has the choice.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let mut basic = None;
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let Some(text) = value.to_str().ok().filter(|text| text.len() <= LARGEST) else { continue };
            for challenge in http_auth::parse_challenges(text).unwrap_or_default() {
                if challenge.scheme.eq_ignore_ascii_case("basic") {
                    basic = Some(Self::Basic);
                }
                let parameter = |name: &str| {
                    let mut parameters = challenge.params.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                    parameters.next().map(|(_, value)| value.to_unescaped())
                };
                let realm = parameter("realm").and_then(|realm| Url::parse(&realm).ok());
                if challenge.scheme.eq_ignore_ascii_case("bearer")
                    && let Some(realm) = realm
                {
                    return Some(Self::Bearer { realm, service: parameter("service") });
                }
            }
        }
        basic
    }
}

/// The request for a token for `reference`, with which the actions of `actions` are allowed.
pub(crate) fn request(
    http: &reqwest::Client,
    (realm, service): (Url, Option<String>),
    (reference, actions): (&Reference, &str),
    credentials: &Credentials,
) -> RequestBuilder {
    let scope = format!("repository:{}:{actions}", reference.repository());
    let mut fields = vec![("scope", scope)];
    fields.extend(service.map(|service| ("service", service)));
    match credentials {
        Credentials::Anonymous => http.get(realm).query(&fields),
        Credentials::Password(user, password) => http.get(realm).query(&fields).basic_auth(user, Some(password)),
        Credentials::Identity(token) => {
            fields.extend([
                ("grant_type", "refresh_token".to_owned()),
                ("client_id", "isolet".to_owned()),
                ("refresh_token", token.clone()),
            ]);
            http.post(realm).form(&fields)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        Challenge::read(&headers)
    }

    #[test]
    fn a_token_is_better_than_a_password() {
        let bearer = r#"Bearer realm="https://auth.example.com/token",service="registry.example.com""#;
        let expected = Challenge::Bearer {
            realm: Url::parse("https://auth.example.com/token").unwrap(),
            service: Some("registry.example.com".to_owned()),
        };
        assert_eq!(read(&["Basic realm=\"x\"", bearer]), Some(expected));
        assert_eq!(read(&["Basic realm=\"x\""]), Some(Challenge::Basic));
    }

    #[test]
    fn what_can_t_be_understood_asks_for_nothing() {
        let long = format!("Bearer realm=\"https://{}\"", "a".repeat(LARGEST));
        for value in ["Negotiate", "Bearer realm=\"/token\"", "Bearer", "\"", &long] {
            assert_eq!(read(&[value]), None, "{value}");
        }
    }

    #[test]
    fn tokens_have_two_names() {
        let bearer = |answer: &str| match Authorization::from_answer(answer.as_bytes()) {
            Some(Authorization::Bearer(token)) => Some(token),
            _ => None,
        };
        assert_eq!(bearer(r#"{"token":"a","expires_in":300}"#).as_deref(), Some("a"));
        assert_eq!(bearer(r#"{"access_token":"b"}"#).as_deref(), Some("b"));
        assert_eq!(bearer(r#"{"token":""}"#), None);
        assert_eq!(bearer("[]"), None);
    }
}
