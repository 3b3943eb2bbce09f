//! From a value of a type to JSON.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use wasmtime::component::Val;

use crate::{Cases, Fields, Kind, Name, Names, Type, ValueError};

/// The largest whole number up to which each has a double of its own: what is beyond it is written as a text, so that no
/// language rounds it unnoticed.
const SAFE: u64 = (1 << 53) - 1;

/// The JSON of a value, of at most `most` bytes.
///
/// # Errors
/// When it would have more, and when the value is not of the type.
pub(crate) fn json(value: &Val, ty: &Type, most: usize) -> Result<Vec<u8>, ValueError> {
    let mut writer = Writer { text: Vec::new(), most };
    writer.value(value, ty)?;
    Ok(writer.text)
}

/// The bytes of a list of them, of at most `most`.
///
/// # Errors
/// As for [`json`].
pub(crate) fn bytes(values: &[Val], most: usize) -> Result<Vec<u8>, ValueError> {
    if most < values.len() {
        return Err(ValueError::TooLarge(most));
    }
    let byte = |value: &Val| match value {
        Val::U8(byte) => Ok(*byte),
        _ => Err(ValueError::OtherType),
    };
    values.iter().map(byte).collect()
}

struct Writer {
    text: Vec<u8>,
    most: usize,
}

type Written = Result<(), ValueError>;

impl Writer {
    fn value(&mut self, value: &Val, ty: &Type) -> Written {
        match (value, &ty.kind) {
            (Val::Bool(value), Kind::Bool) => self.put(if *value { "true" } else { "false" }),
            (_, Kind::Integer(_)) => self.integer(value),
            (Val::Float32(value), Kind::Float32) => match value.is_finite() {
                true => self.scalar(value),
                false => self.special(f64::from(*value)),
            },
            (Val::Float64(value), Kind::Float64) => match value.is_finite() {
                true => self.scalar(value),
                false => self.special(*value),
            },
            (Val::Char(value), Kind::Char) => self.text(value.encode_utf8(&mut [0; 4])),
            (Val::String(value), Kind::String) => self.text(value),
            (Val::List(values) | Val::FixedLengthList(values), Kind::List(_) | Kind::FixedList(..))
                if ty.is_bytes() =>
            {
                self.text(&STANDARD.encode(bytes(values, self.most)?))
            }
            (Val::List(values), Kind::List(element)) => self.list(values, element),
            (Val::FixedLengthList(values), Kind::FixedList(element, _)) => self.list(values, element),
            (Val::Tuple(values), Kind::Tuple(types)) => {
                self.all('[', values.iter().zip(types), ']', |writer, each| writer.value(each.0, each.1))
            }
            (Val::Record(values), Kind::Record(fields)) => self.record(values, fields),
            (Val::Map(entries), Kind::Map(key, value)) => self.map(entries, key, value),
            (Val::Enum(name), Kind::Enum(names)) => self.text(&named(names, name)?.1.json),
            (Val::Flags(set), Kind::Flags(names)) => {
                self.all('[', set.iter(), ']', |writer, name| writer.text(&named(names, name)?.1.json))
            }
            (Val::Variant(name, payload), Kind::Variant(cases)) => self.case(cases, name, payload.as_deref()),
            (Val::Result(Ok(payload)), Kind::Result(cases)) => self.case(cases, "ok", payload.as_deref()),
            (Val::Result(Err(payload)), Kind::Result(cases)) => self.case(cases, "err", payload.as_deref()),
            (Val::Option(None), Kind::Option(_)) => self.put("null"),
            (Val::Option(Some(value)), Kind::Option(inner)) if inner.is_optional() => {
                self.put("{\"some\":")?;
                self.value(value, inner)?;
                self.put("}")
            }
            (Val::Option(Some(value)), Kind::Option(inner)) => self.value(value, inner),
            _ => Err(ValueError::OtherType),
        }
    }

