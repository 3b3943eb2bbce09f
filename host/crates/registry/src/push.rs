//! Components into a registry, and what is attached to them.

use std::collections::BTreeMap;

use bytes::Bytes;
use oci_spec::image::{Descriptor, ImageIndexBuilder, MediaType};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, LOCATION},
};

use crate::{
    Digest, Error, Reference, Settings,
    artifact::{self, EMPTY_CONTENT, INDEX, Layer, MANIFEST},
    blocking::block_on,
    client::{Access, Client},
    referrers,
};

/// What could not be done.
const PUSH: &str = "push";

/// Bytes of answers to what is pushed.
const LARGEST_ANSWER: usize = 64 << 10;

/// How a registry says that it keeps the list of what is attached itself.
const SUBJECT_HEADER: &str = "oci-subject";

/// What is pushed.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How its file is called.
    pub title: String,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// Those that it exports.
    pub exports: Vec<String>,
    /// What is noted on it.
    pub annotations: BTreeMap<String, String>,
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Where it is, with the digest of its manifest.
    pub reference: Reference,
    /// The digest of its manifest.
    pub manifest: Digest,
    /// How many bytes that has.
    pub manifest_size: u64,
    /// The digest of the component.
    pub component: Digest,
    /// How many bytes that has.
    pub size: u64,
}

/// Pushes a component. Waits.
///
/// # Errors
/// When the registry can't be asked or refuses.
pub fn push(settings: &Settings, reference: &Reference, component: Component) -> Result<Pushed, Error> {
    block_on(push_component(settings, reference, component))
}

/// Attaches something of a type to an artefact. Waits.
///
/// # Errors
/// When the registry can't be asked or refuses.
pub fn attach(
    settings: &Settings,
    to: &Pushed,
    (artifact_type, content): (&str, Vec<u8>),
    annotations: &BTreeMap<String, String>,
) -> Result<Digest, Error> {
    block_on(async {
        let client = Client::new(settings, &to.reference, Access::Push)?;
        let wrong = |problem: String| client.useless(PUSH, problem);
        let layer = Layer { digest: Digest::of(&content), size: content.len() as u64 };
        let subject = artifact::descriptor(MANIFEST, &to.manifest, to.manifest_size).map_err(wrong)?;
        let manifest = artifact::attachment(artifact_type, &layer, subject, annotations).map_err(wrong)?;
        let uploads = Uploads { client: &client, settings };
        uploads.blob(Bytes::from_static(EMPTY_CONTENT)).await?;
        uploads.blob(content.into()).await?;
        let digest = Digest::of(&manifest);
        let size = manifest.len() as u64;
        if !uploads.manifest(&digest.to_string(), MANIFEST, manifest).await? {
            let mut entry = artifact::descriptor(MANIFEST, &digest, size).map_err(wrong)?;
            entry.set_artifact_type(Some(MediaType::Other(artifact_type.to_owned())));
            entry.set_annotations(Some(annotations.clone().into_iter().collect()));
            uploads.list(&to.manifest, entry).await?;
        }
        Ok(digest)
    })
}

async fn push_component(settings: &Settings, reference: &Reference, component: Component) -> Result<Pushed, Error> {
    let client = Client::new(settings, reference, Access::Push)?;
    let Component { bytes, title, imports, exports, annotations } = component;
    let bytes = Bytes::from(bytes);
    let layer = Layer { digest: Digest::of(&bytes), size: bytes.len() as u64 };
    let config = artifact::config(&layer.digest, &imports, &exports);
    let manifest = artifact::manifest(layer.clone(), &config, &title, &annotations);
    let manifest = manifest.map_err(|problem| client.useless(PUSH, problem))?;
    let (digest, manifest_size) = (Digest::of(&manifest), manifest.len() as u64);
    let uploads = Uploads { client: &client, settings };
    uploads.blob(bytes).await?;
    uploads.blob(config.into()).await?;
    uploads.manifest(&reference.name_of_manifest(), MANIFEST, manifest).await?;
    let Layer { digest: component, size } = layer;
    Ok(Pushed { reference: reference.pinned(&digest), manifest: digest, manifest_size, component, size })
}

/// Uploads to one repository.
struct Uploads<'a> {
    client: &'a Client<'a>,
    settings: &'a Settings,
}

impl Uploads<'_> {
    /// Content, unless the registry has it.
    async fn blob(&self, content: Bytes) -> Result<(), Error> {
        let client = self.client;
        let digest = Digest::of(&content);
        match client.response(PUSH, &client.request(Method::HEAD, &format!("blobs/{digest}"))).await {
            Ok(_) => return Ok(()),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let begun = client.answer(PUSH, &client.request(Method::POST, "blobs/uploads/"), LARGEST_ANSWER).await?;
        let location = begun.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let upload = location.and_then(|location| client.request_at(Method::PUT, location));
        let upload = upload.ok_or_else(|| client.useless(PUSH, "it does not say where to send content".to_owned()))?;
        let upload = upload
            .parameter("digest", &digest.to_string())
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(content, self.settings.pull_time);
        client.answer(PUSH, &upload, LARGEST_ANSWER).await.map(|_| ())
    }

    /// A manifest. Says whether the registry keeps the list of what is attached itself.
    async fn manifest(&self, name: &str, media_type: &str, manifest: Vec<u8>) -> Result<bool, Error> {
        let request = self
            .client
            .request(Method::PUT, &format!("manifests/{name}"))
            .header(CONTENT_TYPE, media_type)
            .body(manifest.into(), self.settings.timeout);
        let answer = self.client.answer(PUSH, &request, LARGEST_ANSWER).await?;
        Ok(answer.headers.contains_key(SUBJECT_HEADER))
    }

    /// Adds to the list of what is attached to `subject`, under its tag.
    async fn list(&self, subject: &Digest, entry: Descriptor) -> Result<(), Error> {
        let mut entries = referrers::index(self.client, subject).await?;
        entries.retain(|known| known.digest() != entry.digest());
        entries.push(entry);
        let index = ImageIndexBuilder::default().schema_version(2_u32).media_type(MediaType::ImageIndex);
        let index = index.manifests(entries).build().map_err(|error| error.to_string());
        let index = index.and_then(|index| serde_json::to_vec(&index).map_err(|error| error.to_string()));
        let index = index.map_err(|problem| self.client.useless(PUSH, problem))?;
        self.manifest(&referrers::tag(subject), INDEX, index).await.map(|_| ())
    }
}
