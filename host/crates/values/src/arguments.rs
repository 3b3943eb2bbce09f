//! From payloads to the arguments of a call.

use activity::{Payload, shown};
use wasmtime::component::Val;

use crate::{ArgumentError, Function, Kind, Type, read::Reader};

impl Function {
    /// The arguments of one call: one payload for each parameter. Parameters of optional types at the end may be left out.
    ///
    /// # Errors
    /// When there are too few or too many, and when one is not what its parameter takes; with the path to what is wrong.
    pub fn arguments(&self, payloads: &[Payload]) -> Result<Vec<Val>, ArgumentError> {
        if self.parameters.len() < payloads.len() {
            return Err(self.miscounted(payloads.len()));
        }
        let size = payloads.iter().map(|payload| payload.data.len()).fold(0, usize::saturating_add);
        let mut reader = Reader::new(size);
        let mut payloads_left = payloads.iter();
        let mut values = Vec::with_capacity(self.parameters.len());
        for (name, ty) in &self.parameters {
            values.push(match payloads_left.next() {
                Some(payload) => argument(&mut reader, name, ty, payload)?,
                None if ty.is_optional() => Val::Option(None),
                None => return Err(self.miscounted(payloads.len())),
            });
        }
        Ok(values)
    }

    /// The words of the command line of one call, if this is the main function of a program: one payload for each.
    ///
    /// # Errors
    /// When one is not a text.
    pub fn command_line(&self, payloads: &[Payload]) -> Result<Vec<String>, ArgumentError> {
        let size = payloads.iter().map(|payload| payload.data.len()).fold(0, usize::saturating_add);
        let text = Type::new(Kind::String);
        let names: Vec<_> = (1..=payloads.len()).map(|position| format!("argument {position}")).collect();
        let mut reader = Reader::new(size);
        let mut words = Vec::with_capacity(payloads.len());
        for (name, payload) in names.iter().zip(payloads) {
            if let Val::String(word) = argument(&mut reader, name, &text, payload)? {
                words.push(word);
            }
        }
        Ok(words)
    }

    fn miscounted(&self, given: usize) -> ArgumentError {
        let expected = match self.parameters.len() {
            0 => "no arguments".to_owned(),
            count => {
                let names = shown::names(self.parameters.iter().map(|(name, _)| name.as_str()));
                format!("{count} argument{} ({names})", if count == 1 { "" } else { "s" })
            }
        };
        ArgumentError::Count { function: shown::name(&self.full_name()).into_owned(), expected, given }
    }
}

fn argument<'a>(reader: &mut Reader<'a>, name: &'a str, ty: &'a Type, payload: &Payload) -> Result<Val, ArgumentError> {
    let encoding = payload.metadata("encoding").map(|encoding| String::from_utf8_lossy(encoding)).unwrap_or_default();
    match (&*encoding, &ty.kind) {
        ("json/plain" | "json/protobuf", _) => reader.json(name, ty, &payload.data),
        ("binary/null", _) => reader.json(name, ty, b"null"),
        ("binary/plain", Kind::Option(inner)) if inner.is_bytes() => {
            reader.binary(name, inner, &payload.data).map(|bytes| Val::Option(Some(Box::new(bytes))))
        }
        ("binary/plain", _) => reader.binary(name, ty, &payload.data),
        _ => {
            let (encoding, expected) = (shown::name(&encoding), ty.expected());
            let encodings = "json/plain, or binary/plain for list<u8>";
            Err(reader.refused(name, format!("expected {expected} as {encodings}, got the encoding \"{encoding}\"")))
        }
    }
}
