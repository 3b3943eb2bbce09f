//! Placeholders in headers: what the host puts in their place on the way out, for the servers that it is meant for. The
//! guest never sees it: `{{secret:NAME}}` is a secret that the host keeps, `{{idempotency-key}}` what is the same for all
//! attempts of the activity, and `{{identity:AUDIENCE}}` a token that tells who the attempt is.

use activity::{Grants, Origin, OriginHost, shown};
use egress::Destination;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;
use wasmtime_wasi_http::Error;
use zeroize::Zeroizing;

use super::{Own, body::header_size, in_words};

const SECRET: &str = "{{secret:";
const IDENTITY: &str = "{{identity:";
const IDEMPOTENCY_KEY: &str = "{{idempotency-key}}";
const END: &str = "}}";

/// The longest name that a refusal shows, in bytes.
const SHOWN_NAME: usize = 64;

/// What placeholders of a request stand for.
pub(super) struct Placeholders<'a> {
    pub(super) grants: &'a Grants,
    pub(super) own: &'a Own,
    /// Where the request goes.
    pub(super) to: &'a Destination,
    /// The most bytes that its headers may have together.
    pub(super) limit: usize,
    /// Whether the server may learn who the attempt is: not where the request is not granted, and only counted.
    pub(super) may_identify: bool,
}

