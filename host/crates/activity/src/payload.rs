//! An encoded value.

use bytes::Bytes;

/// One encoded value, as Temporal stores it. The host never decodes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// Metadata by key, such as `encoding`.
    pub metadata: Vec<(String, Bytes)>,
    /// The encoded value.
    pub data: Bytes,
}

/// What an element of what a guest says (a payload, an entry of metadata, a failure of a chain) costs beside its bytes, in
/// bytes: about what the host holds for an empty one until it is sent.
pub const ELEMENT_COST: usize = 128;

impl Payload {
    /// A text as `json/plain`.
    pub fn json(json: impl Into<Bytes>) -> Self {
        Self::encoded("json/plain", json.into())
    }

    /// The null value, `binary/null`.
    pub fn null() -> Self {
        Self::encoded("binary/null", Bytes::new())
    }

    /// `data` under the converter named `encoding`.
    pub fn encoded(encoding: &'static str, data: Bytes) -> Self {
        Self { metadata: vec![("encoding".to_owned(), Bytes::from_static(encoding.as_bytes()))], data }
    }

    /// The value of the metadata `key`.
    pub fn metadata(&self, key: &str) -> Option<&Bytes> {
        self.metadata.iter().rev().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// Bytes that the payload holds, metadata included: what size limits count.
    pub fn size(&self) -> usize {
        self.metadata.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() + self.data.len()
    }

    /// What the host does and holds for it, in bytes: its size, and [`ELEMENT_COST`] for itself and each entry of its
    /// metadata.
    pub fn weight(&self) -> usize {
        self.size().saturating_add(ELEMENT_COST.saturating_mul(1 + self.metadata.len()))
    }
}
