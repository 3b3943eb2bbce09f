//! `[identity]` and `grants.identity`: who issues identity tokens, with which keys, and whom a component's may be for.

use std::path::PathBuf;

use activity::{IdentityGrant, shown};
use url::Url;

use super::{
    listening,
    problems::{Place, Problems},
    raw::{RawIdentity, component::RawIdentityGrant},
    section::Declared as _,
};

/// The most audiences of one component: a token is signed for each at the beginning of each attempt.
const MOST_AUDIENCES: usize = 8;

/// The longest name of an audience, in bytes.
const LONGEST_AUDIENCE: usize = 256;

/// The key's file in the folder for what is kept.
const KEY: &str = "identity.pem";

/// Who issues tokens, and with which keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdentitySettings {
    /// As tokens name it.
    pub issuer: String,
    /// Where the documents are served, if they are.
    pub address: Option<String>,
    /// The key that signs.
    pub key: KeyFile,
    /// Keys that are published beside it.
    pub others: Vec<PathBuf>,
}

/// Where the key that signs is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyFile {
    /// In this file, which must be there.
    At(PathBuf),
    /// In this file, which the worker makes.
    Own(PathBuf),
}

/// Checks what is written of the issuer; none when there is none.
pub(super) fn validate(
    raw: RawIdentity,
    state: Option<PathBuf>,
    place: &Place,
    problems: &mut Problems,
) -> Option<IdentitySettings> {
    let RawIdentity { issuer, address, key_file, other_key_files } = raw;
    let Some(issuer) = issuer else {
        let is_any = address.is_some() || key_file.is_some() || !other_key_files.is_empty();
        problems.refuse_if(
            is_any,
            &place.key("issuer"),
            "it is not set, so no tokens are issued; set it to an https URL",
        );
        return None;
    };
    let is_issuer = Url::parse(&issuer).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host().is_some()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    });
    let problem = "is no issuer: write an https URL without a slash at its end, like \"https://worker.example.com\"";
    let is_issuer = is_issuer && !issuer.ends_with('/');
    problems.refuse_if(!is_issuer, &place.key("issuer"), format_args!("{issuer:?} {problem}"));
    if let Some(problem) = address.as_deref().and_then(listening::problem) {
        problems.add(&place.key("address"), problem);
    }
    let key = match (key_file, state) {
        (Some(path), _) => KeyFile::At(path),
        (None, Some(state)) => KeyFile::Own(state.join(KEY)),
        (None, None) => {
            problems.add(&place.key("key-file"), "there is no folder to keep a key in; set it, or `admin.state`");
            return None;
        }
    };
    Some(IdentitySettings { issuer, address, key, others: other_key_files })
}

/// Checks what a component is granted; none when nothing is.
pub(super) fn grant(raw: RawIdentityGrant, key: &str, problems: &mut Problems) -> Option<IdentityGrant> {
    raw.check(&Place::Table(key.to_owned()), problems);
    let ttl = raw.ttl().0;
    let (audiences, key) = (raw.audiences, format!("{key}.audiences"));
    let too_many = format_args!("it names {}, and a component may have tokens for {MOST_AUDIENCES}", audiences.len());
    problems.refuse_if(MOST_AUDIENCES < audiences.len(), &key, too_many);
    for audience in &audiences {
        let is_name = (1..=LONGEST_AUDIENCE).contains(&audience.len())
            && !audience.contains("}}")
            && !audience.chars().any(shown::is_harmful);
        let problem = format_args!(
            "{:?} is no audience: it has 1 to {LONGEST_AUDIENCE} bytes, and no }}}}",
            shown::name(audience)
        );
        problems.refuse_if(!is_name, &key, problem);
    }
    (!audiences.is_empty()).then_some(IdentityGrant { audiences, ttl })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(toml: &str) -> String {
        let mut problems = Problems::default();
        let place = Place::Table("identity".to_owned());
        let settings = validate(toml::from_str(toml).unwrap(), Some("state".into()), &place, &mut problems);
        if problems.is_empty() { format!("{settings:?}") } else { problems.to_string() }
    }

    #[test]
    fn an_issuer_is_a_url_and_has_a_key() {
        assert_eq!(issuer(""), "None");
        assert!(issuer("issuer = \"https://a.example\"").contains("key: Own(\"state/identity.pem\")"));
        assert!(issuer("issuer = \"https://a.example/x\"\nkey-file = \"k\"").contains("key: At(\"k\")"));
        for (toml, told) in [
            ("issuer = \"http://a.example\"", "\"http://a.example\" is no issuer"),
            ("issuer = \"https://a.example/\"", "is no issuer"),
            ("issuer = \"https://a.example?x\"", "is no issuer"),
            ("issuer = \"a.example\"", "is no issuer"),
            ("address = \"127.0.0.1:1\"", "identity.issuer: it is not set"),
            (
                "issuer = \"https://a.example\"\naddress = \"here\"",
                "identity.address: \"here\" is not written HOST:PORT",
            ),
        ] {
            assert!(issuer(toml).contains(told), "{toml}: {}", issuer(toml));
        }
    }

    #[test]
    fn audiences_are_few_and_can_be_written() {
        let granted = |toml: &str| {
            let mut problems = Problems::default();
            let grant = grant(toml::from_str(toml).unwrap(), "identity", &mut problems);
            (grant, problems.to_string())
        };
        assert_eq!(granted("ttl = \"5m\""), (None, String::new()));
        let (grant, problems) = granted("audiences = [\"https://vault.example\"]\nttl = \"5m\"");
        assert_eq!((grant.unwrap().ttl.as_secs(), problems.as_str()), (300, ""));
        assert!(granted("audiences = [\"a}}b\"]").1.contains("is no audience"));
        assert!(granted("audiences = [\"\"]").1.contains("is no audience"));
        assert!(granted("audiences = [\"a\"]\nttl = \"2days\"").1.contains("identity.ttl: 2days is too much"));
        let many = format!("audiences = {:?}", ["a"; 9]);
        assert!(granted(&many).1.contains("it names 9"));
    }
}
