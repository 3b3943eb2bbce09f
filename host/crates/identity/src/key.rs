//! A key of the worker: of ECDSA with P-256, in a file that its user alone can read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Error;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The largest file, in bytes: a key has some 240.
const LARGEST: u64 = 16 << 10;

/// A key to sign with.
#[derive(Debug)]
pub struct Key {
    pair: EcdsaKeyPair,
    /// What tokens and documents call it: the digest of RFC 7638.
    id: String,
    x: String,
    y: String,
}

impl Key {
    /// The one in a file.
    ///
    /// # Errors
    /// When there is none that can be used, or others can read it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        // To open a FIFO is to wait for whoever writes to it.
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")));
        }
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::Open { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
        of_pem(&text).and_then(|der| Self::of_der(&der)).ok_or_else(|| Error::NoKey { path: path.to_owned() })
    }

    /// The one in a file, which is made with a new one if it is not there.
    ///
    /// # Errors
    /// As for [`Key::read`], and when the file can't be made.
    pub fn read_or_make(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        if !path.try_exists().map_err(failed)? {
            match Self::make(path) {
                // Another worker was faster.
                Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        Self::read(path)
    }

    fn make(path: &Path) -> Result<(), Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let made = made.map_err(|_| Error::Random)?;
        let text = Zeroizing::new(format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(made.as_ref())));
        // Beside it, so that nobody finds half of it, and linked, so that nobody's is overwritten.
        let draft = path.with_extension(format!("{}.new", std::process::id()));
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::hard_link(&draft, path)
        };
        let written = write();
        // If it can't be removed, it is a key that nothing uses.
        let _ = fs::remove_file(&draft);
        written.map_err(failed)
    }

    fn of_der(der: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new()).ok()?;
        // Uncompressed: a 4 and both coordinates.
        let (x, y) = pair.public_key().as_ref().get(1..)?.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
        Some(Self { pair, id, x, y })
    }

    /// What tokens and documents call it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its public half, as RFC 7517 has it.
    pub(crate) fn public(&self) -> Value {
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.id, "x": self.x, "y": self.y})
    }

    /// A token of RFC 7519 with these claims; `None` when the system gives no random numbers.
    pub(crate) fn token(&self, claims: &Value) -> Option<String> {
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": self.id});
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let said = format!("{header}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), said.as_bytes()).ok()?;
        Some(format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// What is between the lines that enclose a key.
fn of_pem(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = text.split_once(BEGIN)?;
    let (inner, _) = rest.split_once(END)?;
    let bare: Zeroizing<String> = Zeroizing::new(inner.split_ascii_whitespace().collect());
    STANDARD.decode(bare.as_bytes()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.pem");
        let made = Key::read_or_make(&path).unwrap();
        assert_eq!(Key::read_or_make(&path).unwrap().id(), made.id());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let told = Key::read(&path).unwrap_err().to_string();
        assert!(told.ends_with("its mode 640 lets others read it; set it to 600"), "{told}");
    }

    #[test]
    fn what_is_no_key_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.pem");
        assert!(matches!(Key::read(&path), Err(Error::File { .. })));
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for no_file in [fifo.as_path(), folder.path()] {
            let told = Key::read(no_file).unwrap_err().to_string();
            assert!(told.contains("it is no file"), "{told}");
        }
        for text in ["", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let told = Key::read(&path).unwrap_err().to_string();
            assert!(told.contains("no private key of P-256") && !told.contains("secret"), "{told}");
        }
    }
}
