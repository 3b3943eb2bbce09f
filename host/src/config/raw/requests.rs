//! An entry of `grants.http` as it is written: a text, or a table with more about it.

use std::str::FromStr;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, value::MapAccessDeserializer},
};

/// Requests that a component may send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RawHttp {
    /// To where.
    pub url: String,
    /// The rest, if it is written as a table.
    pub table: Option<RawHttpTable>,
}

/// What a table says of requests beside where they go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawHttpTable {
    /// Scheme, host, port and path.
    pub url: String,
    /// By which methods; by all, if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
    /// Whether the name may lead to private addresses.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// In which header the activity's idempotency key is sent with each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_header: Option<String>,
    /// Whether servers are told by which span they are called.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trace_context: bool,
}

impl Serialize for RawHttp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.table {
            None => serializer.serialize_str(&self.url),
            Some(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RawHttp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = RawHttp;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text such as \"https://api.example.com\", or { url = …, methods = … }")
    }

    fn visit_str<E: de::Error>(self, url: &str) -> Result<RawHttp, E> {
        Ok(RawHttp { url: url.to_owned(), table: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawHttp, A::Error> {
        let table = RawHttpTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(RawHttp { url: table.url.clone(), table: Some(table) })
    }
}

/// As a flag gives it: the text, or the table as TOML has it.
impl FromStr for RawHttp {
    type Err = String;

    fn from_str(flag: &str) -> Result<Self, String> {
        if !flag.starts_with('{') {
            return Ok(Self { url: flag.to_owned(), table: None });
        }
        let table = toml::from_str::<toml::Table>(&format!("entry = {flag}")).map_err(|error| error.to_string())?;
        let entry = table.get("entry").cloned().ok_or("it is no table")?;
        entry.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
    }
}
