//! Keys for encryption. What they hold is never shown and, as long as it is ours, wiped from memory.

use std::{
    collections::BTreeMap,
    env, fmt,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use zeroize::Zeroizing;

use crate::Error;

/// Bytes of a key.
const KEY_LENGTH: usize = 32;

/// The most that a key's file may hold: enough for any way to write a key, and not enough to fill the memory.
const LARGEST_FILE: u64 = 4 << 10;

/// Base64 of both alphabets, with or without padding.
const PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDING);

/// Where a key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In a file that holds nothing else.
    File(PathBuf),
    /// In an environment variable.
    Environment(String),
}

/// A key of AES-256.
pub struct Key(pub(crate) LessSafeKey);

impl Key {
    /// Reads the key that is called `id`.
    ///
    /// # Errors
    /// When there is nothing at the source, or no key.
    pub fn read(id: &str, source: &KeySource) -> Result<Self, Error> {
        let secret = match source {
            KeySource::File(path) => {
                let wrong = |source| Error::KeyFile { id: id.to_owned(), path: path.clone(), source };
                read_file(path).map_err(wrong)?
            }
            KeySource::Environment(variable) => match env::var(variable) {
                Ok(secret) => Zeroizing::new(secret.into_bytes()),
                Err(_) => return Err(Error::Variable { what: format!("key {id:?}"), variable: variable.clone() }),
            },
        };
        Self::parse(&secret).ok_or_else(|| Error::NotAKey { id: id.to_owned() })
    }

    /// The key in `secret`: its 32 bytes as they are, or in base64 or hexadecimal.
    pub fn parse(secret: &[u8]) -> Option<Self> {
        let as_it_is = |secret: &[u8]| (secret.len() == KEY_LENGTH).then(|| Zeroizing::new(secret.to_vec()));
        // A key may end with what looks like a blank, so it is taken as it is before blanks are taken away.
        let key = as_it_is(secret).or_else(|| {
            let text = secret.trim_ascii();
            as_it_is(text).or_else(|| hexadecimal(text)).or_else(|| {
                let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok().map(Zeroizing::new);
                decoded.filter(|key| key.len() == KEY_LENGTH)
            })
        })?;
        UnboundKey::new(&AES_256_GCM, &key).ok().map(|key| Self(LessSafeKey::new(key)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Keys by their ids. All of them decrypt; the active one encrypts.
#[derive(Debug)]
pub struct KeyRing {
    active_id: String,
    keys: BTreeMap<String, Key>,
}

impl KeyRing {
    /// A ring of `keys` that encrypts with the one called `active`.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn new(active: impl Into<String>, keys: BTreeMap<String, Key>) -> Result<Self, Error> {
        let ring = Self { active_id: active.into(), keys };
        match ring.key(&ring.active_id) {
            Some(_) => Ok(ring),
            None => Err(Error::NoActiveKey { id: ring.active_id }),
        }
    }

    /// The key that encrypts, with its id.
    pub(crate) fn active(&self) -> Option<(&str, &Key)> {
        self.key(&self.active_id).map(|key| (self.active_id.as_str(), key))
    }

    /// The key of this id.
    pub(crate) fn key(&self, id: &str) -> Option<&Key> {
        self.keys.get(id)
    }
}

fn read_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut secret = Zeroizing::new(Vec::with_capacity(KEY_LENGTH * 4));
    // Asked before opening, because opening a pipe waits for its other end.
    if fs::metadata(path)?.file_type().is_fifo() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe, and no file"));
    }
    File::open(path)?.take(LARGEST_FILE).read_to_end(&mut secret)?;
    Ok(secret)
}

fn hexadecimal(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if text.len() != KEY_LENGTH * 2 {
        return None;
    }
    let pairs = text.chunks_exact(2).map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] = b"test-key-test-key-test-key-test!";

    #[test]
    fn a_key_is_read_in_every_way_to_write_it() {
        let hex: String = RAW.iter().map(|byte| format!("{byte:02x}")).collect();
        let forms = [
            RAW.to_vec(),
            [RAW, b"\n"].concat(),
            hex.to_uppercase().into_bytes(),
            format!(" {hex}\n").into_bytes(),
            format!("{}\n", STANDARD.encode(RAW)).into_bytes(),
            STANDARD.encode([0xFB; 32]).into_bytes(),
            URL_SAFE.encode([0xFB; 32]).trim_end_matches('=').as_bytes().to_vec(),
        ];
        for form in forms {
            assert!(Key::parse(&form).is_some(), "{}", String::from_utf8_lossy(&form));
        }
        for form in [&b""[..], b"short", &[b'x'; 64], &RAW[1..], &[b'A'; 44]] {
            assert!(Key::parse(form).is_none(), "{}", String::from_utf8_lossy(form));
        }
    }

    #[test]
    fn a_source_without_a_key_is_named_and_its_content_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "secret but no key").unwrap();
        let error = Key::read("a", &KeySource::File(file.path().to_owned())).unwrap_err().to_string();
        assert!(error.contains("use key \"a\"") && !error.contains("secret"), "{error}");
        let missing = KeySource::File("/does/not/exist".into());
        assert!(Key::read("a", &missing).unwrap_err().to_string().contains("/does/not/exist"));
        let unset = KeySource::Environment("ISOLET_NO_SUCH_KEY".to_owned());
        assert!(Key::read("a", &unset).unwrap_err().to_string().contains("ISOLET_NO_SUCH_KEY"));
    }

    #[test]
    fn a_key_is_not_shown() {
        let keys = BTreeMap::from([("a".to_owned(), Key::parse(RAW).unwrap())]);
        let shown = format!("{:?}", KeyRing::new("a", keys).unwrap());
        assert_eq!(shown, r#"KeyRing { active_id: "a", keys: {"a": Key(…)} }"#);
    }

    #[test]
    fn the_active_key_is_one_of_the_keys() {
        assert!(matches!(KeyRing::new("b", BTreeMap::new()), Err(Error::NoActiveKey { id }) if id == "b"));
    }
}