    fn integer(&mut self, value: &Val) -> Written {
        match value {
            Val::U8(value) => self.scalar(value),
            Val::U16(value) => self.scalar(value),
            Val::U32(value) => self.scalar(value),
            Val::S8(value) => self.scalar(value),
            Val::S16(value) => self.scalar(value),
            Val::S32(value) => self.scalar(value),
            Val::U64(value) if *value <= SAFE => self.scalar(value),
            Val::S64(value) if value.unsigned_abs() <= SAFE => self.scalar(value),
            Val::U64(value) => self.text(&value.to_string()),
            Val::S64(value) => self.text(&value.to_string()),
            _ => Err(ValueError::OtherType),
        }
    }

    fn special(&mut self, value: f64) -> Written {
        self.put(match () {
            () if value.is_nan() => "\"NaN\"",
            () if value.is_sign_positive() => "\"Infinity\"",
            () => "\"-Infinity\"",
        })
    }

    fn list(&mut self, values: &[Val], element: &Type) -> Written {
        self.all('[', values.iter(), ']', |writer, value| writer.value(value, element))
    }

    fn record(&mut self, values: &[(String, Val)], fields: &Fields) -> Written {
        if values.len() != fields.types.len() {
            return Err(ValueError::OtherType);
        }
        let fields = fields.names.iter().zip(&fields.types).zip(values);
        self.all('{', fields, '}', |writer, ((name, ty), (_, value))| {
            writer.key(&name.json)?;
            writer.value(value, ty)
        })
    }

    fn map(&mut self, entries: &[(Val, Val)], key_type: &Type, value_type: &Type) -> Written {
        match key_type.kind {
            Kind::String => self.all('{', entries.iter(), '}', |writer, (key, value)| {
                writer.value(key, key_type)?;
                writer.put(":")?;
                writer.value(value, value_type)
            }),
            _ => self.all('[', entries.iter(), ']', |writer, (key, value)| {
                writer.put("[")?;
                writer.value(key, key_type)?;
                writer.put(",")?;
                writer.value(value, value_type)?;
                writer.put("]")
            }),
        }
    }

    fn case(&mut self, cases: &Cases, name: &str, payload: Option<&Val>) -> Written {
        let (position, name) = named(&cases.names, name)?;
        match (cases.payloads.get(position), payload) {
            (Some(Some(ty)), Some(value)) => {
                self.put("{")?;
                self.key(&name.json)?;
                self.value(value, ty)?;
                self.put("}")
            }
            (Some(None), None) => self.text(&name.json),
            _ => Err(ValueError::OtherType),
        }
    }

    fn key(&mut self, name: &str) -> Written {
        self.text(name)?;
        self.put(":")
    }

    fn all<T>(
        &mut self,
        open: char,
        items: impl Iterator<Item = T>,
        close: char,
        mut write: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.put(open.encode_utf8(&mut [0; 1]))?;
        for (position, item) in items.enumerate() {
            if position != 0 {
                self.put(",")?;
            }
            write(self, item)?;
        }
        self.put(close.encode_utf8(&mut [0; 1]))
    }

    fn text(&mut self, text: &str) -> Written {
        self.scalar(text)
    }

    fn scalar<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Written {
        // Nothing of these fails when it is written into memory.
        serde_json::to_writer(&mut self.text, value).map_err(|_| ValueError::OtherType)?;
        self.within()
    }

    fn put(&mut self, text: &str) -> Written {
        self.text.extend_from_slice(text.as_bytes());
        self.within()
    }

    fn within(&self) -> Written {
        if self.text.len() <= self.most { Ok(()) } else { Err(ValueError::TooLarge(self.most)) }
    }
}

/// The name that a value of a guest says.
fn named<'n>(names: &'n Names, wit: &str) -> Result<(usize, &'n Name), ValueError> {
    let position = names.find(wit).ok_or(ValueError::OtherType)?;
    Ok((position, names.get(position).ok_or(ValueError::OtherType)?))
}
