//! Types as JSON Schema, draft 2020-12.

use serde_json::{Map, Value, json};

use crate::{Cases, Fields, Function, Integer, Kind, Name, Type};

/// What says which JSON Schema it is.
pub const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Function {
    /// A schema of each argument and of the result.
    pub fn schema(&self) -> Value {
        let argument = |(name, ty): &(String, Type)| json!({"name": name, "schema": ty.schema()});
        let (ok, err) = match self.result.as_ref().map(|ty| (ty, &ty.kind)) {
            Some((_, Kind::Result(cases))) => (case(cases, 0), case(cases, 1)),
            Some((ty, _)) => (Some(ty), None),
            None => (None, None),
        };
        json!({
            "name": self.full_name(),
            "arguments": self.parameters.iter().map(argument).collect::<Vec<_>>(),
            "result": ok.map_or_else(|| json!({"type": "null"}), Type::schema),
            "error": err.map(Type::schema),
        })
    }
}

impl Type {
    /// A schema of the JSON that it has, as it is read: what is written is valid, too.
    pub fn schema(&self) -> Value {
        let mut schema = self.rules();
        if let (Some(name), Some(rules)) = (&self.name, schema.as_object_mut()) {
            rules.insert("title".to_owned(), json!(name));
        }
        schema
    }

    /// The schema as a document of its own.
    pub fn schema_document(&self) -> Value {
        let mut schema = self.schema();
        if let Some(rules) = schema.as_object_mut() {
            rules.insert("$schema".to_owned(), json!(DRAFT));
        }
        schema
    }

    fn rules(&self) -> Value {
        match &self.kind {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Integer(integer) => whole(*integer),
            Kind::Float32 | Kind::Float64 => {
                json!({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]})
            }
            Kind::Char => json!({"type": "string", "minLength": 1, "maxLength": 1}),
            Kind::String => json!({"type": "string"}),
            Kind::List(_) | Kind::FixedList(..) if self.is_bytes() => {
                json!({"type": "string", "contentEncoding": "base64"})
            }
            Kind::List(element) => json!({"type": "array", "items": element.schema()}),
            Kind::FixedList(element, length) => {
                json!({"type": "array", "items": element.schema(), "minItems": length, "maxItems": length})
            }
            Kind::Map(key, value) if matches!(key.kind, Kind::String) => {
                json!({"type": "object", "additionalProperties": value.schema()})
            }
            Kind::Map(key, value) => json!({"type": "array", "items": tuple(&[key.schema(), value.schema()])}),
            Kind::Record(fields) => record(fields),
            Kind::Tuple(types) => tuple(&types.iter().map(Self::schema).collect::<Vec<_>>()),
            Kind::Variant(cases) | Kind::Result(cases) => {
                let cases = cases.names.iter().zip(&cases.payloads);
                json!({"oneOf": cases.map(|(name, payload)| one(name, payload.as_ref())).collect::<Vec<_>>()})
            }
            Kind::Enum(names) => json!({"enum": names.iter().map(|name| &name.json).collect::<Vec<_>>()}),
            Kind::Flags(names) => {
                let names: Vec<&String> = names.iter().map(|name| &name.json).collect();
                json!({"type": "array", "items": {"enum": names}})
            }
            Kind::Option(inner) if inner.is_optional() => {
                json!({"anyOf": [{"type": "null"}, object("some", &inner.schema())]})
            }
            Kind::Option(inner) => json!({"anyOf": [inner.schema(), {"type": "null"}]}),
        }
    }
}

fn case(cases: &Cases, position: usize) -> Option<&Type> {
    cases.payloads.get(position)?.as_ref()
}

fn whole(integer: Integer) -> Value {
    let (least, most) = integer.range();
    // A schema is JSON itself, whose numbers need not be exact beyond a double's.
    let number = match (i64::try_from(least), u64::try_from(most)) {
        (Ok(least), Ok(most)) => json!({"type": "integer", "minimum": least, "maximum": most}),
        _ => json!({"type": "integer"}),
    };
    match integer.is_wide() {
        true => json!({"anyOf": [number, {"type": "string", "pattern": "^-?[0-9]+$"}]}),
        false => number,
    }
}

fn record(fields: &Fields) -> Value {
    let all = fields.names.iter().zip(&fields.types);
    let properties: Map<String, Value> = all.clone().map(|(name, ty)| (name.json.clone(), ty.schema())).collect();
    let required: Vec<&String> = all.filter(|(_, ty)| !ty.is_optional()).map(|(name, _)| &name.json).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn tuple(items: &[Value]) -> Value {
    json!({"type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len()})
}

fn one(name: &Name, payload: Option<&Type>) -> Value {
    match payload {
        Some(payload) => object(&name.json, &payload.schema()),
        None => json!({"const": name.json}),
    }
}

/// An object of one key.
fn object(key: &str, value: &Value) -> Value {
    let properties = Map::from_iter([(key.to_owned(), value.clone())]);
    json!({"type": "object", "properties": properties, "required": [key], "additionalProperties": false})
}
