//! From a reference to a component.

use std::{io::Write as _, path::PathBuf};

use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_LENGTH},
};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use crate::{
    Digest, Error, Reference, Settings,
    artifact::{self, INDEX, Layer, MANIFEST},
    blocking::block_on,
    client::{Access, Client},
    store::Store,
};

/// What could not be done.
const PULL: &str = "pull";

/// Bytes of the largest manifest: a component's has a thousand.
pub(crate) const LARGEST_MANIFEST: usize = 1 << 20;

/// How a registry tells a digest.
const DIGEST_HEADER: &str = "docker-content-digest";

/// What a reference stands for.
#[derive(Debug)]
pub struct Located {
    /// The reference, with the digest of the manifest.
    pub reference: Reference,
    /// The digest of the manifest.
    pub manifest: Digest,
    /// The manifest itself.
    pub bytes: Vec<u8>,
    /// The digest of the component's bytes.
    pub component: Digest,
    /// How many there are.
    pub size: u64,
    /// Why this is what the reference stood for when its registry was last asked, and not now.
    pub away: Option<Error>,
}

/// What a reference stands for. A digest that is kept needs no registry; of a tag the registry is asked, and only if it is
/// away, the tag stands for what it last stood for. Waits.
///
/// # Errors
/// When the registry has it not or refuses it, when it is away and the tag was never seen, and when what it has is no
/// component.
pub fn locate(settings: &Settings, reference: &Reference) -> Result<Located, Error> {
    let store = Store::open(settings)?;
    if let Some(digest) = reference.digest()
        && let Some(manifest) = store.manifest(digest)
    {
        return located(reference, &manifest);
    }
    match block_on(ask(settings, reference)) {
        Ok(manifest) => {
            let located = located(reference, &manifest)?;
            store.keep_manifest(&manifest)?;
            if reference.digest().is_none() {
                store.keep_tag(reference, &located.manifest)?;
            }
            Ok(located)
        }
        Err(away) if away.is_away() && reference.digest().is_none() => {
            match store.tag(reference).and_then(|digest| store.manifest(&digest)) {
                Some(manifest) => Ok(Located { away: Some(away), ..located(reference, &manifest)? }),
                None => Err(away),
            }
        }
        Err(error) => Err(error),
    }
}

/// The file with the component, which is pulled unless it is kept. Whoever reads it compares its digest. Waits.
///
/// # Errors
/// When it can't be pulled or kept, is larger than `most` bytes, or is not what the manifest says.
pub fn fetch(settings: &Settings, located: &Located, most: u64) -> Result<PathBuf, Error> {
    if most < located.size {
        let problem = format!("it has {} bytes, and {most} are allowed", located.size);
        return Err(Error::Useless { what: PULL, reference: located.reference.to_string(), problem });
    }
    let store = Store::open(settings)?;
    match store.component(&located.component, located.size) {
        Some(path) => Ok(path),
        None => block_on(pull(settings, &store, located)),
    }
}

/// Pulls a component whose file is not what it should be once more. Waits.
///
/// # Errors
/// As for [`fetch`].
pub fn fetch_anew(settings: &Settings, located: &Located, most: u64) -> Result<PathBuf, Error> {
    Store::open(settings)?.remove_component(&located.component)?;
    fetch(settings, located, most)
}

fn located(reference: &Reference, manifest: &[u8]) -> Result<Located, Error> {
    let digest = Digest::of(manifest);
    let reference = reference.pinned(&digest);
    match artifact::read(manifest) {
        Ok(Layer { digest: component, size }) => {
            Ok(Located { reference, manifest: digest, bytes: manifest.to_vec(), component, size, away: None })
        }
        Err(problem) => Err(Error::Useless { what: PULL, reference: reference.to_string(), problem }),
    }
}

/// The manifest that a registry has.
async fn ask(settings: &Settings, reference: &Reference) -> Result<Vec<u8>, Error> {
    let client = Client::new(settings, reference, Access::Pull)?;
    let request = client
        .request(Method::GET, &format!("manifests/{}", reference.name_of_manifest()))
        .header(ACCEPT, MANIFEST)
        // So that a list is told as one.
        .header(ACCEPT, INDEX);
    let answer = client.answer(PULL, &request, LARGEST_MANIFEST).await?;
    let found = Digest::of(&answer.body);
    let told = answer.headers.get(DIGEST_HEADER).and_then(|told| told.to_str().ok()?.parse::<Digest>().ok());
    match reference.digest().cloned().or(told) {
        Some(wanted) if wanted != found => {
            Err(Error::WrongDigest { what: PULL, reference: reference.to_string(), wanted, found })
        }
        _ => Ok(answer.body),
    }
}

/// Pulls a component into the store, and compares it meanwhile.
async fn pull(settings: &Settings, store: &Store, located: &Located) -> Result<PathBuf, Error> {
    let client = Client::new(settings, &located.reference, Access::Pull)?;
    let whole = timeout(settings.pull_time, stream(settings, &client, store, located)).await;
    whole.map_err(|_| client.late(PULL, settings.pull_time))?
}

async fn stream(settings: &Settings, client: &Client<'_>, store: &Store, located: &Located) -> Result<PathBuf, Error> {
    let Located { component, size, .. } = located;
    let mut response = client.response(PULL, &client.request(Method::GET, &format!("blobs/{component}"))).await?;
    let other_size = |sent: u64| client.useless(PULL, format!("the registry sent {sent} bytes of {size}"));
    let told = response.headers().get(CONTENT_LENGTH).and_then(|told| told.to_str().ok()?.parse::<u64>().ok());
    if let Some(told) = told.filter(|told| told != size) {
        return Err(other_size(told));
    }
    let mut file = store.new_component()?;
    let (mut hash, mut sent) = (Sha256::new(), 0_u64);
    loop {
        let chunk = timeout(settings.timeout, response.chunk()).await;
        let chunk = chunk.map_err(|_| client.late(PULL, settings.timeout))?;
        let Some(chunk) = chunk.map_err(|error| client.failed(PULL, &error))? else { break };
        sent = sent.saturating_add(chunk.len() as u64);
        if *size < sent {
            return Err(client.useless(PULL, format!("the registry sent more than the {size} bytes of its manifest")));
        }
        hash.update(&chunk);
        file.write_all(&chunk).map_err(|source| Error::Store { path: file.path().to_owned(), source })?;
    }
    if sent != *size {
        return Err(other_size(sent));
    }
    let found = Digest::of_all(hash);
    if found != *component {
        let (reference, wanted) = (located.reference.to_string(), component.clone());
        return Err(Error::WrongDigest { what: PULL, reference, wanted, found });
    }
    store.keep_component(file, component)
}
