//! What a browser has in place of the token, once that was given: random, kept in memory, and good for a while.

use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

/// How many there may be; the oldest gives way.
const MOST: usize = 64;

/// How long one is good.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// Those that are good.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Vec<Session>);

#[derive(Debug)]
struct Session {
    /// Of what the browser has.
    id: Hash,
    /// Of the token that was given for it: another token ends it.
    token: Hash,
    end: Instant,
}

impl Sessions {
    /// Another one, for whoever has given the token with this hash; `None` if the system has no random numbers.
    pub(crate) fn begin(&mut self, token: Hash) -> Option<String> {
        let mut random = [0; 32];
        SystemRandom::new().fill(&mut random).ok()?;
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        self.tidy(&token);
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(Session { id: hash(&id), token, end: Instant::now() + GOOD_FOR });
        Some(id)
    }

    /// Whether this is one, made with the token with this hash.
    pub(crate) fn has(&mut self, id: &str, token: &Hash) -> bool {
        self.tidy(token);
        let id = hash(id);
        self.0.iter().any(|session| bool::from(session.id.ct_eq(&id)))
    }

    /// Ends this one.
    pub(crate) fn end(&mut self, id: &str) {
        let id = hash(id);
        self.0.retain(|session| !bool::from(session.id.ct_eq(&id)));
    }

    fn tidy(&mut self, token: &Hash) {
        let now = Instant::now();
        self.0.retain(|session| now < session.end && session.token == *token);
    }
}

/// Of a secret.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_session_is_good_for_a_while_and_for_one_token() {
        let (token, other) = (hash("one"), hash("other"));
        let mut sessions = Sessions::default();
        let id = sessions.begin(token).unwrap();
        assert!(sessions.has(&id, &token) && !sessions.has("guessed", &token));
        tokio::time::advance(GOOD_FOR).await;
        assert!(!sessions.has(&id, &token));
        let id = sessions.begin(token).unwrap();
        assert!(!sessions.has(&id, &other) && !sessions.has(&id, &token));
        let id = sessions.begin(token).unwrap();
        sessions.end(&id);
        assert!(!sessions.has(&id, &token));
    }

    #[tokio::test]
    async fn there_are_only_so_many() {
        let token = hash("one");
        let mut sessions = Sessions::default();
        let ids: Vec<String> = (0..=MOST).map(|_| sessions.begin(token).unwrap()).collect();
        assert_eq!(sessions.0.len(), MOST);
        assert!(!sessions.has(&ids[0], &token) && sessions.has(&ids[1], &token));
    }
}
