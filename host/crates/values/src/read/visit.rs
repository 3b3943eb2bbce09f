//! What JSON's parser is told to make of a value.

use std::fmt;

use serde::{
    Deserialize as _,
    de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use wasmtime::component::Val;

use super::{Failed, Reader, cases, number, record};
use crate::{Kind, Type, cost, path::Step};

/// Makes a value of `ty`.
pub(super) struct Seed<'r, 'a> {
    pub(super) ty: &'a Type,
    pub(super) reader: &'r mut Reader<'a>,
}

impl<'a> Seed<'_, 'a> {
    /// What JSON's parser is stopped with.
    pub(super) fn stop<E: Error>(_: Failed) -> E {
        E::custom("")
    }

    fn mismatch<T, E: Error>(self, got: &str) -> Result<T, E> {
        Err(Self::stop(self.reader.mismatch(self.ty, got)))
    }

    fn taken<E: Error>(self, taken: Result<Val, Failed>) -> Result<Val, E> {
        taken.map_err(Self::stop)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        match &self.ty.kind {
            Kind::Option(_) => deserializer.deserialize_option(self),
            // As it is written: JSON's parser would round.
            Kind::Integer(_) | Kind::Float32 | Kind::Float64 => {
                let written = <&RawValue>::deserialize(deserializer)?.get();
                let taken = number::read(self.ty, written).map_err(|problem| self.reader.fail(problem));
                self.taken(taken)
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Val, E> {
        match self.ty.kind {
            Kind::Bool => Ok(Val::Bool(value)),
            _ => self.mismatch(if value { "true" } else { "false" }),
        }
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Val, E> {
        self.mismatch("a number")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Val, E> {
        self.mismatch("a number")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Val, E> {
        self.mismatch("a number")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Val, E> {
        let Self { ty, reader } = self;
        reader.text(ty, value).map_err(Self::stop)
    }

    /// Go writes an empty list so.
    fn visit_unit<E: Error>(self) -> Result<Val, E> {
        match &self.ty.kind {
            Kind::List(_) => Ok(Val::List(Vec::new())),
            Kind::Map(..) => Ok(Val::Map(Vec::new())),
            Kind::Flags(_) => Ok(Val::Flags(Vec::new())),
            _ => self.mismatch("null"),
        }
    }

    fn visit_none<E: Error>(self) -> Result<Val, E> {
        Ok(Val::Option(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        let Self { ty, reader } = self;
        let Kind::Option(inner) = &ty.kind else { return Err(Self::stop(reader.mismatch(ty, "a value"))) };
        reader.spend(cost::VALUE + cost::ALLOCATION).map_err(Self::stop)?;
        let value = match inner.is_optional() {
            // `null` within `null`.
            true => {
                reader.expect("null or {\"some\": …}, because an option is within an option");
                deserializer.deserialize_any(cases::Some { ty, inner, reader })?
            }
            false => Seed { ty: inner, reader }.deserialize(deserializer)?,
        };
        Ok(Val::Option(Some(Box::new(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Val, A::Error> {
        let Self { ty, reader } = self;
        match &ty.kind {
            Kind::List(element) => Ok(Val::List(list(element, None, reader, access)?)),
            Kind::FixedList(element, length) => {
                let length = usize::try_from(*length).unwrap_or(usize::MAX);
                let values = list(element, Some(length), reader, access)?;
                match values.len() == length {
                    true => Ok(Val::FixedLengthList(values)),
                    false => Err(Self::stop(too_few(reader, ty, values.len()))),
                }
            }
            Kind::Tuple(types) => tuple(ty, types, reader, access),
            Kind::Flags(names) => record::flags(names, reader, access),
            Kind::Map(key, value) => record::pairs(key, value, reader, access),
            _ => Err(Self::stop(reader.mismatch(ty, "a list"))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Val, A::Error> {
        let Self { ty, reader } = self;
        match &ty.kind {
            Kind::Record(fields) => record::record(fields, reader, access),
            Kind::Map(key, value) if matches!(key.kind, Kind::String) => record::map(value, reader, access),
            Kind::Variant(cases) => cases::variant(ty, cases, reader, access),
            Kind::Result(cases) => cases::variant(ty, cases, reader, access),
            _ => Err(Self::stop(reader.mismatch(ty, "an object"))),
        }
    }
}

fn list<'a, 'de, A: SeqAccess<'de>>(
    element: &'a Type,
    most: Option<usize>,
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Vec<Val>, A::Error> {
    let mut values = Vec::new();
    while let Some(value) = reader.at(Step::Index(values.len()), |reader| {
        if most.is_some_and(|most| most == values.len()) {
            return access.next_element_seed(TooMany { reader, most: values.len() });
        }
        access.next_element_seed(Seed { ty: element, reader })
    })? {
        // A vector grows to twice its length.
        reader.spend(2 * cost::VALUE).map_err(Seed::stop)?;
        values.push(value);
    }
    Ok(values)
}

fn tuple<'a, 'de, A: SeqAccess<'de>>(
    ty: &'a Type,
    types: &'a [Type],
    reader: &mut Reader<'a>,
    mut access: A,
) -> Result<Val, A::Error> {
    reader.spend(types.len() * cost::VALUE + cost::ALLOCATION).map_err(Seed::stop)?;
    let mut values = Vec::with_capacity(types.len());
    for (index, element) in types.iter().enumerate() {
        let value = reader.at(Step::Index(index), |reader| access.next_element_seed(Seed { ty: element, reader }))?;
        match value {
            Some(value) => values.push(value),
            None => return Err(Seed::stop(too_few(reader, ty, index))),
        }
    }
    let most = types.len();
    reader.at(Step::Index(most), |reader| access.next_element_seed(TooMany { reader, most }))?;
    Ok(Val::Tuple(values))
}

fn too_few(reader: &mut Reader<'_>, ty: &Type, got: usize) -> Failed {
    reader.fail(format!("expected {}, got {got} elements", ty.expected()))
}

/// Refuses an element that is one too many.
struct TooMany<'r, 'a> {
    reader: &'r mut Reader<'a>,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for TooMany<'_, '_> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<Val, D::Error> {
        Err(Seed::stop(self.reader.fail(format!("there must be {} elements and no more", self.most))))
    }
}
