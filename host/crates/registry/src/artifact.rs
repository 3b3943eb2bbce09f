//! The layout of a component in a registry: CNCF's, with what others used before it.
//!
//! What is written is the same for the same component, so that pushing it twice is pushing it once.

use std::collections::{BTreeMap, HashMap};

use oci_spec::image::{Descriptor, ImageManifest, ImageManifestBuilder, MediaType};
use serde_json::{Value, json};

use crate::Digest;

/// What the manifest of an artefact is.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What a list of manifests is.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// What the description of a component is.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// What a component is: CNCF's name, and the one before it.
const LAYERS: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];

/// What is written into a description as the time of its making: the real one would make another artefact of it.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// How a layer's file is called.
const TITLE: &str = "org.opencontainers.image.title";

/// A component as its manifest knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// The digest of its bytes.
    pub(crate) digest: Digest,
    /// How many there are.
    pub(crate) size: u64,
}

/// The component that a manifest is about.
///
/// # Errors
/// With what is wrong with the manifest.
pub(crate) fn read(manifest: &[u8]) -> Result<Layer, String> {
    let value: Value = serde_json::from_slice(manifest).map_err(|error| format!("its manifest is no JSON: {error}"))?;
    let media_type = value.get("mediaType").and_then(Value::as_str).unwrap_or(MANIFEST);
    if media_type == INDEX || value.get("manifests").is_some() {
        return Err("it is a list of artefacts; name one of them by its digest".to_owned());
    }
    if media_type != MANIFEST {
        return Err(format!("its manifest is {media_type:?}, and {MANIFEST} is what components have"));
    }
    let manifest: ImageManifest =
        serde_json::from_value(value).map_err(|error| format!("its manifest can't be understood: {error}"))?;
    let [layer] = manifest.layers().as_slice() else {
        return Err(format!("it has {} layers, and a component is one", manifest.layers().len()));
    };
    let media_type = layer.media_type().to_string();
    if !LAYERS.contains(&media_type.as_str()) {
        return Err(format!("its layer is {media_type:?}, and no component, which is {}", LAYERS.join(" or ")));
    }
    let digest = layer.digest().to_string().parse();
    let digest = digest.map_err(|problem| format!("its layer has no digest that can be used: {problem}"))?;
    Ok(Layer { digest, size: layer.size() })
}

/// The description of a component, which has these interfaces.
pub(crate) fn config(component: &Digest, imports: &[String], exports: &[String]) -> Vec<u8> {
    let document = json!({
        "created": CREATED,
        "author": null,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [component.to_string()],
        "component": { "imports": imports, "exports": exports, "target": null },
    });
    document.to_string().into_bytes()
}

/// The manifest of a component called `title`, with its description.
pub(crate) fn manifest(
    component: Layer,
    config: &[u8],
    title: &str,
    annotations: &BTreeMap<String, String>,
) -> Result<Vec<u8>, String> {
    let mut layer = descriptor(LAYERS.first().copied().unwrap_or_default(), &component.digest, component.size)?;
    layer.set_annotations(Some(HashMap::from([(TITLE.to_owned(), title.to_owned())])));
    let config = descriptor(CONFIG, &Digest::of(config), config.len() as u64)?;
    whole(config, layer, None, annotations)
}

/// The manifest of something of a type that is attached to another artefact.
pub(crate) fn attachment(
    artifact_type: &str,
    content: &Layer,
    subject: Descriptor,
    annotations: &BTreeMap<String, String>,
) -> Result<Vec<u8>, String> {
    let config = descriptor(EMPTY, &Digest::of(EMPTY_CONTENT), EMPTY_CONTENT.len() as u64)?;
    let layer = descriptor(artifact_type, &content.digest, content.size)?;
    whole(config, layer, Some((artifact_type, subject)), annotations)
}

/// What the description of an artefact is that has none, and what is in it.
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
pub(crate) const EMPTY_CONTENT: &[u8] = b"{}";

fn whole(
    config: Descriptor,
    layer: Descriptor,
    attached: Option<(&str, Descriptor)>,
    annotations: &BTreeMap<String, String>,
) -> Result<Vec<u8>, String> {
    let mut manifest = ImageManifestBuilder::default()
        .schema_version(2_u32)
        .media_type(MediaType::ImageManifest)
        .config(config)
        .layers(vec![layer]);
    if let Some((artifact_type, subject)) = attached {
        manifest = manifest.artifact_type(MediaType::Other(artifact_type.to_owned())).subject(subject);
    }
    let manifest = manifest.build().map_err(|error| error.to_string())?;
    let mut manifest = serde_json::to_value(manifest).map_err(|error| error.to_string())?;
    // In their order, which the library's map has not.
    if !annotations.is_empty()
        && let Some(object) = manifest.as_object_mut()
    {
        object.insert("annotations".to_owned(), json!(annotations));
    }
    Ok(manifest.to_string().into_bytes())
}

/// What names content in a manifest.
pub(crate) fn descriptor(media_type: &str, digest: &Digest, size: u64) -> Result<Descriptor, String> {
    let digest: oci_spec::image::Digest = digest.to_string().parse().map_err(|_| format!("{digest} is no digest"))?;
    Ok(Descriptor::new(MediaType::from(media_type), size, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        let layer = Layer { digest: Digest::of(b"abc"), size: 3 };
        let config = config(&layer.digest, &["wasi:cli/environment@0.2.6".to_owned()], &[]);
        let annotations = [("b", "2"), ("a", "1"), ("c", "3")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        manifest(layer, &config, "orders.wasm", &annotations.into()).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&written()), Ok(Layer { digest: Digest::of(b"abc"), size: 3 }));
        assert_eq!(written(), written(), "it is the same each time");
        let text = String::from_utf8(written()).unwrap();
        for part in
            [CONFIG, "\"application/wasm\"", "\"orders.wasm\"", "\"mediaType\":\"application/vnd.oci.image.manifest"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn what_is_no_component_is_refused_with_why() {
        let written = String::from_utf8(written()).unwrap();
        let layer = r#"{"mediaType":"application/wasm","digest":"sha256:00","size":3}"#;
        let two = format!(r#"{{"schemaVersion":2,"config":{layer},"layers":[{layer},{layer}]}}"#);
        let cases = [
            ("", "no JSON"),
            ("[]", "can't be understood"),
            (r#"{"manifests":[]}"#, "list of artefacts"),
            (&written.replace("oci.image.manifest.v1", "docker.distribution.manifest.v2"), "docker"),
            (&written.replace("application/wasm", "application/vnd.oci.image.layer.v1.tar"), "no component"),
            (&written.replace("\"size\":3", "\"size\":-3"), "can't be understood"),
            (&two, "digest"),
        ];
        for (manifest, why) in cases {
            let error = read(manifest.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{manifest}: {error}");
        }
    }
}
