//! What others have attached to an artefact: signatures, lists of parts, where it comes from.

use std::collections::BTreeMap;

use oci_spec::image::{Descriptor, ImageIndex, ImageManifest};
use reqwest::{Method, header::ACCEPT};
use serde::{Deserialize, Serialize};

use crate::{
    Digest, Error, Reference, Settings,
    artifact::{INDEX, MANIFEST},
    blocking::block_on,
    client::{Access, Client},
    pull::LARGEST_MANIFEST,
    store::Store,
};

/// What could not be done.
const READ: &str = "read what is attached to";

/// Bytes of the largest list of what is attached.
pub(crate) const LARGEST_INDEX: usize = 4 << 20;

/// What is looked at of a list: anyone who may push to a repository can attach things.
const MOST: usize = 64;

/// Bytes that are read of one: a large list of parts.
const LARGEST: u64 = 8 << 20;

/// Bytes that are read of all together.
const LARGEST_TOGETHER: u64 = 32 << 20;

/// What is kept of the notes on one: so many, and none with more bytes. Sigstore's are three of a hundred bytes.
const NOTES: usize = 16;
const LARGEST_NOTE: usize = 1 << 10;

/// How the type of what is read begins; of others it is told only that they are there.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// Something that is attached to an artefact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Its type.
    pub artifact_type: String,
    /// What is noted on it.
    pub annotations: BTreeMap<String, String>,
    /// The digest of its manifest, as the registry knows it.
    pub digest: String,
    /// How many bytes it has.
    pub size: u64,
    /// These bytes, which are text, of a bundle of Sigstore's.
    pub bundle: Option<String>,
}

/// What is attached to an artefact, as its registry says, at most 64 things of it; kept for when the registry is away.
/// Waits.
///
/// # Errors
/// When the registry can't be asked or refuses, or its answer is of no use.
pub fn attached(settings: &Settings, reference: &Reference) -> Result<Vec<Attached>, Error> {
    let Some(subject) = reference.digest() else { return Ok(Vec::new()) };
    let attached = block_on(ask(settings, reference, subject))?;
    let text = serde_json::to_vec(&attached).unwrap_or_default();
    Store::open(settings)?.keep_attached(subject, &text)?;
    Ok(attached)
}

/// What was attached to an artefact when its registry was last asked.
///
/// # Errors
/// When the store can't be opened.
pub fn kept_attached(settings: &Settings, reference: &Reference) -> Result<Option<Vec<Attached>>, Error> {
    let Some(subject) = reference.digest() else { return Ok(None) };
    let kept = Store::open(settings)?.attached(subject);
    Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
}

async fn ask(settings: &Settings, reference: &Reference, subject: &Digest) -> Result<Vec<Attached>, Error> {
    let client = Client::new(settings, reference, Access::Pull)?;
    let index = index(&client, subject).await?;
    let (mut attached, mut read) = (Vec::new(), 0_u64);
    for descriptor in index.iter().take(MOST) {
        let Some(manifest) = manifest(&client, descriptor, subject).await? else { continue };
        let mut one = described(descriptor, &manifest);
        if one.artifact_type.starts_with(BUNDLE)
            && let [layer] = manifest.layers().as_slice()
            && layer.size() <= LARGEST
            && read.saturating_add(layer.size()) <= LARGEST_TOGETHER
        {
            read = read.saturating_add(layer.size());
            one.bundle = content(&client, layer).await?;
        }
        attached.push(one);
    }
    if MOST < index.len() {
        tracing::warn!("{} things are attached to {reference}: only {MOST} of them are looked at", index.len());
    }
    Ok(attached)
}

/// The list of what is attached: the registry's own, or the one that is kept under a tag where it has none.
pub(crate) async fn index(client: &Client<'_>, subject: &Digest) -> Result<Vec<Descriptor>, Error> {
    let own = client.request(Method::GET, &format!("referrers/{subject}")).header(ACCEPT, INDEX);
    let answer = match client.answer(READ, &own, LARGEST_INDEX).await {
        Err(Error::NotFound { .. }) => {
            let tagged = client.request(Method::GET, &format!("manifests/{}", tag(subject))).header(ACCEPT, INDEX);
            client.answer(READ, &tagged, LARGEST_INDEX).await
        }
        answered => answered,
    };
    match answer {
        Err(Error::NotFound { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(answer) => {
            let index = serde_json::from_slice::<ImageIndex>(&answer.body);
            let index =
                index.map_err(|error| client.useless(READ, format!("its list can't be understood: {error}")))?;
            Ok(index.manifests().clone())
        }
    }
}

/// The tag under which a list is kept.
pub(crate) fn tag(subject: &Digest) -> String {
    subject.to_string().replace(':', "-")
}

/// The manifest of something that is attached to `subject`, unless it is attached to something else.
async fn manifest(client: &Client<'_>, of: &Descriptor, subject: &Digest) -> Result<Option<ImageManifest>, Error> {
    let Ok(digest) = of.digest().to_string().parse::<Digest>() else { return Ok(None) };
    let request = client.request(Method::GET, &format!("manifests/{digest}")).header(ACCEPT, MANIFEST);
    let answer = match client.answer(READ, &request, LARGEST_MANIFEST).await {
        // A list may name what is gone.
        Err(Error::NotFound { .. }) => return Ok(None),
        answered => answered?,
    };
    if Digest::of(&answer.body) != digest {
        return Err(client.useless(READ, format!("what it sent as {digest} is something else")));
    }
    let Ok(manifest) = serde_json::from_slice::<ImageManifest>(&answer.body) else { return Ok(None) };
    let is_about = manifest.subject().as_ref().is_some_and(|about| about.digest().to_string() == subject.to_string());
    Ok(is_about.then_some(manifest))
}

/// A list's entry may say anything, so that the manifest counts.
fn described(descriptor: &Descriptor, manifest: &ImageManifest) -> Attached {
    let artifact_type = manifest.artifact_type().as_ref().unwrap_or_else(|| manifest.config().media_type());
    let notes: BTreeMap<_, _> = manifest.annotations().iter().flatten().collect();
    let notes = notes.into_iter().filter(|(key, value)| key.len() + value.len() <= LARGEST_NOTE).take(NOTES);
    Attached {
        artifact_type: artifact_type.to_string(),
        annotations: notes.map(|(key, value)| (key.clone(), value.clone())).collect(),
        digest: descriptor.digest().to_string(),
        size: manifest.layers().iter().map(Descriptor::size).fold(0, u64::saturating_add),
        bundle: None,
    }
}

/// The content of a layer, if it is text.
async fn content(client: &Client<'_>, layer: &Descriptor) -> Result<Option<String>, Error> {
    let Ok(digest) = layer.digest().to_string().parse::<Digest>() else { return Ok(None) };
    let most = usize::try_from(layer.size()).unwrap_or(usize::MAX);
    let answer = client.answer(READ, &client.request(Method::GET, &format!("blobs/{digest}")), most).await?;
    if Digest::of(&answer.body) != digest {
        return Err(client.useless(READ, format!("what it sent as {digest} is something else")));
    }
    Ok(String::from_utf8(answer.body).ok())
}
