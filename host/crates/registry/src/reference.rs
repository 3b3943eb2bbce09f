//! How a component in a registry is named.

use std::{fmt, path::Path, str::FromStr};

use crate::Digest;

/// What a reference begins with wherever a file could stand.
const SCHEME: &str = "oci://";

/// Bytes of the longest reference: a registry's name, 255 of a repository, 128 of a tag and a digest.
const LONGEST: usize = 1_024;

/// What a tag is when none is named.
const DEFAULT_TAG: &str = "latest";

/// `oci://REGISTRY/REPOSITORY`, and after it `:TAG`, `@DIGEST` or both; then the digest counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Whether a path names what a registry has, and no file.
    pub fn is_one(path: &Path) -> bool {
        path.as_os_str().as_encoded_bytes().starts_with(SCHEME.as_bytes())
    }

    /// Reads a path that [is one](Reference::is_one).
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn from_path(path: &Path) -> Result<Self, String> {
        path.to_str().ok_or_else(|| "it is no UTF-8 text".to_owned())?.parse()
    }

    /// The registry: host and port, in small letters.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository within it.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, unless there is only a digest.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest of the manifest, where it is pinned.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What logs call the component: the last part of the repository.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }

    /// Registry and repository, without tag and digest.
    pub fn place(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The same repository's artefact with this digest.
    #[must_use]
    pub fn pinned(&self, digest: &Digest) -> Self {
        Self { digest: Some(digest.clone()), ..self.clone() }
    }

    /// What the registry's paths call it: the digest, or else the tag.
    pub(crate) fn name_of_manifest(&self) -> String {
        match &self.digest {
            Some(digest) => digest.to_string(),
            None => self.tag.clone().unwrap_or_default(),
        }
    }
}

impl FromStr for Reference {
    type Err = String;

    /// Reads a reference, with `oci://` or without.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix(SCHEME).unwrap_or(text);
        if LONGEST < text.len() {
            return Err(format!("it has {} bytes, and {LONGEST} are the most", text.len()));
        }
        if text.contains("://") {
            return Err("it begins with oci:// and names no other protocol".to_owned());
        }
        // Where no registry is written, the library would take Docker's, and nobody would expect that here.
        let registry = text.split_once('/').map(|(registry, _)| registry).unwrap_or_default();
        if !(registry.contains(['.', ':']) || registry == "localhost") {
            return Err("it must begin with a registry, as in oci://registry.example.com/acme/orders:1.0".to_owned());
        }
        if registry.contains('@') {
            return Err("credentials are not written in it: they are those of `docker login`".to_owned());
        }
        if registry.starts_with('[') {
            return Err(
                "a registry is named by its host name or its address of IP version 4; give it a name".to_owned()
            );
        }
        if registry.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_err()) {
            return Err("the registry's port is no number from 0 to 65535".to_owned());
        }
        // The library says of a digest no more than that something is wrong.
        if let Some((_, digest)) = text.split_once('@') {
            Digest::from_str(digest)?;
        }
        let repository = text.split('/').skip(1).filter_map(|part| part.split(['@', ':']).next());
        if repository.flat_map(str::chars).any(char::is_uppercase) {
            return Err("a repository is written in lower-case letters".to_owned());
        }
        let read: oci_spec::distribution::Reference =
            text.parse().map_err(|error: oci_spec::distribution::ParseError| error.to_string())?;
        let digest = read.digest().map(Digest::from_str).transpose()?;
        let tag = read.tag().map(str::to_owned).or_else(|| digest.is_none().then(|| DEFAULT_TAG.to_owned()));
        // The same server in all letters, so that rules for it are kept however it is written.
        let registry = read.registry().to_lowercase();
        Ok(Self { registry, repository: read.repository().to_owned(), tag, digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, repository, tag, digest } = self;
        write!(f, "{SCHEME}{registry}/{repository}")?;
        if let Some(tag) = tag {
            write!(f, ":{tag}")?;
        }
        match digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn is_shown_with_all_that_counts() {
        let cases = [
            ("oci://example.com/acme/orders", "oci://example.com/acme/orders:latest"),
            ("oci://localhost:5000/orders:1.0", "oci://localhost:5000/orders:1.0"),
            ("localhost/orders:1.0", "oci://localhost/orders:1.0"),
            ("oci://LocalHost:5000/orders:1.0", "oci://localhost:5000/orders:1.0"),
            (&format!("oci://example.com/acme/orders@{DIGEST}"), &format!("oci://example.com/acme/orders@{DIGEST}")),
            (
                &format!("oci://example.com/acme/orders:1@{DIGEST}"),
                &format!("oci://example.com/acme/orders:1@{DIGEST}"),
            ),
        ];
        for (text, shown) in cases {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn is_refused_with_what_is_wrong() {
        let long = format!("oci://example.com/{}", "a".repeat(2_000));
        let cases = [
            ("oci://orders:1.0", "must begin with a registry"),
            ("oci://", "must begin with a registry"),
            ("oci://example.com/Acme/orders", "lower-case"),
            ("oci://example.com/acme/orders@sha256:00", "64 digits"),
            ("oci://example.com/../orders", "invalid reference"),
            ("oci://user:secret@example.com/orders", "credentials are not written"),
            ("oci://example.com:99999/orders", "port"),
            ("oci://[::1]:5000/orders", "give it a name"),
            ("oci://https://example.com/orders", "no other protocol"),
            ("docker://example.com/orders", "no other protocol"),
            ("oci://example.com/orders@1.0", "a digest begins with"),
            ("oci://example.com/acme/orders:a b", "invalid reference"),
            (&long, "1024"),
        ];
        for (text, wrong) in cases {
            let error = text.parse::<Reference>().unwrap_err();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }

    #[test]
    fn is_called_by_the_last_part_of_its_repository() {
        let reference: Reference = "oci://example.com/acme/orders:1.0".parse().unwrap();
        assert_eq!((reference.name(), reference.place().as_str()), ("orders", "example.com/acme/orders"));
        assert_eq!(
            reference.pinned(&Digest::of(b"abc")).to_string(),
            format!("oci://example.com/acme/orders:1.0@{DIGEST}")
        );
    }
}