impl Placeholders<'_> {
    /// Puts what they stand for into the headers, and the activity's key into the header `key_header` unless the guest has
    /// set it.
    ///
    /// # Errors
    /// When one is where none may be, or stands for what the server may not have. No text of it tells a value.
    pub(super) fn fill(&self, url: &Url, headers: &mut HeaderMap, key_header: Option<&str>) -> Result<(), Error> {
        let read = percent_decode_str(url.as_str()).decode_utf8_lossy();
        if let Some(placeholder) = [SECRET, IDENTITY].into_iter().find(|placeholder| read.contains(placeholder)) {
            return Err(in_words(format!("the URL has {placeholder}…}}}}: placeholders are for headers alone")));
        }
        let mut room = self.limit.saturating_sub(header_size(headers));
        for value in headers.values_mut().filter(|value| has(value.as_bytes(), b"{{")) {
            if let Some(filled) = self.filled(value, &mut room)? {
                *value = filled;
            }
        }
        if let Some(name) = key_header.and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok()) {
            let key = HeaderValue::from_str(&self.own.info.idempotency_key()).map_err(|_| Error::ConfigurationError)?;
            headers.entry(name).or_insert(key);
        }
        Ok(())
    }

    /// The value with what its placeholders stand for, which takes that much of `room`; `None` if it has none.
    fn filled(&self, value: &HeaderValue, room: &mut usize) -> Result<Option<HeaderValue>, Error> {
        let Ok(mut rest) = std::str::from_utf8(value.as_bytes()) else {
            let has_any = [SECRET, IDENTITY].iter().any(|each| has(value.as_bytes(), each.as_bytes()));
            let text = "a header with a placeholder is no UTF-8 text";
            return if has_any { Err(in_words(text.to_owned())) } else { Ok(None) };
        };
        let (mut filled, mut is_changed) = (Zeroizing::new(String::new()), false);
        while let Some(at) = rest.find("{{") {
            let (before, text) = rest.split_at(at);
            filled.push_str(before);
            let Some((put, left)) = self.value(text)? else {
                // The second may begin one.
                filled.push('{');
                rest = text.strip_prefix('{').unwrap_or_default();
                continue;
            };
            *room = room.checked_sub(put.len()).ok_or_else(|| self.too_large())?;
            filled.push_str(&put);
            (is_changed, rest) = (true, left);
        }
        if !is_changed {
            return Ok(None);
        }
        filled.push_str(rest);
        let mut value = HeaderValue::from_str(&filled)
            .map_err(|_| in_words("a placeholder stands for a text that no header may have".to_owned()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// What the placeholder at the beginning of `text` stands for, and what is behind it; `None` if there is none.
    fn value<'t>(&self, text: &'t str) -> Result<Option<(Zeroizing<String>, &'t str)>, Error> {
        if let Some(rest) = text.strip_prefix(IDEMPOTENCY_KEY) {
            return Ok(Some((Zeroizing::new(self.own.info.idempotency_key()), rest)));
        }
        let (kind, rest) = match (text.strip_prefix(SECRET), text.strip_prefix(IDENTITY)) {
            (Some(rest), _) => (SECRET, rest),
            (_, Some(rest)) => (IDENTITY, rest),
            (None, None) => return Ok(None),
        };
        let Some((name, rest)) = rest.split_once(END) else {
            return Err(in_words(format!("a header has {kind} without {END}")));
        };
        let value = if kind == SECRET { self.secret(name)? } else { self.token(name)? };
        Ok(Some((Zeroizing::new(value.to_owned()), rest)))
    }

    fn too_large(&self) -> Error {
        let limit = self.limit;
        let text = "with what their placeholders stand for";
        in_words(format!(
            "the request's headers have more than {limit} bytes, the component's limit `http-headers`, {text}"
        ))
    }

    fn secret(&self, name: &str) -> Result<&str, Error> {
        let Some(held) = self.grants.secrets.get(name) else {
            let name = shown::bounded(&name, SHOWN_NAME);
            return Err(in_words(format!("the component has no secret {name:?}: add it to its grant `secrets`")));
        };
        let Destination { scheme, host, port, .. } = self.to;
        if held.servers.iter().any(|server| server.covers(*scheme, host, *port)) {
            return Ok(held.value.reveal());
        }
        let server = Origin::new(*scheme, OriginHost::Only(host.clone()), *port);
        let text = format!("the secret {name:?} is not for {server}: add \"{server}\" to its `servers`");
        Err(in_words(text))
    }

    fn token(&self, audience: &str) -> Result<&str, Error> {
        if !self.may_identify {
            return Err(in_words("a request that the grant `http` only counts can have no identity token".to_owned()));
        }
        if let Some(token) = self.own.identity.get(audience) {
            return Ok(token.reveal());
        }
        let is_granted = self.grants.identity.iter().flat_map(|grant| &grant.audiences).any(|each| each == audience);
        let audience = shown::bounded(&audience, SHOWN_NAME);
        Err(in_words(match is_granted {
            true => format!("there is no identity token for {audience:?}: only a worker with `[identity]` issues them"),
            false => {
                format!("the component has no identity for {audience:?}: add it to `audiences` of its grant `identity`")
            }
        }))
    }
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|each| each == part)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use activity::{HeldSecret, HttpHost, HttpScheme, IdentityGrant, Info, Reach, Secret};

    use super::*;

    /// The header after it was filled in, or why it was not.
    fn filled(host: &str, value: &[u8]) -> String {
        filled_at(&format!("https://{host}/"), host, value)
    }

    fn filled_at(url: &str, host: &str, value: &[u8]) -> String {
        let named = |host: &str| HttpHost::Name(host.to_owned());
        let server = |host: &str| Origin::new(HttpScheme::Https, OriginHost::Only(named(host)), 443);
        let held = |text: &str| HeldSecret { value: Secret::new(text.to_owned()), servers: vec![server("a.example")] };
        let secrets = [("key", held("hunter2")), ("long", held(&"x".repeat(60))), ("lines", held("a\nb"))];
        let secrets = secrets.map(|(name, secret)| (name.to_owned(), secret)).into();
        let (scheme, host) = (HttpScheme::Https, named(host));
        let to = Destination { scheme, host, port: 443, reach: Reach::Public };
        let audiences = vec!["vault".to_owned(), "other".to_owned()];
        let identity = Some(IdentityGrant { audiences, ttl: std::time::Duration::from_secs(60) });
        let grants = Grants { secrets, identity, ..Grants::default() };
        let identity = [("vault".to_owned(), Secret::new("a.b.c".to_owned()))].into();
        let own = Own { info: Arc::default(), identity };
        let placeholders = Placeholders { grants: &grants, own: &own, to: &to, limit: 100, may_identify: true };
        let value = HeaderValue::from_bytes(value).unwrap();
        let mut headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]);
        match placeholders.fill(&url.parse().unwrap(), &mut headers, None) {
            Ok(()) => String::from_utf8_lossy(headers[http::header::AUTHORIZATION].as_bytes()).into_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_secret_takes_the_place_of_its_name_for_its_servers() {
        assert_eq!(filled("a.example", b"Bearer {{secret:key}}"), "Bearer hunter2");
        assert_eq!(filled("a.example", b"{{secret:key}}, {{secret:key}}; {{x}} {{"), "hunter2, hunter2; {{x}} {{");
        assert_eq!(filled("a.example", b"{{{secret:key}}"), "{hunter2");
        assert_eq!(filled("b.example", b"{{ secret:key }} {{x"), "{{ secret:key }} {{x");
        let key = Info::default().idempotency_key();
        assert_eq!(filled("b.example", b"{{idempotency-key}}-2"), format!("{key}-2"));
        assert_eq!(filled("b.example", b"Bearer {{identity:vault}}"), "Bearer a.b.c");
    }

    #[test]
    fn what_may_not_be_filled_in_is_refused_without_its_value() {
        for (host, value, told) in [
            ("b.example", "Bearer {{secret:key}}", "the secret \"key\" is not for https://b.example: add"),
            ("a.example", "{{secret:other}}", "no secret \"other\""),
            ("a.example", "{{secret:KEY}}", "no secret \"KEY\""),
            ("a.example", "{{secret:key", "without }}"),
            ("a.example", "{{identity:key}}", "no identity for \"key\""),
            ("a.example", "{{identity:other}}", "no identity token for \"other\": only a worker"),
            ("a.example", "{{identity:vault", "without }}"),
            ("a.example", "{{secret:long}}{{secret:long}}", "more than 100 bytes"),
            ("a.example", "{{secret:lines}}", "no header may have"),
        ] {
            let refused = filled(host, value.as_bytes());
            assert!(refused.contains(told) && !refused.contains("hunter2"), "{value}: {refused}");
        }
        assert!(filled("a.example", b"\xff{{secret:key}}").contains("no UTF-8"));
        for url in ["https://a.example/{{secret:key}}", "https://a.example/?x=%7B%7Bsecret%3Akey}}"] {
            assert!(filled_at(url, "a.example", b"x").contains("headers alone"), "{url}");
        }
    }
}
