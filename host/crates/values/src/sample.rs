//! An example of a value, as JSON.

use serde_json::{Map, Value, json};

use crate::{Cases, Kind, Type};

/// The most elements of a list of fixed length.
const MOST: u32 = 64;

impl Type {
    /// A value of it, with everything in it that may be left out.
    pub fn sample(&self) -> Value {
        match &self.kind {
            Kind::Bool => json!(true),
            Kind::Integer(_) => json!(1),
            Kind::Float32 | Kind::Float64 => json!(1.5),
            Kind::Char => json!("a"),
            Kind::String => json!("text"),
            Kind::List(_) if self.is_bytes() => json!("Ynl0ZXM="),
            Kind::List(element) => json!([element.sample()]),
            Kind::FixedList(element, length) => (0..(*length).min(MOST)).map(|_| element.sample()).collect(),
            Kind::Map(key, value) if matches!(key.kind, Kind::String) => json!({"key": value.sample()}),
            Kind::Map(key, value) => json!([[key.sample(), value.sample()]]),
            Kind::Record(fields) => {
                let fields = fields.names.iter().zip(&fields.types);
                Value::Object(fields.map(|(name, ty)| (name.json.clone(), ty.sample())).collect())
            }
            Kind::Tuple(types) => types.iter().map(Self::sample).collect(),
            Kind::Variant(cases) | Kind::Result(cases) => first(cases),
            Kind::Enum(names) => names.iter().next().map(|name| json!(name.json)).unwrap_or_default(),
            Kind::Flags(names) => names.iter().take(1).map(|name| json!(name.json)).collect(),
            Kind::Option(inner) if inner.is_optional() => json!({"some": inner.sample()}),
            Kind::Option(inner) => inner.sample(),
        }
    }
}

fn first(cases: &Cases) -> Value {
    match (cases.names.get(0), cases.payloads.first()) {
        (Some(name), Some(Some(payload))) => Value::Object(Map::from_iter([(name.json.clone(), payload.sample())])),
        (Some(name), _) => json!(name.json),
        (None, _) => Value::Null,
    }
}
